"""A scan report as one JSON object; `docs/scan-schema.md` and `schemas/scan-1.json` describe it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import snipersight
from snipersight.cli.plan_json import ranked_plan_json, refusal_json
from snipersight.domain.account import AccountState
from snipersight.domain.plan_json import Json
from snipersight.domain.profile import Profile
from snipersight.domain.units import plain
from snipersight.domain.wording import iso_of

if TYPE_CHECKING:
    from snipersight.engine.report import RankedPlan, ScanReport

SCHEMA: Final = "snipersight.scan/1"


def render_json(
    report: ScanReport, plans: tuple[RankedPlan, ...], charts: Mapping[str, str]
) -> str:
    """Return the report as an indented JSON object.

    Args:
        report: the whole scan.
        plans: those of its plans to show, best first; `--top` may have cut them.
        charts: path of each plan's picture by plan id.
    """
    return json.dumps(report_json(report, plans, charts), indent=2, ensure_ascii=False)


def report_json(
    report: ScanReport, plans: tuple[RankedPlan, ...], charts: Mapping[str, str]
) -> Json:
    """Return the JSON object of a scan as Python values."""
    return {
        "schema": SCHEMA,
        "version": snipersight.__version__,
        "as_of": iso_of(report.as_of_ms),
        "venue": report.venue,
        "profile": profile_json(report.profile),
        "account": account_json(report.account),
        "context_id": report.context_id,
        "universe": list(report.universe),
        "dropped": [{"symbol": symbol, "reason": reason} for symbol, reason in report.dropped],
        "plans_found": len(report.plans),
        "plans": [ranked_plan_json(each, chart=charts.get(each.plan.plan_id)) for each in plans],
        "refusals": [refusal_json(refusal) for refusal in report.refusals],
        "funnel": [{"reason": reason, "count": count} for reason, count in report.funnel],
        "regimes": dict(report.regimes),
        "warnings": list(report.warnings),
    }


def profile_json(profile: Profile) -> Json:
    """Return what tells one profile from another."""
    return {
        "name": profile.name,
        "content_hash": profile.content_hash,
        "trade_type": profile.trade_type.value,
        "timeframes": profile.timeframes.model_dump(),
        "risk_fraction": plain(profile.sizing.risk_fraction),
    }


def account_json(account: AccountState) -> Json:
    """Return the account the sizes belong to; an equity that is not known is None."""
    return {
        "id": account.account_id,
        "currency": account.currency,
        "equity": plain(account.equity) if account.equity.is_finite() else None,
        "source": account.source,
    }
