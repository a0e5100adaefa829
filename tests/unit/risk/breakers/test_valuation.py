"""What the manager marks the account at, and what its marks trip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Approved
from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId, LedgerEntry, Origin
from snipersight.domain.observations import Observations
from snipersight.domain.standing import BreakerName, MarkedPrice, TradingState
from snipersight.domain.store import AccountRow
from snipersight.domain.units import Money, Size, Symbol
from snipersight.risk.breakers.valuation import KeptValuation, valued
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, market_facts
from tests.fakes.risk_desk import (
    ASSETS,
    HOUR_US,
    Desk,
    a_position,
    a_trade,
    body_of,
    codes,
    priced,
    seen,
    symbol_of,
)


def test_equity_is_the_balance_and_what_positions_would_bring_now():
    desk = Desk()
    desk.keep(
        a_position("ETH", entry_id="a", cost="0.5"),  # 10 units bought at 100
        a_position("SOL", entry_id="b", direction=Direction.SHORT, quote_rate="0.9"),
        an_entry(symbol_of("XRP"), entry_id="c"),  # pending: worth nothing yet
    )
    markets = dict(seen().markets)
    for asset, price, rate in (("ETH", "112", "1"), ("SOL", "95", "0.8")):
        market = markets[Symbol(symbol_of(asset))].instrument
        markets[market.symbol] = market_facts(market, price=price, quote_rate=rate)
    account = desk.manager().observe(seen(markets=markets))
    # (12 - 0.5) × 10 + 5 × 10 × 0.8
    assert account.equity == Decimal("10155")
    assert account.currency == "USDT"


def test_an_observation_marks_the_account():
    desk = Desk()
    desk.keep(a_position("ETH"))
    desk.manager(priced("ETH", "110"))
    marks = desk.standing.marks
    assert marks is not None
    assert (marks.unit_value, marks.marked_us) == (Decimal("1.01"), desk.now_us)
    (price,) = marks.prices
    assert price == MarkedPrice(
        entry_id=EntryId("entry-1"), price=Decimal(110), quote_rate=Decimal(1)
    )


UNPRICED: dict[str, Callable[[], Observations]] = {
    "not observed": lambda: seen(*(asset for asset in ASSETS if asset != "ETH")),
    "no reference": lambda: priced("ETH", "100", reference=None),
    "no rate": lambda: priced("ETH", "100", quote_rate=None),
    "a rate that is no number": lambda: priced("ETH", "100", quote_rate=Decimal("NaN")),
    "a price that is no number": lambda: priced(
        "ETH", "100", reference=_reference(price=Decimal("NaN"))
    ),
    "a price of long ago": lambda: priced(
        "ETH", "100", reference=_reference(at_ms=DECIDED_AT_MS - 900_001)
    ),
}


def _reference(**changes: Any) -> Any:
    reference = market_facts().reference
    assert reference is not None
    return replace(reference, **changes)


@pytest.mark.parametrize("case", UNPRICED)
def test_a_position_without_a_present_price_leaves_equity_unknown_and_approves_nothing(case):
    desk = Desk()
    desk.keep(a_position("ETH"))
    manager = desk.manager(UNPRICED[case]())
    decision = manager.validate_plan(a_trade())
    assert codes(decision) == ["equity"]
    assert desk.standing.marks is None
    (check,) = [check for check in decision.checks if check.code == "equity"]
    assert check.measured is None
    assert "no present price of the position in ETH/USDT:USDT on sandbox" in check.sentence


def test_a_position_on_another_venue_is_not_valued_at_this_one():
    desk = Desk()
    desk.keep(a_position("ETH", venue="binance", cost="0.5"))  # 10 units at 100, stop at 90
    account = desk.manager().observe(priced("ETH", "250"))
    assert account.equity == Decimal(10_000) - Decimal("10.5") * 10
    assert account.source == (
        "balance and positions at market, ETH/USDT:USDT on binance as if stopped out"
    )


def test_a_stop_beyond_break_even_on_another_venue_is_no_gain():
    desk = Desk()
    desk.keep(a_position("ETH", venue="binance", stop="120"))
    assert desk.manager().observe(seen()).equity == Decimal(10_000)


def test_what_is_still_pending_on_another_venue_loses_nothing():
    desk = Desk()
    desk.keep(
        a_position("ETH", venue="binance", pending="5"), an_entry(entry_id="b", venue="kraken")
    )
    assert desk.manager().observe(seen()).equity == Decimal(9_900)


def test_what_is_pending_elsewhere_or_on_an_unseen_market_is_no_part_of_the_value():
    row = Desk().store.view("main", lambda unit: unit.account)
    pending = [an_entry(venue="kraken"), an_entry("DOGE/USDT:USDT", entry_id="b")]
    found = valued(row, pending, seen(), a_policy())
    assert found == valued(row, [], seen(), a_policy())
    assert found.is_measured


def test_a_position_here_is_valued_behind_one_elsewhere_too():
    desk = Desk()
    desk.keep(a_position("SOL", entry_id="a", venue="binance"), a_position("ETH", entry_id="b"))
    assert desk.manager().observe(priced("ETH", "112")).equity == Decimal(10_020)


def test_every_position_elsewhere_is_named_once():
    desk = Desk()
    desk.keep(
        a_position("SOL", entry_id="a", venue="kraken"),
        a_position("ETH", entry_id="b", venue="binance"),
        a_position("SOL", entry_id="c", venue="kraken"),
    )
    assert desk.manager().observe(seen()).source == (
        "balance and positions at market, ETH/USDT:USDT on binance, SOL/USDT:USDT on kraken "
        "as if stopped out"
    )


def test_positions_here_are_valued_beside_those_elsewhere():
    desk = Desk()
    desk.keep(a_position("ETH", entry_id="a"), a_position("SOL", entry_id="b", venue="binance"))
    assert desk.manager().observe(priced("ETH", "112")).equity == Decimal(10_020)
    assert desk.manager().observe(priced("ETH", "112", reference=None)).equity.is_nan()


def test_an_equity_that_is_only_bounded_judges_and_is_never_marked():
    desk = Desk()
    desk.keep(a_position("ETH", venue="binance"))  # loses 100 at its stop
    manager = desk.manager()
    decision = manager.validate_plan(a_trade())
    assert isinstance(decision, Approved)
    assert decision.risk <= 99  # 1 % of 9,900
    assert desk.standing.marks is None


def test_an_equity_that_is_only_bounded_trips_no_breaker_and_lifts_none():
    desk = Desk()
    desk.keep(a_position("ETH"))
    desk.manager(priced("ETH", "69"))  # 310 of 10,000
    before = desk.standing
    assert before.tripped
    far = a_position("SOL", entry_id="far", venue="binance", stop="1")  # 990 at its stop
    desk.keep(far)
    manager = desk.manager(priced("ETH", "200"))
    assert desk.standing == before
    assert "daily_loss" in codes(manager.validate_plan(a_trade()))


def test_a_bar_is_as_old_as_its_length_before_it_is_too_old():
    desk = Desk()
    desk.keep(a_position("ETH"))
    old = _reference(at_ms=DECIDED_AT_MS - 900_000 - 300_000, step_ms=300_000)
    assert desk.manager().observe(priced("ETH", "100", reference=old)).equity.is_finite()


def test_a_position_opened_since_the_observation_counts_in_the_next_verdict():
    desk = Desk()
    manager = desk.manager(priced("ETH", "50"))
    desk.keep(a_position("ETH"))
    decision = manager.validate_plan(a_trade())
    assert isinstance(decision, Approved)
    assert decision.risk <= 95  # 1 % of 9,500


def test_a_what_if_is_judged_for_its_equity_and_marks_nothing():
    desk = Desk()
    manager = desk.manager(equity=Decimal(1000))
    assert manager.observe(seen()).equity == 1000
    decision = manager.validate_plan(a_trade())
    assert isinstance(decision, Approved)
    assert decision.size == Decimal("0.02")
    assert desk.standing.marks is None
    with pytest.raises(ValueError, match="what-if"):
        manager.validate_plan(a_trade(), reserve=Origin.EXECUTED)
    assert desk.store.entries("main") == ()


def test_a_what_if_needs_no_price_of_what_is_held():
    desk = Desk()
    desk.keep(a_position("ETH", venue="binance"))
    assert desk.manager(equity=Decimal(10_000)).validate_plan(a_trade())


def test_a_lost_day_trips_a_breaker_once_with_record_and_alert():
    desk = Desk()
    desk.keep(a_position("ETH"))
    manager = desk.manager(priced("ETH", "100"))
    for _ in range(3):
        desk.now_us += 1_000_000
        manager.observe(priced("ETH", "69"))  # 310 of 10,000
    assert codes(manager.validate_plan(a_trade())) == ["daily_loss"]
    assert desk.kinds().count("breaker") == 1
    (alert,) = desk.store.queue
    (tripped,) = desk.standing.tripped
    assert tripped.name is BreakerName.DAILY_LOSS
    assert (alert.topic, alert.priority) == ("message", 10)
    assert alert.key == f"breaker:main:daily_loss:{tripped.tripped_us}"


def test_a_breaker_that_lets_go_is_recorded_without_an_alert():
    desk = Desk()
    desk.keep(a_position("ETH"))
    desk.manager(priced("ETH", "69"))
    desk.now_us += 24 * HOUR_US
    manager = desk.manager(priced("ETH", "69"))
    events = [body_of(one)["event"] for one in desk.store.records("main") if one.kind == "breaker"]
    assert events == ["tripped", "let_go"]
    assert len(desk.store.queue) == 1
    assert manager.status().state is TradingState.ACTIVE


def test_a_breaker_that_ended_since_the_observation_stops_no_plan():
    desk = Desk()
    desk.keep(a_position("ETH"))
    manager = desk.manager(priced("ETH", "69"))
    assert codes(manager.validate_plan(a_trade())) == ["daily_loss"]
    desk.now_us += 24 * HOUR_US
    assert manager.validate_plan(a_trade())


def test_a_position_without_its_stop_trips_a_breaker():
    desk = Desk()
    since = DECIDED_AT_US - 31_000_000
    desk.keep(a_position("ETH", unprotected_since_us=since))
    manager = desk.manager(priced("ETH", "100"))
    assert codes(manager.validate_plan(a_trade())) == ["unprotected_position"]
    assert manager.status().state is TradingState.HALTED


def test_a_part_of_a_unit_is_valued_too():
    desk = Desk()
    desk.keep(a_position("ETH", filled="0.5"))
    account = desk.manager(priced("ETH", "110")).observe(priced("ETH", "110"))
    assert (account.account_id, account.currency) == ("main", "USDT")
    assert account.equity == 10_005
    assert account.source == "balance and positions at market"


@pytest.mark.parametrize("number", ["0", "-1", "Infinity"])
def test_a_rate_or_price_that_is_not_above_zero_values_nothing(number):
    desk = Desk()
    desk.keep(a_position("ETH"))
    for unknown in (
        priced("ETH", "110", quote_rate=Decimal(number)),
        priced("ETH", "110", reference=_reference(price=Decimal(number))),
    ):
        account = desk.manager().observe(unknown)
        assert not account.equity.is_finite()
        assert account.source == ("no present price of the position in ETH/USDT:USDT on sandbox")


def test_a_kept_valuation_follows_every_change():
    desk, policy, kept = Desk(), a_policy(), KeptValuation()
    row = desk.store.view("main", lambda unit: unit.account)
    position = a_position("ETH")
    now = priced("ETH", "110")

    def both(*entries: LedgerEntry, at: AccountRow = row, now: Observations = now) -> Decimal:
        found = kept.of(at, entries, now, policy)
        assert found == valued(at, entries, now, policy)
        return found.account.equity

    equity = both(position)
    first = kept.of(row, (position,), now, policy)
    pending = an_entry(symbol_of("XRP"), entry_id="pending")
    assert kept.of(row, (position, pending), now, policy) is first
    poorer = replace(row, standing=replace(row.standing, realised=Money(Decimal(-400))))
    changed = [
        both(),
        both(replace(position, open_size=Size(Decimal(5)))),
        both(position, now=priced("ETH", "111")),
        both(position, at=poorer),
    ]
    assert len({equity, *changed}) == 5
