"""Many runs with random entries, on every core there is or on whatever else computes them."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ports import LeaderContext
from snipersight.engine.backtest import BacktestTerms
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.random_entries import RandomEntries, random_expectancy
from snipersight.performance.comparison import as_good_to_settle, settled_at
from snipersight.performance.verdict import MOST_P_VALUE
from snipersight.planner.comparison.backdrop import Backdrops

Progress = Callable[[str, int, int], object]

# Of each worker of a given executor: each portion reads the structure of its candles anew.
_PORTIONS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomRuns:
    """What every run with random entries is made of; the seed alone tells them apart.

    Args:
        arena, leader, terms: of the run that they are compared with.
        entries: what they take over from it.
    """

    arena: Arena
    leader: LeaderContext
    terms: BacktestTerms
    entries: RandomEntries

    def expectancies(self, seeds: range, backdrops: Backdrops | None = None) -> list[float]:
        """Return the average net R of some runs, in the order of their seeds.

        Args:
            seeds: of the runs.
            backdrops: of the candles, if they were read before.
        """
        known = backdrops or Backdrops(self.terms.profile)
        return [
            random_expectancy(self.arena, self.leader, self.terms, self.entries, known, seed=seed)
            for seed in seeds
        ]


def run_at_random(
    runs: RandomRuns,
    count: int,
    *,
    workers: int,
    measured: float | None = None,
    executor: Executor | None = None,
    progress: Progress = lambda *_: None,
) -> npt.NDArray[np.float64]:
    """Return the average net R of each run with random entries, of the seeds from 0 on.

    Neither the numbers nor how many there are depend on who computes them or how many do.

    Args:
        runs: what they are made of.
        count: how many at the most.
        measured: average net R of the run that they are compared with: once so many did as well
            that the others cannot change the conclusion, they are not made. None: all are made.
        workers: processes, at least 1; of a given executor, how many of its own it has.
        executor: computes the runs, which are pickled for it if it needs that. None: processes
            of this machine, which share the candles where it can fork.
        progress: told how many runs are done, of how many; what it raises ends the others.

    Raises:
        StateUnavailable: a worker was ended from outside.
    """
    found = np.zeros(count)
    if count == 0:
        return found
    progress("random entries", 0, count)
    enough = as_good_to_settle(count, MOST_P_VALUE)
    with _submitting(runs, min(workers, count), executor) as submit:
        length = 1 if executor is None else -(-count // (workers * _PORTIONS))
        work = [(seeds, submit(seeds)) for seeds in _portions(count, length)]
        for seeds, future in work:
            found[seeds.start : seeds.stop] = _result(future)
            progress("random entries", seeds.stop, count)
            done = found[: seeds.stop]
            last = None if measured is None else settled_at(measured, done, enough)
            if last is not None:
                _cancel(future for _, future in work)
                return found[:last]
    return found


def _cancel(work: Iterable[Future[list[float]]]) -> None:
    for future in work:
        future.cancel()


def _result(future: Future[list[float]]) -> list[float]:
    try:
        return future.result()
    except BrokenExecutor as error:
        raise StateUnavailable(
            "a process with random entries was ended from outside",
            next_step="if memory is short, fewer --workers need less of it",
        ) from error


def _portions(count: int, length: int) -> list[range]:
    return [range(at, min(at + length, count)) for at in range(0, count, length)]


@contextmanager
def _submitting(
    runs: RandomRuns, workers: int, executor: Executor | None
) -> Iterator[Callable[[range], Future[list[float]]]]:
    if executor is not None:
        yield lambda seeds: executor.submit(runs.expectancies, seeds)
        return
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("fork" if can_fork() else "spawn"),
        initializer=_begin,
        initargs=(runs,),
    )
    try:
        yield lambda seeds: pool.submit(_expectancies, seeds)
    finally:
        pool.shutdown(cancel_futures=True)


def can_fork() -> bool:
    """Return whether processes can share what is in memory, without harm to system libraries."""
    return "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"


# Of a worker process: set once when it begins, so that candles do not travel with every task.
_at_work: list[tuple[RandomRuns, Backdrops]] = []


def _begin(runs: RandomRuns) -> None:
    # Who interrupts the program ends its workers, without a word from each.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Candles and everything else from before stay as they are: there is no garbage among them.
    gc.freeze()
    _at_work[:] = [(runs, Backdrops(runs.terms.profile))]


def _expectancies(seeds: range) -> list[float]:
    ((runs, backdrops),) = _at_work
    return runs.expectancies(seeds, backdrops)
