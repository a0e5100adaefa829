from collections.abc import Iterable
from typing import Any

import pytest

from snipersight.bot.telemetry import registry
from snipersight.bot.telemetry.analytics import Analytics
from snipersight.bot.telemetry.registry import AnalyticsPorts
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Origin,
    OutcomeStatus,
    SignalRecord,
    Verdict,
)
from snipersight.domain.plan import TradePlan
from snipersight.domain.statistics import Enough
from tests.builders.evidence import DECIDED_MS, a_refusal, a_scan, a_signal, an_outcome
from tests.builders.plans import a_plan
from tests.fakes.memory_evidence import MemoryEvidence

NOW_MS = DECIDED_MS + 5_000
DAY = 1_440  # signals of the builder are a minute apart


@pytest.fixture(autouse=True)
def nothing_registered():
    registry.clear()
    yield
    registry.clear()


def described(plan: TradePlan, reason: str) -> SignalRecord:
    """Return the record of a plan as bootstrap's own function would, for tests."""
    verdict = Verdict(reason.partition(":")[0])
    return a_signal(
        1, plan_id=plan.plan_id, key=f"main:{plan.plan_id}", verdict=verdict, reason=reason
    )


def registered(store: MemoryEvidence, **changes: Any) -> Any:
    """Register these ports; return the store."""
    ports: dict[str, Any] = {
        "store": store,
        "clock_ms": lambda: NOW_MS,
        "describe": described,
        "account_id": "main",
        "origin": Origin.LIVE,
        "venue": "binance",
        "profile": "balanced",
    }
    registry.register(AnalyticsPorts(**(ports | changes)))
    return store


def with_signals(
    store: MemoryEvidence, numbers: Iterable[int], *, net_r: float = 1.0, **changes: Any
) -> MemoryEvidence:
    """Store closed signals with these numbers and results, a day apart."""
    signals = [a_signal(number * DAY, **changes) for number in numbers]
    store.record(a_scan(1), signals)
    store.save_outcomes(
        an_outcome(number * DAY, status=OutcomeStatus.CLOSED, net_r=net_r) for number in numbers
    )
    return store


def test_the_sample_of_the_specification_runs():
    store = registered(MemoryEvidence())
    plan, rejection_reason = a_plan(), "Exposure limit exceeded"

    analytics = Analytics()
    for plan_approved in (True, False):
        if plan_approved:
            analytics.track_signal_generated(plan)
        else:
            analytics.track_signal_rejected(rejection_reason)

    assert store.signal(f"main:{plan.plan_id}").verdict is Verdict.APPROVED
    funnel = analytics.rejections()
    assert [(one.stage, one.name, one.count) for one in funnel.stages] == [
        ("rejected", "Exposure limit exceeded", 1),
        ("approved", "", 1),
    ]


def test_the_same_plan_again_changes_nothing():
    registered(MemoryEvidence())
    first, second = (Analytics().track_signal_generated(a_plan()) for _ in range(2))
    assert first == second
    assert len(Analytics().view().table) == 1
    assert Analytics().rejections().candidates == 1


def test_each_refusal_without_a_plan_counts():
    registered(MemoryEvidence())
    for _ in range(3):
        Analytics().track_signal_rejected(TerminalReason(stage=Stage.REJECTED, name="max_total"))
    (found,) = Analytics().rejections().stages
    assert (found.name, found.count) == ("max_total", 3)


def test_a_refusal_with_its_plan_is_followed_too():
    store = registered(MemoryEvidence())
    key = Analytics().track_signal_rejected("gated:min_score", plan=a_plan())
    assert store.signal(key).reason == "gated:min_score"
    assert [one.key for one, _ in store.unfinished()] == [key]


@pytest.mark.parametrize("reason", ["", "  ", "approved", "approved:all"])
def test_what_is_no_refusal_is_refused(reason):
    registered(MemoryEvidence())
    with pytest.raises(ValueError, match="no reason to refuse"):
        Analytics().track_signal_rejected(reason)


def test_a_plan_cannot_have_ended_before_it_was_made():
    registered(MemoryEvidence())
    with pytest.raises(ValueError, match="'no_setup' ends a candidate before it has a plan"):
        Analytics().track_signal_rejected("no_setup", plan=a_plan())


def test_switched_off_nothing_is_kept():
    store = registered(MemoryEvidence(), is_enabled=False)
    assert Analytics().track_signal_generated(a_plan()) is None
    assert Analytics().track_signal_rejected("max_total", plan=a_plan()) is None
    assert Analytics().track_signal_rejected("max_total") is None
    assert len(Analytics(store=store).view().table) == 0
    assert Analytics(store=store).rejections().candidates == 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda one: one.track_signal_generated(a_plan()),
        lambda one: one.track_signal_rejected("max_total"),
        lambda one: one.track_signal_rejected("max_total", plan=a_plan()),
        lambda one: one.calculate_hit_rate(),
        lambda one: one.get_rr_distribution(),
        lambda one: one.get_regime_performance(),
        lambda one: one.tiers(),
        lambda one: one.tier_comparison(),
        lambda one: one.rejections(),
        lambda one: one.expectancy(),
        lambda one: one.groups(GroupBy.SYMBOL),
        lambda one: one.factors(),
        lambda one: one.calibration(),
        lambda one: one.gates(),
        lambda one: one.alarms(),
        lambda one: one.drift(),
    ],
)
def test_without_a_store_everything_fails_and_says_what_to_do(ask):
    with pytest.raises(StateUnavailable, match="open the telemetry first, or hand a store in"):
        ask(Analytics())


