"""Bars: how results are spread, where candidates ended, and what costs take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from snipersight.charts.evidence.axes import (
    bare_axes,
    grid_lines,
    plot_axes,
    r_axis,
    r_text,
    write,
    zero_line,
)
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import (
    FONT_PX,
    Frame,
    ink_of,
    legible,
    new_figure,
    svg_of,
    text_width,
)
from snipersight.domain.statistics import RDistribution

ROW_PX: Final = 26
_BAR_PX: Final = 14.0
_GAP_PX: Final = 8.0
_NAME_GAP_PX: Final = 4.0
_INDENT_PX: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One bar of a list.

    Args:
        name: what it counts.
        count: its length.
        words: written behind it.
        is_good: drawn in the winning colour.
        is_inner: a part of the bar above; its name is moved in.
    """

    name: str
    count: int
    words: str
    is_good: bool = False
    is_inner: bool = False


def distribution_svg(spread: RDistribution, frame: Frame, *, alt: str) -> str:
    """Return a histogram of results; what lost is filled, what won is outlined and filled lightly.

    Args:
        spread: with at least one value.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=44, right=18, top=34)
    edges = np.asarray(spread.edges)
    for left, right, count in zip(edges[:-1], edges[1:], spread.counts, strict=True):
        ink = ink_of((left + right) / 2)
        alpha = 0.85 if ink is Ink.DOWN else 0.3
        width = right - left
        axes.bar(left, count, width=width, align="edge", color=ink, alpha=alpha, linewidth=0)
        axes.bar(
            left, count, width=width, align="edge", facecolor="none", edgecolor=ink, linewidth=1.0
        )
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, prune="lower"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: f"{value:,.0f}"))
    axes.set_xlim(float(edges[0]), float(edges[-1]))
    r_axis(axes, "x", most=6 if frame.is_narrow else 10)
    grid_lines(axes)
    zero_line(axes, "x")
    _mark_middle(axes, spread)
    return svg_of(figure, frame, alt=alt)


def _mark_middle(axes: Axes, spread: RDistribution) -> None:
    """Name average and median above the bars, each at its line, so that neither crosses a name."""
    if spread.mean is None or spread.median is None:
        return
    low, high = axes.get_xlim()
    is_left = (spread.mean + spread.median) / 2 < (low + high) / 2
    marks = sorted([(spread.mean, "average", "-"), (spread.median, "median", ":")])
    outer, inner = marks if is_left else reversed(marks)
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top)
    per_px = top / axes.get_window_extent().height
    for (value, name, style), lift in ((outer, 24.0), (inner, 10.0)):
        end = top + lift * per_px
        axes.plot((value, value), (0, end), color=Ink.TEXT, lw=1.4, linestyle=style, clip_on=False)
        beside = _NAME_GAP_PX * (high - low) / axes.get_window_extent().width
        place = value + beside if is_left else value - beside
        text, side = f"{name} {r_text(value)}", "left" if is_left else "right"
        write(axes, place, end - 2 * per_px, text, align=side)


def shares_svg(shares: Sequence[Share], frame: Frame, *, alt: str) -> str:
    """Return one bar a row with its name before it and its words behind it.

    Args:
        shares: at least one; drawn from the top down.
        frame: `ROW_PX` high for each row.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = bare_axes(figure, frame)
    names = [legible(share.name) for share in shares]
    indents = [_INDENT_PX * share.is_inner for share in shares]
    left = max(map(sum, zip(map(text_width, names), indents, strict=True))) + _GAP_PX
    right = max(text_width(share.words) for share in shares) + _GAP_PX
    room = max(40.0, frame.width_px - left - right)
    most = max(1, *(share.count for share in shares))
    for row, (name, indent, share) in enumerate(zip(names, indents, shares, strict=True)):
        middle = (row + 0.5) * ROW_PX
        length = 0.0 if share.count == 0 else max(1.5, room * share.count / most)
        ink = Ink.UP if share.is_good else Ink.MUTED if share.is_inner else Ink.ACCENT
        alpha = 0.55 if share.is_inner else 0.9
        axes.barh(middle, length, height=_BAR_PX, left=left, color=ink, alpha=alpha, linewidth=0)
        name_ink = Ink.MUTED if share.is_inner else Ink.TEXT
        write(axes, indent, middle + 4, name, size_px=FONT_PX, ink=name_ink, level="baseline")
        write(axes, left + length + 6, middle + 4, share.words, ink=Ink.MUTED, level="baseline")
    return svg_of(figure, frame, alt=alt)


def costs_svg(steps: Sequence[tuple[str, float]], frame: Frame, *, alt: str) -> str:
    """Return how an average result gets from before its costs to after them.

    Args:
        steps: name and R; the first is the result before costs, each after it is added to it, and
            what they come to is drawn as `net`.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=50, top=20)
    bars = _waterfall(steps)
    for place, (_name, start, end, ink) in enumerate(bars):
        is_total = place in (0, len(bars) - 1)
        axes.bar(
            place, end - start, bottom=start, width=0.56, color=ink, alpha=1.0 if is_total else 0.55
        )
    for place, (_name, _start, end, _ink) in enumerate(bars[:-1]):
        axes.plot((place + 0.28, place + 0.72), (end, end), color=Ink.MUTED, linewidth=1.0)
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    for place, (_name, start, end, _ink) in enumerate(bars):
        is_total = place in (0, len(bars) - 1)
        is_above = max(start, end) > 0
        write(
            axes,
            place,
            max(start, end) if is_above else min(start, end),
            r_text(end - start),
            align="center",
            level="bottom" if is_above else "top",
            is_bold=is_total,
        )
    axes.set_xticks(range(len(bars)), [name for name, *_rest in bars], color=Ink.TEXT)
    r_axis(axes, most=4)
    zero_line(axes)
    grid_lines(axes)
    return svg_of(figure, frame, alt=alt)


def _waterfall(steps: Sequence[tuple[str, float]]) -> list[tuple[str, float, float, Ink]]:
    """Return name, start, end and colour of each bar, the total last."""
    bars, level = [], 0.0
    for place, (name, value) in enumerate(steps):
        ink = Ink.ACCENT if place == 0 else ink_of(value)
        bars.append((name, level, level + value, ink))
        level += value
    return [*bars, ("net", 0.0, level, ink_of(level))]
