"""No bar is skipped: what was decided while nobody looked is handed over, each candidate once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.decision import Candidate
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.engine.live.missed import ended_unseen
from snipersight.engine.live.scan import LiveScanned
from snipersight.engine.report import Refusal, ScanReport
from tests.builders import a_plan
from tests.fakes.live_scanning import BAR_MS, ETH, Watch, markets
from tests.fakes.scanning import NOON_MS, a_lively_profile

pytestmark = pytest.mark.slow

VALID_BARS = 48
VALID_MS = VALID_BARS * BAR_MS
PROFILE = a_lively_profile(
    setup={"valid_bars": VALID_BARS}, gates={"min_score": 20, "leader_alignment": "not_against"}
)
BEGIN_MS = NOON_MS - 24 * HOUR_MS
Key = tuple[Symbol, int, str | None]


def told_of(report: ScanReport) -> set[Key]:
    plans = {
        (one.plan.symbol, int(one.plan.created_at.timestamp() * 1000), one.plan.setup_id)
        for one in report.plans
    }
    return plans | {_key(one) for one in report.refusals if one.direction is not None}


def _key(one: Refusal) -> Key:
    return (one.symbol, one.at_ms or 0, one.setup_id)


@cache
def bar_by_bar() -> tuple[set[Key], dict[Key, Refusal]]:
    """Return what was told of over a day of closes, and how each that ended was told to have."""
    watch, told, ends = Watch(markets(), PROFILE), set[Key](), dict[Key, Refusal]()
    for close in range(BEGIN_MS, NOON_MS + 1, BAR_MS):
        report = watch.look(close).report
        told |= told_of(report)
        for one in report.refusals:
            if one.direction is not None:
                ends.setdefault(_key(one), one)
    return {key for key in told if key[1] > BEGIN_MS}, ends


def looked(watch: Watch, closes: Iterable[int]) -> list[LiveScanned]:
    return [watch.look(close) for close in closes]


def all_told(looks: Iterable[LiveScanned]) -> set[Key]:
    return {key for look in looks for key in told_of(look.to_record) if key[1] > BEGIN_MS}


@settings(max_examples=15)
@given(st.lists(st.integers(1, 120), max_size=6))
def test_however_long_the_pauses_every_decision_is_told_of(pauses):
    closes = [BEGIN_MS]
    for bars in pauses:
        closes.append(min(closes[-1] + bars * BAR_MS, NOON_MS))
    looks = looked(Watch(markets(), PROFILE), [*closes, NOON_MS])
    assert all_told(looks) == bar_by_bar()[0]
    missed = Counter((one.symbol, one.at_ms, one.setup_id) for look in looks for one in look.missed)
    assert set(missed.values()) <= {1}


def test_what_was_missed_ended_as_it_would_have_been_told():
    _first, last = looked(Watch(markets(), PROFILE), [BEGIN_MS, NOON_MS])
    assert len(last.missed) >= 8
    ends = bar_by_bar()[1]
    for one in last.missed:
        seen = ends[one.symbol, one.at_ms, one.setup_id]
        assert (one.reason, one.detail, one.plan) == (seen.reason, seen.detail, seen.plan)
        assert one.shadow == seen.shadow
    assert {str(one.reason).partition(":")[0] for one in last.missed} == {"gated", "declined"}
    assert any(one.shadow is not None for one in last.missed)
    assert any(one.plan is not None for one in last.missed)


@pytest.mark.parametrize("hours", [1, 5, 20])
def test_a_restart_hands_over_what_was_decided_since_the_mark(hours):
    mark_ms = BEGIN_MS + hours * HOUR_MS
    before = looked(Watch(markets(), PROFILE), range(BEGIN_MS, mark_ms + 1, HOUR_MS))
    after = looked(Watch(markets(), PROFILE, since_ms=lambda _symbol: mark_ms), [NOON_MS])
    assert all_told([*before, *after]) == bar_by_bar()[0]
    assert all(one.at_ms > mark_ms for one in after[0].missed)


def test_structure_that_shifted_long_ago_ended_what_was_missed():
    watch = Watch(markets(), a_lively_profile(setup={"valid_bars": VALID_BARS}))
    missed = looked(watch, [BEGIN_MS - DAY_MS, BEGIN_MS])[1].missed
    (shifted,) = [one for one in missed if str(one.reason) == "gated:structure_shift"]
    then = watch.scanned(shifted.at_ms + VALID_MS - BAR_MS)
    (said,) = [one for one in then.refusals if one.setup_id == shifted.setup_id]
    assert (said.reason, said.detail) == (shifted.reason, shifted.detail)


def test_a_plan_that_nothing_happened_to_has_expired():
    plan = a_plan()
    waiting = Candidate(
        symbol=plan.symbol,
        at_ms=int(plan.created_at.timestamp() * 1000),
        reason=None,
        setup_id=plan.setup_id,
        direction=plan.direction,
        plan=plan,
    )
    (ended,) = ended_unseen(plan.symbol, [waiting], markets().base[ETH].slice(0, 0), {})
    assert str(ended.reason) == "gated:expired"
    assert "never touched" in ended.detail
    assert ended_unseen(plan.symbol, [], markets().base[ETH], {}) == ()


def test_days_after_the_mark_the_leading_market_is_known_as_it_was():
    mark_ms = NOON_MS - 8 * DAY_MS
    kept = looked(Watch(markets(days=20), PROFILE), [mark_ms, NOON_MS])[1]
    restarted = Watch(markets(days=20), PROFILE, since_ms=lambda _symbol: mark_ms)
    assert len(kept.missed) > 50
    assert restarted.look(NOON_MS).missed == kept.missed


def test_a_restart_without_a_mark_looks_back_as_far_as_a_plan_lives():
    (only,) = looked(Watch(markets(), PROFILE), [NOON_MS])
    assert only.missed == ()
    assert only.to_record is only.report


def test_a_restart_says_what_a_scan_says_whatever_was_missed():
    watch = Watch(markets(), PROFILE, since_ms=lambda _symbol: BEGIN_MS)
    assert watch.agrees(NOON_MS)
    assert watch.agrees(NOON_MS)


def test_a_market_that_is_taken_over_is_handed_over_since_its_own_mark():
    ours: list[Symbol] = [symbol for symbol in markets().base if symbol != ETH]
    watch = Watch(
        markets(),
        PROFILE,
        mine=lambda symbols: [symbol for symbol in symbols if symbol in ours],
        since_ms=lambda symbol: BEGIN_MS if symbol == ETH else None,
    )
    assert watch.look(NOON_MS - BAR_MS).missed == ()
    ours.append(ETH)
    missed = watch.look(NOON_MS).missed
    assert {one.symbol for one in missed} == {ETH}
    wanted = {key for key in bar_by_bar()[0] if key[0] == ETH}
    assert {(one.symbol, one.at_ms, one.setup_id) for one in missed} == {
        key for key in wanted if key[1] <= NOON_MS - VALID_MS
    }


def test_the_report_to_be_recorded_is_in_order_and_knows_the_leading_market():
    last = looked(Watch(markets(), PROFILE), [BEGIN_MS, NOON_MS])[1]
    kept = last.to_record
    order = [(one.symbol, one.at_ms or 0) for one in kept.refusals]
    assert order == sorted(order)
    assert len(kept.refusals) == len(last.report.refusals) + len(last.missed)
    assert set(kept.leaders) == {plan.plan_id for plan in kept.signals}
