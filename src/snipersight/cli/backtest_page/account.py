"""Figures of the account: its way, its months, its results and its ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from snipersight.bot.telemetry.statistics.spreads import r_distribution_of
from snipersight.cli.backtest_document import study_document
from snipersight.cli.report_page.parts import Figure, figure
from snipersight.cli.stats_grids import Grid, spread_grid
from snipersight.domain.wording import MINUS, signed_percent
from snipersight.engine.backtesting.holding import holding_equity
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.performance.breakdown import return_by_year
from snipersight.performance.returns import daily_returns

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame
    from snipersight.engine.backtesting.marking import Closes
    from snipersight.engine.backtesting.study import Study
    from snipersight.performance.series import DailyEquity


def account_figure(study: Study, closes: Closes) -> Figure:
    """Return the account day by day beside what holding would have been.

    Args:
        study: of the backtest.
        closes: of its markets.
    """
    from snipersight.charts.evidence.account import Growth, account_svg

    result, held = study.result, holding_equity(study.result, closes)
    account = Growth(name="account", growth=_growth(equity_of(result)))
    other = None if held is None else Growth(name="held", growth=_growth(held))

    def draw(frame: Frame, alt: str) -> str:
        return account_svg(result.daily.days_ms, account, other, frame, alt=alt)

    says = (
        "Growth of the account, marked at the end of every day (UTC) with what was open"
        + (", beside all markets bought and held" if other is not None else "")
        + "; below, how far the account was under its best"
    )
    return figure(
        "account",
        "Equity and drawdown",
        says,
        draw=draw,
        heights=(380, 340),
        grid=_year_grid(study, held),
        is_full=True,
    )


def _growth(equity: DailyEquity) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(equity.equity / equity.marks[0] - 1.0)


def _year_grid(study: Study, held: DailyEquity | None) -> Grid:
    ours = return_by_year(equity_of(study.result))
    theirs = {} if held is None else return_by_year(held)
    rows = tuple(
        (str(year), signed_percent(value), signed_percent(theirs[year]) if year in theirs else "–")
        for year, value in ours.items()
    )
    return Grid(head=("year", "account", "held"), rows=rows)


def months_figure(study: Study) -> Figure:
    """Return what every month brought."""
    from snipersight.charts.evidence.months import height_px, months_svg

    equity = equity_of(study.result)
    months, years = month_returns(equity), return_by_year(equity)
    gains = sum(value > 0 for value in months.values())

    def draw(frame: Frame, alt: str) -> str:
        return months_svg(months, years, frame, alt=alt)

    heights = (height_px(len(years), is_narrow=False), height_px(len(years), is_narrow=True))
    rows = tuple(
        (f"{year}-{month:02d}", signed_percent(value)) for (year, month), value in months.items()
    )
    return figure(
        "months",
        "Month by month",
        f"Return in percent; {gains} of {len(months)} months ended above zero",
        draw=draw,
        heights=heights,
        grid=Grid(head=("month", "return"), rows=rows),
        is_full=True,
    )


def month_returns(equity: DailyEquity) -> dict[tuple[int, int], float]:
    """Return by what fraction equity grew in each month (UTC), or in the part of it there is."""
    returns = daily_returns(equity)
    days = equity.mark_days[1 : len(returns) + 1].astype("datetime64[ms]")
    codes = days.astype("datetime64[M]").astype(np.int64)
    return {
        (1970 + int(code) // 12, 1 + int(code) % 12): float(np.prod(1.0 + returns[codes == code]))
        - 1.0
        for code in np.unique(codes)
    }


def spread_figure(study: Study) -> Figure:
    """Return how the results of closed trades are spread."""
    from snipersight.charts.evidence.bars import distribution_svg

    closed, title = closed_trades(study.result), "Spread of results"
    if not len(closed):
        return figure("spread", title, "No trade closed")
    spread = r_distribution_of(closed.result / closed.risk, decided_ms=closed.opened_ms)

    def draw(frame: Frame, alt: str) -> str:
        return distribution_svg(spread, frame, alt=alt)

    return figure("spread", title, spread.sentence, draw=draw, grid=spread_grid(spread))


def figures_figure(study: Study) -> Figure:
    """Return the account's and the trades' figures as one table."""
    sections = study_document(study, "").sections[:2]
    rows = tuple(
        tuple(cell.replace("-", MINUS) for cell in row)
        for one in sections
        if one.grid is not None
        for row in one.grid.rows
    )
    return Figure(
        key="figures",
        title="All figures",
        says="On equity marked every day, and on closed trades, net of costs.",
        grid=Grid(head=("", "value", "95 % range"), rows=rows),
        is_full=study.random is None,  # else beside random entries
    )
