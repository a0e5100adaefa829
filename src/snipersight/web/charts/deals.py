"""What real orders did to a plan: where they were filled, and where its stop was moved to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bootstrap.trade_views import TradeView
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.orders import Side
from snipersight.web.charts.levels import Level, LevelKind
from snipersight.web.charts.paint import Options
from snipersight.web.charts.time_axis import TimeAxis

_US: Final = 1_000  # microseconds of a millisecond
_NEVER_STOOD: Final = (IntentState.REFUSED, IntentState.ABSENT, IntentState.JOURNALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A fill: when, milliseconds UTC, at which price, and on which side."""

    at_ms: int
    price: float
    is_buy: bool


def deals_of(trades: Sequence[TradeView]) -> tuple[Deal, ...]:
    """Return every fill of some trades, oldest first."""
    found = [
        Deal(
            at_ms=one.fill.at_us // _US,
            price=float(one.fill.price),
            is_buy=one.fill.side is Side.BUY,
        )
        for trade in trades
        for one in trade.fills
    ]
    return tuple(sorted(found, key=lambda one: one.at_ms))


def with_moved_stops(levels: Sequence[Level], trades: Sequence[TradeView]) -> tuple[Level, ...]:
    """Return a plan's levels with its stop for as long as it stood where the plan had it, and after.

    Args:
        levels: of the plan.
        trades: executions of it.
    """
    rest = [one for one in levels if one.kind is not LevelKind.STOP]
    stops = [one for one in levels if one.kind is LevelKind.STOP]
    if not stops:
        return tuple(rest)
    for at_ms, price in _moves(trades):
        if price != stops[-1].price:
            stops[-1] = replace(stops[-1], until_ms=at_ms)
            stops.append(replace(stops[-1], price=price, since_ms=at_ms, until_ms=None))
    return (*rest, *stops)


def deal_marks(deals: Sequence[Deal], axis: TimeAxis, *, until_ms: int | None) -> list[Options]:
    """Return a mark for each fill up to a moment, on the bar it fell in: buys point up, sells down."""
    known = [one for one in deals if until_ms is not None and one.at_ms <= until_ms]
    return [_mark(one, axis) for one in known if axis]


def _moves(trades: Sequence[TradeView]) -> Iterator[tuple[int, float]]:
    stops = [one for trade in trades for one in trade.intents if _stood(one)]
    for one in sorted(stops, key=lambda one: (one.created_us, one.generation)):
        if one.request.trigger_price is not None:
            yield one.created_us // _US, float(one.request.trigger_price)


def _stood(intent: OrderIntent) -> bool:
    return intent.leg is Leg.STOP and intent.state not in _NEVER_STOOD


def _mark(deal: Deal, axis: TimeAxis) -> Options:
    return {
        "value": [axis.bar_of(deal.at_ms), deal.price],
        "symbolRotate": 0 if deal.is_buy else 180,
        "itemStyle": {
            "color": "$long" if deal.is_buy else "$short",
            "borderColor": "$panel",
            "borderWidth": 1,
        },
    }
