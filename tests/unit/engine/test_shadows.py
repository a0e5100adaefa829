"""What would have been planned had no gate refused it: kept for evidence, part of nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from snipersight.domain.plan import TradePlan
from snipersight.domain.timeframe import HOUR_MS
from snipersight.engine.report import Refusal, ScanReport
from snipersight.planner.smc_source import SmcPlanSource
from tests.fakes.scanning import NOON_MS, a_lively_profile, report_bytes, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT", "BNB/USDT:USDT")
STRICT = {"gates": {"min_score": 55, "max_range_position": 0.5, "regimes": ["trend"]}}
EARLIER_MS = NOON_MS - 6 * HOUR_MS


@cache
def strict(as_of_ms: int = NOON_MS) -> ScanReport:
    """Return a scan whose gates refuse a good part of what is found."""
    return scan(synthetic_table(SYMBOLS), a_lively_profile(**STRICT), as_of_ms=as_of_ms)


def shadows(report: ScanReport) -> dict[str, Refusal]:
    return {one.shadow.plan_id: one for one in report.refusals if one.shadow is not None}


def prices(plan: TradePlan) -> tuple[object, ...]:
    return (
        plan.setup_id,
        plan.created_at,
        plan.entry_near,
        plan.entry_far,
        plan.stop_loss,
        plan.targets,
        plan.confluence,
    )


def test_a_setup_that_a_gate_refused_has_a_shadow_and_no_plan():
    found = shadows(strict())
    assert len(found) >= 5
    assert {str(one.reason).partition(":")[0] for one in found.values()} == {"gated"}
    assert all(one.plan is None for one in found.values())


def test_a_report_is_the_same_with_and_without_shadows():
    profile = a_lively_profile(**STRICT)
    bare = scan(synthetic_table(SYMBOLS), profile, as_of_ms=NOON_MS, plans=SmcPlanSource(profile))
    assert not shadows(bare)
    cleaned = tuple(replace(one, shadow=None) for one in strict().refusals)
    leaders = {one.plan_id: strict().leaders[one.plan_id] for one in bare.signals}
    stripped = replace(strict(), refusals=cleaned, leaders=leaders)
    assert report_bytes(stripped) == report_bytes(bare)


def test_a_shadow_is_the_plan_that_a_profile_without_the_gates_makes():
    open_report = scan(synthetic_table(SYMBOLS), a_lively_profile(), as_of_ms=NOON_MS)
    made = [prices(one) for one in open_report.signals]
    for refused in shadows(strict()).values():
        assert refused.shadow is not None
        assert prices(refused.shadow) in made


def test_a_shadow_never_changes_when_later_bars_arrive():
    now, before = shadows(strict()), shadows(strict(EARLIER_MS))
    oldest_ms = NOON_MS - 288 * 300_000
    kept = {key: one for key, one in before.items() if (one.at_ms or 0) > oldest_ms}
    assert kept
    assert {key: now[key].shadow for key in kept} == {key: one.shadow for key, one in kept.items()}


@pytest.mark.parametrize("late_ms", [NOON_MS, NOON_MS + HOUR_MS])
def test_no_shadow_is_made_of_what_was_decided_too_early(late_ms):
    profile = a_lively_profile(**STRICT)
    plans = SmcPlanSource(profile, shadows_after_ms=late_ms)
    report = scan(synthetic_table(SYMBOLS), profile, as_of_ms=NOON_MS, plans=plans)
    assert not shadows(report)
    assert len(report.refusals) == len(strict().refusals)


def test_the_regime_of_the_leading_market_is_told_of_every_plan():
    report = strict()
    assert set(report.leaders) == {plan.plan_id for plan in report.signals}
