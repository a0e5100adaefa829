"""Candles and volume: rising ones hollow, falling ones filled."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.charts.canvas import Rect
from snipersight.charts.shapes import Lines, Points, Polygons, Shape
from snipersight.charts.theme import Palette, faded
from snipersight.charts.viewport import Projection
from snipersight.domain.candles import Floats

_BODY_SHARE: Final = 0.7  # of the slot
_WIDEST_BODY_PX: Final = 11.0
_THINNEST_BODY_PX: Final = 1.2  # a doji stays visible

Mask = npt.NDArray[np.bool_]


def candle_shapes(projection: Projection, palette: Palette) -> list[Shape]:
    """Return wicks and bodies; a bar that closes where it opened counts as rising."""
    candles = projection.candles
    rising: Mask = candles.close >= candles.open
    tops = projection.ys(np.maximum(candles.open, candles.close))
    bottoms = projection.ys(np.minimum(candles.open, candles.close))
    thin = np.maximum(_THINNEST_BODY_PX - (tops - bottoms), 0.0) / 2
    bodies = _boxes(projection, bottoms - thin, tops + thin)
    wicks = _wicks(projection)
    shapes: list[Shape] = []
    for mask, colour, fill in (
        (rising, palette.up, palette.ground),
        (~rising, palette.down, palette.down),
    ):
        chosen = np.flatnonzero(mask)
        shapes.append(Lines(paths=tuple(wicks[i] for i in chosen), colour=colour, width_px=1.1))
        corners = tuple(bodies[i] for i in chosen)
        shapes.append(Polygons(corners=corners, fill=fill, edge=colour, width_px=1.1))
    return shapes


def volume_shapes(projection: Projection, pane: Rect, palette: Palette) -> list[Polygons]:
    """Return one column a bar, the largest as tall as the pane; none where nothing traded."""
    candles = projection.candles
    largest = float(candles.volume.max())
    if largest <= 0:
        return []
    rising: Mask = candles.close >= candles.open
    tops = pane.bottom + candles.volume * (pane.height / largest)
    columns = _boxes(projection, np.full(len(candles), pane.bottom), tops)
    return [
        Polygons(
            corners=tuple(columns[i] for i in np.flatnonzero(mask)),
            fill=faded(colour, alpha),
            edge=faded(colour, 0.75),
            width_px=0.7,
        )
        for mask, colour, alpha in ((rising, palette.up, 0.18), (~rising, palette.down, 0.55))
    ]


def _wicks(projection: Projection) -> Points:
    xs, candles = projection.xs(), projection.candles
    lows = np.column_stack((xs, projection.ys(candles.low)))
    highs = np.column_stack((xs, projection.ys(candles.high)))
    return np.stack((lows, highs), axis=1)


def _boxes(projection: Projection, bottoms: Floats, tops: Floats) -> Points:
    """Return an array of shape (bars, 4, 2): the corners of one upright box a bar."""
    half = min(projection.slot_px * _BODY_SHARE, _WIDEST_BODY_PX) / 2
    lefts, rights = projection.xs() - half, projection.xs() + half
    corners = ((lefts, bottoms), (lefts, tops), (rights, tops), (rights, bottoms))
    return np.stack([np.column_stack(pair) for pair in corners], axis=1)
