"""How the candidates of scans ended: the same count that `snipersight stats` tells, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from snipersight.bootstrap.dashboard.views_signals import FunnelFilter, FunnelView, ReasonCount
from snipersight.bot.telemetry.evidence_view import scans_of_one_origin
from snipersight.bot.telemetry.statistics.funnels import funnel_of
from snipersight.domain.evidence import EvidenceFilter

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.evidence import ScanCount


def funnel_view(store: DashboardStore, wanted: FunnelFilter) -> FunnelView:
    """Return how candidates ended; see `DashboardReader.funnel`."""
    scans = _scans(store, wanted)
    newest = scans[-1] if scans else None
    return FunnelView(
        funnel=funnel_of(scans),
        reasons=_reasons(scans),
        last_scan_ms=None if newest is None else newest.at_ms,
        scans=len(scans),
        symbols=0 if newest is None else newest.symbols,
        read_ms=store.clock() // 1000,
    )


def _scans(store: DashboardStore, wanted: FunnelFilter) -> Sequence[ScanCount]:
    telemetry = store.telemetry()
    if telemetry is None:
        return ()
    asked = EvidenceFilter(
        account_id=wanted.account,
        profile=wanted.profile,
        origin=wanted.origin,
        since_ms=wanted.since_ms,
        until_ms=wanted.until_ms,
    )
    return scans_of_one_origin(telemetry.evidence.scans(asked))


def _reasons(scans: Sequence[ScanCount]) -> tuple[ReasonCount, ...]:
    counts: Counter[str] = Counter()
    for scan in scans:
        counts.update(scan.funnel)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ReasonCount(reason=reason, count=count) for reason, count in ranked if count)
