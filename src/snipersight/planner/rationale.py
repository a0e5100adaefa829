"""A plan in three plain sentences, as an analyst would tell it."""

from __future__ import annotations

from collections.abc import Sequence

from snipersight.analysis.entry_zone import EntryZone, depth_in_range
from snipersight.analysis.facts import PoolKind, Setup, SetupContext, ShiftKind
from snipersight.analysis.wording import place_text, price_text, trend_text
from snipersight.domain.direction import Direction
from snipersight.domain.plan import StopLoss, Target
from snipersight.domain.ports import LeaderState
from snipersight.domain.units import plain

_POOLS = {
    PoolKind.EQUAL: "equal",
    PoolKind.OLD_SWING: "an old",
    PoolKind.SESSION: "the previous session's",
    PoolKind.DAY: "the previous day's",
    PoolKind.WEEK: "the previous week's",
    PoolKind.MONTH: "the previous month's",
}
_SHIFTS = {
    ShiftKind.INITIAL: "broke structure for the first time",
    ShiftKind.BOS: "broke structure with the trend (BOS)",
    ShiftKind.CHOCH: "turned structure (CHoCH)",
}


def write_rationale(
    context: SetupContext,
    zone: EntryZone,
    stop: StopLoss,
    targets: Sequence[Target],
    leader: LeaderState | None,
) -> str:
    """Return what happened, where the trade is entered and why there, and where it ends."""
    return " ".join(
        (
            _what_happened(context.setup),
            _where_entered(context, zone, leader),
            _where_ended(stop, targets),
        )
    )


def _what_happened(setup: Setup) -> str:
    is_long = setup.direction is Direction.LONG
    pool = setup.sweep.pool
    extreme = "low" if is_long else "high"
    swept = f"{_POOLS[pool.kind]} {extreme}{'s' if pool.kind is PoolKind.EQUAL else ''}"
    moved = setup.displacement
    leg = f"a displacement of {moved.range_atr:.1f} ATR" if moved else "a leg that left a gap"
    return (
        f"Price swept {swept} at {price_text(pool.price)} to {price_text(setup.sweep.extreme)} "
        f"({setup.sweep.depth_atr:.2f} ATR); {leg} then {_SHIFTS[setup.shift.kind]} with a close "
        f"{'above' if is_long else 'below'} {price_text(setup.shift.level)}."
    )


def _where_entered(context: SetupContext, zone: EntryZone, leader: LeaderState | None) -> str:
    low, high = sorted((zone.near, zone.far))
    place = _place(context, zone)
    bias = f"{context.bias.timeframe} structure is {trend_text(context.bias.swing_trend)}"
    market = f" and BTC is {trend_text(leader.trend)}" if leader else ""
    return (
        f"The entry waits for a return to the {zone.kind} {price_text(low)}-{price_text(high)}"
        f"{place}; {bias}{market}."
    )


def _place(context: SetupContext, zone: EntryZone) -> str:
    depth = depth_in_range(context.zone, zone.near, zone.direction)
    if depth is None:
        return ""
    is_long = zone.direction is Direction.LONG
    half = (
        ("discount" if is_long else "premium")
        if depth < 0.5
        else ("premium" if is_long else "discount")
    )
    place = place_text(depth, zone.direction)
    return f", in {half}, {place} of the {context.zone.timeframe} dealing range"


def _where_ended(stop: StopLoss, targets: Sequence[Target]) -> str:
    aims = ", ".join(f"{target.rationale} ({target.r_multiple:.1f}R)" for target in targets)
    return f"The stop at {plain(stop.price)} lies {stop.rationale}; the exits aim at {aims}."
