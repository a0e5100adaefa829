"""What metrics ask of telemetry: counted by the database, so that a scrape reads few rows."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, select

from snipersight.domain.evidence import Kind, OutcomeStatus, Verdict
from snipersight.storage.telemetry.tables import (
    EVENT,
    EXPORTER,
    OUTCOME,
    SCAN_COUNT,
    SIGNAL,
    SIGNAL_GROUP,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from snipersight.storage.database import Database

_DAY_MS: Final = 86_400_000
# What results are told of: what a trader was told, by the model.
_TRADED: Final = (Verdict.APPROVED.value, Kind.MODELLED.value, OutcomeStatus.CLOSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCount:
    """How many signals are alike."""

    origin: str
    profile: str
    tier: str
    verdict: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How many outcomes of signals are alike."""

    origin: str
    profile: str
    kind: str
    status: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCount:
    """What the approved signals that were entered and closed came to, by the model.

    Args:
        origin, profile, tier: which; an empty tier: all of the profile.
        closed: how many.
        hits: those with a net R above 0.
        net_r: of all of them.
        days: different days (UTC) on which they were decided.
    """

    origin: str
    profile: str
    tier: str
    closed: int
    hits: int
    net_r: float
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTotal:
    """What all scans of one origin and profile found.

    Args:
        origin, profile: which.
        scans: how many.
        funnel: how many candidates ended for each reason.
        newest_ms: the latest moment that one spoke about, milliseconds UTC.
    """

    origin: str
    profile: str
    scans: int
    funnel: Mapping[str, int]
    newest_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCounts:
    """Everything counted at one moment."""

    signals: tuple[SignalCount, ...] = ()
    outcomes: tuple[OutcomeCount, ...] = ()
    closed: tuple[ClosedCount, ...] = ()
    scans: tuple[ScanTotal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Events behind a place, by type.

    Args:
        by_type: how many.
        newest: seq of the newest; the place itself where there is none.
        lags: how many events each exporter has not confirmed.
    """

    newest: int
    by_type: Mapping[str, int] = field(default_factory=dict)
    lags: Mapping[str, int] = field(default_factory=dict)


def evidence_counts(database: Database) -> EvidenceCounts:
    """Return what signals, outcomes and scans come to, all of one moment.

    Raises:
        StateUnavailable: the store cannot be read.
    """

    def read(connection: Connection) -> EvidenceCounts:
        outcomes, closed = _outcomes(connection)
        return EvidenceCounts(
            signals=_signals(connection), outcomes=outcomes, closed=closed, scans=_scans(connection)
        )

    return database.read(read)


def event_counts(database: Database, *, after: int) -> EventCounts:
    """Return how many events of each type were stored behind a place.

    Args:
        database: of telemetry.
        after: the `newest` of the call before; 0 for all.

    Raises:
        StateUnavailable: the store cannot be read.
    """

    def read(connection: Connection) -> EventCounts:
        newest = connection.execute(select(func.max(EVENT.c.seq))).scalar_one() or 0
        counted = (
            select(EVENT.c.event_type, func.count())
            .where(EVENT.c.seq > after, EVENT.c.seq <= newest)
            .group_by(EVENT.c.event_type)
        )
        # A name with a colon is a place in something else, see `SqlEventLog`.
        exporters = select(EXPORTER.c.name, EXPORTER.c.cursor).where(~EXPORTER.c.name.contains(":"))
        return EventCounts(
            by_type={str(kind): count for kind, count in connection.execute(counted)},
            newest=max(newest, after),
            lags={name: max(0, newest - cursor) for name, cursor in connection.execute(exporters)},
        )

    return database.read(read)


def _signals(connection: Connection) -> tuple[SignalCount, ...]:
    counted = (
        select(SIGNAL.c.group_id, func.count().label("count"))
        .group_by(SIGNAL.c.group_id)
        .subquery()
    )
    names = (
        SIGNAL_GROUP.c.origin,
        SIGNAL_GROUP.c.profile,
        SIGNAL_GROUP.c.tier,
        SIGNAL_GROUP.c.verdict,
    )
    wanted = (
        select(*names, func.sum(counted.c.count))
        .join(counted, counted.c.group_id == SIGNAL_GROUP.c.id)
        .group_by(*names)
    )
    return tuple(
        SignalCount(origin=origin, profile=profile, tier=tier, verdict=verdict, count=int(count))
        for origin, profile, tier, verdict, count in connection.execute(wanted)
    )


def _outcomes(connection: Connection) -> tuple[tuple[OutcomeCount, ...], tuple[ClosedCount, ...]]:
    """Read outcomes in one pass, by what they have in common and by day."""
    group = SIGNAL_GROUP.c
    names = (group.origin, group.profile, group.tier, group.verdict, OUTCOME.c.kind)
    common = (*names, OUTCOME.c.status, SIGNAL.c.decided_ms // _DAY_MS)
    hits = func.sum(case((OUTCOME.c.net_r > 0, 1), else_=0))
    wanted = (
        select(*common, func.count(), hits, func.sum(OUTCOME.c.net_r))
        .select_from(OUTCOME)
        .join(SIGNAL, SIGNAL.c.key == OUTCOME.c.key)
        .join(SIGNAL_GROUP, group.id == SIGNAL.c.group_id)
        .group_by(*common)
    )
    counts: Counter[tuple[str, str, str, str]] = Counter()
    sums: dict[tuple[str, str, str], _Sum] = {}
    for origin, profile, tier, verdict, kind, status, day, *figures in connection.execute(wanted):
        counts[origin, profile, kind, status] += figures[0]
        if (verdict, kind, status) == _TRADED:
            # A day of several tiers is one day of the profile.
            for name in dict.fromkeys((tier, "")):
                sums.setdefault((origin, profile, name), _Sum()).add(day, *figures)
    outcomes = tuple(
        OutcomeCount(origin=origin, profile=profile, kind=kind, status=status, count=count)
        for (origin, profile, kind, status), count in counts.items()
    )
    return outcomes, tuple(_closed(*which, one) for which, one in sorted(sums.items()))


def _closed(origin: str, profile: str, tier: str, one: _Sum) -> ClosedCount:
    return ClosedCount(
        origin=origin,
        profile=profile,
        tier=tier,
        closed=one.closed,
        hits=one.hits,
        net_r=one.net_r,
        days=len(one.days),
    )


class _Sum:
    def __init__(self) -> None:
        self.closed = 0
        self.hits = 0
        self.net_r = 0.0
        self.days: set[int] = set()

    def add(self, day: int, closed: int, hits: int, net_r: float) -> None:
        """Add what closed of one day."""
        self.closed += closed
        self.hits += int(hits)
        self.net_r += net_r
        self.days.add(int(day))


def _scans(connection: Connection) -> tuple[ScanTotal, ...]:
    """Read scans, those with the same counts as one row: most of them found the same."""
    names = (SCAN_COUNT.c.origin, SCAN_COUNT.c.profile)
    wanted = select(
        *names, SCAN_COUNT.c.funnel, func.count(), func.max(SCAN_COUNT.c.at_ms)
    ).group_by(*names, SCAN_COUNT.c.funnel)
    scans: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], int] = {}
    funnels: dict[tuple[str, str], Counter[str]] = {}
    for origin, profile, funnel, count, at_ms in connection.execute(wanted):
        which = origin, profile
        scans[which] += count
        newest[which] = max(at_ms, newest.get(which, 0))
        found = funnels.setdefault(which, Counter())
        for reason, number in json.loads(funnel).items():
            found[reason] += number * count
    return tuple(
        ScanTotal(
            origin=origin,
            profile=profile,
            scans=count,
            funnel=dict(funnels[origin, profile]),
            newest_ms=newest[origin, profile],
        )
        for (origin, profile), count in sorted(scans.items())
    )
