"""The life of a signal by the candles alone: what would have happened to a plan taken as it stands.

Whole at the near edge, all targets as planned, nothing moved in between. Where a bar leaves open
what came first the worse is told: the stop before a target, and on the bar of the entry no target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.notices import SignalEvent
from snipersight.domain.plan import Target, TradePlan
from snipersight.domain.units import Price, exact
from snipersight.planner.voids import Bar, VoidReason, is_entered, is_void

# Closer to the zone than this, and price approaches it.
APPROACH_ATR: Final = Decimal("0.5")

_ENDS: Final = {
    VoidReason.EXPIRED: (SignalEvent.EXPIRED, ""),
    VoidReason.TARGET_TOUCHED: (SignalEvent.MISSED, ""),
    VoidReason.STOP_TOUCHED: (SignalEvent.INVALIDATED, "Price jumped over the zone to the stop."),
    VoidReason.STRUCTURE_SHIFT: (SignalEvent.INVALIDATED, "Structure shifted against the plan."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """One turn, at the close of a bar.

    Args:
        event: what happened.
        at_ms: close of the bar that showed it, milliseconds UTC.
        price: where; None where price has no part in it.
        target: which target was hit, 1 for the first; None for other events.
        net_r: result so far, or at the end, in R net of costs; None before an entry.
        detail: the reason in one sentence; may be empty.
    """

    event: SignalEvent
    at_ms: int
    price: Decimal | None = None
    target: int | None = None
    net_r: Decimal | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How far a plan has come.

    Args:
        is_near: its approach was told, or price was there when the plan was.
        is_entered: price came to the near edge while the plan was alive.
        targets_hit: how many, nearest first.
        net_r: of the parts closed so far, in R net of costs.
        is_over: nothing can happen any more.
    """

    is_near: bool = False
    is_entered: bool = False
    targets_hit: int = 0
    net_r: Decimal = Decimal(0)
    is_over: bool = False


def life_of(
    plan: TradePlan, bars: Iterable[Bar], *, told_ms: int, last_price: Decimal
) -> Iterator[LifeEvent]:
    """Yield every turn in the life of a plan since it was told; it stops at the end of its life.

    The same bars give the same turns, and more bars only add to them. A touch of the zone before
    anybody was told is nobody's entry.

    Args:
        plan: as it was told.
        bars: closed bars, oldest first; those closed when it was told are passed over.
        told_ms: when it was told, milliseconds UTC; at the earliest when it was decided.
        last_price: price then.
    """
    life = Life(is_near=_gap(plan, last_price) <= APPROACH_ATR * plan.atr)
    for bar in bars:
        if bar.closed_at_ms <= told_ms:
            continue
        life, events = live(plan, life, bar)
        yield from events
        if life.is_over:
            return


def live(plan: TradePlan, life: Life, bar: Bar) -> tuple[Life, tuple[LifeEvent, ...]]:
    """Return the life after one more bar and what the bar brought."""
    if life.is_over:
        return life, ()
    return _hold(plan, life, bar) if life.is_entered else _wait(plan, life, bar)


def _wait(plan: TradePlan, life: Life, bar: Bar) -> tuple[Life, tuple[LifeEvent, ...]]:
    reason = is_void(plan, bar)
    if reason is not VoidReason.EXPIRED and is_entered(plan, bar):
        return _enter(plan, life, bar)
    if reason is not None:
        event, detail = _ENDS[reason]
        end = LifeEvent(event=event, at_ms=bar.closed_at_ms, detail=detail)
        return replace(life, is_over=True), (end,)
    close = exact(float(bar.close))
    if not life.is_near and _gap(plan, close) <= APPROACH_ATR * plan.atr:
        near = LifeEvent(event=SignalEvent.APPROACHING, at_ms=bar.closed_at_ms, price=close)
        return replace(life, is_near=True), (near,)
    return life, ()


def _enter(plan: TradePlan, life: Life, bar: Bar) -> tuple[Life, tuple[LifeEvent, ...]]:
    entered = LifeEvent(
        event=SignalEvent.ENTERED,
        at_ms=bar.closed_at_ms,
        price=plan.entry_near,
        net_r=Decimal(0),
    )
    life = replace(life, is_near=True, is_entered=True)
    if not _is_stopped(plan, bar):
        return life, (entered,)
    # Price passed the zone before it came to the stop, wherever the bar opened.
    life, closed = _stop_out(plan, life, bar, at=plan.stop_loss.price)
    return life, (entered, closed)


def _hold(plan: TradePlan, life: Life, bar: Bar) -> tuple[Life, tuple[LifeEvent, ...]]:
    if _is_stopped(plan, bar):
        life, closed = _stop_out(plan, life, bar, at=_stop_price(plan, bar))
        return life, (closed,)
    events: list[LifeEvent] = []
    for number, target in enumerate(plan.targets, start=1):
        if number > life.targets_hit and bar.reaches(target.price, side=plan.direction):
            life = _take_profit(life, target, is_last=number == len(plan.targets))
            events.append(_hit(life, bar, number, target))
    if life.is_over:
        last = plan.targets[-1].price
        events.append(_closed(life, bar, last, "Every target was reached."))
    return life, tuple(events)


def _take_profit(life: Life, target: Target, *, is_last: bool) -> Life:
    gained = target.fraction * exact(target.r_multiple)
    return replace(
        life,
        targets_hit=life.targets_hit + 1,
        net_r=life.net_r + gained,
        is_over=is_last,
    )


def _hit(life: Life, bar: Bar, number: int, target: Target) -> LifeEvent:
    return LifeEvent(
        event=SignalEvent.TARGET_HIT,
        at_ms=bar.closed_at_ms,
        price=target.price,
        target=number,
        net_r=life.net_r,
    )


def _stop_out(plan: TradePlan, life: Life, bar: Bar, *, at: Decimal) -> tuple[Life, LifeEvent]:
    left = sum((target.fraction for target in plan.targets[life.targets_hit :]), Decimal(0))
    ended = replace(life, net_r=life.net_r + left * _r_of_exit(plan, at), is_over=True)
    detail = "The stop was reached."
    if at != plan.stop_loss.price:
        detail = "Price opened beyond the stop."
    return ended, _closed(ended, bar, at, detail)


def _closed(life: Life, bar: Bar, price: Decimal, detail: str) -> LifeEvent:
    return LifeEvent(
        event=SignalEvent.CLOSED,
        at_ms=bar.closed_at_ms,
        price=price,
        net_r=life.net_r,
        detail=detail,
    )


def _is_stopped(plan: TradePlan, bar: Bar) -> bool:
    return bar.reaches(plan.stop_loss.price, side=plan.direction.opposite)


def _stop_price(plan: TradePlan, bar: Bar) -> Decimal:
    """Return where a stop fills: at its trigger, or at the open where that lies beyond it."""
    opened, stop = exact(float(bar.open)), plan.stop_loss.price
    return min(stop, opened) if plan.direction is Direction.LONG else max(stop, opened)


def _r_of_exit(plan: TradePlan, price: Decimal) -> Decimal:
    """Return R of an exit at the stop or beyond it; −1 at the stop, by the definition of R."""
    lost = abs(plan.entry_near - plan.stop_loss.price) + plan.round_trip_cost
    return -(abs(plan.entry_near - price) + plan.round_trip_cost) / lost


def _gap(plan: TradePlan, price: Decimal) -> Decimal:
    """Return how far price still is from the near edge; 0 at it and beyond."""
    if not plan.direction.is_winning(Price(price), entry=plan.entry_near):
        return Decimal(0)
    return abs(price - plan.entry_near)
