from collections.abc import Mapping
from typing import Any

import pytest

from snipersight.bootstrap.analytics import open_analytics
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry.analytics import Analytics
from snipersight.bot.telemetry.logging import log_pipeline_stage
from snipersight.domain.errors import DataInvalid, StateUnavailable
from snipersight.domain.evidence import Origin, Verdict
from snipersight.domain.instrument import Instrument
from snipersight.domain.units import Symbol
from tests.builders.instruments import an_instrument
from tests.builders.plans import a_plan
from tests.builders.profiles import a_profile

PLAN = a_plan()
MARKETS: Mapping[Symbol, Instrument] = {PLAN.symbol: an_instrument(PLAN.symbol)}
NOW_MS = int(PLAN.created_at.timestamp() * 1000) + 5_000


def opened(**changes: Any) -> Any:
    """Return analytics over the store of the settings in force."""
    settings, _ = load_settings()
    values: dict[str, Any] = {
        "profile": a_profile(),
        "account_id": "main",
        "origin": Origin.LIVE,
        "venue": "sandbox",
        "instruments": MARKETS,
        "clock_ms": lambda: NOW_MS,
    }
    return open_analytics(settings, **(values | changes))


def test_the_sample_of_the_specification_runs_over_the_real_store():
    plan, rejection_reason = PLAN, "Exposure limit exceeded"
    context = {"symbol": plan.symbol, "score": plan.confluence.score}
    with opened():
        log_pipeline_stage("confluence_scoring", context)
        analytics = Analytics()
        for plan_approved in (True, False):
            if plan_approved:
                analytics.track_signal_generated(plan)
            else:
                analytics.track_signal_rejected(rejection_reason)
        funnel = analytics.rejections()
        hit_rate = analytics.calculate_hit_rate()
        (regime,) = analytics.get_regime_performance()
        planned = analytics.get_rr_distribution().planned
    assert (funnel.candidates, hit_rate.waiting, regime.name) == (2, 1, plan.regime.value)
    assert planned.mean == pytest.approx(plan.risk_reward)


def test_a_tracked_plan_is_kept_with_everything_its_outcome_follows_from():
    with opened() as analytics:
        key = analytics.track_signal_rejected("rejected:max_total", plan=PLAN)
    with open_telemetry(load_settings()[0]) as telemetry:
        ((record, outcome),) = telemetry.evidence.unfinished()
    assert (record.key, record.verdict, outcome) == (key, Verdict.REJECTED, None)
    assert record.terms.near == float(PLAN.entry_near)
    assert record.terms.known_ms == NOW_MS


def test_switched_off_nothing_is_kept(monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    with opened() as analytics:
        assert analytics.track_signal_generated(PLAN) is None
        assert len(analytics.view().table) == 0


def test_a_plan_of_an_unknown_market_is_refused():
    with opened(instruments={}) as analytics, pytest.raises(DataInvalid, match="is not listed"):
        analytics.track_signal_generated(PLAN)


def test_after_the_block_nothing_is_registered():
    with opened():
        pass
    with pytest.raises(StateUnavailable, match="open the telemetry first"):
        Analytics().calculate_hit_rate()
