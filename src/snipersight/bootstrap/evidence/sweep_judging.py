"""What the best run of a sweep is worth: judged by days that nothing was chosen by, and by all trials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from snipersight.bootstrap.evidence.backtest import (
    Making,
    RecordedWorld,
    run_backtest,
    run_random_entries,
)
from snipersight.bootstrap.evidence.leaving import done_in_thread
from snipersight.bootstrap.evidence.runs import record_run, trials_for
from snipersight.bootstrap.evidence.samples import seen_beside
from snipersight.bootstrap.evidence.sweep_ground import SweepGround
from snipersight.bootstrap.evidence.sweep_work import SweepTask, make_trades
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.backtesting.study import Study, studied
from snipersight.engine.sweeping.carrying import Failed, carried_out, stage_name
from snipersight.engine.sweeping.choosing import FoldChoice, luck_of, sharpes, walked
from snipersight.engine.sweeping.combining import Histories, histories_of, longest_days
from snipersight.engine.sweeping.crews import Crew
from snipersight.performance.overfitting import Overfitting
from snipersight.performance.returns import daily_returns
from snipersight.performance.samples import untouched
from snipersight.performance.series import ClosedTrades, pooled
from snipersight.performance.splits import Fold, judged_mask
from snipersight.performance.trials import Trials, trials_of

Progress = Callable[[str, int, int], object]
_SAME: Final = 1e-9  # what another processor may make of the same sums


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """The best run of a sweep, and what choosing it is worth.

    Args:
        best: row of the run with the highest Sharpe ratio of all days; the earliest of equals.
        study: of that run: its trials are all that were ever made on these candles, and its trades
            out of sample those of `walked` that no earlier run and no tuning has looked at, because
            all of its own days chose it.
        world: what that run is made of.
        folds: what choosing would have chosen over time, and what came of it; none: too few days.
        walked: trades of the chosen runs, opened in the windows to judge by.
        histories: what choosing brings in other orders of the days; None: too few runs or days.
        luck: how likely the best is best by luck; None: too few runs or days.
    """

    best: int
    study: Study
    world: RecordedWorld
    folds: tuple[FoldChoice, ...]
    walked: ClosedTrades
    histories: Histories | None
    luck: Overfitting | None


async def judge_best(
    tasks: Sequence[SweepTask],
    returns: Numbers,
    days: Integers,
    folds: Sequence[Fold],
    *,
    ground: SweepGround,
    making: Making,
    crew: Crew,
    progress: Progress,
) -> Judged:
    """Return what the best of some runs is worth, and keep it as judged.

    Args:
        tasks: of the runs.
        returns: of each day, one row a run.
        days: start of each.
        folds: windows to choose by and to judge by.
        ground: candles and terms.
        making: random entries to compare with, and where runs are kept.
        crew: makes the runs that the walk has chosen once more, for their trades.
        progress: told what is done.

    Raises:
        StateUnavailable: a run that was kept gives something else now.
    """
    best = int(sharpes(returns).argmax())
    chosen = walked(returns, days, tuple(folds))
    out = await done_in_thread(
        lambda tell: _walked_trades(tasks, chosen, crew, tell), progress=progress
    )
    world = await asyncio.to_thread(ground.world, tasks[best])
    result = await run_backtest(world, progress=progress)
    _require_same(result, returns[best])
    random = await run_random_entries(world, result, making, progress=progress)
    trials = await asyncio.to_thread(_trials, world, result, returns, making)
    seen = await asyncio.to_thread(
        seen_beside, world, [one.profile for one in tasks], making.kept_in
    )
    study = await asyncio.to_thread(
        studied,
        result,
        world.arena.closes,
        random_expectancies=random,
        trials=trials,
        out_of_sample=untouched(out, seen),
    )
    await asyncio.to_thread(record_run, study, world, making.kept_in)
    longest = longest_days(pooled([closed_trades(result), out]))
    return Judged(
        best=best,
        study=study,
        world=world,
        folds=chosen,
        walked=out,
        histories=histories_of(returns, days, purge_days=longest),
        luck=luck_of(returns),
    )


def _trials(
    world: RecordedWorld, result: BacktestResult, returns: Numbers, making: Making
) -> Trials:
    """Return all that were ever made on these candles; where none are kept, those of the sweep."""
    if making.kept_in is None:
        return trials_of(returns)
    return trials_for(world, result, making.kept_in)


def _walked_trades(
    tasks: Sequence[SweepTask], folds: Sequence[FoldChoice], crew: Crew, progress: Progress
) -> ClosedTrades:
    """Return the trades that whoever chose anew in each window would have made out of sample."""
    rows = sorted({one.chosen for one in folds})
    found: dict[int, ClosedTrades] = {}

    def tell(absent_s: float) -> None:
        progress(stage_name("walk forward", absent_s), len(found), len(rows))

    chosen = [tasks[row] for row in rows]
    for place, trades in carried_out(chosen, make_trades, crew, tick=tell):
        if isinstance(trades, Failed):
            raise StateUnavailable(
                f"a run that was made cannot be made again: {trades.reason}",
                where="sweep",
                next_step="run the same command again; what was made is kept",
            )
        found[rows[place]] = trades
    return pooled([_judged(found[one.chosen], one.fold) for one in folds])


def _judged(trades: ClosedTrades, fold: Fold) -> ClosedTrades:
    return trades.where(judged_mask(trades, fold))


def _require_same(result: BacktestResult, returns: Numbers) -> None:
    now = daily_returns(equity_of(result))
    if not np.allclose(now, returns[: len(now)], rtol=_SAME, atol=_SAME):
        raise StateUnavailable(
            "the best run gives something else than when it was kept",
            where="SNIPERSIGHT_HOME/backtests",
            next_step="its file was changed: move it away, and run the same command again",
        )
