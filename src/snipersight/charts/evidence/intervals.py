"""Estimates with their uncertainty: averages of groups side by side, and hit rates by score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from snipersight.charts.evidence.axes import (
    beyond,
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
from snipersight.domain.statistics import Calibration, CalibrationVerdict

ROW_PX: Final = 30
FRAME_PX: Final = 40  # of axis and margins, besides the rows
_GAP_PX: Final = 12.0
# A line that only rises because it was fitted to rise would promise what the score does not keep.
_MEANS_SOMETHING: Final = (CalibrationVerdict.INFORMATIVE, CalibrationVerdict.CALIBRATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An average and the interval it lies in.

    Args:
        name: of the group.
        words: what stands behind it, such as how many signals it is from.
        mean, low, high: R; all None where there is too little, and only the words are shown.
    """

    name: str
    words: str
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def estimates_svg(estimates: Sequence[Estimate], frame: Frame, *, alt: str) -> str:
    """Return one row a group: its average as a dot, its interval as a line.

    Args:
        estimates: at least one, drawn from the top down.
        frame: `ROW_PX` high for each row and `FRAME_PX` besides.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    names = [legible(one.name) for one in estimates]
    left = max(text_width(name) for name in names) + _GAP_PX
    right = max(text_width(one.words) for one in estimates) + _GAP_PX
    axes = plot_axes(figure, frame, left=left, right=right, top=8)
    axes.set_ylim(len(estimates) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlim(*_limits(estimates))
    for row, (name, one) in enumerate(zip(names, estimates, strict=True)):
        _draw_row(axes, row, name, one)
    zero_line(axes, "x")
    r_axis(axes, "x", most=4 if frame.is_narrow else 7)
    grid_lines(axes, "x")
    return svg_of(figure, frame, alt=alt)


def _limits(estimates: Sequence[Estimate]) -> tuple[float, float]:
    ends = [end for one in estimates for end in (one.low, one.high, one.mean) if end is not None]
    low, high = min((0.0, *ends)), max((0.0, *ends))
    if high - low < 0.2:
        low, high = low - 0.1, high + 0.1
    room = 0.08 * (high - low)
    return low - room, high + room


def _draw_row(axes: Axes, row: int, name: str, one: Estimate) -> None:
    low, high = axes.get_xlim()
    per_px = (high - low) / axes.get_window_extent().width
    write(axes, low - _GAP_PX * per_px, row, name, align="right", size_px=FONT_PX)
    write(axes, beyond(axes, _GAP_PX), row, one.words, ink=Ink.MUTED)
    if one.mean is None or one.low is None or one.high is None:
        return
    ink = ink_of(one.low) if one.low > 0 else ink_of(one.high) if one.high < 0 else Ink.ACCENT
    axes.plot((one.low, one.high), (row, row), color=ink, linewidth=3, alpha=0.6)
    axes.plot((one.mean,), (row,), marker="o", markersize=8, color=ink, linestyle="none")
    write(axes, one.mean, row - 0.32, r_text(one.mean), align="center", is_bold=True)


def reliability_svg(calibration: Calibration, frame: Frame, *, alt: str) -> str:
    """Return how often signals of neighbouring scores hit, with intervals and counts.

    The fitted rate is drawn only where higher scores demonstrably hit more often.

    Args:
        calibration: with at least one bin.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    axes = plot_axes(figure, frame, left=44, right=52, bottom=42, top=14)
    bins = calibration.bins
    scores = [score for one in bins for score in (one.low, one.high)]
    margin = max(1.0, 0.05 * (max(scores) - min(scores)))
    axes.set_xlim(min(scores) - margin, max(scores) + margin)
    axes.set_ylim(0.0, min(1.0, 1.15 * max(one.rate_high for one in bins)))
    _draw_base(axes, calibration)
    if calibration.curve and calibration.verdict in _MEANS_SOMETHING:
        along, rates = zip(*calibration.curve, strict=True)
        axes.plot(along, rates, color=Ink.SECOND, linewidth=1.6, zorder=2)
    for one in bins:
        axes.plot((one.low, one.high), (one.rate, one.rate), color=Ink.ACCENT, alpha=0.5)
        middle = (one.mean_score, one.mean_score)
        axes.plot(middle, (one.rate_low, one.rate_high), color=Ink.ACCENT, linewidth=2.5, alpha=0.6)
        axes.plot(middle[:1], (one.rate,), "o", color=Ink.ACCENT, markersize=7, zorder=3)
        above = one.rate_high + 0.02 * axes.get_ylim()[1]
        write(
            axes, one.mean_score, above, str(one.n), ink=Ink.MUTED, align="center", level="bottom"
        )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: f"{value:.0%}"))
    axes.set_xlabel("score; above each dot its closed signals", color=Ink.MUTED, fontsize=11)
    grid_lines(axes)
    return svg_of(figure, frame, alt=alt)


def _draw_base(axes: Axes, calibration: Calibration) -> None:
    base = calibration.hits / calibration.n
    axes.axhline(base, color=Ink.MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    write(axes, beyond(axes, 6), base, f"all {base:.0%}", ink=Ink.MUTED)
