"""A run among those of random entries, and what other costs would have left of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from snipersight.charts.evidence.account import percent_tick
from snipersight.charts.evidence.axes import grid_lines, plot_axes, r_axis, r_text, write, zero_line
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, new_figure, svg_of
from snipersight.domain.evidence_columns import Numbers
from snipersight.domain.wording import signed_percent

_MOST_BINS: Final = 40


def among_random_svg(runs: Numbers, measured: float, frame: Frame, *, alt: str) -> str:
    """Return a histogram of runs with random entries and where the run itself stands.

    Args:
        runs: their figures, R, at least one.
        measured: that of the run, R.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=44, right=18, top=34)
    bins = max(5, min(_MOST_BINS, round(2 * len(runs) ** 0.5)))
    counts, edges = np.histogram(runs, bins=bins)
    is_reached = edges[:-1] >= measured
    for mask, ink, alpha in ((~is_reached, Ink.MUTED, 0.45), (is_reached, Ink.DOWN, 0.85)):
        widths = np.diff(edges)[mask]
        axes.bar(edges[:-1][mask], counts[mask], widths, align="edge", color=ink, alpha=alpha)
    low, high = min(float(edges[0]), measured, 0.0), max(float(edges[-1]), measured, 0.0)
    room = 0.06 * (high - low)
    axes.set_xlim(low - room, high + room)
    top = axes.get_ylim()[1]
    axes.set_ylim(0, top)
    lift = top * (1 + 14 / axes.get_window_extent().height)
    axes.plot((measured, measured), (0, lift), color=Ink.ACCENT, linewidth=2.4, clip_on=False)
    is_left = measured < (low + high) / 2
    beside = 5 * (high - low + 2 * room) / axes.get_window_extent().width
    place = measured + beside if is_left else measured - beside
    side = "left" if is_left else "right"
    text = f"this run {r_text(measured)}"
    write(axes, place, lift, text, ink=Ink.ACCENT, is_bold=True, align=side)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, prune="lower"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: f"{value:,.0f}"))
    r_axis(axes, "x", most=5 if frame.is_narrow else 8)
    grid_lines(axes)
    zero_line(axes, "x")
    return svg_of(figure, frame, alt=alt)


def dearer_svg(
    curve: Sequence[tuple[float, float]],
    paid_bp: float,
    break_even_bp: float,
    frame: Frame,
    *,
    alt: str,
) -> str:
    """Return what a run would have brought at other costs, and where nothing is left.

    Args:
        curve: costs in basis points of what was traded, and result, a fraction; at least two points.
        paid_bp: costs of the run.
        break_even_bp: costs at which the result is zero; drawn where it lies within the curve.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=56, right=22, bottom=42, top=22)
    costs, results = (np.asarray(side) for side in zip(*curve, strict=True))
    furthest = max(float(costs[-1]), 1.1 * break_even_bp)
    axes.plot(costs, results, color=Ink.ACCENT, linewidth=2.0)
    axes.plot(costs, results, "o", color=Ink.ACCENT, markersize=4)
    axes.set_xlim(0, furthest)
    now = float(np.interp(paid_bp, costs, results))
    axes.plot((paid_bp,), (now,), "o", color=Ink.TEXT, markersize=8, zorder=3)
    per_px = np.diff(axes.get_ylim())[0] / axes.get_window_extent().height
    write(
        axes,
        paid_bp,
        now + 14 * per_px,
        f"paid {paid_bp:.1f} bp: {signed_percent(now)}",
        is_bold=True,
    )
    if break_even_bp > 0:
        axes.plot(
            (break_even_bp,), (0.0,), "o", color=Ink.DOWN, markersize=8, zorder=3, clip_on=False
        )
        text = f"nothing left at {break_even_bp:.1f} bp"
        write(axes, break_even_bp, -16 * per_px, text, ink=Ink.DOWN, align="right")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4 if frame.is_narrow else 7))
    axes.set_xlabel("costs, basis points of what was traded", color=Ink.MUTED, fontsize=11)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: percent_tick(value)))
    zero_line(axes)
    grid_lines(axes)
    return svg_of(figure, frame, alt=alt)
