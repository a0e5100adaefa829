"""Axes of evidence pictures: few lines, words in the page's colours, results as R."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import SMALL_PX, Frame
from snipersight.domain.wording import MINUS

DAY_MS: Final = 86_400_000
_PX_PER_TICK: Final = 90.0


def plot_axes(
    figure: Figure,
    frame: Frame,
    *,
    left: float,
    bottom: float = 24.0,
    right: float = 10.0,
    top: float = 10.0,
) -> Axes:
    """Return axes that keep these margins to the frame, in pixels."""
    width, height = frame.width_px, frame.height_px
    across, up = (width - left - right) / width, (height - top - bottom) / height
    axes = figure.add_axes((left / width, bottom / height, across, up))
    axes.patch.set_visible(False)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(Ink.MUTED)
    axes.tick_params(length=0, colors=Ink.MUTED, labelsize=SMALL_PX, pad=5)
    return axes


def bare_axes(figure: Figure, frame: Frame) -> Axes:
    """Return axes over the whole frame whose units are pixels, from the top left corner down."""
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, frame.width_px)
    axes.set_ylim(frame.height_px, 0)
    axes.set_axis_off()
    return axes


def grid_lines(axes: Axes, axis: str = "y") -> None:
    """Draw lines at the ticks of `x` or `y`."""
    axes.grid(visible=True, axis="y" if axis == "y" else "x", color=Ink.GRID, linewidth=1.0)


def r_axis(
    axes: Axes, axis: str = "y", *, most: int = 6, is_signed: bool = True, has_first: bool = True
) -> None:
    """Label an axis with results, `+2R`, or with distances, `2R`.

    Args:
        axes: whose axis.
        axis: `x` or `y`.
        most: about how many labels.
        is_signed: whether results above zero carry a plus.
        has_first: whether the lowest is labelled; not where it meets that of the other axis.
    """
    chosen = axes.yaxis if axis == "y" else axes.xaxis
    prune = None if has_first else "lower"
    chosen.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10], prune=prune))
    words = tick_text if is_signed else lambda value: tick_text(value).lstrip("+")
    chosen.set_major_formatter(FuncFormatter(lambda value, _at: words(value)))


def time_axis(axes: Axes, frame: Frame) -> None:
    """Label the x axis, days since 1970 in UTC, with dates."""
    # With fewer, no step fits a stretch of a day and a half to two: matplotlib then warns.
    ticks = max(5, round(frame.width_px / _PX_PER_TICK))
    locator = AutoDateLocator(tz=UTC, minticks=2, maxticks=ticks)  # type: ignore[no-untyped-call]  # matplotlib's

    axes.xaxis.set_major_locator(locator)
    words = ConciseDateFormatter(locator, tz=UTC, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(words)


def zero_line(axes: Axes, axis: str = "y") -> None:
    """Draw where nothing is won and nothing lost."""
    draw = axes.axhline if axis == "y" else axes.axvline
    draw(0.0, color=Ink.MUTED, linewidth=1.0)


def beyond(axes: Axes, pixels: float) -> float:
    """Return the place of the x axis that lies so far to the right of its end."""
    low, high = axes.get_xlim()
    return high + pixels * (high - low) / axes.get_window_extent().width


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    ink: Ink = Ink.TEXT,
    size_px: float = SMALL_PX,
    is_bold: bool = False,
    align: str = "left",
    level: str = "center_baseline",
) -> None:
    """Write a text at a place of the axes' data."""
    axes.text(
        x,
        y,
        text,
        color=ink,
        fontsize=size_px,
        fontweight="bold" if is_bold else "normal",
        horizontalalignment=align,
        verticalalignment=level,
        parse_math=False,  # a $ in a name is a dollar
        clip_on=False,
    )


def tick_text(value: float) -> str:
    """Return a round result in short, with its sign: `+0.25R`, `−1R`, `0R`."""
    text = f"{abs(value):,.3f}".rstrip("0").rstrip(".")
    return f"{_sign(value, text)}{text}R"


def r_text(value: float) -> str:
    """Return a result with its sign: `+0.25R`, `−1.00R`, `0.00R`; from 10R on with one decimal."""
    text = f"{abs(value):,.{1 if abs(value) >= 10 else 2}f}"
    return f"{_sign(value, text)}{text}R"


def _sign(value: float, text: str) -> str:
    if not text.strip("0.,"):
        return ""
    return "+" if value > 0 else MINUS
