"""The prices of a plan as lines with tags at the price axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from snipersight.domain.plan import TradePlan
from snipersight.web.charts.paint import Options
from snipersight.web.charts.time_axis import TimeAxis


class LevelKind(StrEnum):
    """What a price is to a plan."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"


_COLOURS: Final = {
    LevelKind.ENTRY: "$accent",
    LevelKind.STOP: "$short",
    LevelKind.TARGET: "$long",
}
_EDGES: Final = 2
_DASHES: Final = {LevelKind.ENTRY: "solid", LevelKind.STOP: "dashed", LevelKind.TARGET: "solid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A price with a name, quote currency per base unit, and when it counted.

    Args:
        kind, name, price: what it is.
        since_ms: from this moment on, milliseconds UTC.
        until_ms: before this one; None: it still does.
    """

    kind: LevelKind
    name: str
    price: float
    since_ms: int
    until_ms: int | None = None


def plan_levels(plan: TradePlan, *, since_ms: int) -> tuple[Level, ...]:
    """Return the prices of a plan: both edges of its entry, its stop, its targets."""
    return levels_at(
        entry_near=float(plan.entry_near),
        entry_far=float(plan.entry_far),
        stop=float(plan.stop_loss.price),
        targets=[float(target.price) for target in plan.targets],
        since_ms=since_ms,
    )


def levels_at(
    *, entry_near: float, entry_far: float, stop: float, targets: Sequence[float], since_ms: int
) -> tuple[Level, ...]:
    """Return these prices by name; equal edges of the entry are one."""
    edges = {"Entry": entry_near, "Far": entry_far}
    if entry_near == entry_far:
        del edges["Far"]
    aims = {f"TP{number}": price for number, price in enumerate(targets, 1)}
    named = (
        (LevelKind.ENTRY, edges),
        (LevelKind.STOP, {"Stop": stop}),
        (LevelKind.TARGET, aims),
    )
    return tuple(
        Level(kind=kind, name=name, price=price, since_ms=since_ms)
        for kind, prices in named
        for name, price in prices.items()
    )


def levels_known(levels: Sequence[Level], at_ms: int | None) -> tuple[Level, ...]:
    """Return the levels as they stood at a moment: what ends later had not ended.

    Args:
        levels: any.
        at_ms: the moment, milliseconds UTC; None: nothing was known.
    """
    if at_ms is None:
        return ()
    return tuple(
        replace(one, until_ms=None) if one.until_ms is not None and one.until_ms > at_ms else one
        for one in levels
        if one.since_ms <= at_ms
    )


def level_lines(levels: Sequence[Level], axis: TimeAxis) -> list[list[Options]]:
    """Return a line for each level, for as long as it counted; `level_tags` name them."""
    return [_line(level, axis) for level in levels]


def level_tags(levels: Sequence[Level]) -> list[Options]:
    """Return what the script writes beside the price axis, where no tag may hide another."""
    return [
        {"name": one.name, "price": one.price, "kind": one.kind.value}
        for one in levels
        if one.until_ms is None
    ]


def entry_band(levels: Sequence[Level], axis: TimeAxis) -> list[list[Options]]:
    """Return the entry zone as an area; nothing where it has no two edges."""
    edges = [one for one in levels if one.kind is LevelKind.ENTRY]
    if len(edges) != _EDGES or not axis:
        return []
    prices = [one.price for one in edges]
    style = {"color": "$accent", "opacity": 0.12}
    first = axis.bar_of(edges[0].since_ms)
    begin: Options = {
        "coord": [first, max(prices)],
        "itemStyle": style,
        "label": {"show": False},
    }
    return [[begin, {"coord": [axis.last, min(prices)]}]]


def level_span(levels: Sequence[Level], *, room: float) -> tuple[float | None, float | None]:
    """Return the lowest and highest price with some room; None twice without a level.

    Args:
        levels: any number.
        room: share of the height left free on either side, 0 or more.
    """
    if not levels:
        return None, None
    low, high = min(one.price for one in levels), max(one.price for one in levels)
    free = (high - low) * room
    return low - free, high + free


def _line(level: Level, axis: TimeAxis) -> list[Options]:
    is_over = level.until_ms is not None
    last = axis.last if level.until_ms is None else axis.bar_of(level.until_ms)
    style = {
        "color": _COLOURS[level.kind],
        "type": _DASHES[level.kind],
        "width": 1.2,
        "opacity": 0.5 if is_over else 0.9,
    }
    begin = {"name": level.name, "coord": [axis.bar_of(level.since_ms), level.price]}
    return [
        begin | {"lineStyle": style, "label": {"show": False}},
        {"coord": [last, level.price]},
    ]
