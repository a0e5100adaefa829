"""One trade on its candles: zone, stop, targets, what was entered and what was closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Rectangle

from snipersight.charts.evidence.axes import DAY_MS, beyond, grid_lines, plot_axes, time_axis, write
from snipersight.charts.evidence.equity import apart
from snipersight.charts.evidence.ink import Ink
from snipersight.charts.evidence.svg import Frame, new_figure, svg_of, text_width
from snipersight.domain.candles import Candles
from snipersight.domain.evidence_columns import Integers, Numbers

_MOST_WIDE, _MOST_NARROW = 110, 64
_LABEL_GAP_PX: Final = 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Something that was bought or sold.

    Args:
        at_ms: close of the bar it happened in, milliseconds UTC.
        price: average price.
        is_entry: whether it opened the position, or closed of it.
    """

    at_ms: int
    price: float
    is_entry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTrade:
    """A trade as it is drawn.

    Args:
        is_long: its side.
        decided_ms, ended_ms: from the decision to the end, milliseconds UTC.
        near, far: edges of the entry zone.
        stops: moment and price of each place the stop was moved to, the plan's first.
        targets: prices, nearest first.
        deals: in the order of time.
    """

    is_long: bool
    decided_ms: int
    ended_ms: int
    near: float
    far: float
    stops: tuple[tuple[int, float], ...]
    targets: tuple[float, ...]
    deals: tuple[Deal, ...]


def trade_svg(candles: Candles, trade: DrawnTrade, frame: Frame, *, alt: str) -> str:
    """Return a trade on its candles; where they are too many for the picture, several as one.

    Args:
        candles: at least one, some before the decision and after the end.
        trade: what is drawn on them.
        frame: size of the picture.
        alt: what it shows, in words.
    """
    figure = new_figure(frame)
    labels = _labels(trade)
    left = max(text_width(_price(price)) for price in _prices(trade)) + 14
    right = max(text_width(name) for name, _price, _ink in labels) + 12
    axes = plot_axes(figure, frame, left=left, right=right, top=10)
    bars = _grouped(candles, _MOST_NARROW if frame.is_narrow else _MOST_WIDE)
    _limits(axes, bars, trade)
    _zone(axes, trade)
    _draw_bars(axes, bars)
    _levels(axes, trade)
    _deals(axes, trade)
    _name_levels(axes, labels)
    axes.yaxis.set_major_formatter(lambda value, _at: _price(value))
    axes.locator_params(axis="y", nbins=5)
    time_axis(axes, frame)
    grid_lines(axes)
    return svg_of(figure, frame, alt=alt)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bars:
    """Bars to draw; times are the days of their middles."""

    middle: Numbers
    width: float
    opens: Numbers
    highs: Numbers
    lows: Numbers
    closes: Numbers


def _grouped(candles: Candles, most: int) -> _Bars:
    """Return bars, so many of them as one that at most `most` are drawn."""
    size = -(-len(candles) // most)
    firsts = np.arange(0, len(candles), size)
    lasts = np.minimum(firsts + size, len(candles)) - 1
    starts: Integers = candles.open_time[firsts]
    length = candles.timeframe.duration_ms * size
    return _Bars(
        middle=(starts + length / 2) / DAY_MS,
        width=length / DAY_MS,
        opens=candles.open[firsts],
        highs=np.maximum.reduceat(candles.high, firsts),
        lows=np.minimum.reduceat(candles.low, firsts),
        closes=candles.close[lasts],
    )


def _limits(axes: Axes, bars: _Bars, trade: DrawnTrade) -> None:
    low = min(float(bars.lows.min()), *_prices(trade))
    high = max(float(bars.highs.max()), *_prices(trade))
    room = 0.04 * (high - low)
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(bars.middle[0] - bars.width, bars.middle[-1] + bars.width)


def _prices(trade: DrawnTrade) -> tuple[float, ...]:
    return (trade.near, trade.far, *(price for _at, price in trade.stops), *trade.targets)


def _zone(axes: Axes, trade: DrawnTrade) -> None:
    start, end = trade.decided_ms / DAY_MS, trade.ended_ms / DAY_MS
    low, high = sorted((trade.near, trade.far))
    corner, size = (start, low), (end - start, high - low)
    axes.add_patch(Rectangle(corner, *size, color=Ink.ACCENT, alpha=0.18, lw=0))


def _draw_bars(axes: Axes, bars: _Bars) -> None:
    is_up = bars.closes >= bars.opens
    half = 0.34 * bars.width
    for mask, ink in ((is_up, Ink.UP), (~is_up, Ink.DOWN)):
        x, low, high = bars.middle[mask], bars.lows[mask], bars.highs[mask]
        below = np.minimum(bars.opens, bars.closes)[mask]
        above = np.maximum(bars.opens, bars.closes)[mask]
        wicks = np.stack((np.column_stack((x, low)), np.column_stack((x, high))), axis=1)
        corners = ((x - half, below), (x + half, below), (x + half, above), (x - half, above))
        bodies = np.stack([np.column_stack(corner) for corner in corners], axis=1)
        axes.add_collection(LineCollection(list(wicks), colors=ink, linewidths=0.9))
        axes.add_collection(
            PolyCollection(list(bodies), facecolors=ink, edgecolors=ink, linewidths=0.9)
        )


def _levels(axes: Axes, trade: DrawnTrade) -> None:
    start, end = trade.decided_ms / DAY_MS, trade.ended_ms / DAY_MS
    for price in trade.targets:
        axes.plot((start, end), (price, price), color=Ink.UP, linewidth=1.2, linestyle=(0, (4, 3)))
    times = [moment / DAY_MS for moment, _price in trade.stops]
    prices = [price for _moment, price in trade.stops]
    axes.step([*times, end], [*prices, prices[-1]], where="post", color=Ink.DOWN, linewidth=1.4)


def _deals(axes: Axes, trade: DrawnTrade) -> None:
    for deal in trade.deals:
        is_buying = deal.is_entry == trade.is_long
        axes.plot(
            (deal.at_ms / DAY_MS,),
            (deal.price,),
            marker="^" if is_buying else "v",
            markersize=9,
            color=Ink.ACCENT if deal.is_entry else Ink.SECOND,
            markeredgecolor=Ink.GROUND,
            linestyle="none",
            zorder=5,
        )


def _labels(trade: DrawnTrade) -> list[tuple[str, float, Ink]]:
    """Return name, price and colour of each level."""
    several = len(trade.targets) > 1
    named = [
        (f"target {place}" if several else "target", price, Ink.UP)
        for place, price in enumerate(trade.targets, start=1)
    ]
    middle = (trade.near + trade.far) / 2
    return [*named, ("entry", middle, Ink.ACCENT), ("stop", trade.stops[0][1], Ink.DOWN)]


def _name_levels(axes: Axes, labels: Sequence[tuple[str, float, Ink]]) -> None:
    low, high = axes.get_ylim()
    height_px = axes.get_window_extent().height
    per_px = (high - low) / height_px
    wanted = [(price - low) / per_px for _name, price, _ink in labels]
    edge = beyond(axes, 6)
    places = apart(wanted, gap=_LABEL_GAP_PX, most=height_px)
    for (name, _price, ink), place in zip(labels, places, strict=True):
        write(axes, edge, low + place * per_px, name, ink=ink)


def _price(value: float) -> str:
    """Return a price of an axis: five digits tell two levels of a trade apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.5g}"
