"""Equity and exposure at the end of every UTC day, from the steps of all trades."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.backtesting.leeway import Floats, Times
from snipersight.engine.backtesting.marking import Closes
from snipersight.engine.backtesting.results import BacktestTrade, DailyAccount
from snipersight.engine.recording import Period


def daily_account(
    trades: Sequence[BacktestTrade], closes: Closes, period: Period, *, balance: float
) -> DailyAccount:
    """Return an account marked at the end of each UTC day.

    What is open counts at the newest close of its market, without the costs of leaving.

    Args:
        trades: all of them.
        closes: of their markets.
        period: of the backtest; its last day may be cut short.
        balance: what the account began with.
    """
    days = np.arange(period.start_ms // DAY_MS * DAY_MS, period.end_ms, DAY_MS, dtype=np.int64)
    ends = np.minimum(days + DAY_MS, period.end_ms)
    equity = np.full(len(days), balance)
    for trade in trades:
        if trade.steps:
            equity += _worth(trade, closes, ends)
    return DailyAccount(days_ms=days, equity=equity, exposure=_exposure(trades, days, ends))


def _worth(trade: BacktestTrade, closes: Closes, moments: Times) -> Floats:
    """Return what a trade has brought and would bring at moments, account currency."""
    steps, sign = trade.steps, trade.staged.trade.direction.sign
    cash = np.cumsum(
        [sign * (one.proceeds - one.entry_value) - one.fees - one.funding for one in steps]
    )
    held = np.array([one.held for one in steps])
    places = np.searchsorted([one.at_ms for one in steps], moments, side="right") - 1
    is_begun = places >= 0
    chosen = np.maximum(places, 0)
    price = closes.at(trade.staged.trade.symbol, moments)
    worth = cash[chosen] + sign * held[chosen] * price
    scale = float(trade.staged.whole) * float(trade.entry.quote_rate)
    return np.where(is_begun, worth * scale, 0.0)


def _exposure(trades: Sequence[BacktestTrade], days: Times, ends: Times) -> Floats:
    """Return the share of each day in which anything was held."""
    spans = sorted(_spans(trades, int(ends[-1]) if len(ends) else 0))
    held = np.zeros(len(days))
    until_ms = 0
    for start_ms, end_ms in spans:
        first_ms = max(start_ms, until_ms)  # spans of several markets overlap
        if end_ms > first_ms:
            held += np.clip(np.minimum(ends, end_ms) - np.maximum(days, first_ms), 0, None)
            until_ms = end_ms
    shares: Floats = held / np.maximum(ends - days, 1)
    return shares


def _spans(trades: Sequence[BacktestTrade], end_ms: int) -> list[tuple[int, int]]:
    found = []
    for trade in trades:
        start_ms = None
        for step in trade.steps:
            if start_ms is None and step.held > 0:
                start_ms = step.at_ms
            elif start_ms is not None and step.held == 0:
                found.append((start_ms, step.at_ms))
                start_ms = None
        if start_ms is not None:
            found.append((start_ms, end_ms))
    return found
