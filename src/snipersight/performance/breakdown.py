"""Results by part: year, regime, symbol, or anything else that tells trades apart.

Parts are small, and with many of them one does well by chance: they show where a result comes from,
and are no verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence_columns import Integers, Names
from snipersight.domain.statistics import ENOUGH, Enough
from snipersight.performance.intervals import expectancy_interval
from snipersight.performance.percentiles import Interval
from snipersight.performance.returns import daily_returns
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.trade_metrics import expectancy_r, hit_rate, profit_factor, trade_days
from snipersight.performance.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Trades that have something in common.

    Args:
        name: what they have in common: `2024`, `trend`, `BTC/USDT`.
        trades, days: how many, opened on how many days.
        result: sum, net of costs, account currency.
        expectancy_r, hit_rate, profit_factor: as of the whole.
        interval: of the expectancy; None where there is too little.
    """

    name: str
    trades: int
    days: int
    result: float
    expectancy_r: float | None
    hit_rate: float | None
    profit_factor: float | None
    interval: Interval | None


def by_name(
    trades: ClosedTrades, names: Names, period: Window, *, enough: Enough = ENOUGH
) -> tuple[Part, ...]:
    """Return the trades by what they are called, sorted by name; names without a trade are left out.

    Args:
        trades: closed ones of the run.
        names: of each, such as the regime it was opened in.
        period: of the run.
        enough: below it a part has no interval.

    Raises:
        DataInvalid: there are not as many names as trades.
    """
    if len(names) != len(trades):
        raise DataInvalid(f"{len(trades)} trades cannot be told apart by {len(names)} names")
    return tuple(
        _part(name, trades.where(names.equal(name)), period, enough)
        for name in sorted(names.counts())
    )


def by_year(trades: ClosedTrades, period: Window, *, enough: Enough = ENOUGH) -> tuple[Part, ...]:
    """Return the trades by the year (UTC) they were opened in, as `by_name` does."""
    years = Names.of(map(str, _years(trades.opened_ms).tolist()))
    return by_name(trades, years, period, enough=enough)


def return_by_year(equity: DailyEquity) -> dict[int, float]:
    """Return by what fraction equity grew in each year (UTC), or in the part of it there is."""
    returns = daily_returns(equity)
    years = _years(equity.mark_days[1 : len(returns) + 1])
    return {
        int(year): float(np.prod(1.0 + returns[years == year])) - 1.0 for year in np.unique(years)
    }


def _part(name: str, trades: ClosedTrades, period: Window, enough: Enough) -> Part:
    days = len(trade_days(trades))
    interval = None
    if enough.is_met_by(len(trades), days):
        interval = expectancy_interval(trades, period)
    return Part(
        name=name,
        trades=len(trades),
        days=days,
        result=float(trades.result.sum()),
        expectancy_r=expectancy_r(trades),
        hit_rate=hit_rate(trades),
        profit_factor=profit_factor(trades),
        interval=interval,
    )


def _years(times_ms: Integers) -> Integers:
    return times_ms.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
