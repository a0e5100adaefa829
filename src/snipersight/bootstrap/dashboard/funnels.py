"""How the candidates of scans ended: the same count that `snipersight stats` tells, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from snipersight.bootstrap.dashboard.views_signals import FunnelFilter, FunnelView, ReasonCount
from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.bot.telemetry.evidence_view import scans_of_one_origin
from snipersight.bot.telemetry.statistics.funnels import funnel_of
from snipersight.domain.evidence import EvidenceFilter

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.evidence import EvidenceStore, ScanCount


def funnel_view(store: DashboardStore, wanted: FunnelFilter) -> FunnelView:
    """Return how candidates ended; see `DashboardReader.funnel`."""
    read_ms = store.clock() // 1000
    telemetry = store.telemetry()
    if telemetry is None:
        return _counted((), read_ms)
    evidence = telemetry.evidence
    # Every scan is read for it, so that it is counted once for each that comes.
    found = store.kept(Topic.STATS, wanted, lambda: _counted(_scans(evidence, wanted), read_ms))
    return replace(found, read_ms=read_ms)


def _counted(scans: Sequence[ScanCount], read_ms: int) -> FunnelView:
    newest = scans[-1] if scans else None
    return FunnelView(
        funnel=funnel_of(scans),
        reasons=_reasons(scans),
        last_scan_ms=None if newest is None else newest.at_ms,
        scans=len(scans),
        symbols=0 if newest is None else newest.symbols,
        read_ms=read_ms,
    )


def _scans(evidence: EvidenceStore, wanted: FunnelFilter) -> Sequence[ScanCount]:
    asked = EvidenceFilter(
        account_id=wanted.account,
        profile=wanted.profile,
        origin=wanted.origin,
        since_ms=wanted.since_ms,
        until_ms=wanted.until_ms,
    )
    return scans_of_one_origin(evidence.scans(asked))


def _reasons(scans: Sequence[ScanCount]) -> tuple[ReasonCount, ...]:
    counts: Counter[str] = Counter()
    for scan in scans:
        counts.update(scan.funnel)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ReasonCount(reason=reason, count=count) for reason, count in ranked if count)
