"""Metrics of signals, their outcomes, scans and events, read from telemetry's store."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from snipersight.bot.telemetry.metrics.families import Family, Kind, Labels
from snipersight.domain.statistics import ENOUGH, Enough
from snipersight.storage.database import Database
from snipersight.storage.shrinking import size_bytes
from snipersight.storage.telemetry.metrics_view import (
    ClosedCount,
    EvidenceCounts,
    ScanTotal,
    event_counts,
    evidence_counts,
)

_REJECTED: Final = "rejected"
# Whoever tracks signals by hand may name any reason: only what looks like a code is a label.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODES: Final = 50  # the risk gate has some twenty
_OTHER: Final = "other"


class EventReader:
    """Counts events, each time those that came since.

    Args:
        database: of telemetry.
        exporters: whose lag is told; one that is used no more lags behind for ever.
    """

    def __init__(self, database: Database, exporters: Sequence[str]) -> None:
        self._database: Final = database
        self._exporters: Final = tuple(exporters)
        self._counts: Final[Counter[str]] = Counter()
        self._place = 0

    def __call__(self) -> tuple[Family, ...]:
        """Return events by type, and how far exporters lag behind."""
        found = event_counts(self._database, after=self._place)
        self._place = found.newest
        self._counts.update(found.by_type)
        return (
            Family(
                name="events",
                help="Events that were recorded, by type.",
                kind=Kind.COUNTER,
                labels=("type",),
                values={(name,): float(count) for name, count in self._counts.items()},
            ),
            Family(
                name="exporter_lag_events",
                help="Events that an exporter has not confirmed.",
                labels=("exporter",),
                # One that was never run lacks everything.
                values={
                    (name,): float(found.lags.get(name, found.newest)) for name in self._exporters
                },
            ),
            Family(
                name="telemetry_database_size_bytes",
                help="Disk that the store of telemetry takes.",
                values={(): float(size_bytes(self._database))},
            ),
        )


class EvidenceReader:
    """Counts signals, outcomes and scans.

    Args:
        database: of telemetry.
        enough: closed signals before a rate is told.
    """

    def __init__(self, database: Database, *, enough: Enough = ENOUGH) -> None:
        self._database: Final = database
        self._enough: Final = enough

    def __call__(self) -> tuple[Family, ...]:
        """Return everything that is counted of the evidence."""
        counts = evidence_counts(self._database)
        return (
            *_signals_and_outcomes(counts),
            *_results(counts.closed, self._enough),
            *_scans(counts.scans),
        )


def _signals_and_outcomes(counts: EvidenceCounts) -> tuple[Family, ...]:
    return (
        Family(
            name="signals",
            help="Signals that are kept, by verdict.",
            labels=("origin", "profile", "tier", "verdict"),
            values={
                (one.origin, one.profile, one.tier, one.verdict): float(one.count)
                for one in counts.signals
            },
        ),
        Family(
            name="outcomes",
            help="Signals by how far they have come, modelled on candles or actually traded.",
            labels=("origin", "profile", "kind", "status"),
            values={
                (one.origin, one.profile, one.kind, one.status): float(one.count)
                for one in counts.outcomes
            },
        ),
    )


def _results(closed: tuple[ClosedCount, ...], enough: Enough) -> tuple[Family, ...]:
    """Return results of profiles, and of their tiers; rates only where there is enough."""
    wholes: dict[Labels, ClosedCount] = {
        (one.origin, one.profile): one for one in closed if not one.tier
    }
    tiers: dict[Labels, ClosedCount] = {
        (one.origin, one.profile, one.tier): one for one in closed if one.tier
    }
    labels: Labels = ("origin", "profile")
    return (
        *_result("", "a profile's", labels, wholes, enough),
        *_result("tier_", "a tier's", (*labels, "tier"), tiers, enough),
    )


def _result(
    prefix: str, whose: str, labels: Labels, found: Mapping[Labels, ClosedCount], enough: Enough
) -> tuple[Family, ...]:
    told = {key: one for key, one in found.items() if enough.is_met_by(one.closed, one.days)}
    beside = f"absent below {enough.closed} closed on {enough.days} days"
    return (
        Family(
            name=f"{prefix}closed_signals",
            help=f"Approved signals of {whose} that were entered and closed, modelled.",
            labels=labels,
            values={key: float(one.closed) for key, one in found.items()},
        ),
        Family(
            name=f"{prefix}hit_ratio",
            help=f"Share of {whose} closed signals with a net R above 0; {beside}.",
            labels=labels,
            values={key: one.hits / one.closed for key, one in told.items()},
        ),
        Family(
            name=f"{prefix}expectancy_r",
            help=f"Average net R of {whose} closed signals; {beside}.",
            labels=labels,
            values={key: one.net_r / one.closed for key, one in told.items()},
        ),
    )


def _scans(scans: tuple[ScanTotal, ...]) -> tuple[Family, ...]:
    stages: Counter[Labels] = Counter()
    codes: Counter[Labels] = Counter()
    known = _known_codes(scans)
    for one in scans:
        for reason, count in one.funnel.items():
            stage, _, code = reason.partition(":")
            stages[one.origin, one.profile, stage] += count
            if stage == _REJECTED:
                codes[one.origin, one.profile, code if code in known else _OTHER] += count
    return (
        Family(
            name="scans",
            help="Scans that were recorded.",
            kind=Kind.COUNTER,
            labels=("origin", "profile"),
            values={(one.origin, one.profile): float(one.scans) for one in scans},
        ),
        Family(
            name="scan_candidates",
            help="Candidates of scans by the stage they ended in.",
            kind=Kind.COUNTER,
            labels=("origin", "profile", "stage"),
            values=dict(stages),
        ),
        Family(
            name="rejections",
            help="Plans that the risk gate rejected, by its first reason.",
            kind=Kind.COUNTER,
            labels=("origin", "profile", "code"),
            values=dict(codes),
        ),
        Family(
            name="last_scan_timestamp_seconds",
            help="The latest moment that a scan spoke about.",
            labels=("origin", "profile"),
            values={(one.origin, one.profile): one.newest_ms / 1000 for one in scans},
        ),
    )


def _known_codes(scans: tuple[ScanTotal, ...]) -> frozenset[str]:
    """Return the reasons of the gate that may be labels, a bounded number of them."""
    counts: Counter[str] = Counter()
    for one in scans:
        for reason, count in one.funnel.items():
            stage, _, code = reason.partition(":")
            if stage == _REJECTED and _CODE.fullmatch(code):
                counts[code] += count
    return frozenset(code for code, _ in counts.most_common(_CODES))
