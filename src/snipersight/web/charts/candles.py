"""Candles with what was known of them, the plan's levels, and a window that can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.bootstrap.dashboard.views import ChartView
from snipersight.web.charts.levels import Level, entry_band, level_lines, level_span, level_tags
from snipersight.web.charts.overlays import fact_lines, pool_lines, zone_areas
from snipersight.web.charts.paint import Options, axis, base, tooltip

FIRST_WINDOW: Final = 120  # bars that are shown before anybody zooms
_LARGE: Final = 1_500  # visible bars from which on a candle is one stroke: nobody sees more of it
_ROOM: Final = 0.06  # of the levels' height that stays free above and below
_RIGHT_PX: Final = 92  # prices and the levels' tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which overlays are drawn; `every` zone, or the living ones nearest to the price."""

    zones: bool = True
    every: bool = False
    structure: bool = True
    pools: bool = False


def candle_options(
    view: ChartView,
    *,
    levels: Sequence[Level] = (),
    facts: ChartView | None = None,
    shown: Shown | None = None,
    decimals: int = 2,
    decided_ms: int | None = None,
) -> Options:
    """Return the chart of some bars.

    Args:
        view: the bars.
        levels: prices that belong to a plan; each of them stays within the price axis.
        facts: zones and structure as they were known at another moment; None: those of `view`.
        shown: which overlays; None: zones and structure.
        decimals: of prices.
        decided_ms: close of the bar that a plan was made at; None: none is marked.
    """
    return {
        **base(),
        "tooltip": {**tooltip("axis"), "formatter": "@candle"},
        "grid": {"left": 24, "right": _RIGHT_PX, "top": 12, "bottom": 52},
        "decimals": decimals,
        "levels": level_tags(levels),
        "axisPointer": {"label": {"backgroundColor": "$edge", "color": "$panel"}},
        "xAxis": _time_axes(view),
        "yAxis": axis(
            "value",
            position="right",
            scale=True,
            splitNumber=6,
            axisLabel={"formatter": "@price", "color": "$muted"},
            axisPointer={"show": True, "label": {"formatter": "@price"}},
        ),
        "dataZoom": _windows(view),
        "series": [
            _bars(view, _marks([*level_lines(levels), *_decision(view, decided_ms)], decimals)),
            _areas("entry", entry_band(levels, last_bar=len(view.open_ms) - 1)),
            _span(levels),
            *overlay_series(view, facts=facts, shown=shown),
        ],
    }


def overlay_series(
    view: ChartView, *, facts: ChartView | None = None, shown: Shown | None = None
) -> list[Options]:
    """Return the series that change with what is known; a chart takes them without the rest.

    Args:
        view: the bars.
        facts, shown: see `candle_options`.
    """
    known, chosen = facts or view, shown or Shown()
    return [
        _areas("zones", zone_areas(known, view, every=chosen.every) if chosen.zones else []),
        _lines("structure", fact_lines(known, view) if chosen.structure else []),
        _lines("pools", pool_lines(known, view) if chosen.pools else []),
    ]


def _time_axes(view: ChartView) -> list[Options]:
    times = axis(
        "category",
        data=[str(time_ms) for time_ms in view.open_ms],
        axisLabel={"formatter": "@time", "color": "$muted", "hideOverlap": True},
        axisPointer={"show": True, "label": {"formatter": "@time"}},
    )
    # The second axis is not zoomed: what lies on it counts for the prices at every window.
    return [times, {"type": "value", "show": False, "min": 0, "max": 1}]


def _windows(view: ChartView) -> list[Options]:
    last = len(view.open_ms) - 1
    window = {"xAxisIndex": 0, "startValue": max(0, last - FIRST_WINDOW), "endValue": last}
    # A zone counts as inside the window if any part of it is.
    inside = {"type": "inside", "filterMode": "weakFilter", "throttle": 16, **window}
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


def _bars(view: ChartView, marks: Options) -> Options:
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
        "markLine": marks,
    }


def _marks(lines: list[Options], decimals: int) -> Options:
    return {
        "silent": True,
        "precision": decimals,
        "symbol": "none",
        "animation": False,
        "label": {"show": True},
        "data": lines,
    }


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


def _lines(name: str, lines: list[list[Options]]) -> Options:
    marked = {"silent": True, "symbol": "none", "animation": False, "data": lines}
    return {"type": "line", "id": name, "name": name, "data": [], "z": 3, "markLine": marked}
