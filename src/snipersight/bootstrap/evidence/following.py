"""Brings the outcomes of kept signals up to date, as far as a source's candles and the time go."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from snipersight.bootstrap.profiles import load_profile
from snipersight.domain.errors import ConfigInvalid, DataInvalid, UnknownSymbol, VenueUnavailable
from snipersight.domain.evidence import (
    EvidenceStore,
    Origin,
    Outcome,
    OutcomeStatus,
    SignalKey,
    SignalRecord,
)
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import CandleSource, EventSink, PlanSource
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Symbol
from snipersight.engine.outcome_following import OutcomeFollower, has_turned, unknown
from snipersight.engine.told_signals import PlansOf
from snipersight.planner.smc_source import SmcPlanSource

_EVENTS: Final = {
    OutcomeStatus.OPEN: "plan_entered",
    OutcomeStatus.CLOSED: "plan_closed",
    OutcomeStatus.MISSED: "plan_missed",
    OutcomeStatus.INVALIDATED: "plan_invalidated",
    OutcomeStatus.EXPIRED: "plan_expired",
    OutcomeStatus.UNKNOWN: "plan_unknown",
}
# An exchange lists no market that it has halted for maintenance, and unknown is for good.
_PAUSE_MS: Final = DAY_MS
_Unfinished = tuple[SignalRecord, Outcome | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowCounts:
    """How far the signals of a venue were followed.

    Args:
        looked_at: signals whose candles were read.
        changed: outcomes that are not what they were.
        turned: of those, how many came to be in each state.
        left: signals that there was no time for.
        problems: what could not be followed now, one sentence each; the next time does.
    """

    looked_at: int = 0
    changed: int = 0
    turned: Mapping[OutcomeStatus, int] = field(default_factory=dict)
    left: int = 0
    problems: tuple[str, ...] = ()


async def follow(
    source: CandleSource,
    evidence: EvidenceStore,
    *,
    now_ms: int,
    origin: Origin,
    plans_of: PlansOf,
    sink: EventSink,
    lists_all: bool,
    seconds: float | None = None,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> FollowCounts:
    """Follow every unfinished signal of a source's venue to now, and store what became of it.

    Signals are followed from their beginning each time, so nothing is lost while nobody looks,
    and asking twice changes nothing. Those that were looked at longest ago come first.

    Args:
        source: candles of the venue.
        evidence: the store.
        now_ms: no later bar counts, milliseconds UTC.
        origin: whose signals; a recording says nothing about those of an exchange.
        plans_of: where plans of a profile come from, for shifts of structure.
        sink: is told of every turn, once.
        lists_all: a market that the source does not list is gone, and not just not recorded.
        seconds: the time there is; None: as long as it takes.
        progress: told how many of how many markets are done.

    Raises:
        StateUnavailable: the store cannot be used.
    """
    known = await asyncio.to_thread(evidence.unfinished, venue=source.venue)
    waiting = [
        (one, before)
        for one, before in known
        if one.origin is origin and _has_news(one, before, now_ms=now_ms)
    ]
    if not waiting:
        return FollowCounts()
    try:
        instruments = await source.instruments()
    except VenueUnavailable as error:
        return FollowCounts(left=len(waiting), problems=(str(error),))
    follower = OutcomeFollower(
        source=source, plans_of=plans_of, as_of_ms=now_ms, tells_all=lists_all
    )
    run = _Run(follower, evidence, instruments, sink=sink, lists_all=lists_all)
    deadline = None if seconds is None else time.monotonic() + seconds
    markets = _by_market(waiting)
    for done, market in enumerate(markets):
        if deadline is not None and time.monotonic() >= deadline:
            return run.counts(left=sum(map(len, markets[done:])))
        await run.market(market)
        progress(done + 1, len(markets))
    return run.counts(left=0)


class _Run:
    """One way through the markets, and what was found on it."""

    def __init__(
        self,
        follower: OutcomeFollower,
        evidence: EvidenceStore,
        instruments: Mapping[Symbol, Instrument],
        *,
        sink: EventSink,
        lists_all: bool,
    ) -> None:
        self._follower = follower
        self._evidence = evidence
        self._instruments = instruments
        self._sink = sink
        self._lists_all = lists_all
        self._turned: Counter[OutcomeStatus] = Counter()
        self._problems: list[str] = []
        self._looked_at = self._changed = 0

    def counts(self, *, left: int) -> FollowCounts:
        return FollowCounts(
            looked_at=self._looked_at,
            changed=self._changed,
            turned=dict(self._turned),
            left=left,
            problems=tuple(self._problems),
        )

    async def market(self, signals: Sequence[_Unfinished]) -> None:
        """Follow the signals of one market; one that cannot be read stops no other."""
        try:
            outcomes = await self._outcomes(signals)
        except (ConfigInvalid, DataInvalid, UnknownSymbol, VenueUnavailable) as error:
            symbol = signals[0][0].symbol
            fields = {"symbol": symbol, "stage": "following", "what": str(error)}
            self._sink.emit("data_quality", fields)
            self._problems.append(str(error))
            return
        self._looked_at += len(signals)
        before = {signal.key: (signal, known) for signal, known in signals}
        # Told first: what was stored without being told would never be told; the same turn told
        # again has the same key.
        for outcome in outcomes:
            self._tell(*before[outcome.key], outcome)
        self._changed += await asyncio.to_thread(self._evidence.save_outcomes, outcomes)

    async def _outcomes(self, signals: Sequence[_Unfinished]) -> list[Outcome]:
        instrument = self._instruments.get(signals[0][0].symbol)
        if instrument is not None:
            return await self._follower.outcomes(instrument, [one for one, _ in signals])
        if not self._lists_all:
            return []
        found = [self._gone(signal, before) for signal, before in signals]
        return [one for one in found if one is not None]

    def _gone(self, signal: SignalRecord, before: Outcome | None) -> Outcome | None:
        """Return that a signal's market is gone; None while it may be back after a pause."""
        note = f"{signal.symbol} is no longer listed on {signal.venue}"
        at_ms = self._follower.as_of_ms
        seen_ms = 0 if before is None else before.followed_to_ms
        if at_ms - max(seen_ms, signal.terms.known_ms) < _PAUSE_MS:
            return None
        if before is None:
            return unknown(signal, note, at_ms=at_ms)
        return replace(before, status=OutcomeStatus.UNKNOWN, ended_ms=at_ms, note=note)

    def _tell(self, signal: SignalRecord, before: Outcome | None, now: Outcome) -> None:
        if not has_turned(before, now):
            return
        self._turned[now.status] += 1
        name = _EVENTS.get(now.status)
        if name is not None:
            self._sink.emit(name, _fields(signal, now))


