"""The prices of a plan as lines with tags at the price axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.domain.plan import TradePlan
from snipersight.web.charts.paint import Options


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
    """A price with a name, quote currency per base unit."""

    kind: LevelKind
    name: str
    price: float


def plan_levels(plan: TradePlan) -> tuple[Level, ...]:
    """Return the prices of a plan: both edges of its entry, its stop, its targets."""
    return levels_at(
        entry_near=float(plan.entry_near),
        entry_far=float(plan.entry_far),
        stop=float(plan.stop_loss.price),
        targets=[float(target.price) for target in plan.targets],
    )


def levels_at(
    *, entry_near: float, entry_far: float, stop: float, targets: Sequence[float]
) -> tuple[Level, ...]:
    """Return these prices by name; equal edges of the entry are one."""
    near = Level(kind=LevelKind.ENTRY, name="Entry", price=entry_near)
    far = Level(kind=LevelKind.ENTRY, name="Far", price=entry_far)
    aims = [
        Level(kind=LevelKind.TARGET, name=f"TP{number}", price=price)
        for number, price in enumerate(targets, 1)
    ]
    edges = (near,) if entry_near == entry_far else (near, far)
    return (*edges, Level(kind=LevelKind.STOP, name="Stop", price=stop), *aims)


def level_lines(levels: Sequence[Level]) -> list[Options]:
    """Return a line across the pane for each level; `level_tags` name them."""
    return [_line(level) for level in levels]


def level_tags(levels: Sequence[Level]) -> list[Options]:
    """Return what the script writes beside the price axis, where no tag may hide another."""
    return [{"name": one.name, "price": one.price, "kind": one.kind.value} for one in levels]


def entry_band(levels: Sequence[Level], *, last_bar: int) -> list[list[Options]]:
    """Return the entry zone as an area over all bars; nothing where it has no two edges.

    Args:
        levels: of a plan.
        last_bar: number of the newest bar, from 0.
    """
    edges = [one.price for one in levels if one.kind is LevelKind.ENTRY]
    if len(edges) != _EDGES or last_bar < 0:
        return []
    style = {"color": "$accent", "opacity": 0.12}
    begin: Options = {"coord": [0, max(edges)], "itemStyle": style, "label": {"show": False}}
    return [[begin, {"coord": [last_bar, min(edges)]}]]


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


def _line(level: Level) -> Options:
    colour = _COLOURS[level.kind]
    return {
        "name": level.name,
        "yAxis": level.price,
        "lineStyle": {"color": colour, "type": _DASHES[level.kind], "width": 1.2, "opacity": 0.9},
        "label": {"show": False},
    }
