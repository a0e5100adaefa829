"""The figures of a kept backtest, each in its unit, alone and beside another one's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from snipersight.domain.wording import MINUS, percent, signed_percent
from snipersight.storage.kept_runs import Figure, KeptRun
from snipersight.web.pages.words import DASH, signed_r

_POINTS: Final = " pp"  # of percentages: 20 % is 5 pp more than 15 %


@dataclass(frozen=True, slots=True)
class _Told:
    """How a figure is told.

    Args:
        words: its name.
        value: writes it.
        difference: writes how much more it is than another one.
    """

    words: str
    value: Callable[[float], str]
    difference: Callable[[float], str]


def _ratio(value: float) -> str:
    return f"{value:,.2f}".replace("-", MINUS)


def _more(value: float) -> str:
    return _signed(value, 2)


def _counted(value: float) -> str:
    return f"{value:,.0f}"


def _more_counted(value: float) -> str:
    return _signed(value, 0)


def _signed(value: float, decimals: int) -> str:
    shown = round(value, decimals) or 0.0  # no sign before nothing
    text = f"{shown:+,.{decimals}f}" if shown else f"{0:.{decimals}f}"
    return text.replace("-", MINUS)


def _more_points(value: float) -> str:
    return signed_percent(value).removesuffix(" %") + _POINTS


def _costs(value: float) -> str:
    return f"{value:,.1f} bp".replace("-", MINUS)


def _more_costs(value: float) -> str:
    return f"{_signed(value, 1)} bp"


def _chance(value: float) -> str:
    return f"{value:.3f}"


def _more_chance(value: float) -> str:
    return _signed(value, 3)


_FIGURES: Final = {
    Figure.TRADES: _Told("Trades", _counted, _more_counted),
    Figure.TOTAL_RETURN: _Told("Return", signed_percent, _more_points),
    Figure.CAGR: _Told("Return a year", signed_percent, _more_points),
    Figure.DEEPEST_DRAWDOWN: _Told("Drawdown", percent, _more_points),
    Figure.SHARPE: _Told("Sharpe", _ratio, _more),
    Figure.SORTINO: _Told("Sortino", _ratio, _more),
    Figure.CALMAR: _Told("Calmar", _ratio, _more),
    Figure.EXPECTANCY_R: _Told("Net R a trade", signed_r, signed_r),
    Figure.HIT_RATE: _Told("Hit rate", lambda value: percent(value, 1), _more_points),
    Figure.PROFIT_FACTOR: _Told("Profit factor", _ratio, _more),
    Figure.COST_BP: _Told("Costs", _costs, _more_costs),
    Figure.RANDOM_P_VALUE: _Told("Random entries as good", _chance, _more_chance),
}
ALL: Final = tuple(_FIGURES)
FIRST: Final = (
    Figure.TRADES,
    Figure.TOTAL_RETURN,
    Figure.DEEPEST_DRAWDOWN,
    Figure.SHARPE,
    Figure.EXPECTANCY_R,
    Figure.HIT_RATE,
    Figure.PROFIT_FACTOR,
)
"""What is looked at first."""


def name_of(figure: Figure) -> str:
    """Return what a figure is called."""
    return _FIGURES[figure].words


def figure_text(run: KeptRun, figure: Figure) -> str:
    """Return a figure of a run with its unit; a dash where it is not defined."""
    value = run.metrics.get(figure)
    return DASH if value is None else _FIGURES[figure].value(value)


def difference_text(run: KeptRun, base: KeptRun, figure: Figure) -> str:
    """Return how much more a figure of a run is than that of another; a dash where one has none."""
    value, other = run.metrics.get(figure), base.metrics.get(figure)
    if value is None or other is None:
        return DASH
    return _FIGURES[figure].difference(value - other)
