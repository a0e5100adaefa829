"""The last questions before an order leaves."""

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bot.executor.safeguards import (
    FiredSignals,
    check_duplicate_order,
    check_kill_switch,
    check_mode,
    prevent_double_fire,
    register_fired_signals,
)
from snipersight.domain.direction import Direction
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import KillSwitch, Mode
from snipersight.domain.ledger import Origin
from snipersight.domain.orders import VenuePosition
from snipersight.domain.plan import SetupId
from snipersight.domain.standing import TradingState
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import Environment
from tests.builders.ledger import an_entry
from tests.builders.trades import SYMBOL, a_trade
from tests.fakes.executor_desk import MemorySignals
from tests.fakes.scripted_venue import Clock


@pytest.fixture
def fired():
    register_fired_signals(None)
    yield FiredSignals(signals=MemorySignals(Clock(10**15)), account_id="main")
    register_fired_signals(None)


def test_the_same_signal_is_fired_once_within_its_window(fired):
    register_fired_signals(fired)
    assert not prevent_double_fire(SYMBOL, "LONG")
    again = prevent_double_fire(SYMBOL, "long", 15)
    assert (bool(again), again.code) == (True, "double_fire")
    assert not prevent_double_fire(SYMBOL, "SHORT")
    fired.signals.clock.advance(15 * 60)
    assert not prevent_double_fire(SYMBOL, "LONG", window_minutes=15)


def test_without_a_memory_every_signal_is_blocked(fired):
    assert prevent_double_fire(SYMBOL, "LONG").code == "not_configured"


def test_a_memory_that_cannot_be_asked_blocks(fired):
    class Away:
        def claim(self, *args: object, **options: object) -> bool:
            raise StateUnavailable("locked")

    away = replace(fired, signals=Away())
    assert prevent_double_fire(SYMBOL, "LONG", fired=away).code == "state_unavailable"


def test_a_direction_that_is_none_is_a_mistake(fired):
    with pytest.raises(ValueError, match="SIDEWAYS"):
        prevent_double_fire(SYMBOL, "sideways", fired=fired)


def position(symbol: str = SYMBOL) -> VenuePosition:
    """Return a position at the venue."""
    return VenuePosition(
        symbol=Symbol(symbol),
        direction=Direction.LONG,
        size=Size(Decimal(1)),
        entry_price=Price(Decimal(100)),
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("duplicate_order", {"live": []}),
        ("plan_executed", {"live": [], "is_executed": True}),
        ("setup_live", {"live": [a_trade("other", setup_id=SetupId("setup-trade-1"))]}),
        ("market_live", {"live": [a_trade("other")]}),
        ("foreign_position", {"live": [], "positions": [position()]}),
        ("duplicate_order", {"live": [], "positions": [position("ETH/USDT:USDT")]}),
        (
            "foreign_position",
            {"live": [], "entries": [an_entry(SYMBOL, filled="1", origin=Origin.FOREIGN)]},
        ),
        ("duplicate_order", {"live": [a_trade("other", symbol="ETH/USDT:USDT")]}),
    ],
)
def test_nothing_of_a_setup_plan_or_market_may_be_on_already(code, found):
    check = check_duplicate_order(a_trade(), **found)
    assert (check.code, bool(check)) == (code, code == "duplicate_order")


def test_a_pulled_switch_and_a_halted_account_let_nothing_in():
    pulled = KillSwitch(flatten=False, since_us=1, actor="person", reason="news")
    assert check_kill_switch(pulled, TradingState.ACTIVE).code == "killed"
    assert check_kill_switch(None, TradingState.HALTED).code == "halted"
    assert check_kill_switch(None, TradingState.REDUCING).code == "reducing"
    assert check_kill_switch(None, TradingState.ACTIVE)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("environment", list(Environment))
@pytest.mark.parametrize("confirmed", [None, "other", "main"])
def test_real_money_needs_the_account_s_name_and_no_other_mode_reaches_it(
    mode, environment, confirmed
):
    check = check_mode(mode, environment, account_id="main", confirmed=confirmed)
    allowed = {
        Mode.LIVE: environment is Environment.LIVE and confirmed == "main",
        Mode.PAPER: environment is not Environment.LIVE,
        Mode.DRY_RUN: environment is Environment.SIMULATED,
    }
    assert bool(check) is allowed[mode]
