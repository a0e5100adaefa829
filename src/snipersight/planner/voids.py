"""When an unfilled plan is over: entered, or void. The same answer for scan, run and backtest.

Bar prices are compared as floats: a plan's price comes from a decimal that the candle's float is
nearest to, so a touch to the exact tick counts as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.plan import TradePlan
from snipersight.domain.quick import quick
from snipersight.domain.units import Price


class VoidReason(StrEnum):
    """Why an unfilled plan is void."""

    EXPIRED = "expired"
    TARGET_TOUCHED = "target_touched"
    STOP_TOUCHED = "stop_touched"
    STRUCTURE_SHIFT = "structure_shift"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One closed bar after the decision.

    Args:
        open, high, low, close: quote per base unit; decimals are taken as their nearest floats.
        closed_at_ms: when it closed, milliseconds UTC.
        shift: side of a shift of major structure at its close, None without one.
    """

    open: float | Decimal
    high: float | Decimal
    low: float | Decimal
    close: float | Decimal
    closed_at_ms: int
    shift: Direction | None = None

    def reaches(self, price: Price, *, side: Direction) -> bool:
        """Return whether the bar trades at `price` or beyond it on a side."""
        if side is Direction.LONG:
            return float(self.high) >= float(price)
        return float(self.low) <= float(price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The plan is alive and unfilled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Price touched the entry zone's near edge on the bar that closed at `at_ms`."""

    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """The plan ended unfilled on the bar that closed at `at_ms`."""

    at_ms: int
    reason: VoidReason


PlanState = Waiting | Entered | Void


def is_entered(plan: TradePlan, bar: Bar) -> bool:
    """Return whether a bar touches the near edge of the entry zone."""
    return bar.reaches(plan.entry_near, side=plan.direction.opposite)


def is_void(plan: TradePlan, bar: Bar) -> VoidReason | None:
    """Return why an unfilled plan is void on a bar, or None while it is not.

    Void once the bar closed later than `valid_until`, touches the first target or the stop, or
    shifts structure against the plan. The first reason in this order is named.
    """
    if bar.closed_at_ms > _milliseconds(plan):
        return VoidReason.EXPIRED
    if bar.reaches(plan.targets[0].price, side=plan.direction):
        return VoidReason.TARGET_TOUCHED
    if bar.reaches(plan.stop_loss.price, side=plan.direction.opposite):
        return VoidReason.STOP_TOUCHED
    if bar.shift is plan.direction.opposite:
        return VoidReason.STRUCTURE_SHIFT
    return None


def follow(plan: TradePlan, bars: Iterable[Bar]) -> PlanState:
    """Return what became of an unfilled plan over the bars after its decision.

    On one bar the entry is asked before the void: price cannot reach the stop without passing
    the zone, and a shift is known only at the close. Where a bar touches both the zone and the
    first target their order is unknown; it counts as entered, so that a missed trade is never
    told where an order may have been filled. An expired plan can no longer be entered.

    Args:
        plan: the plan.
        bars: closed bars, oldest first; those closed at or before the decision are passed over.
    """
    decided_ms = int(plan.created_at.timestamp() * 1000)
    for bar in bars:
        if bar.closed_at_ms <= decided_ms:
            continue
        reason = is_void(plan, bar)
        if reason is not VoidReason.EXPIRED and is_entered(plan, bar):
            return Entered(at_ms=bar.closed_at_ms)
        if reason is not None:
            return Void(at_ms=bar.closed_at_ms, reason=reason)
    return Waiting()


def bars_of(
    candles: Candles,
    *,
    after_ms: int,
    until_ms: int | None = None,
    shifts: Mapping[int, Direction] | None = None,
) -> Iterable[Bar]:
    """Yield the candles that close after a moment as bars.

    Args:
        candles: closed bars, oldest first.
        after_ms: usually the plan's decision.
        until_ms: the last close that counts; None: every one does.
        shifts: shifts of major structure by the close that revealed them.
    """
    known = shifts or {}
    length_ms = candles.timeframe.duration_ms
    stop = len(candles) if until_ms is None else candles.closed_by(until_ms)
    for index in range(candles.closed_by(after_ms), stop):
        closed_at_ms = int(candles.open_time[index]) + length_ms
        yield Bar(
            open=float(candles.open[index]),
            high=float(candles.high[index]),
            low=float(candles.low[index]),
            close=float(candles.close[index]),
            closed_at_ms=closed_at_ms,
            shift=known.get(closed_at_ms),
        )


def _milliseconds(plan: TradePlan) -> int:
    return int(plan.valid_until.timestamp() * 1000)
