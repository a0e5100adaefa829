"""Results of runs: daily equity and closed trades, some of them made by chance alone."""

from collections.abc import Sequence

import numpy as np

from snipersight.domain.evidence_columns import Integers, Names, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.series import ClosedTrades, DailyEquity
from snipersight.performance.trials import ONE_TRIAL, Trials
from snipersight.performance.verdict import Evidence

FIRST_DAY_MS = 19_723 * DAY_MS  # 2024-01-01
BALANCE = 10_000.0
ONE_R = 100.0


def an_equity(marks: Sequence[float], *, opening: float | None = None) -> DailyEquity:
    """Return daily equity from 2024-01-01 on."""
    return DailyEquity(
        days=FIRST_DAY_MS + np.arange(len(marks)) * DAY_MS,
        equity=np.array(marks, dtype=np.float64),
        opening=opening,
    )


def equity_of_returns(returns: Sequence[float] | Numbers) -> DailyEquity:
    """Return the equity that begins at 10,000 and has these daily returns."""
    return an_equity((BALANCE * np.cumprod(1.0 + np.asarray(returns))).tolist(), opening=BALANCE)


def some_trades(
    result_r: Sequence[float] | Numbers,
    *,
    days: Sequence[float] | Numbers | Integers | None = None,
    held_days: Sequence[float] | float = 0.5,
    costs: Sequence[float] | float = 5.0,
    traded: Sequence[float] | float = 20_000.0,
    risk: Sequence[float] | float = ONE_R,
    symbols: Sequence[str] | None = None,
) -> ClosedTrades:
    """Return trades with these net results, one a day unless told, days counted from 2024-01-01."""
    count = len(result_r)
    opened = np.arange(count, dtype=np.float64) if days is None else np.asarray(days, np.float64)
    opened_ms = (FIRST_DAY_MS + opened * DAY_MS).astype(np.int64)
    risks = np.broadcast_to(np.asarray(risk, np.float64), (count,))
    return ClosedTrades(
        result=np.asarray(result_r, np.float64) * risks,
        risk=risks,
        costs=np.broadcast_to(np.asarray(costs, np.float64), (count,)),
        traded=np.broadcast_to(np.asarray(traded, np.float64), (count,)),
        opened_ms=opened_ms,
        closed_ms=opened_ms + (np.asarray(held_days, np.float64) * DAY_MS).astype(np.int64),
        symbol=Names.of(symbols if symbols is not None else ["BTC/USDT"] * count),
    )


class Luck:
    """A market in which entries bring what chance brings, plus an edge that was planted.

    A trade wins `reward` R or loses one; without an edge both are worth the same.

    Args:
        seed: of everything drawn.
        edge_r: what is added to the average result, by winning more often.
        reward: R of a winner.
        trades, days: of a run.
        lasting_days: for how many days all trades share one result; 0: each has its own.
    """

    def __init__(
        self,
        seed: int,
        *,
        edge_r: float = 0.0,
        reward: float = 2.0,
        trades: int = 300,
        days: int = 365,
        lasting_days: int = 0,
    ) -> None:
        self._random = np.random.default_rng((20_241_123, seed))
        self._edge_r, self._reward = edge_r, reward
        self._trades, self._days, self._lasting_days = trades, days, lasting_days

    def run(self) -> tuple[ClosedTrades, DailyEquity]:
        """Return the trades of one run, oldest first, and its equity."""
        days = np.sort(self._random.integers(0, self._days, size=self._trades))
        draw = days // self._lasting_days if self._lasting_days else np.arange(self._trades)
        results = self._results(int(draw.max()) + 1)[draw]
        trades = some_trades(results, days=days)
        by_day = np.bincount(days, weights=results * ONE_R, minlength=self._days)
        marks = np.maximum(BALANCE + np.cumsum(by_day), 1.0)
        return trades, an_equity(marks.tolist(), opening=BALANCE)

    def evidence(self, *, tries: int = 1) -> Evidence:
        """Return what a run offers a verdict: the best of some tries, judged by all of its days."""
        runs = [self.run() for _ in range(tries)]
        best = max(runs, key=lambda run: float(run[0].result_r.mean()))
        sharpes = np.array([_sharpe(equity) for _, equity in runs])
        trades, equity = best
        return Evidence(
            equity=equity,
            trades=trades,
            trials=Trials(count=tries, sharpes=sharpes) if tries > 1 else ONE_TRIAL,
            random_expectancies=self._random_expectancies(1_000),
            out_of_sample=trades,
        )

    def _random_expectancies(self, runs: int) -> Numbers:
        lasting = self._lasting_days
        draws = -(-self._days // lasting) if lasting else self._trades
        wins = self._random.binomial(draws, 1.0 / (1.0 + self._reward), size=runs)
        return np.asarray(wins * (1.0 + self._reward) / draws - 1.0, dtype=np.float64)

    def _results(self, count: int) -> Numbers:
        chance = (1.0 + self._edge_r) / (1.0 + self._reward)
        wins = self._random.random(count) < chance
        return np.where(wins, self._reward, -1.0)


def _sharpe(equity: DailyEquity) -> float:
    returns = np.diff(equity.marks) / equity.marks[:-1]
    return float(returns.mean() / returns.std(ddof=1))
