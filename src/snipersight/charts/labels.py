"""Texts inside the pane: each on a small plate, where it hides the fewest candles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.charts.canvas import Rect
from snipersight.charts.shapes import Anchor, Board, Label, Polygons, Role, Ruler, Shape, pill
from snipersight.charts.theme import Palette, faded
from snipersight.charts.viewport import Projection

_PAD_PX: Final = 3.0
_LINE_SHARE: Final = 1.35  # height of a text's plate, of its font size
_PLATE_ALPHA: Final = 0.82


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A text that wants a place.

    Args:
        text, colour, size_px, role, bold: what is written and how.
        spots: middles of its possible places, the best first.
    """

    text: str
    colour: str
    role: Role
    spots: tuple[tuple[float, float], ...]
    size_px: float = 11.0
    bold: bool = False


@dataclass(slots=True, kw_only=True)
class Captioner:
    """Finds places for captions in the order they come; the important ones come first."""

    board: Board
    ruler: Ruler
    palette: Palette
    projection: Projection

    def width(self, text: str, size_px: float = 11.0, *, bold: bool = False) -> float:
        """Return the width of a caption with its padding."""
        return self.ruler.width(text, size_px=size_px, bold=bold) + 2 * _PAD_PX

    def write(self, caption: Caption) -> list[Shape]:
        """Return the caption on its plate, or nothing if all its places are taken."""
        width = self.width(caption.text, caption.size_px, bold=caption.bold)
        height = caption.size_px * _LINE_SHARE
        rects = [_around(spot, width, height) for spot in caption.spots]
        rect = self.board.place(sorted(rects, key=self._hidden_bars))
        if rect is None:
            return []
        plate = Polygons(corners=(pill(rect, 3.0),), fill=faded(self.palette.ground, _PLATE_ALPHA))
        label = Label(
            text=caption.text,
            x=(rect.left + rect.right) / 2,
            y=rect.middle,
            size_px=caption.size_px,
            colour=caption.colour,
            role=caption.role,
            anchor=Anchor.MIDDLE,
            bold=caption.bold,
        )
        return [plate, label]

    def write_all(self, captions: Iterable[Caption]) -> list[Shape]:
        """Return every caption that found a place."""
        return [shape for caption in captions for shape in self.write(caption)]

    def _hidden_bars(self, rect: Rect) -> int:
        projection = self.projection
        xs, candles = projection.xs(), projection.candles
        across = (xs >= rect.left) & (xs <= rect.right)
        lows, highs = projection.ys(candles.low), projection.ys(candles.high)
        return int(np.count_nonzero(across & (lows < rect.top) & (highs > rect.bottom)))


def _around(spot: tuple[float, float], width: float, height: float) -> Rect:
    x, y = spot
    return Rect(left=x - width / 2, bottom=y - height / 2, right=x + width / 2, top=y + height / 2)