def test_a_store_handed_in_is_asked_instead_of_the_registered_one():
    registered(MemoryEvidence())
    own = with_signals(MemoryEvidence(), range(30))
    assert Analytics(store=own).calculate_hit_rate().closed == 30
    assert Analytics().calculate_hit_rate().closed == 0


def test_a_store_that_cannot_be_used_is_an_error_of_every_question():
    store = registered(MemoryEvidence())
    store.error = StateUnavailable("the disk is full")
    with pytest.raises(StateUnavailable, match="disk is full"):
        Analytics().calculate_hit_rate()
    with pytest.raises(StateUnavailable, match="disk is full"):
        Analytics().track_signal_generated(a_plan())


def test_the_hit_rate_is_of_approved_signals():
    store = with_signals(MemoryEvidence(), range(40))
    store.record(a_scan(2), [a_refusal(99 * DAY)])
    store.save_outcomes([an_outcome(99 * DAY, status=OutcomeStatus.CLOSED, net_r=-1.0)])
    found = Analytics(store=store).calculate_hit_rate()
    assert (found.closed, found.rate) == (40, 1.0)


def test_origins_are_never_mixed():
    store = MemoryEvidence()
    with_signals(store, range(3), origin=Origin.REPLAY)
    with_signals(store, range(10, 15), origin=Origin.PRACTICE)
    analytics = Analytics(store=store)
    assert (analytics.view().origin, analytics.calculate_hit_rate().closed) == (Origin.PRACTICE, 5)
    with_signals(store, range(20, 22), origin=Origin.LIVE)
    assert (analytics.view().origin, analytics.calculate_hit_rate().closed) == (Origin.LIVE, 2)
    replayed = EvidenceFilter(origin=Origin.REPLAY)
    assert analytics.calculate_hit_rate(replayed).closed == 3


def test_scans_are_those_of_the_origin_shown():
    store = with_signals(MemoryEvidence(), range(3), origin=Origin.REPLAY)
    store.record(a_scan(7, origin=Origin.REPLAY, funnel={"no_setup": 5}), [])
    store.record(a_scan(8, origin=Origin.PRACTICE, funnel={"no_setup": 50}), [])
    assert Analytics(store=store).rejections().candidates == 5


def test_an_empty_store_answers_every_question():
    view = Analytics(store=MemoryEvidence()).view()
    assert view.origin is None
    assert view.hit_rate().sentence == "too few to say: 0 closed, 30 needed"
    assert view.expectancy().n == 0
    assert view.risk_rewards().planned.sentence == "no signal yet"
    assert view.tier_comparison().probability is None
    assert view.calibration.n == 0
    assert (view.gates(), view.alarms(), view.drifts(), view.factors()) == ((), (), (), ())
    assert all(view.groups(by) == () for by in GroupBy)


def test_actual_outcomes_are_told_when_asked_for():
    store = with_signals(MemoryEvidence(), range(3), net_r=1.0)
    store.save_outcomes([an_outcome(0, kind=Kind.ACTUAL, status=OutcomeStatus.CLOSED, net_r=-1.0)])
    found = Analytics(store=store, enough=Enough(closed=1, days=1))
    actual = found.calculate_hit_rate(EvidenceFilter(kind=Kind.ACTUAL))
    assert (actual.closed, actual.hits, actual.waiting) == (1, 0, 2)


def test_the_named_statistics_are_those_of_the_view():
    store = with_signals(MemoryEvidence(), range(40), factors={"sweep": 5.0})
    analytics = Analytics(store=store)
    view = analytics.view()
    assert analytics.get_rr_distribution() == view.risk_rewards()
    assert analytics.get_regime_performance() == view.groups(GroupBy.REGIME)
    assert analytics.tiers() == view.groups(GroupBy.TIER)
    assert analytics.expectancy() == view.expectancy()
    assert analytics.calibration() == view.calibration
    assert analytics.factors() == view.factors()
    assert len(analytics.factors()) == 3
    assert analytics.gates() == view.gates()
    assert analytics.drift() == view.drifts()
    assert analytics.alarms() == view.alarms()


def test_signals_recorded_while_factors_are_read_are_no_wrong_answer():
    store = with_signals(MemoryEvidence(), range(3))
    view = Analytics(store=store).view()
    with_signals(store, range(5, 6))
    with pytest.raises(StateUnavailable, match="a scan is recording signals; ask again"):
        view.factors()
