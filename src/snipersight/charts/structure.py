"""Breaks of structure and swept levels as lines with their names."""

from __future__ import annotations

from typing import Final

from snipersight.charts.labels import Caption, Captioner
from snipersight.charts.shapes import (
    DASHED,
    DOTTED,
    SOLID,
    Lines,
    Points,
    Polygons,
    Role,
    Shape,
    line,
)
from snipersight.charts.theme import Palette
from snipersight.charts.viewport import Projection
from snipersight.domain.annotations import StructureLabel, SweptLevel
from snipersight.domain.direction import Direction

_TEXT_PX: Final = 10.5
_LIFT_PX: Final = 9.0  # from a line to the middle of its name
_MARKER_PX: Final = 5.0


def visible_structure(
    labels: tuple[StructureLabel, ...], projection: Projection
) -> tuple[StructureLabel, ...]:
    """Return the breaks that happened in view at a price in view, the newest first."""
    oldest = int(projection.candles.open_time[0])
    seen = [label for label in labels if label.end_ms >= oldest and _in(label.price, projection)]
    return tuple(sorted(seen, key=lambda label: label.end_ms, reverse=True))


def visible_sweeps(
    levels: tuple[SweptLevel, ...], projection: Projection
) -> tuple[SweptLevel, ...]:
    """Return the levels swept by a bar in view, the newest first."""
    first, last = (int(projection.candles.open_time[i]) for i in (0, -1))
    seen = [
        level
        for level in levels
        if first <= level.swept_ms <= last and _in(level.price, projection)
    ]
    return tuple(sorted(seen, key=lambda level: level.swept_ms, reverse=True))


def _in(price: float, projection: Projection) -> bool:
    return projection.low <= price <= projection.high


def is_internal(label: StructureLabel) -> bool:
    """Return whether a break is of internal strength: `iBOS`, `iCHoCH`."""
    return label.text.startswith("i") and label.text != "initial"


def structure_shapes(
    labels: tuple[StructureLabel, ...], projection: Projection, palette: Palette
) -> list[Lines]:
    """Return a line from each broken swing to the close that broke it; internal ones dotted."""
    return [
        Lines(
            paths=(_span(label.price, label.start_ms, label.end_ms, projection),),
            colour=palette.side(label.direction),
            width_px=0.9 if is_internal(label) else 1.2,
            dash=DOTTED if is_internal(label) else SOLID,
        )
        for label in labels
    ]


def sweep_shapes(
    levels: tuple[SweptLevel, ...], projection: Projection, palette: Palette
) -> list[Shape]:
    """Return a dashed line to each sweep and a marker beyond the wick that made it."""
    shapes: list[Shape] = []
    for level in levels:
        path = _span(level.price, level.start_ms, level.swept_ms, projection)
        shapes.append(Lines(paths=(path,), colour=palette.last, width_px=1.0, dash=DASHED))
        marker = _marker(level, projection)
        shapes.append(Polygons(corners=(marker,), fill=palette.last, edge=palette.ground))
    return shapes


def _span(price: float, start_ms: int, end_ms: int, projection: Projection) -> Points:
    y = projection.y(price)
    return line((projection.clipped_x(start_ms), y), (projection.clipped_x(end_ms), y))


def _marker(level: SweptLevel, projection: Projection) -> Points:
    """Return a triangle that points at the end of the wick which pierced the level."""
    index = int(projection.index_of(level.swept_ms))
    candles, x = projection.candles, projection.x(index)
    takes_lows = sweeps_lows(level, projection)
    tip = projection.y(float(candles.low[index] if takes_lows else candles.high[index]))
    away = -_MARKER_PX if takes_lows else _MARKER_PX
    tip += away * 0.6
    return line((x, tip), (x - _MARKER_PX, tip + 1.5 * away), (x + _MARKER_PX, tip + 1.5 * away))


def sweeps_lows(level: SweptLevel, projection: Projection) -> bool:
    """Return whether the sweep took lows: its bar closed back above the level.

    A bar that closed on the level itself is read by the level's direction.
    """
    index = int(projection.index_of(level.swept_ms))
    close = float(projection.candles.close[index])
    if close == level.price:
        return level.direction is Direction.LONG
    return close > level.price


def write_structure(labels: tuple[StructureLabel, ...], captioner: Captioner) -> list[Shape]:
    """Return the names of the breaks in the middle of their lines, swing strength first."""
    ranked = sorted(labels, key=is_internal)
    return captioner.write_all(_structure_caption(label, captioner) for label in ranked)


def _structure_caption(label: StructureLabel, captioner: Captioner) -> Caption:
    side = label.direction.sign * _LIFT_PX
    colour = captioner.palette.side(label.direction)
    return Caption(
        text=captioner.ruler.legible(label.text),
        colour=colour,
        role=Role.STRUCTURE,
        spots=_along(label.price, label.start_ms, label.end_ms, side, captioner.projection),
        size_px=_TEXT_PX - (0.8 if is_internal(label) else 0.0),
        bold=not is_internal(label),
    )


def write_sweeps(levels: tuple[SweptLevel, ...], captioner: Captioner) -> list[Shape]:
    """Return the names of the swept levels, on the side the wick came from."""
    return captioner.write_all(_sweep_caption(level, captioner) for level in levels)


def _sweep_caption(level: SweptLevel, captioner: Captioner) -> Caption:
    projection = captioner.projection
    side = -_LIFT_PX if sweeps_lows(level, projection) else _LIFT_PX
    return Caption(
        text=f"{captioner.ruler.legible(level.text)} swept",
        colour=captioner.palette.last,
        role=Role.SWEEP,
        spots=_along(level.price, level.start_ms, level.swept_ms, side, projection),
        size_px=_TEXT_PX,
    )


def _along(
    price: float, start_ms: int, end_ms: int, lift: float, projection: Projection
) -> tuple[tuple[float, float], ...]:
    """Return places along a line: its middle first, then its thirds; `lift` side first."""
    left, right = projection.clipped_x(start_ms), projection.clipped_x(end_ms)
    y = projection.y(price)
    shares = (0.5, 0.3, 0.7)
    return tuple((left + s * (right - left), y + up) for up in (lift, -lift) for s in shares)
