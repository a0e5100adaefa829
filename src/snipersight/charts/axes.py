"""Grid lines, prices and times beside the candles."""

from __future__ import annotations

from typing import Final

from snipersight.charts.canvas import Panes, Rect
from snipersight.charts.shapes import (
    Anchor,
    Label,
    Lines,
    Role,
    Shape,
    line,
)
from snipersight.charts.theme import Palette, faded
from snipersight.charts.ticks import TimeTick, price_ticks, time_ticks
from snipersight.charts.trade import PAD_PX, POINTER_PX
from snipersight.charts.viewport import Projection
from snipersight.charts.wording import price_text, volume_text

_AXIS_PX: Final = 11.5
_PRICE_GAP_PX: Final = 48.0
_TIME_GAP_PX: Final = 84.0


def grid_shapes(
    panes: Panes, projection: Projection, palette: Palette, *, decimals: int, taken: list[Rect]
) -> list[Shape]:
    """Return grid lines with their prices and times, without those under a tag in `taken`."""
    prices = _price_levels(projection, decimals)
    ticks = _times(projection)
    pane, volume = panes.price, panes.volume
    across = [line((pane.left, y), (pane.right, y)) for _, y in prices]
    down = [
        line((x, bottom), (x, top))
        for x in (projection.x(tick.index) for tick in ticks)
        for bottom, top in ((pane.bottom, pane.top), (volume.bottom, volume.top))
    ]
    base = line((volume.left, volume.bottom), (volume.right, volume.bottom))
    shapes: list[Shape] = [
        Lines(paths=(*across, *down), colour=palette.grid),
        Lines(paths=(base,), colour=faded(palette.muted, 0.5)),
    ]
    for text, y in prices:
        label = _price_label(text, y, panes, palette)
        if not any(rect.bottom - 8 < y < rect.top + 8 for rect in taken):
            shapes.append(label)
    shapes += [_time_label(tick, panes, projection, palette) for tick in ticks]
    return shapes


def _price_levels(projection: Projection, decimals: int) -> list[tuple[str, float]]:
    most = max(2, int(projection.pane.height / _PRICE_GAP_PX))
    prices = price_ticks(projection.low, projection.high, most=most, decimals=decimals)
    return [(price_text(price, decimals), projection.y(price)) for price in prices]


def _price_label(text: str, y: float, panes: Panes, palette: Palette) -> Label:
    return Label(
        text=text,
        x=panes.gutter.left + POINTER_PX + PAD_PX,
        y=y,
        size_px=_AXIS_PX,
        colour=palette.muted,
        role=Role.PRICE_AXIS,
    )


def _times(projection: Projection) -> list[TimeTick]:
    """Return time ticks for the shown bars and for the future right of them."""
    candles, pane = projection.candles, projection.pane
    last, duration = int(candles.open_time[-1]), candles.timeframe.duration_ms
    ahead = int((pane.right - projection.future_x) / projection.slot_px)
    times = [int(time) for time in candles.open_time]
    times += [last + step * duration for step in range(1, ahead + 1)]
    ticks = time_ticks(times, slot_px=projection.slot_px, gap_px=_TIME_GAP_PX)
    edge = 22.0  # half a label
    return [
        tick for tick in ticks if pane.left + edge <= projection.x(tick.index) <= pane.right - edge
    ]


def _time_label(tick: TimeTick, panes: Panes, projection: Projection, palette: Palette) -> Label:
    return Label(
        text=tick.text,
        x=projection.x(tick.index),
        y=panes.volume.bottom - 13,
        size_px=_AXIS_PX,
        colour=palette.text if tick.is_major else palette.muted,
        role=Role.TIME_AXIS,
        anchor=Anchor.MIDDLE,
        bold=tick.is_major,
    )


def volume_note(panes: Panes, projection: Projection, palette: Palette) -> Label:
    """Return what the tallest column of the volume pane stands for."""
    largest = float(projection.candles.volume.max())
    return Label(
        text=f"Volume max {volume_text(largest)}",
        x=panes.gutter.left + POINTER_PX + PAD_PX,
        y=panes.volume.top - 6,
        size_px=10.5,
        colour=palette.muted,
        role=Role.PRICE_AXIS,
    )
