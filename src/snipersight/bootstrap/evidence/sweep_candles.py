"""The candles of a sweep: read once, written to a file that all workers map, and opened from it."""

from __future__ import annotations

import gc
import json
import multiprocessing
import threading
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.evidence.backtest import RecordedWorld
from snipersight.bootstrap.evidence.runs import RunKey, key_of, recordings_hash
from snipersight.bootstrap.evidence.sweep_setups import SharedSetups
from snipersight.bootstrap.evidence.sweep_work import SweepTask
from snipersight.domain.candles import Candles
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.backtest import BacktestTerms
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.collecting import rare_collections
from snipersight.engine.recording import Decided
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.storage.shared_arrays import read_shared, write_shared

_LEADERS: Final = 16
_FILES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCandles:
    """Markets as one set of timeframes sees them, with what all runs on them have in common.

    Args:
        arena: the markets.
        leading: candles of the leading market on the bias timeframe; None without any.
    """

    arena: Arena
    leading: Candles | None

    def write(self, path: Path) -> int:
        """Write them to a file, and return how many bytes that takes.

        Raises:
            StateUnavailable: it cannot be written.
        """
        return write_shared(self, path)


class OpenedCandles:
    """Candles of a sweep's file, mapped into this process.

    Runs on them are made one after the other: what follows from candles alone is kept for the next.

    Args:
        path: of the file.

    Raises:
        StateUnavailable: it cannot be read here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        held = read_shared(path)
        if not isinstance(held, SweepCandles):
            raise StateUnavailable("this is no file of a sweep's candles", where=str(path))
        self._candles = held
        self._hashes: dict[int, blake2b] = {}
        self._leader = lru_cache(_LEADERS)(self._read_leader)
        self._setups = SharedSetups()

    def world(self, task: SweepTask) -> RecordedWorld:
        """Return what a run is made of."""
        profile = task.profile
        terms = BacktestTerms(
            profile=profile,
            plans=SmcPlanSource(profile, shadows_after_ms=task.period.end_ms),
            policy=task.policy,
            currency=task.currency,
            balance=task.balance,
            period=task.period,
            rearm_days=task.rearm_days,
            keeps_records=False,
        )
        return RecordedWorld(
            arena=self._candles.arena,
            leader=self._leader(_LeaderRules(profile)),
            terms=terms,
            unread=(),
        )

    def decided(self, world: RecordedWorld) -> dict[Symbol, Decided]:
        """Return what a run decides over each market.

        Args:
            world: of this file's candles.
        """
        terms = world.terms
        with rare_collections():
            return {
                symbol: self._setups.decided(
                    recording,
                    world.leader,
                    terms.profile,
                    shadows_after_ms=terms.period.end_ms,
                )
                for symbol, recording in sorted(world.arena.recordings.items())
            }

    def key(self, world: RecordedWorld) -> RunKey:
        """Return what a run depends on."""
        end_ms = world.terms.period.end_ms
        if end_ms not in self._hashes:
            self._hashes[end_ms] = recordings_hash(world)
        return key_of(world, self._hashes[end_ms])

    def _read_leader(self, rules: _LeaderRules) -> LeaderTimeline:
        leader, leading = LeaderTimeline(rules.profile), self._candles.leading
        if leading is not None and len(leading):
            leader.advance(leading, until_ms=int(leading.close_time[-1]))
        return leader


class _LeaderRules:
    """What the leading market's state depends on: equal where two profiles read it alike."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        setup = profile.setup
        self._facts = json.dumps(
            [
                profile.timeframes.bias,
                profile.roles.bias.model_dump(mode="json"),
                setup.shift_strength,
                setup.shift_kinds,
            ]
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _LeaderRules) and other._facts == self._facts

    def __hash__(self) -> int:
        return hash(self._facts)


# Threads of one process do not share them: what is kept for the next run is not made for two at a
# time. The candles themselves are the same pages.
_here = threading.local()


def opened(path: Path) -> OpenedCandles:
    """Return the candles of a file, opened once for a while of runs on it.

    Raises:
        StateUnavailable: it cannot be read here.
    """
    known: dict[Path, OpenedCandles] = _here.__dict__.setdefault("opened", {})
    if path not in known:
        for oldest in list(known)[: len(known) - _FILES + 1]:
            del known[oldest]
        known[path] = OpenedCandles(path)
        if multiprocessing.parent_process() is not None:
            gc.collect()
            gc.freeze()  # what is there from now on is no garbage, and need not be searched for any
    return known[path]
