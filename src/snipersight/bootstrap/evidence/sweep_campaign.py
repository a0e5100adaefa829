"""The runs of a sweep: asked for by a search, made by a crew, kept as they come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from snipersight.bootstrap.evidence.sweep_work import SweepTask, make_run
from snipersight.domain.evidence_columns import Integers, Mask, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.recording import Period
from snipersight.engine.sweeping.axes import Choice
from snipersight.engine.sweeping.carrying import Failed, carried_out, stage_name
from snipersight.engine.sweeping.choosing import sharpes
from snipersight.engine.sweeping.crews import Crew
from snipersight.engine.sweeping.searching import Search
from snipersight.storage.kept_runs import KeptRun, RunFolder

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One combination that was tried.

    Args:
        choice: which.
        run: what it gave; None where it failed.
        failure: why it failed; empty where it did not.
    """

    choice: Choice
    run: KeptRun | None = None
    failure: str = ""


class Tasks(Protocol):
    """Makes the task of a combination."""

    def __call__(self, choice: Choice) -> SweepTask:
        """Return it."""
        ...


class Campaign:
    """Tries what a search asks for.

    Args:
        tasks: of a combination.
        crew: makes the runs.
        kept_in: folder that runs are kept in as they are made, and taken from where they were made
            before; None: neither.
        period: of all runs.
        learned: days that the search may learn from.

    Attributes:
        reused: how many runs were there already.
    """

    def __init__(
        self, tasks: Tasks, crew: Crew, *, kept_in: Path | None, period: Period, learned: Mask
    ) -> None:
        self._tasks, self._crew = tasks, crew
        self._folder = None if kept_in is None else RunFolder(kept_in)
        self._known = _known(self._folder)
        self._days, self._learned = days_of(period), learned
        self.reused = 0

    def tried(self, search: Search, *, of: int, progress: Progress) -> tuple[Trial, ...]:
        """Return every trial, in the order they were asked for, however they came in.

        Args:
            search: asks for them.
            of: how many there will be, for the progress.
            progress: told what is done, how many runs are, of how many.

        Raises:
            StateUnavailable: a run cannot be kept, or a worker cannot do its work.
        """
        trials: list[Trial] = []
        while choices := search.ask():
            found = self._batch(choices, done=len(trials), of=of, progress=progress)
            search.tell({one: self._score(found[one]) for one in choices})
            trials += [found[one] for one in choices]
        return tuple(trials)

    def _batch(
        self, choices: Sequence[Choice], *, done: int, of: int, progress: Progress
    ) -> Mapping[Choice, Trial]:
        tasks = [self._tasks(one) for one in choices]
        found = {
            choice: Trial(choice=choice, run=self._known[task.run_id])
            for choice, task in zip(choices, tasks, strict=True)
            if task.run_id in self._known
        }
        self.reused += len(found)
        left = [place for place, one in enumerate(choices) if one not in found]

        def tell(absent_s: float = 0.0) -> None:
            progress(stage_name("backtests", absent_s), done + len(found), of)

        tell()
        for place, made in self._made([tasks[one] for one in left], tell):
            choice = choices[left[place]]
            found[choice] = self._trial(choice, made)
            tell()
        return found

    def _made(
        self, tasks: Sequence[SweepTask], tick: Callable[[float], None]
    ) -> Iterator[tuple[int, KeptRun | Failed]]:
        return carried_out(tasks, make_run, self._crew, tick=tick)

    def _trial(self, choice: Choice, made: KeptRun | Failed) -> Trial:
        if isinstance(made, Failed):
            return Trial(choice=choice, failure=made.reason)
        run = replace(made, made_ms=time.time_ns() // 1_000_000)
        if self._folder is not None:
            self._folder.keep(run)
        return Trial(choice=choice, run=run)

    def _score(self, trial: Trial) -> float | None:
        """Return the Sharpe ratio of the days that may be learned from."""
        if trial.run is None:
            return None
        returns = padded([trial.run], len(self._days))[:, self._learned]
        return float(sharpes(returns)[0])


def days_of(period: Period) -> Integers:
    """Return the start of each UTC day of a period, milliseconds."""
    return np.arange(period.start_ms // DAY_MS * DAY_MS, period.end_ms, DAY_MS, dtype=np.int64)


def padded(runs: Sequence[KeptRun], days: int) -> Numbers:
    """Return the daily returns of runs, one row each; after its ruin a run returns nothing."""
    returns = np.zeros((len(runs), days))
    for row, run in zip(returns, runs, strict=True):
        row[: len(run.returns)] = run.returns
    return returns


def _known(folder: RunFolder | None) -> dict[str, KeptRun]:
    return {} if folder is None else {one.run_id: one for one in folder.all()}
