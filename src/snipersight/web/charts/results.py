"""Equity, the spread of results, what scores have meant, and backtests beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from snipersight.bootstrap.dashboard.views import EquityPoint
from snipersight.domain.statistics import Calibration, RDistribution
from snipersight.storage.kept_runs import KeptRun
from snipersight.web.charts.paint import Options, axis, base, tooltip

_GRID: Final = {"left": 12, "right": 16, "top": 16, "bottom": 12, "containLabel": True}
_DAY_MS: Final = 86_400_000
# Told apart by dash as well as by colour.
_RUN_STYLES: Final = (
    ("$accent", "solid"),
    ("$zone-breaker", "dashed"),
    ("$long", "dotted"),
    ("$zone-ob", "solid"),
    ("$short", "dashed"),
)
MOST_RUNS: Final = len(_RUN_STYLES)


def equity_options(points: Sequence[EquityPoint]) -> Options:
    """Return what closed trades have brought over time, account currency, as steps."""
    return {
        **base(),
        "grid": _GRID,
        "xAxis": axis(
            "time", axisLabel={"formatter": "@day", "color": "$muted", "hideOverlap": True}
        ),
        "yAxis": axis("value", scale=True),
        "series": [
            {
                "type": "line",
                "name": "realised",
                "step": "end",
                "showSymbol": len(points) < 40,
                "symbolSize": 5,
                "data": [[one.at_ms, float(one.realised)] for one in points],
                "itemStyle": {"color": "$accent"},
                "lineStyle": {"color": "$accent", "width": 1.6},
            }
        ],
    }


def spread_options(spread: RDistribution) -> Options:
    """Return how many results lie in each range of R; losses and gains differ in fill and place."""
    names = [
        f"{low:+.1f}…{high:+.1f}" for low, high in zip(spread.edges, spread.edges[1:], strict=False)
    ]
    return {
        **base(),
        "grid": _GRID,
        "xAxis": axis("category", data=names, axisLabel={"color": "$muted", "hideOverlap": True}),
        "yAxis": axis("value", minInterval=1),
        "series": [
            {
                "type": "bar",
                "name": "closed signals",
                "barCategoryGap": "12%",
                "data": [
                    _bin(count, is_loss=high <= 0)
                    for count, high in zip(spread.counts, spread.edges[1:], strict=False)
                ],
            }
        ],
    }


def _bin(count: int, *, is_loss: bool) -> Options:
    colour = "$short" if is_loss else "$long"
    fill = "$short-wash" if is_loss else "$long"
    return {"value": count, "itemStyle": {"color": fill, "borderColor": colour, "borderWidth": 1}}


def calibration_options(calibration: Calibration) -> Options:
    """Return how often signals of neighbouring scores hit, with the interval each rate lies in."""
    points = [[one.mean_score, one.rate] for one in calibration.bins]
    ranges = [[one.mean_score, one.rate_low, one.rate_high] for one in calibration.bins]
    bounds = [
        {
            "type": "line",
            "data": [[score, low], [score, high]],
            "showSymbol": False,
            "silent": True,
            "lineStyle": {"color": "$edge", "width": 1.5},
        }
        for score, low, high in ranges
    ]
    return {
        **base(),
        "tooltip": tooltip("item"),
        "grid": {**_GRID, "bottom": 28},
        "xAxis": axis("value", scale=True, name="score", nameLocation="middle", nameGap=24),
        "yAxis": axis(
            "value", min=0, max=1, axisLabel={"formatter": "@percent", "color": "$muted"}
        ),
        "series": [
            *bounds,
            {
                "type": "line",
                "name": "fitted",
                "data": [list(point) for point in calibration.curve],
                "step": "end",
                "showSymbol": False,
                "lineStyle": {"color": "$accent", "type": "dashed"},
                "itemStyle": {"color": "$accent"},
            },
            {
                "type": "scatter",
                "name": "hit rate",
                "data": points,
                "symbolSize": 9,
                "itemStyle": {"color": "$text"},
            },
        ],
    }


def runs_options(runs: Sequence[KeptRun]) -> Options:
    """Return the growth of a balance of 1 in each backtest, day by day; the first five of them."""
    return {
        **base(),
        "legend": {"top": 0, "textStyle": {"color": "$muted"}, "type": "scroll"},
        "grid": {**_GRID, "top": 36},
        "xAxis": axis(
            "time", axisLabel={"formatter": "@day", "color": "$muted", "hideOverlap": True}
        ),
        "yAxis": axis("value", scale=True),
        "series": [
            {
                "type": "line",
                "name": f"{run.profile} {run.run_id[:8]}",
                "showSymbol": False,
                "data": _growth(run),
                "itemStyle": {"color": colour},
                "lineStyle": {"color": colour, "type": dash, "width": 1.6},
            }
            for run, (colour, dash) in zip(runs, _RUN_STYLES, strict=False)
        ],
    }


def _growth(run: KeptRun) -> list[list[float]]:
    grown = accumulate(run.returns, lambda value, gain: value * (1 + gain), initial=1.0)
    return [[run.start_ms + at * _DAY_MS, round(value, 6)] for at, value in enumerate(grown)]
