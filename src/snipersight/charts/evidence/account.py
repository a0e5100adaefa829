"""An account over time beside what holding would have been, and how far it fell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from snipersight.charts.evidence.axes import (
    DAY_MS,
    beyond,
    grid_lines,
    plot_axes,
    time_axis,
    write,
    zero_line,
)
from snipersight.charts.evidence.equity import apart, thinned
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, legible, new_figure, svg_of, text_width
from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.domain.wording import signed_percent

_GAP_PX: Final = 6.0
_LEFT_PX: Final = 52.0
_LABEL_GAP_PX: Final = 15.0
_DRAWDOWN_PX: Final = 70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What something grew by, day by day.

    Args:
        name: written at its end.
        growth: by what fraction since the beginning, a value a day.
    """

    name: str
    growth: Numbers


def account_svg(
    days_ms: Integers, account: Growth, held: Growth | None, frame: Frame, *, alt: str
) -> str:
    """Return the growth of an account over time with its drawdown below.

    Args:
        days_ms: end of each day, milliseconds UTC, at least one.
        account: drawn thick; as many values as days.
        held: of buying and holding, drawn thin; None: not drawn.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    lines = [(account, Ink.ACCENT), *([] if held is None else [(held, Ink.MUTED)])]
    labels = [f"{legible(one.name)} {_end(one)}" for one, _ink in lines]
    right = max(text_width(label) for label in labels) + 14
    upper = plot_axes(figure, frame, left=_LEFT_PX, bottom=_DRAWDOWN_PX + 40, right=right, top=12)
    lower = plot_axes(
        figure, frame, left=_LEFT_PX, right=right, top=frame.height_px - _DRAWDOWN_PX - 24
    )
    lower.sharex(upper)
    days = np.asarray(days_ms / DAY_MS)
    for axes in (upper, lower):
        axes.margins(x=0.0)
    for one, ink in reversed(lines):
        _draw(upper, days, one.growth, ink)
    _draw_drawdown(lower, days, account.growth)
    _percents(upper, 6)
    _percents(lower, 2)
    _label(upper, lines, labels)
    for axes in (upper, lower):
        zero_line(axes)
        grid_lines(axes)
    upper.tick_params(labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    time_axis(lower, frame)
    return svg_of(figure, frame, alt=alt)


def fallen(growth: Numbers) -> Numbers:
    """Return how far an account is below the highest it has been, a fraction, never above 0."""
    marks = 1.0 + np.concatenate(([0.0], growth))
    return np.asarray((marks / np.maximum.accumulate(marks) - 1.0)[1:])


def _end(one: Growth) -> str:
    return signed_percent(float(one.growth[-1]))


def _draw(axes: Axes, days: Numbers, growth: Numbers, ink: Ink) -> None:
    kept = thinned(len(growth), growth)
    is_main = ink is Ink.ACCENT
    axes.plot(days[kept], growth[kept], color=ink, linewidth=2.0 if is_main else 1.2)


def _draw_drawdown(axes: Axes, days: Numbers, growth: Numbers) -> None:
    depth = fallen(growth)
    kept = thinned(len(depth), depth)
    axes.fill_between(days[kept], depth[kept], 0.0, color=Ink.DOWN, alpha=0.35, linewidth=0)
    axes.plot(days[kept], depth[kept], color=Ink.DOWN, linewidth=1.0)
    worst = float(depth.min())
    axes.set_ylim(min(worst * 1.15, -0.01), 0.0)
    text = f"drawdown\n{signed_percent(worst)}"
    write(axes, beyond(axes, _GAP_PX), min(worst, -0.01) / 2, text, ink=Ink.DOWN)


def _percents(axes: Axes, most: int) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(nbins=most, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _at: percent_tick(value)))


def percent_tick(fraction: float) -> str:
    """Return a round percentage in short, with its sign: `+20 %`, `−2.5 %`, `0 %`."""
    text = f"{abs(fraction) * 100:,.1f}".removesuffix(".0")
    if text == "0":
        return "0 %"
    return f"{'+' if fraction > 0 else '−'}{text} %"


def _label(axes: Axes, lines: list[tuple[Growth, Ink]], labels: list[str]) -> None:
    low, high = axes.get_ylim()
    height_px = axes.get_window_extent().height
    per_px = (high - low) / height_px
    ends = [(float(one.growth[-1]) - low) / per_px for one, _ink in lines]
    places = apart(ends, gap=_LABEL_GAP_PX, most=height_px)
    edge = beyond(axes, _GAP_PX)
    for (_one, ink), label, place in zip(lines, labels, places, strict=True):
        write(axes, edge, low + place * per_px, label, ink=ink, is_bold=ink is Ink.ACCENT)
