"""What became of the kept signals of one market, by the candles that a source has of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData
from snipersight.domain.evidence import (
    Kind,
    Outcome,
    OutcomeStatus,
    SignalRecord,
    SignalTerms,
)
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.engine.structure_shifts import bars_since, shifts_before
from snipersight.engine.told_signals import PlansOf
from snipersight.matching.outcomes import model_outcomes
from snipersight.matching.outcomes.rows import problem_of

_MINUTE: Final = Timeframe.parse("1m")
_FIVE_MINUTES: Final = Timeframe.parse("5m")
# Finer bars order what a bar leaves open. So many are read at most, from the first that counts on:
# ten weeks of five minutes, two of one minute.
_FINER_BARS: Final = 20_000
_PATIENCE_BARS: Final = 2  # a venue may publish a bar late
_SILENT_MS: Final = 14 * DAY_MS  # a market without a bar for so long has none any more


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFollower:
    """Tells what became of signals as of one moment.

    Args:
        source: candles of the signals' venue.
        plans_of: where plans of a profile come from, by its name; None for a profile that is gone:
            its structure is not read any more, prices alone are.
        as_of_ms: the moment, milliseconds UTC; no later bar is looked at.
        tells_all: the source has every market's candles to that moment, as a recording need not:
            a market that has been silent for two weeks ends what lives on it.
    """

    source: CandleSource
    plans_of: PlansOf
    as_of_ms: int
    tells_all: bool = False

    async def outcomes(
        self, instrument: Instrument, signals: Sequence[SignalRecord]
    ) -> list[Outcome]:
        """Return the outcomes of signals of one market, as far as bars have closed since.

        Raises:
            DataInvalid, UnknownSymbol, VenueUnavailable: as the source says.
        """
        found: list[Outcome] = []
        for group in _alike(signals):
            found += await self._of_group(instrument, group)
        return found

    async def _of_group(
        self, instrument: Instrument, signals: Sequence[SignalRecord]
    ) -> list[Outcome]:
        timeframe = signals[0].timeframe
        since_ms = min(one.decided_ms for one in signals)
        try:
            candles = await bars_since(
                self.source, instrument.symbol, timeframe, since_ms, as_of_ms=self.as_of_ms
            )
        except NoData:
            return [one for one in (self._untold(signal) for signal in signals) if one is not None]
        told = [one for one in signals if not _begins_too_late(one, candles)]
        lost = [self._untold(one) for one in signals if _begins_too_late(one, candles)]
        shifts = await self._shifts(instrument, told)
        finer = await self._finer(instrument, timeframe, since_ms)
        found = outcomes_of(
            told,
            candles,
            finer=finer,
            shifts=shifts,
            until_ms=self.as_of_ms,
            is_silent=self._is_silent(candles),
        )
        return [*found, *(one for one in lost if one is not None)]

    def _is_silent(self, candles: Candles) -> bool:
        return self.tells_all and self.as_of_ms - int(candles.close_time[-1]) >= _SILENT_MS

    def _untold(self, signal: SignalRecord) -> Outcome | None:
        """Return that nobody can tell any more, once the time for an entry is over."""
        wait_ms = _PATIENCE_BARS * signal.timeframe.duration_ms
        if self.as_of_ms < signal.terms.valid_until_ms + wait_ms:
            return None
        note = f"there are no candles of the time after {utc_text(signal.decided_ms)}"
        return unknown(signal, note, at_ms=self.as_of_ms)

    async def _shifts(
        self, instrument: Instrument, signals: Sequence[SignalRecord]
    ) -> Mapping[int, Direction]:
        plans = self.plans_of(signals[0].profile) if signals else None
        if plans is None:
            return {}
        ends = {min(self.as_of_ms, one.terms.valid_until_ms) for one in signals}
        try:
            return await shifts_before(self.source, plans, instrument, ends)
        except NoData:
            return {}  # structure cannot be read any more: prices alone are followed

    async def _finer(
        self, instrument: Instrument, timeframe: Timeframe, since_ms: int
    ) -> Candles | None:
        finer = finer_than(timeframe)
        if finer is None:
            return None
        until_ms = min(self.as_of_ms, since_ms + _FINER_BARS * finer.duration_ms)
        try:
            return await bars_since(
                self.source, instrument.symbol, finer, since_ms, as_of_ms=until_ms
            )
        except (ConfigInvalid, DataInvalid, NoData):
            return None  # the source has none: the worse is taken where a bar leaves it open


def _begins_too_late(signal: SignalRecord, candles: Candles) -> bool:
    """Return whether no candle tells of the time in which the signal could be entered."""
    first = int(candles.open_time.searchsorted(signal.terms.known_ms, side="left"))
    return first < len(candles) and int(candles.open_time[first]) >= signal.terms.valid_until_ms


def finer_than(timeframe: Timeframe) -> Timeframe | None:
    """Return the bars that order what a bar leaves open; of a timeframe always the same."""
    if timeframe <= _MINUTE:
        return None
    return _MINUTE if timeframe <= _FIVE_MINUTES else _FIVE_MINUTES


def outcomes_of(
    signals: Sequence[SignalRecord],
    candles: Candles,
    *,
    finer: Candles | None,
    shifts: Mapping[int, Direction],
    until_ms: int,
    is_silent: bool = False,
) -> list[Outcome]:
    """Return the outcomes of signals of one market and timeframe.

    One whose terms contradict each other is unknown for good, and keeps no other from its outcome.

    Args:
        signals: any that were decided after the first candle.
        candles: closed bars of the signals' timeframe.
        finer: closed bars of a finer one, as far as there are any.
        shifts: shifts of major structure by the close that revealed them.
        until_ms: no later bar counts.
        is_silent: no bar will follow any more.
    """
    found, alive = [], []
    for signal in signals:
        problem = problem_of(signal.terms)
        over = (
            unknown(signal, f"its terms contradict each other: {problem}", at_ms=until_ms)
            if problem
            else over_before_known(signal, candles, shifts)
        )
        if over is None:
            alive.append(signal)
        else:
            found.append(over)
    terms = [(one.key, one.terms) for one in alive]
    if terms:
        found += model_outcomes(
            terms,
            candles,
            finer=finer,
            shifts=shifts,
            until_ms=until_ms,
            is_delisted=is_silent,
        )
    return found


def over_before_known(
    signal: SignalRecord, candles: Candles, shifts: Mapping[int, Direction]
) -> Outcome | None:
    """Return how a plan ended before anybody could have acted on it; None where it had not.

    A scan comes upon setups that were completed hours before. Those that a gate refused it does
    not follow to its own moment, so it is told here, by the rules of `planner.voids.is_void`.
    """
    terms = signal.terms
    closes = candles.close_time
    first = int(closes.searchsorted(signal.decided_ms, side="right"))
    stop = int(closes.searchsorted(terms.known_ms, side="right"))
    for index in range(first, stop):
        closed_ms = int(closes[index])
        status = _void(terms, candles, index, shifts.get(closed_ms))
        if status is not None:
            return Outcome(
                key=signal.key,
                kind=Kind.MODELLED,
                status=status,
                followed_to_ms=closed_ms,
                resolution_ms=candles.timeframe.duration_ms,
                ended_ms=closed_ms,
                note="it was over before anybody could have acted on it",
            )
    return None


def _void(
    terms: SignalTerms, candles: Candles, index: int, shift: Direction | None
) -> OutcomeStatus | None:
    high, low = float(candles.high[index]), float(candles.low[index])
    is_long = terms.direction is Direction.LONG
    target, stop = terms.targets[0][0], terms.stop
    if int(candles.close_time[index]) > terms.valid_until_ms:
        return OutcomeStatus.EXPIRED
    if high >= target if is_long else low <= target:
        return OutcomeStatus.MISSED
    if low <= stop if is_long else high >= stop:
        return OutcomeStatus.INVALIDATED
    return OutcomeStatus.INVALIDATED if shift is terms.direction.opposite else None


def unknown(signal: SignalRecord, note: str, *, at_ms: int) -> Outcome:
    """Return that the candles that would tell do not exist, and why."""
    return Outcome(
        key=signal.key,
        kind=Kind.MODELLED,
        status=OutcomeStatus.UNKNOWN,
        followed_to_ms=at_ms,
        ended_ms=at_ms,
        note=note,
    )


def _alike(signals: Sequence[SignalRecord]) -> list[list[SignalRecord]]:
    """Return signals in groups of one timeframe, profile and time."""
    groups: dict[tuple[Timeframe, str, int], list[SignalRecord]] = defaultdict(list)
    for signal in signals:
        groups[signal.timeframe, signal.profile, _stretch(signal)].append(signal)
    return list(groups.values())


def _stretch(signal: SignalRecord) -> int:
    """Return which stretch of time a signal belongs to, half as long as finer bars reach.

    Followed together with an old one that is still open, it would get none of them.
    """
    finer = finer_than(signal.timeframe) or signal.timeframe
    return signal.decided_ms // (_FINER_BARS * finer.duration_ms // 2)


def has_turned(before: Outcome | None, now: Outcome) -> bool:
    """Return whether an outcome is in another state than what was known of it."""
    return now.status is not (OutcomeStatus.WAITING if before is None else before.status)
