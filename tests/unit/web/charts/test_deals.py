"""Fills and stops are drawn where and when they were, and none before it happened."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from snipersight.bootstrap.trade_views import TradeView
from snipersight.bot.executor.holding import holding_of
from snipersight.domain.execution import BookedFill, IntentState, Leg, OrderIntent
from snipersight.domain.orders import OrderKind, TriggerSource
from snipersight.domain.units import Price
from snipersight.web.charts.deals import deal_marks, deals_of, with_moved_stops
from snipersight.web.charts.levels import LevelKind, levels_at, levels_known
from snipersight.web.charts.time_axis import time_axis
from tests.builders import an_instrument
from tests.builders.trades import SYMBOL, a_booked_fill, a_trade, an_intent
from tests.unit.web.charts.views import a_view, at

LEVELS = levels_at(entry_near=105.0, entry_far=104.0, stop=90.0, targets=[120.0], since_ms=at(1))


def a_stop(price: str, at_ms: int, state: IntentState = IntentState.WORKING) -> OrderIntent:
    intent = an_intent(leg=Leg.STOP, state=state, created_us=at_ms * 1_000)
    request = replace(
        intent.request,
        kind=OrderKind.STOP_MARKET,
        price=None,
        trigger_price=Price(Decimal(price)),
        trigger_source=TriggerSource.MARK,
    )
    return replace(intent, request=request)


def a_view_of(
    intents: tuple[OrderIntent, ...] = (), fills: tuple[BookedFill, ...] = ()
) -> TradeView:
    return TradeView(
        trade=a_trade(),
        intents=intents,
        fills=fills,
        entry=None,
        funding=Decimal(0),
        holding=holding_of((), (), an_instrument(SYMBOL)),
    )


def stops_at(at_ms: int, *intents: OrderIntent) -> list[tuple[float, int | None]]:
    levels = levels_known(with_moved_stops(LEVELS, [a_view_of(intents)]), at_ms)
    return [(one.price, one.until_ms) for one in levels if one.kind is LevelKind.STOP]


def test_a_moved_stop_is_drawn_where_it_stood_at_each_moment():
    orders = a_stop("90", at(2)), a_stop("105", at(4)), a_stop("110", at(6))
    assert stops_at(at(0), *orders) == []
    assert stops_at(at(3), *orders) == [(90.0, None)]
    assert stops_at(at(4), *orders) == [(90.0, at(4)), (105.0, None)]
    assert stops_at(at(9), *orders) == [(90.0, at(4)), (105.0, at(6)), (110.0, None)]


def test_a_stop_that_no_venue_took_has_moved_nothing():
    assert stops_at(at(9), a_stop("105", at(4), IntentState.REFUSED)) == [(90.0, None)]


def test_a_fill_is_marked_on_its_bar_once_it_is_known():
    booked = a_booked_fill()
    fill = replace(booked.fill, at_us=(at(3) - 1) * 1_000)
    deals = deals_of([a_view_of(fills=(replace(booked, fill=fill),))])
    axis = time_axis(a_view(8), room=2)
    assert deal_marks(deals, axis, until_ms=at(2)) == []
    assert deal_marks(deals, axis, until_ms=None) == []
    (mark,) = deal_marks(deals, axis, until_ms=at(3))
    assert mark["value"] == [2, float(fill.price)]
