"""One run of a sweep, as a worker makes it."""

from __future__ import annotations

import numpy as np

from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.bootstrap.evidence.runs import RunKey, kept_run
from snipersight.bootstrap.evidence.sweep_candles import opened
from snipersight.bootstrap.evidence.sweep_work import SweepTask
from snipersight.domain.errors import StateUnavailable
from snipersight.engine.backtest import traded
from snipersight.engine.backtesting.collecting import rare_collections
from snipersight.engine.backtesting.measuring import closed_trades
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.backtesting.study import studied
from snipersight.performance.series import ClosedTrades, pooled
from snipersight.performance.trials import Trials
from snipersight.storage.kept_runs import KeptRun


def run_made(task: SweepTask) -> KeptRun:
    """Return what a run gave, as one of so many to choose from: no day of it is out of sample.

    Raises:
        StateUnavailable: the candles cannot be read here, or other code would decide here.
        DataInvalid: candles or rules of a market are unusable.
    """
    world, key = _world(task)
    result = _lived(task, world)
    trials = Trials(count=task.trials, sharpes=np.zeros(0))
    study = studied(result, world.arena.closes, out_of_sample=pooled([]), trials=trials)
    return kept_run(study, world, made_ms=0, key=key)


def trades_made(task: SweepTask) -> ClosedTrades:
    """Return the closed trades of a run.

    Raises:
        StateUnavailable: the candles cannot be read here, or other code would decide here.
        DataInvalid: candles or rules of a market are unusable.
    """
    world, _key = _world(task)
    return closed_trades(_lived(task, world))


def _lived(task: SweepTask, world: RecordedWorld) -> BacktestResult:
    """Return what `backtest` returns, of setups that earlier runs have read."""
    decisions = opened(task.candles).decided(world)
    with rare_collections():
        return traded(world.arena, decisions, world.terms)


def _world(task: SweepTask) -> tuple[RecordedWorld, RunKey]:
    candles = opened(task.candles)
    world = candles.world(task)
    key = candles.key(world)
    if key.run_id != task.run_id:
        raise StateUnavailable(
            "a worker would decide by other code than this program",
            next_step="if the program was changed meanwhile, run the same command again; on a cluster, "
            "install the same version of SniperSight on every worker and start them anew",
        )
    return world, key
