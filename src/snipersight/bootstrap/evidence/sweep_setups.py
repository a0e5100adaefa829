"""Setups that several runs of a sweep have in common, read once by each worker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from snipersight.analysis.facts import Reading
from snipersight.analysis.momentum import Momentum
from snipersight.domain.direction import Direction
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.recording import Decided, Recording
from snipersight.planner.setup_judging import SeenSetup, SetupJudge
from snipersight.planner.setup_reader import SetupReader

# About 11 kB each once they share what they have in common: 33 MB of a worker at most.
MOST_SETUPS: Final = 3_000
_STEP_BARS: Final = 2_000  # of facts that lie in memory until their shifts are taken

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """All setups of a recording, and every shift of its major structure."""

    setups: tuple[SeenSetup, ...]
    shifts: Mapping[int, Direction]


class SharedSetups:
    """Decides over recordings for one profile after the other, and reads their candles once.

    What is kept depends on the candles, the timeframes, the detectors of each role and what
    completes a setup. Profiles that differ in gates, weights, planner, sizing or management alone
    read the same. Markets whose setups no longer fit are read anew by each run.

    Args:
        most: setups that are kept, of all markets together.
    """

    def __init__(self, *, most: int = MOST_SETUPS) -> None:
        self._most = most
        self._rules = ""
        self._kept: dict[Symbol, _Seen] = {}

    def decided(
        self,
        recording: Recording,
        leader: LeaderContext,
        profile: Profile,
        *,
        shadows_after_ms: int,
    ) -> Decided:
        """Return everything that a profile decides over a recorded market.

        Args:
            recording: the market; of one symbol, always the same.
            leader: the leading market's state over time.
            profile: every threshold.
            shadows_after_ms: setups decided later are planned as shadows where they are refused.
        """
        seen = self._seen(recording, profile)
        judge = SetupJudge(
            recording.instrument,
            None if recording.is_leading else leader,
            profile=profile,
            shadows_after_ms=shadows_after_ms,
        )
        return Decided(candidates=tuple(map(judge.decide, seen.setups)), shifts=seen.shifts)

    def _seen(self, recording: Recording, profile: Profile) -> _Seen:
        rules, symbol = _reading_rules(profile), recording.instrument.symbol
        if rules != self._rules:
            self._rules = rules
            self._kept.clear()
        if symbol in self._kept:
            return self._kept[symbol]
        seen = _read(recording, profile)
        if sum(len(one.setups) for one in self._kept.values()) + len(seen.setups) <= self._most:
            self._kept[symbol] = seen = replace(seen, setups=_condensed(seen.setups))
        return seen


def _reading_rules(profile: Profile) -> str:
    """Return what reading depends on, equal where two profiles read alike."""
    setup = profile.setup
    return json.dumps(
        [
            profile.timeframes.model_dump(mode="json"),
            profile.roles.model_dump(mode="json"),
            setup.shift_strength,
            setup.shift_kinds,
        ]
    )


def _read(recording: Recording, profile: Profile) -> _Seen:
    reader = SetupReader(recording.instrument.symbol, profile)
    trigger = recording.bars[profile.timeframe("trigger")]
    bar_ms = trigger.timeframe.duration_ms
    step_ms, end_ms = _STEP_BARS * bar_ms, int(trigger.open_time[-1]) + bar_ms
    setups: list[SeenSetup] = []
    shifts: dict[int, Direction] = {}
    for moment_ms in range(int(trigger.open_time[0]) + step_ms, end_ms + step_ms, step_ms):
        setups += reader.advance(recording.bars, until_ms=min(moment_ms, end_ms))
        shifts |= reader.fresh_shifts()
    return _Seen(setups=tuple(setups), shifts=shifts)


def _condensed(setups: Sequence[SeenSetup]) -> tuple[SeenSetup, ...]:
    """Return the same setups, holding one object for what many of them know."""
    condenser = _Condenser()
    return tuple(map(condenser.setup, setups))


class _Condenser:
    """Makes equal facts the same object: a pool that lives for weeks is in every reading of them."""

    def __init__(self) -> None:
        self._facts: dict[object, object] = {}
        # A higher timeframe knows the same at several setups. Both are held, or an id might return.
        self._readings: dict[int, tuple[Reading, Reading]] = {}

    def setup(self, seen: SeenSetup) -> SeenSetup:
        """Return an equal setup."""
        return SeenSetup(
            setup=seen.setup,
            readings={name: self._reading(one) for name, one in seen.readings.items()},
            momentum=None if seen.momentum is None else _Known(seen.momentum()),
        )

    def _reading(self, reading: Reading) -> Reading:
        if id(reading) not in self._readings:
            condensed = replace(
                reading,
                blocks=self._same(reading.blocks),
                gaps=self._same(reading.gaps),
                pools=self._same(reading.pools),
            )
            self._readings[id(reading)] = reading, condensed
        return self._readings[id(reading)][1]

    def _same(self, facts: Sequence[T]) -> tuple[T, ...]:
        known: dict[T, T] = self._facts  # type: ignore[assignment]  # each is found by its equal
        return tuple(known.setdefault(one, one) for one in facts)


@dataclass(frozen=True, slots=True)
class _Known:
    """Tells momentum that was computed before."""

    momentum: Momentum | None

    def __call__(self) -> Momentum | None:
        """Return it."""
        return self.momentum
