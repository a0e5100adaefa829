"""Candles with what was known of them, the plan's levels, and a window that can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.bootstrap.dashboard.views import ChartView
from snipersight.web.charts.deals import Deal, deal_marks
from snipersight.web.charts.levels import (
    Level,
    entry_band,
    level_lines,
    level_span,
    level_tags,
    levels_known,
)
from snipersight.web.charts.overlays import fact_lines, pool_lines, zone_areas
from snipersight.web.charts.paint import Options, axis, base, tooltip
from snipersight.web.charts.time_axis import TimeAxis, time_axis

FIRST_WINDOW: Final = 120  # bars that are shown before anybody zooms
_LARGE: Final = 1_500  # visible bars from which on a candle is one stroke: nobody sees more of it
_ROOM: Final = 0.06  # of the levels' height that stays free above and below
_RIGHT_PX: Final = 96  # prices and the levels' tags
FREE_BARS: Final = 12  # right of the newest bar: where a plan's prices lead
_DEALS: Final = {
    "type": "scatter",
    "id": "deals",
    "name": "deals",
    "symbol": "triangle",
    "symbolSize": 11,
    "silent": True,
    "z": 6,
    "tooltip": {"show": False},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which overlays are drawn; `every` zone, or the living ones nearest to the price."""

    zones: bool = True
    every: bool = False
    structure: bool = True
    pools: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What a plan and its orders put on the candles, each from when it was known.

    Args:
        levels: prices; each that is known stays within the price axis.
        deals: fills.
        decided_ms: close of the bar that the plan was made at; None: none is marked.
    """

    levels: tuple[Level, ...] = ()
    deals: tuple[Deal, ...] = ()
    decided_ms: int | None = None


def candle_options(
    view: ChartView,
    *,
    drawn: Drawn | None = None,
    facts: ChartView | None = None,
    shown: Shown | None = None,
    decimals: int = 2,
) -> Options:
    """Return the chart of some bars.

    Args:
        view: the bars.
        drawn: what belongs to a plan, as it stood at the moment that is shown.
        facts: zones and structure as they were known at another moment; None: those of `view`.
        shown: which overlays; None: zones and structure.
        decimals: of prices.
    """
    return {
        **base(),
        "tooltip": {**tooltip("axis"), "formatter": "@candle"},
        "grid": {"left": 24, "right": _RIGHT_PX, "top": 12, "bottom": 52},
        "decimals": decimals,
        "levels": price_tags(view, drawn=drawn, facts=facts),
        "axisPointer": {"label": {"backgroundColor": "$edge", "color": "$panel"}},
        "xAxis": _time_axes(view),
        "yAxis": [_price_axis(), {"type": "value", "show": False, "min": 0, "max": "@above"}],
        "dataZoom": _windows(view),
        "series": [
            _bars(view),
            _volume(view),
            *overlay_series(view, drawn=drawn, facts=facts, shown=shown),
        ],
    }


def overlay_series(
    view: ChartView,
    *,
    drawn: Drawn | None = None,
    facts: ChartView | None = None,
    shown: Shown | None = None,
) -> list[Options]:
    """Return the series that change with what is known; a chart takes them without the rest.

    Args:
        view: the bars.
        drawn, facts, shown: see `candle_options`.
    """
    known, chosen = facts or view, shown or Shown()
    plan, axis_of_time = drawn or Drawn(), time_axis(view, room=FREE_BARS)
    levels = levels_known(plan.levels, known.known_ms)
    marked = deal_marks(plan.deals, axis_of_time, until_ms=known.known_ms)
    lines: list[Options | list[Options]] = [*level_lines(levels, axis_of_time)]
    lines += [*_decision(view, plan.decided_ms), *_last_price(view, axis_of_time)]
    return [
        _areas("entry", entry_band(levels, axis_of_time)),
        _lines("plan", lines),
        _span(levels),
        {**_DEALS, "data": marked},
        _areas("zones", zone_areas(known, view, every=chosen.every) if chosen.zones else []),
        _lines("structure", fact_lines(known, view) if chosen.structure else []),
        _lines("pools", pool_lines(known, view) if chosen.pools else []),
    ]


def price_tags(
    view: ChartView, *, drawn: Drawn | None = None, facts: ChartView | None = None
) -> list[Options]:
    """Return what is written beside the price axis: the levels known then, and the last price.

    Args:
        view: the bars.
        drawn, facts: see `candle_options`.
    """
    levels = levels_known(drawn.levels if drawn else (), (facts or view).known_ms)
    last = [{"name": "", "price": price, "kind": "last"} for price in view.close[-1:]]
    return [*level_tags(levels), *last]


def _price_axis() -> Options:
    return axis(
        "value",
        position="right",
        scale=True,
        splitNumber=6,
        axisLabel={"formatter": "@price", "color": "$muted"},
        axisPointer={"show": True, "label": {"formatter": "@price"}},
    )


def _time_axes(view: ChartView) -> list[Options]:
    times = axis(
        "category",
        data=time_axis(view, room=FREE_BARS).names,
        axisLabel={"formatter": "@time", "color": "$muted", "hideOverlap": True},
        axisPointer={"show": True, "label": {"formatter": "@moment"}},
    )
    # The second axis is not zoomed: what lies on it counts for the prices at every window.
    return [times, {"type": "value", "show": False, "min": 0, "max": 1}]


def _windows(view: ChartView) -> list[Options]:
    last = time_axis(view, room=FREE_BARS).last
    window = {
        "xAxisIndex": 0,
        "startValue": max(0, last - FIRST_WINDOW - FREE_BARS),
        "endValue": last,
    }
    # A zone counts as inside the window if any part of it is.
    inside = {
        "type": "inside",
        "filterMode": "weakFilter",
        "throttle": 16,
        "preventDefaultMouseMove": False,  # a finger that goes up or down moves the page
        **window,
    }
    slider = {
        "type": "slider",
        "filterMode": "weakFilter",
        "height": 18,
        "bottom": 6,
        "showDataShadow": False,
        "brushSelect": False,
        "labelFormatter": "",
        "borderColor": "$line",
        "fillerColor": "$accent-wash",
        "handleStyle": {"color": "$panel", "borderColor": "$edge"},
        **window,
    }
    return [inside, slider]


def _bars(view: ChartView) -> Options:
    columns = zip(view.open, view.close, view.low, view.high, strict=True)
    return {
        "type": "candlestick",
        "name": view.symbol,
        "data": [list(row) for row in columns],
        "large": True,
        "largeThreshold": _LARGE,
        "progressive": 0,
        "z": 4,
        # Rising bars are hollow, so that nobody needs the colours.
        "itemStyle": {
            "color": "$panel",
            "borderColor": "$long",
            "color0": "$short",
            "borderColor0": "$short",
        },
    }


def _volume(view: ChartView) -> Options:
    return {
        "type": "bar",
        "name": "volume",
        "yAxisIndex": 1,
        "data": list(view.volume),
        "large": True,
        "largeThreshold": _LARGE,
        "silent": True,
        "z": 0,
        "barWidth": "70%",
        "itemStyle": {"color": "$edge", "opacity": 0.28},
    }


def _last_price(view: ChartView, axis_of_time: TimeAxis) -> list[Options | list[Options]]:
    # By two points: a line by its height alone is rounded to two decimals.
    style = {"color": "$muted", "type": "dotted", "width": 1}
    return [
        [
            {"coord": [0, price], "lineStyle": style, "label": {"show": False}},
            {"coord": [axis_of_time.last, price]},
        ]
        for price in view.close[-1:]
    ]


def _decision(view: ChartView, decided_ms: int | None) -> list[Options]:
    at = [
        index for index, open_ms in enumerate(view.open_ms) if open_ms + view.bar_ms == decided_ms
    ]
    return [
        {
            "xAxis": index,
            "lineStyle": {"color": "$edge", "type": "dotted", "width": 1},
            "label": {"formatter": "decided", "position": "insideEndTop", "color": "$muted"},
        }
        for index in at
    ]


def _span(levels: Sequence[Level]) -> Options:
    low, high = level_span(levels, room=_ROOM)
    return {
        "type": "line",
        "id": "span",
        "name": "levels",
        "xAxisIndex": 1,
        "data": [] if low is None or high is None else [[0, low], [1, high]],
        "showSymbol": False,
        "silent": True,
        "tooltip": {"show": False},
        "lineStyle": {"opacity": 0},
    }


def _areas(name: str, areas: list[list[Options]]) -> Options:
    marked = {"silent": True, "animation": False, "data": areas}
    return {"type": "line", "id": name, "name": name, "data": [], "z": 1, "markArea": marked}


def _lines(name: str, lines: Sequence[Options | list[Options]]) -> Options:
    marked = {"silent": True, "symbol": "none", "animation": False, "data": [*lines]}
    return {"type": "line", "id": name, "name": name, "data": [], "z": 3, "markLine": marked}
