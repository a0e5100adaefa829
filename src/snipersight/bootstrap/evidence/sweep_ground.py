"""What all runs of a sweep stand on: candles in files that workers share, one period, one account."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.bootstrap.evidence.backtest import Making, RecordedWorld, open_world
from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.sweep_candles import SweepCandles, opened
from snipersight.bootstrap.evidence.sweep_space import Frames, Variants, frames_of
from snipersight.bootstrap.evidence.sweep_work import SweepTask
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.profile import Profile
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.recording import Period
from snipersight.storage.home import make_private_folder

Progress = Callable[[str, int, int], object]
_PREFIX: Final = "candles-"
_LEFT_OVER_S: Final = 7 * 86_400  # what a sweep that was killed left behind goes after so long


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepGround:
    """Makes the tasks of a sweep.

    Args:
        files: of candles, by timeframes.
        period: of all runs: it begins when the slowest profile can decide.
        settings: limits and balance.
        rearm_days: after how many days a breaker is lifted.
        unread: symbols that could not be read, with the reason.
    """

    files: Mapping[Frames, Path]
    period: Period
    settings: Settings
    rearm_days: int
    unread: tuple[tuple[Symbol, str], ...]

    def task(self, profile: Profile, *, trials: int) -> SweepTask:
        """Return the run of a profile.

        Args:
            profile: one of those the ground was opened for.
            trials: how many runs the sweep makes.
        """
        task = SweepTask(
            candles=self.files[frames_of(profile)],
            profile=profile,
            policy=build_policy(self.settings, profile),
            currency=Currency(self.settings.account_currency),
            balance=Decimal(self.settings.default_account_balance),
            period=self.period,
            rearm_days=self.rearm_days,
            run_id="",
            trials=trials,
        )
        candles = opened(task.candles)
        return replace(task, run_id=candles.key(candles.world(task)).run_id)

    def world(self, task: SweepTask) -> RecordedWorld:
        """Return what a run is made of, to be made here."""
        return replace(opened(task.candles).world(task), unread=self.unread)


async def open_ground(
    recorded: RecordedRequest,
    variants: Variants,
    settings: Settings,
    making: Making,
    *,
    folder: Path,
    progress: Progress,
) -> SweepGround:
    """Read the candles once for each set of timeframes, and write them for all workers.

    Args:
        recorded: what is read.
        variants: the profiles.
        settings: limits and balance.
        making: how runs are made.
        folder: for the files.
        progress: told what is being read.

    Raises:
        ConfigInvalid: folder, symbols or times are wrong, or no profile can decide in the period.
        NoData: the folder holds no candles, or no market could be read.
        StateUnavailable: the files cannot be written.
    """
    files: dict[Frames, Path] = {}
    periods: list[Period] = []
    unread: dict[Symbol, str] = {}
    for number, (frames, widest) in enumerate(variants.widest.items()):
        request = replace(recorded, profile=widest.profile)
        world = await open_world(request, settings, making, progress=progress)
        files[frames] = folder / f"{number}.arrays"
        SweepCandles(arena=world.arena, leading=world.leading).write(files[frames])
        periods.append(world.terms.period)
        unread |= dict(world.unread)
    return SweepGround(
        files=files,
        period=_common(periods),
        settings=settings,
        rearm_days=making.rearm_days,
        unread=tuple(sorted(unread.items())),
    )


def _common(periods: list[Period]) -> Period:
    """Return the period in which every profile can decide: runs are compared day by day."""
    start_ms = max(one.start_ms for one in periods)
    end_ms = min(one.end_ms for one in periods)
    if start_ms >= end_ms:
        raise ConfigInvalid(
            "there is no time at which all of the timeframes have history enough",
            where="--vary timeframes",
            next_step="leave out the longest ones, or take a longer period",
        )
    return Period(start_ms=start_ms, end_ms=end_ms)


@contextmanager
def scratch_folder(cache: Path) -> Iterator[Path]:
    """Yield a folder for the files of one sweep; it is gone afterwards.

    Args:
        cache: of the home folder. What sweeps that were killed left there goes, too.

    Raises:
        StateUnavailable: it cannot be made.
    """
    above = make_private_folder(cache / "sweeps")
    for old in above.glob(f"{_PREFIX}*"):
        if time.time() - _touched_s(old) > _LEFT_OVER_S:
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=above, ignore_cleanup_errors=True) as own:
        yield Path(own)


def _touched_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another sweep cleans up, too
        return time.time()
