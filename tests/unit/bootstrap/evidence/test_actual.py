"""What real orders made of a signal, against hand-worked numbers: R is 101 quote for 10 units."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from snipersight.bootstrap.evidence.actual import executed_outcome, hand_outcome
from snipersight.bootstrap.trade_views import TradeView
from snipersight.bot.executor.holding import holding_of
from snipersight.domain.candles import Candles
from snipersight.domain.evidence import Ending, Kind, OutcomeStatus
from snipersight.domain.execution import (
    BookedFill,
    IntentState,
    Leg,
    ManagementRules,
    OrderIntent,
    TradeState,
)
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.orders import OrderKind, Side
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Money, Price, Size, Symbol
from tests.builders import an_instrument
from tests.builders.ledger import an_entry
from tests.builders.trades import AT_US, SYMBOL, a_booked_fill, a_trade, an_intent

MINUTE_US = 60_000_000
OPENED_US, ENDED_US = AT_US, AT_US + 60 * MINUTE_US
S = OutcomeStatus


def a_view(
    *fills: BookedFill,
    realised: str = "0",
    funding: str = "0",
    intents: tuple[OrderIntent, ...] = (),
    entry_state: EntryState | None = None,
    **trade: Any,
) -> TradeView:
    done: dict[str, Any] = {"state": TradeState.DONE, "opened_us": OPENED_US, "ended_us": ENDED_US}
    one = a_trade(**(done | trade))
    entry = an_entry(realised=Money(Decimal(realised)))
    if entry_state is not None:
        entry = replace(
            entry,
            state=entry_state,
            pending_size=Size(Decimal(0)),
            open_size=Size(Decimal(0)),
            ended_us=ENDED_US,
        )
    return TradeView(
        trade=one,
        intents=intents or tuple(_orders(fills)),
        fills=fills,
        entry=entry,
        funding=Decimal(funding),
        holding=holding_of(intents or _orders(fills), fills, an_instrument(SYMBOL)),
    )


def _orders(fills: tuple[BookedFill, ...]) -> list[OrderIntent]:
    return [
        an_intent(
            one.client_id,
            leg=one.leg,
            state=IntentState.FILLED,
            filled_size=one.fill.size,
            average_price=one.fill.price,
        )
        for one in fills
    ]


def an_exit(leg: Leg, price: str, **more: Any) -> BookedFill:
    return a_booked_fill("9", leg=leg, price=price, at_us=ENDED_US, **more)


def a_stop(trigger: str) -> OrderIntent:
    order = an_intent("ss-a-S0-0", leg=Leg.STOP, state=IntentState.FILLED)
    request = replace(
        order.request,
        kind=OrderKind.STOP_MARKET,
        is_reducing=True,
        price=None,
        trigger_price=Price(Decimal(trigger)),
    )
    return replace(order, request=request)


def a_path(*bars: tuple[float, float]) -> Candles:
    """Return five-minute bars of (high, low) from the first fill on."""
    count = len(bars)
    first_ms = -(-OPENED_US // 1000 // 300_000) * 300_000
    high, low = np.array([bar[0] for bar in bars]), np.array([bar[1] for bar in bars])
    return Candles(
        symbol=Symbol(SYMBOL),
        timeframe=Timeframe.parse("5m"),
        open_time=first_ms + np.arange(count, dtype=np.int64) * 300_000,
        open=low, high=high, low=low, close=low,
        volume=np.ones(count),
    )  # fmt: skip


def test_a_winner_is_told_net_of_what_it_cost():
    fills = (a_booked_fill(fee="0.2"), an_exit(Leg.TARGET, "120", fee="0.3"))
    view = a_view(*fills, realised="196.5", funding="-3")
    outcome = executed_outcome(view, a_path((104, 95), (121, 99)))
    assert (outcome.kind, outcome.status, outcome.ending) == (
        Kind.ACTUAL, S.CLOSED, Ending.TARGETS,
    )  # fmt: skip
    assert outcome.key == "main:plan-trade-1"
    assert outcome.net_r == pytest.approx(196.5 / 101)
    assert outcome.fees_r == pytest.approx(0.5 / 101)
    assert outcome.funding_r == pytest.approx(3 / 101)
    assert outcome.gross_r == pytest.approx(200 / 101)
    assert outcome.mae_r == pytest.approx(5 / 10.1)
    assert outcome.mfe_r == pytest.approx(21 / 10.1)
    assert (outcome.entered_ms, outcome.ended_ms) == (OPENED_US // 1000, ENDED_US // 1000)
    assert outcome.planned_r == pytest.approx((15 - 0.1) * 10 / 101)


def test_slippage_of_a_stop_is_what_it_filled_worse_than_its_trigger():
    fills = (a_booked_fill(), an_exit(Leg.STOP, "89.5"))
    view = a_view(*fills, realised="-105", intents=(*_orders(fills[:1]), a_stop("90")))
    outcome = executed_outcome(view, None)
    assert outcome.ending is Ending.STOP
    assert outcome.slippage_r == pytest.approx(0.5 * 10 / 101)
    assert outcome.gross_r == pytest.approx(-100 / 101)
    assert outcome.mae_r == pytest.approx(10.5 / 10.1)


@pytest.mark.parametrize(
    ("trigger", "trailing", "ending"),
    [("100.1", None, Ending.BREAK_EVEN), ("104", "2", Ending.TRAILED), ("90", "2", Ending.STOP)],
)
def test_a_stop_is_named_after_where_it_lay(trigger, trailing, ending):
    fills = (a_booked_fill(), an_exit(Leg.STOP, trigger))
    rules = ManagementRules(trailing_atr=None if trailing is None else Decimal(trailing))
    view = a_view(*fills, intents=(*_orders(fills[:1]), a_stop(trigger)), rules=rules)
    assert executed_outcome(view, None).ending is ending


@pytest.mark.parametrize(
    ("why", "ending"),
    [
        ("the trade has lasted as long as its rules allow", Ending.TIME_STOP),
        ("filled at 100, net reward to risk is 0.20, below the 0.5 asked for", Ending.JUDGED),
        ("price 89 passed the stop 90, and no stop works there", Ending.JUDGED),
        ("kill switch", Ending.BY_HAND),
    ],
)
def test_a_position_closed_at_market_ended_as_its_trade_says(why, ending):
    view = a_view(a_booked_fill(), an_exit(Leg.FLATTEN, "101"), exit_reason=why)
    assert executed_outcome(view, None).ending is ending


def test_a_fee_taken_in_the_bought_coin_is_a_fee():
    view = a_view(a_booked_fill(net="9.99"), an_exit(Leg.TARGET, "110", size="9.99"))
    outcome = executed_outcome(view, None)
    assert outcome.fees_r == pytest.approx(0.01 * 100 / 101)
    assert outcome.filled_fraction == pytest.approx(0.999)


def test_an_open_trade_is_open_with_what_it_has_earned():
    view = a_view(
        a_booked_fill(),
        an_exit(Leg.TARGET, "110", size="5"),
        realised="50",
        state=TradeState.OPEN,
        ended_us=None,
    )
    outcome = executed_outcome(view, None)
    assert (outcome.status, outcome.ending, outcome.ended_ms) == (S.OPEN, Ending.NONE, 0)
    assert outcome.net_r == pytest.approx(50 / 101)


@pytest.mark.parametrize(
    ("changes", "path", "status"),
    [
        ({"state": TradeState.ENTERING, "ended_us": None}, None, S.WAITING),
        ({"ended_us": AT_US + 3_600_000_000}, None, S.EXPIRED),
        ({"entry_state": EntryState.EXPIRED, "ended_us": AT_US + MINUTE_US}, None, S.EXPIRED),
        ({"ended_us": AT_US + 30 * MINUTE_US}, ((105, 101), (110, 101)), S.MISSED),
        ({"ended_us": AT_US + 30 * MINUTE_US}, ((105, 101), (101, 90)), S.INVALIDATED),
        ({"ended_us": AT_US + 30 * MINUTE_US}, None, S.INVALIDATED),
    ],
)
def test_a_trade_without_a_fill_is_no_result(changes, path, status):
    view = a_view(opened_us=None, **changes)
    outcome = executed_outcome(view, None if path is None else a_path(*path))
    assert outcome.status is status
    assert (outcome.net_r, outcome.filled_fraction, outcome.entered_ms) == (0, 0, 0)


def test_a_short_is_the_mirror_image():
    fills = (
        a_booked_fill(side=Side.SELL),
        an_exit(Leg.TARGET, "80", side=Side.BUY),
    )
    from snipersight.domain.direction import Direction

    view = a_view(
        *fills,
        realised="200",
        direction=Direction.SHORT,
        initial_stop=Price(Decimal(110)),
        stop_price=Price(Decimal(110)),
    )
    outcome = executed_outcome(view, a_path((104, 95), (103, 79)))
    assert outcome.mae_r == pytest.approx(4 / 10.1)
    assert outcome.mfe_r == pytest.approx(21 / 10.1)


def test_what_a_person_took_counts_by_the_risk_that_was_approved():
    entry = an_entry(
        origin=Origin.BY_HAND,
        state=EntryState.CLOSED,
        pending_size=Size(Decimal(0)),
        open_size=Size(Decimal(0)),
        fill_price=Price(Decimal(100)),
        opened_us=OPENED_US,
        ended_us=ENDED_US,
        realised=Money(Decimal("-45")),
        quote_rate="0.9",
    )
    outcome = hand_outcome(entry, risk_quote=Decimal(100))
    assert (outcome.status, outcome.ending) == (S.CLOSED, Ending.BY_HAND)
    assert outcome.net_r == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="no plan"):
        hand_outcome(replace(entry, plan_id=None), risk_quote=Decimal(100))
