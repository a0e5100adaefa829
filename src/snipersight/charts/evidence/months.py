"""What every month brought: years down, months across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from snipersight.charts.evidence.axes import bare_axes, write
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, ink_of, new_figure, svg_of
from snipersight.domain.wording import MINUS

ROW_PX: Final = 34
HEAD_PX: Final = 22
_LEFT_PX: Final = 40.0
_GAP_PX: Final = 10.0  # between two halves of the years
_INSET_PX: Final = 1.5
_STRONG: Final = 0.08  # a month that far from zero gets the full colour
_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_WHOLE: Final = "year"


def months_svg(
    months: Mapping[tuple[int, int], float],
    years: Mapping[int, float],
    frame: Frame,
    *,
    alt: str,
) -> str:
    """Return a cell a month with its return in percent, and one for the year at the end.

    A month that is not there is left empty.

    Args:
        months: return by year and month, fractions.
        years: return by year, fractions; at least one.
        frame: `ROW_PX` high for each year and `HEAD_PX` besides; a narrow one has half a year a
            row, and is twice as high.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = bare_axes(figure, frame)
    halves = ((1, 6), (7, 12)) if frame.is_narrow else ((1, 12),)
    columns = halves[0][1] + 1
    width = (frame.width_px - _LEFT_PX) / columns
    top = 0.0
    for place, (first, last) in enumerate(halves):
        _head(axes, top, width, [*_MONTHS[first - 1 : last], _WHOLE if last == 12 else ""])
        top += HEAD_PX
        for year in sorted(years):
            write(axes, 0, top + ROW_PX / 2 + 4, str(year), level="baseline")
            for month in range(first, last + 1):
                x = _LEFT_PX + (month - first) * width
                _cell(axes, x, top, width, months.get((year, month)))
            if place == len(halves) - 1:
                x = _LEFT_PX + (columns - 1) * width
                _cell(axes, x, top, width, years[year], is_bold=True)
            top += ROW_PX
        top += _GAP_PX
    return svg_of(figure, frame, alt=alt)


def height_px(years: int, *, is_narrow: bool) -> int:
    """Return how high the picture of some years is."""
    half = HEAD_PX + ROW_PX * years
    return 2 * half + round(_GAP_PX) if is_narrow else half


def _head(axes: Axes, top: float, width: float, names: Sequence[str]) -> None:
    for place, name in enumerate(names):
        middle = _LEFT_PX + (place + 0.5) * width
        write(axes, middle, top + 14, name, ink=Ink.MUTED, align="center", level="baseline")


def _cell(
    axes: Axes, x: float, y: float, width: float, value: float | None, *, is_bold: bool = False
) -> None:
    corner = (x + _INSET_PX, y + _INSET_PX)
    size = (width - 2 * _INSET_PX, ROW_PX - 2 * _INSET_PX)
    if value is None:
        axes.add_patch(Rectangle(corner, *size, facecolor="none", edgecolor=Ink.GRID, lw=1.0))
        return
    strength = 0.08 + 0.62 * min(1.0, abs(value) / _STRONG)
    axes.add_patch(Rectangle(corner, *size, color=ink_of(value), alpha=strength, lw=0))
    place = (x + width / 2, y + ROW_PX / 2 + 4)
    text = _percent_text(value)
    write(axes, *place, text, align="center", level="baseline", is_bold=is_bold)


def _percent_text(value: float) -> str:
    text = f"{abs(value) * 100:.1f}"
    sign = "" if text == "0.0" else "+" if value > 0 else MINUS
    return f"{sign}{text}"
