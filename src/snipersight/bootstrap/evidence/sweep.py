"""A sweep over a folder of recorded candles: many backtests, and what the best of them is worth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from snipersight.bootstrap.evidence.backtest import Making
from snipersight.bootstrap.evidence.leaving import done_in_thread
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.sweep_campaign import Campaign, Trial, days_of, padded
from snipersight.bootstrap.evidence.sweep_ground import SweepGround, open_ground, scratch_folder
from snipersight.bootstrap.evidence.sweep_judging import Judged, judge_best
from snipersight.bootstrap.evidence.sweep_keeping import record_sweep
from snipersight.bootstrap.evidence.sweep_space import Variants
from snipersight.bootstrap.evidence.sweep_work import SweepTask
from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import NoData
from snipersight.domain.evidence_columns import Integers, Numbers
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.recording import Period
from snipersight.engine.sweeping.choosing import (
    WalkTerms,
    default_walk,
    folds_of,
    learned_mask,
)
from snipersight.engine.sweeping.crews import Crew
from snipersight.engine.sweeping.searching import SearchKind, search_of
from snipersight.performance.splits import Fold
from snipersight.performance.windows import Window
from snipersight.storage.kept_runs import KeptRun

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """What is to be tried.

    Args:
        recorded: candles and the profile whose values are varied.
        variants: its profiles.
        search: how combinations are chosen.
        runs: how many, where not all of them are; at least 1.
        seed: of what is drawn.
        walk: how days are parted; None: half of them to choose by, four steps through the rest.
    """

    recorded: RecordedRequest
    variants: Variants
    search: SearchKind
    runs: int
    seed: int
    walk: WalkTerms | None = None

    @property
    def count(self) -> int:
        """Return how many combinations are tried."""
        whole = len(self.variants.space)
        return whole if self.search is SearchKind.GRID else min(self.runs, whole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Swept:
    """A finished sweep.

    Args:
        request: what was asked.
        period: of all runs.
        trials: in the order they were asked for.
        reused: how many of them had been made before.
        days: start of each day, milliseconds UTC.
        made: places of the trials that gave something.
        returns: of each of those, one row each, one column a day.
        judged: what the best is worth.
        unread: symbols that could not be read, with the reason.
    """

    request: SweepRequest
    period: Period
    trials: tuple[Trial, ...]
    reused: int
    days: Integers
    made: tuple[int, ...]
    returns: Numbers
    judged: Judged
    unread: tuple[tuple[Symbol, str], ...]

    @property
    def runs(self) -> tuple[KeptRun, ...]:
        """Return what was made, in the order of `made`."""
        return runs_of(self.trials)

    @property
    def best(self) -> Trial:
        """Return the trial that was judged."""
        return self.trials[self.made[self.judged.best]]

    @property
    def failed(self) -> tuple[Trial, ...]:
        """Return the trials that gave nothing."""
        return tuple(one for one in self.trials if one.run is None)


async def sweep_recorded(
    request: SweepRequest,
    settings: Settings,
    making: Making,
    crew: Crew,
    *,
    cache: Path,
    progress: Progress,
) -> Swept:
    """Return what a sweep shows; every run is kept as soon as it is made, the sweep at its end.

    The same sweep made again takes what it made before and goes on with the rest. Its result
    depends neither on who makes the runs nor on how many do.

    Args:
        request: what is tried.
        settings: limits and balance.
        making: how runs are made and where they are kept.
        crew: makes them.
        cache: folder for the candles while it lasts.
        progress: told what is done.

    Raises:
        ConfigInvalid: folder, symbols, times or walk are wrong.
        NoData: the folder holds no candles, no market could be read, or every run failed.
        StateUnavailable: a run cannot be kept, or the crew works by other code.
    """
    with scratch_folder(cache) as folder:
        ground = await open_ground(
            request.recorded, request.variants, settings, making, folder=folder, progress=progress
        )
        swept = await _swept(request, ground, making, crew, progress=progress)
        await asyncio.to_thread(record_sweep, swept, making.kept_in)
        return swept


async def _swept(
    request: SweepRequest, ground: SweepGround, making: Making, crew: Crew, *, progress: Progress
) -> Swept:
    days = days_of(ground.period)
    folds = _folds(days, request.walk)
    tasks = _Tasks(ground, request)
    campaign = Campaign(
        tasks,
        crew,
        kept_in=making.kept_in,
        period=ground.period,
        learned=learned_mask(days, folds),
    )
    trials = await done_in_thread(
        lambda tell: campaign.tried(
            search_of(request.search, request.variants.space, request.runs, seed=request.seed),
            of=request.count,
            progress=tell,
        ),
        progress=progress,
    )
    made = tuple(place for place, one in enumerate(trials) if one.run is not None)
    if not made:
        raise _nothing_made(trials)
    returns = padded(runs_of(trials), len(days))
    judged = await judge_best(
        [await asyncio.to_thread(tasks, trials[place].choice) for place in made],
        returns,
        days,
        folds,
        ground=ground,
        making=making,
        crew=crew,
        progress=progress,
    )
    return Swept(
        request=request,
        period=ground.period,
        trials=trials,
        reused=campaign.reused,
        days=days,
        made=made,
        returns=returns,
        judged=judged,
        unread=ground.unread,
    )


@dataclass(frozen=True, slots=True)
class _Tasks:
    """Makes the task of a combination."""

    ground: SweepGround
    request: SweepRequest

    def __call__(self, choice: tuple[int, ...]) -> SweepTask:
        profile = self.request.variants.profile(choice)
        return self.ground.task(profile, trials=self.request.count)


def runs_of(trials: Sequence[Trial]) -> tuple[KeptRun, ...]:
    """Return the runs of the trials that gave something, in their order."""
    return tuple(one.run for one in trials if one.run is not None)


def _folds(days: Integers, walk: WalkTerms | None) -> tuple[Fold, ...]:
    period = Window(int(days[0]), int(days[-1]) + DAY_MS)
    terms = walk or default_walk(period)
    return () if terms is None else folds_of(period, terms)


def _nothing_made(trials: Sequence[Trial]) -> NoData:
    return NoData(
        f"not one of the runs could be made: {trials[0].failure}",
        where="sweep",
        next_step="make one of them with `snipersight backtest`, which says what is wrong",
    )
