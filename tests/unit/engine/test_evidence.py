"""What is kept of a scan: one record a plan, with the terms that its outcome follows from."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.decision import Stage, TerminalReason
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import Origin, SignalRecord, Verdict
from snipersight.domain.instrument import Fees
from snipersight.domain.timeframe import HOUR_MS
from snipersight.engine.evidence import (
    FUNDING_RATE,
    Circumstances,
    scan_count,
    session_at,
    signal_record,
    signal_records,
    signal_terms,
)
from snipersight.engine.report import ScanReport
from tests.builders import a_plan, a_profile, an_instrument
from tests.builders.contexts import DECIDED_AT_MS
from tests.fakes.scanning import NOON_MS, a_gate, a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT", "BNB/USDT:USDT")
STRICT = {"gates": {"min_score": 30}}
APPROVED = TerminalReason(stage=Stage.APPROVED)


@cache
def a_report(hours_before: int = 0) -> ScanReport:
    """Return a scan with some of everything: the gate asks for much."""
    return scan(
        synthetic_table(SYMBOLS),
        a_lively_profile(**STRICT),
        as_of_ms=NOON_MS - hours_before * HOUR_MS,
        gate=a_gate(min_rr=Decimal(5)),
    )


def records(report: ScanReport) -> tuple[SignalRecord, ...]:
    listed = synthetic_table(SYMBOLS).listed
    return signal_records(report, listed, account_id="tests", origin=Origin.PRACTICE)


def circumstances(**management: object) -> Circumstances:
    profile = a_profile(management=management) if management else a_profile()
    return Circumstances(
        account_id="tests", origin=Origin.LIVE, context_id="scan_1", profile=profile
    )


@settings(max_examples=8, deadline=None)
@given(hours=st.integers(0, 40))
def test_every_plan_of_a_scan_is_one_signal_and_every_candidate_is_counted(hours):
    report = a_report(hours)
    kept = records(report)
    count = scan_count(report, account_id="tests", origin=Origin.PRACTICE)
    assert sum(count.funnel.values()) == len(report.plans) + len(report.refusals)
    with_plan = [one for one in report.refusals if one.plan or one.shadow]
    assert len(kept) == len({plan.plan_id for plan in report.signals})
    assert len(kept) == len(report.plans) + len(with_plan)
    assert Counter(one.reason for one in kept) == Counter(
        ["approved"] * len(report.plans) + [str(one.reason) for one in with_plan]
    )


def test_a_busy_scan_gives_signals_of_every_verdict():
    found = Counter(one.verdict for hours in range(0, 48, 4) for one in records(a_report(hours)))
    assert found[Verdict.APPROVED] >= 3
    assert found[Verdict.REJECTED] >= 1
    assert found[Verdict.GATED] >= 50


def test_nobody_could_have_acted_before_the_scan_spoke():
    for record in records(a_report()):
        assert record.decided_ms <= record.judged_ms == record.terms.known_ms == NOON_MS


def test_a_plan_is_kept_whole_where_the_audit_does_not_hold_it():
    for record in records(a_report()):
        is_in_audit = record.verdict is not Verdict.GATED
        assert bool(record.plan_json) is not is_in_audit
        if record.plan_json:
            assert json.loads(record.plan_json)["plan_id"] == record.plan_id


def test_terms_are_those_of_plan_profile_and_market():
    rules = {"trailing_atr": "1.5", "time_stop_hours": "36", "min_rr": "0.4", "break_even": False}
    profile = circumstances(**rules).profile
    plan = a_plan()
    terms = signal_terms(
        plan, profile, instrument=an_instrument(taker="0.0004"), known_ms=DECIDED_AT_MS
    )
    assert (terms.near, terms.mid, terms.far, terms.stop) == (42250.0, 42150.0, 42050.0, 41750.0)
    assert terms.targets == ((43000.0, 0.5), (43650.0, 0.3), (44350.0, 0.2))
    assert (terms.cost_per_unit, terms.risk_per_unit) == (37.7, 537.7)
    assert (terms.atr, terms.tick, terms.break_even) == (250.0, 0.01, False)
    assert (terms.trailing_atr, terms.time_stop_ms, terms.min_rr) == (1.5, 36 * HOUR_MS, 0.4)
    assert (terms.costs.maker, terms.costs.taker) == (0.0002, 0.0004)
    assert terms.costs.slippage == float(profile.planner.slippage_fraction)
    assert terms.valid_until_ms == int(plan.valid_until.timestamp() * 1000)
    assert sum(terms.entry_fractions) == pytest.approx(1)


def test_a_perpetual_pays_funding_and_spot_does_not():
    profile = a_profile()
    spot, perpetual = an_instrument("BTC/USDT"), an_instrument("BTC/USDT:USDT")
    rates = [
        signal_terms(a_plan(), profile, instrument=one, known_ms=0).costs.funding_rate
        for one in (spot, perpetual)
    ]
    assert rates == [0.0, FUNDING_RATE]
    assert FUNDING_RATE == 0.0001


def test_a_rebate_counts_as_no_fee():
    rebate = replace(an_instrument(), fees=Fees(maker=Decimal("-0.0001"), taker=Decimal("0.0003")))
    costs = signal_terms(a_plan(), a_profile(), instrument=rebate, known_ms=0).costs
    assert (costs.maker, costs.taker) == (0.0, 0.0003)


def test_unknown_fees_are_no_free_trade():
    unknown = replace(an_instrument(), fees=None)
    with pytest.raises(DataInvalid, match="fees"):
        signal_terms(a_plan(), a_profile(), instrument=unknown, known_ms=0)


def test_a_market_that_is_gone_is_said():
    with pytest.raises(DataInvalid, match="no longer listed"):
        signal_records(a_report(), {}, account_id="tests", origin=Origin.LIVE)


def test_a_record_says_who_decided_what_when_and_why():
    plan, shared = a_plan(), circumstances()
    record = signal_record(
        plan,
        TerminalReason(stage=Stage.REJECTED, name="max_total"),
        shared,
        instrument=an_instrument(),
        judged_ms=DECIDED_AT_MS + 5,
        leader="range",
    )
    assert record.key == f"tests:{plan.plan_id}"
    assert (record.verdict, record.reason) == (Verdict.REJECTED, "rejected:max_total")
    assert (record.decided_ms, record.judged_ms) == (DECIDED_AT_MS, DECIDED_AT_MS + 5)
    assert (record.tier, record.leader) == (plan.confluence.tier.value, "range")
    assert sum(record.factors.values()) == pytest.approx(record.score)
    assert record.profile_hash == shared.profile.content_hash


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2024-06-07T03:00", "asia"),
        ("2024-06-07T08:30", "london"),  # Tokyo is at work until 09:00 UTC: London opened later
        ("2024-06-07T12:30", "new_york"),
        ("2024-06-07T21:30", "none"),
        ("2024-06-08T10:00", "none"),  # a Saturday
    ],
)
def test_a_moment_belongs_to_the_session_that_opened_last(moment, session):
    time_ms = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
    assert session_at(time_ms) == session
