"""What signals have brought one after the other, in R, and how far below its best it stood."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from snipersight.charts.evidence.axes import (
    DAY_MS,
    beyond,
    grid_lines,
    plot_axes,
    r_axis,
    r_text,
    time_axis,
    write,
    zero_line,
)
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, legible, new_figure, svg_of, text_width
from snipersight.domain.evidence_columns import Integers, Numbers

_LABEL_GAP_PX: Final = 15.0
_GAP_PX: Final = 6.0
_LEFT_PX: Final = 56.0  # of `−1,000R`
_MOST_POINTS: Final = 400
_DRAWDOWN_PX: Final = 66.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityLine:
    """Results added up in the order of their end.

    Args:
        name: written at its end.
        ink: its colour.
        ended_ms: when each trade closed, never falling, UTC.
        total_r: what all up to it brought together, R.
        is_main: the drawdown below is this line's, and it is drawn thicker.
    """

    name: str
    ink: Ink
    ended_ms: Integers
    total_r: Numbers
    is_main: bool = False


def equity_svg(lines: Sequence[EquityLine], frame: Frame, *, alt: str) -> str:
    """Return the lines over time with the drawdown of the main one below.

    Args:
        lines: at least one, each with at least one trade; exactly one is the main one.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    labels = [f"{legible(line.name)} {r_text(float(line.total_r[-1]))}" for line in lines]
    right = max(text_width(label) for label in labels) + 14
    upper = plot_axes(figure, frame, left=_LEFT_PX, bottom=_DRAWDOWN_PX + 40, right=right, top=12)
    lower = plot_axes(
        figure, frame, left=_LEFT_PX, right=right, top=frame.height_px - _DRAWDOWN_PX - 24
    )
    lower.sharex(upper)
    for axes in (upper, lower):
        axes.margins(x=0.0)  # else the names at the ends of the lines are not where they end
    ends = [_draw(upper, line) for line in lines]
    _label(upper, lines, labels, ends)
    _draw_drawdown(lower, next(line for line in lines if line.is_main))
    for axes in (upper, lower):
        zero_line(axes)
        grid_lines(axes)
    r_axis(upper)
    r_axis(lower, most=2)
    upper.tick_params(labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    time_axis(lower, frame)
    return svg_of(figure, frame, alt=alt)


def drawdown(total_r: Numbers) -> Numbers:
    """Return how far a sum stands below the best it has been, R, never above 0.

    It begins with nothing won, so that a first loss is one.
    """
    best = np.maximum.accumulate(np.concatenate(([0.0], total_r)))[1:]
    return np.minimum(total_r - best, 0.0)


def thinned(count: int, values: Numbers, *, most: int = _MOST_POINTS) -> npt.NDArray[np.intp]:
    """Return the places of at most about `most` values that keep every peak and trough.

    Args:
        count: how many values there are.
        values: of them the lowest and highest of each stretch stay, and the first and last of all.
        most: from there on they are thinned.
    """
    if count <= most:
        return np.arange(count)
    edges = np.linspace(0, count, most // 2 + 1).astype(np.intp)
    kept = [0, count - 1]
    for start, end in itertools.pairwise(edges):
        stretch = values[start:end]
        kept += [start + int(np.argmin(stretch)), start + int(np.argmax(stretch))]
    return np.unique(np.asarray(kept, dtype=np.intp))


def _draw(axes: Axes, line: EquityLine) -> float:
    kept = thinned(len(line.total_r), line.total_r)
    days = line.ended_ms[kept] / DAY_MS
    axes.step(
        np.concatenate((days[:1], days)),
        np.concatenate(([0.0], line.total_r[kept])),
        where="post",
        color=line.ink,
        linewidth=2.0 if line.is_main else 1.3,
        solid_joinstyle="round",
        zorder=3 if line.is_main else 2,
    )
    return float(line.total_r[-1])


def _label(
    axes: Axes, lines: Sequence[EquityLine], labels: Sequence[str], ends: Sequence[float]
) -> None:
    """Write each line's name at its end, moved apart where they would touch."""
    low, high = axes.get_ylim()
    if high - low < 1e-9:
        low, high = low - 1, high + 1
        axes.set_ylim(low, high)
    height_px = axes.get_window_extent().height
    per_px = (high - low) / height_px
    at = apart([(end - low) / per_px for end in ends], gap=_LABEL_GAP_PX, most=height_px)
    edge = beyond(axes, _GAP_PX)
    for line, label, place in zip(lines, labels, at, strict=True):
        write(axes, edge, low + place * per_px, label, ink=line.ink, is_bold=line.is_main)


def apart(wanted: Sequence[float], *, gap: float, most: float) -> list[float]:
    """Return heights near the wanted ones, at least `gap` apart and at most `most`."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    floor = float("-inf")
    for index in order:
        placed[index] = max(wanted[index], floor)
        floor = placed[index] + gap
    ceiling = most
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed


def _draw_drawdown(axes: Axes, line: EquityLine) -> None:
    depth = drawdown(line.total_r)
    kept = thinned(len(depth), depth)
    days = line.ended_ms[kept] / DAY_MS
    axes.fill_between(days, depth[kept], 0.0, step="post", color=Ink.DOWN, alpha=0.35, linewidth=0)
    axes.step(days, depth[kept], where="post", color=Ink.DOWN, linewidth=1.0)
    worst = float(depth.min())
    axes.set_ylim(min(worst * 1.15, -0.5), 0.0)
    write(axes, beyond(axes, _GAP_PX), worst / 2, f"drawdown\n{r_text(worst)}", ink=Ink.DOWN)
