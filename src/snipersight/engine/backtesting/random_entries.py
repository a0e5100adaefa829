"""The same account with random entries: what management and the market alone would have brought."""

from __future__ import annotations

from dataclasses import dataclass, replace

from snipersight.domain.ports import LeaderContext
from snipersight.engine.backtest import BacktestTerms, backtest
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.measuring import closed_trades
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.performance.trade_metrics import expectancy_r
from snipersight.planner.comparison.backdrop import Backdrops
from snipersight.planner.comparison.random_source import RandomPlanSource
from snipersight.planner.comparison.shapes import PlanShape, shape_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEntries:
    """What runs with random entries take over from a run.

    Args:
        shapes: of its plans: how far stop and targets lay from the entry, and which side it was.
        rate: how often it sent a plan, a bar of a market.
    """

    shapes: tuple[PlanShape, ...]
    rate: float

    @classmethod
    def like(cls, result: BacktestResult) -> RandomEntries | None:
        """Return those of a run; None where it sent nothing that could be compared with."""
        plans = [one.plan for one in result.trades]
        if not plans:
            return None
        return cls(shapes=tuple(map(shape_of, plans)), rate=len(plans) / result.bars)


def random_expectancy(
    arena: Arena,
    leader: LeaderContext,
    terms: BacktestTerms,
    entries: RandomEntries,
    backdrops: Backdrops,
    *,
    seed: int,
) -> float:
    """Return the average net R of one run with random entries; 0 where it closed no trade.

    Gate, limits, management and costs are those of the run that it is compared with.

    Args:
        arena, leader, terms: of that run.
        entries: what it takes over.
        backdrops: of the candles, shared by all runs.
        seed: names the run; the same one gives the same entries.
    """
    plans = RandomPlanSource(
        terms.profile, seed=seed, rate=entries.rate, shapes=entries.shapes, backdrops=backdrops
    )
    result = backtest(arena, leader, replace(terms, plans=plans, keeps_records=False))
    found = expectancy_r(closed_trades(result))
    return 0.0 if found is None else found
