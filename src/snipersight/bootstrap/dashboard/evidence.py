"""What signals have been worth, as the dashboard shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snipersight.bootstrap.dashboard.no_evidence import no_evidence
from snipersight.bootstrap.dashboard.views_system import (
    EvidenceRequest,
    EvidenceView,
    Topic,
)
from snipersight.bootstrap.findings import Findings, find
from snipersight.bot.telemetry.evidence_view import EvidenceView as Statistics
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.domain.evidence import EvidenceFilter

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.bootstrap.settings import Settings


def evidence_view(store: DashboardStore, wanted: EvidenceRequest) -> EvidenceView:
    """Return what signals have been worth; see `DashboardReader.evidence`."""

    def work() -> EvidenceView:
        return store.statistics.call(measured, store.settings, wanted)

    view = store.kept(Topic.STATS, wanted, work)
    return replace(view, read_ms=store.clock() // 1000)


def measured(settings: Settings, wanted: EvidenceRequest) -> EvidenceView:
    """Return what signals have been worth, in whichever process it is called."""
    from snipersight.bootstrap.dashboard.store import DashboardStore

    store = DashboardStore(settings)
    try:
        return _measured(store, wanted)
    finally:
        store.close()


def _measured(store: DashboardStore, wanted: EvidenceRequest) -> EvidenceView:
    findings = _findings(store, wanted)
    view = findings.view
    return EvidenceView(
        origin=view.origin,
        others=findings.others,
        signals=len(findings.table),
        approved=len(findings.told),
        hit_rate=view.hit_rate(),
        expectancy=view.expectancy(),
        risk_rewards=view.risk_rewards(),
        calibration=view.calibration,
        tiers=view.tier_comparison(),
        by_tier=view.groups(GroupBy.TIER),
        by_profile=view.groups(GroupBy.PROFILE),
        by_regime=view.groups(GroupBy.REGIME),
        by_direction=view.groups(GroupBy.DIRECTION),
        by_symbol=view.groups(GroupBy.SYMBOL),
        by_factor=view.factors(),
        gates=view.gates(),
        funnel=view.funnel(),
        alarms=view.alarms(),
        drifts=view.drifts(),
        read_ms=store.clock() // 1000,
    )


def _findings(store: DashboardStore, wanted: EvidenceRequest) -> Findings:
    asked = EvidenceFilter(
        account_id=wanted.account,
        origin=wanted.origin,
        profile=wanted.profile,
        symbol=wanted.symbol,
        since_ms=wanted.since_ms,
        until_ms=wanted.until_ms,
        kind=wanted.kind,
    )
    telemetry = store.telemetry()
    if telemetry is None:
        return Findings(wanted=asked, view=Statistics(origin=wanted.origin, table=no_evidence()))
    return find(telemetry.evidence, asked)
