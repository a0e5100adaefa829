"""What an account would have come to that bought every market at the beginning and held it."""

from __future__ import annotations

import numpy as np

from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.performance.series import DailyEquity


def holding_equity(result: BacktestResult, closes: Closes) -> DailyEquity | None:
    """Return the equity of equal parts of all markets that traded when the period began.

    Those that were looked at then: who became large later was known to nobody. Nothing is paid for
    it. None where no market traded then.

    Args:
        result: whose period and starting balance it is.
        closes: of its markets.
    """
    start_ms, days = result.period.start_ms, result.daily.days_ms
    held = [
        symbol
        for symbol in result.first_markets
        if len(bars := closes.candles[symbol]) and int(bars.open_time[0]) <= start_ms
    ]
    if not held:
        return None
    ends = np.minimum(days + DAY_MS, result.period.end_ms)
    start = np.array([start_ms], dtype=np.int64)
    grown = [closes.at(symbol, ends) / closes.at(symbol, start)[0] for symbol in held]
    balance = float(result.starting_balance)
    return DailyEquity(days=days, equity=balance * np.mean(grown, axis=0), opening=balance)
