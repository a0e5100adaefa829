"""Heat maps: an average result in every cell, with how many it is from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from snipersight.charts.evidence.axes import bare_axes, r_text, write
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import (
    Frame,
    ink_of,
    legible,
    new_figure,
    svg_of,
    text_width,
)

CELL_PX: Final = 46
HEAD_PX: Final = 22
_INSET_PX: Final = 1.5
_STRONG_R: Final = 0.5  # an average that far from zero gets the full colour
_STRIPE_PX: Final = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell.

    Args:
        n: closed signals in it.
        mean: their average, R; None where they are too few to say.
        name: written into its corner; empty where rows and columns say it.
    """

    n: int
    mean: float | None
    name: str = ""


def heat_svg(
    rows: Sequence[tuple[str, Sequence[Cell]]], columns: Sequence[str], frame: Frame, *, alt: str
) -> str:
    """Return cells in rows and columns; those with too few signals are striped and say how many.

    Args:
        rows: name and cells of each, at least one; an empty name takes no room.
        columns: a name for each column; none where cells name themselves.
        frame: `CELL_PX` high for each row and `HEAD_PX` besides where columns have names.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = bare_axes(figure, frame)
    names = [legible(name) for name, _cells in rows]
    left = max((text_width(name) + 10 for name in names if name), default=0.0)
    top = HEAD_PX if columns else 0
    width = (frame.width_px - left) / max(len(cells) for _name, cells in rows)
    for place, column in enumerate(columns):
        middle = left + (place + 0.5) * width
        write(axes, middle, 14, legible(column), ink=Ink.MUTED, align="center", level="baseline")
    for row, (name, (_name, cells)) in enumerate(zip(names, rows, strict=True)):
        edge = top + row * CELL_PX
        write(axes, 0, edge + CELL_PX / 2 + 4, name, level="baseline")
        for place, cell in enumerate(cells):
            _draw_cell(axes, left + place * width, edge, width, cell)
    return svg_of(figure, frame, alt=alt)


def _draw_cell(axes: Axes, x: float, y: float, width: float, cell: Cell) -> None:
    corner = (x + _INSET_PX, y + _INSET_PX)
    size = (width - 2 * _INSET_PX, CELL_PX - 2 * _INSET_PX)
    middle = x + width / 2
    if cell.mean is None:
        _draw_stripes(axes, corner, size)
        said, ink = (f"n {cell.n:,}" if cell.n else "none"), Ink.MUTED
        write(axes, middle, y + CELL_PX / 2 + 4, said, ink=ink, align="center", level="baseline")
    else:
        strength = 0.08 + 0.62 * min(1.0, abs(cell.mean) / _STRONG_R)
        axes.add_patch(Rectangle(corner, *size, color=ink_of(cell.mean), alpha=strength, lw=0))
        lift = 10 if cell.name else 0
        below = y + CELL_PX / 2 - 2 + lift / 2
        write(
            axes, middle, below, r_text(cell.mean), align="center", level="baseline", is_bold=True
        )
        count = f"n {cell.n:,}"
        write(axes, middle, below + 13, count, align="center", level="baseline", size_px=10)
    if cell.name:
        write(axes, x + 6, y + 13, cell.name, ink=Ink.TEXT, level="baseline", size_px=10)


def _draw_stripes(axes: Axes, corner: tuple[float, float], size: tuple[float, float]) -> None:
    box = Rectangle(corner, *size, facecolor="none", edgecolor=Ink.GRID, linewidth=1.0)
    axes.add_patch(box)
    xs: list[float] = []
    ys: list[float] = []
    for step in range(1, int((size[0] + size[1]) / _STRIPE_PX) + 1):
        along = step * _STRIPE_PX
        start, end = min(along, size[0]), min(along, size[1])
        xs += (corner[0] + start, corner[0] + along - end, math.nan)
        ys += (corner[1] + along - start, corner[1] + end, math.nan)
    axes.plot(xs, ys, color=Ink.GRID, linewidth=1.0)  # one line with gaps: many are slow
