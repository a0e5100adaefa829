"""Dots: how far signals went against and for us, and what was modelled against what happened."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from snipersight.charts.evidence.axes import grid_lines, plot_axes, r_axis, write, zero_line
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, new_figure, svg_of
from snipersight.domain.evidence_columns import Numbers

MOST_DOTS: Final = 800
_FURTHEST: Final = 0.995  # share of values that decides how far an axis goes


def evenly(count: int, *, most: int = MOST_DOTS) -> npt.NDArray[np.intp]:
    """Return the places of at most `most` of `count` values, evenly from first to last."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).astype(np.intp))


def excursions_svg(
    against_r: Numbers, in_favour_r: Numbers, net_r: Numbers, frame: Frame, *, alt: str
) -> str:
    """Return a dot a trade: its furthest move against the entry, and for it; losers are filled.

    Args:
        against_r, in_favour_r: MAE and MFE, R, at least 0.
        net_r: results; a column of the same length, at least one.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=44, bottom=42, top=26)
    kept = evenly(len(net_r))
    x, y, has_won = against_r[kept], in_favour_r[kept], net_r[kept] > 0
    right, top = _reach(x), _reach(y)
    x, y = np.minimum(x, right), np.minimum(y, top)
    _dots(axes, x[~has_won], y[~has_won], Ink.DOWN, is_filled=True)
    _dots(axes, x[has_won], y[has_won], Ink.UP, is_filled=False)
    axes.set_xlim(0, right)
    axes.set_ylim(0, top)
    r_axis(axes, "x", is_signed=False)
    r_axis(axes, is_signed=False, has_first=False)
    grid_lines(axes)
    axes.set_xlabel("furthest against the entry", color=Ink.MUTED, fontsize=11)
    lift = 12 * top / axes.get_window_extent().height
    write(axes, 0, top + lift, "furthest for it", ink=Ink.MUTED)
    write(axes, right, top + lift, "○ hit", ink=Ink.UP, align="right")
    left = right * (1 - 46 / axes.get_window_extent().width)
    write(axes, left, top + lift, "● miss", ink=Ink.DOWN, align="right")
    return svg_of(figure, frame, alt=alt)


def agreement_svg(modelled_r: Numbers, actual_r: Numbers, frame: Frame, *, alt: str) -> str:
    """Return a dot a signal with both results; on the line they agree.

    Args:
        modelled_r, actual_r: net results of the same signals, at least one.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=50, bottom=42, top=26)
    kept = evenly(len(modelled_r))
    x, y = modelled_r[kept], actual_r[kept]
    low = min(-1.0, float(x.min()), float(y.min())) - 0.2
    high = max(1.0, float(x.max()), float(y.max())) + 0.2
    axes.plot((low, high), (low, high), color=Ink.MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    _dots(axes, x, y, Ink.ACCENT, is_filled=True)
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    zero_line(axes)
    r_axis(axes, "x")
    r_axis(axes)
    grid_lines(axes)
    axes.set_xlabel("modelled", color=Ink.MUTED, fontsize=11)
    lift = 12 * (high - low) / axes.get_window_extent().height
    write(axes, low, high + lift, "actual", ink=Ink.MUTED)
    return svg_of(figure, frame, alt=alt)


def _reach(values: Numbers) -> float:
    return max(1.1, 1.05 * float(np.quantile(values, _FURTHEST)))


def _dots(axes: Axes, x: Numbers, y: Numbers, ink: Ink, *, is_filled: bool) -> None:
    if len(x):
        axes.plot(
            x,
            y,
            linestyle="none",
            marker="o",
            markersize=4.5,
            markerfacecolor=ink if is_filled else "none",
            markeredgecolor=ink,
            markeredgewidth=0 if is_filled else 1.1,
            alpha=0.55 if is_filled else 0.9,
            clip_on=False,
        )