def _fields(signal: SignalRecord, outcome: Outcome) -> dict[str, object]:
    return {
        "event_key": f"outcome:{signal.key}:{outcome.status}",
        "account_id": signal.account_id,
        "origin": signal.origin.value,
        "symbol": signal.symbol,
        "plan_id": signal.plan_id,
        "profile": signal.profile,
        "verdict": signal.verdict.value,
        "status": outcome.status.value,
        "ending": outcome.ending.value,
        "net_r": round(outcome.net_r, 4),
        "at_ms": outcome.ended_ms or outcome.entered_ms,
    }


def _has_news(signal: SignalRecord, before: Outcome | None, *, now_ms: int) -> bool:
    """Return whether a bar has closed since a signal was known, and since it was looked at."""
    newest_ms = signal.timeframe.floor(now_ms)
    seen_ms = 0 if before is None else before.followed_to_ms
    return newest_ms > max(seen_ms, signal.terms.known_ms)


def _by_market(signals: Sequence[_Unfinished]) -> list[list[_Unfinished]]:
    """Return signals by market, the market that was looked at longest ago first."""
    markets: dict[Symbol, list[_Unfinished]] = defaultdict(list)
    for one in signals:
        markets[one[0].symbol].append(one)
    return sorted(markets.values(), key=_looked_at_ms)


def _looked_at_ms(signals: Sequence[_Unfinished]) -> tuple[int, SignalKey]:
    ends = [0 if before is None else before.followed_to_ms for _, before in signals]
    return min(ends), signals[0][0].key


def plans_of_profiles(own_folder: Path) -> PlansOf:
    """Return what finds the plans of a profile by its name.

    Args:
        own_folder: of the user's own profiles.
    """

    def find(name: str) -> PlanSource | None:
        try:
            return SmcPlanSource(load_profile(name, own_folder=own_folder))
        except ConfigInvalid:
            return None  # it is gone, or broken: prices alone are followed

    return find
