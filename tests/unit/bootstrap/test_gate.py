"""The gate of a command: which account it judges for, and when it marks it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.account import simulated_account
from snipersight.bootstrap.gate import LedgerGate, NoLedger, within_limit
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.decision import Approved, Rejected
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ledger import Origin
from snipersight.domain.observations import Observations
from snipersight.risk.registry import RiskPorts
from snipersight.risk.telling import Telling
from tests.builders import DECIDED_AT_MS, a_plan, a_profile, an_instrument
from tests.builders.ledger import a_policy, an_entry, observations
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

HOUR_MS = 3_600_000


def a_gate(
    store: MemoryDecisionStore, *, now_ms: int = DECIDED_AT_MS, **options: Any
) -> LedgerGate:
    ports = RiskPorts(
        account_id="main", store=store, clock=lambda: now_ms * 1000, policy=a_policy()
    )
    return LedgerGate(ports, **options)


def seen(**changes: Any) -> Observations:
    return observations(an_instrument(), **changes)


def test_the_account_is_marked_at_present_prices():
    store = a_memory_store("10000")
    account = a_gate(store).observe(seen())
    assert account.equity == Decimal(10000)
    assert store.view("main", lambda unit: unit.account.standing.marks) is not None


@pytest.mark.parametrize("away_ms", [-2 * HOUR_MS, 2 * HOUR_MS])
def test_a_look_at_another_time_marks_nothing_and_judges_for_the_equity_known(away_ms):
    store = a_memory_store("10000")
    gate = a_gate(store, now_ms=DECIDED_AT_MS + away_ms)
    account = gate.observe(seen())
    assert (account.equity, account.source) == (Decimal(10000), "the account as it stands now")
    assert store.view("main", lambda unit: unit.account.standing.marks) is None
    assert isinstance(gate.validate_plan(a_plan()), Approved)


@pytest.mark.parametrize("away_ms", [-2 * HOUR_MS, 2 * HOUR_MS])
def test_no_trade_is_taken_at_prices_of_another_time(away_ms):
    store = a_memory_store("10000")
    gate = a_gate(store, now_ms=DECIDED_AT_MS + away_ms)
    gate.observe(seen())
    decision = gate.validate_plan(a_plan(), reserve=Origin.EXECUTED)
    assert isinstance(decision, Rejected)
    assert [one.code for one in decision.failed] == ["not_present"]
    assert store.view("main", lambda unit: unit.live_entries()) == ()


def test_a_look_at_the_past_values_no_position_at_its_prices():
    store = a_memory_store("10000")
    held = an_entry("BTC/USDT", filled="1", entry="60000", stop="59900")
    store.transact("main", lambda unit: unit.save_entry(held))
    past = a_gate(store, now_ms=DECIDED_AT_MS + 2 * HOUR_MS).observe(seen())
    assert past.equity == Decimal(10000)
    present = a_gate(store).observe(seen())
    assert present.equity < Decimal(0)  # bought at 60,000, worth 42,250


def test_a_wanted_balance_replaces_the_equity_and_marks_nothing():
    store = a_memory_store("10000")
    gate = a_gate(store, equity=Decimal(250))
    account = gate.observe(seen())
    assert (account.equity, account.source) == (Decimal(250), "--balance")
    assert store.view("main", lambda unit: unit.account.standing.marks) is None
    decision = gate.validate_plan(a_plan())
    assert decision.risk <= Decimal("2.5") if isinstance(decision, Approved) else decision.checks


def test_every_verdict_is_recorded_with_who_asked():
    store = a_memory_store("10000")
    gate = a_gate(store, actor="desk")
    gate.observe(seen())
    gate.validate_plan(a_plan())
    record = store.records("main")[-1]
    assert (record.kind, record.actor, record.subject) == ("decision", "desk", a_plan().plan_id)


def test_markets_of_live_claims_are_named():
    store = a_memory_store("10000")
    store.transact("main", lambda unit: unit.save_entry(an_entry("ETH/USDT")))
    assert a_gate(store).held() == (("sandbox", "ETH/USDT"),)


def test_a_store_that_fails_approves_nothing():
    store = a_memory_store("10000")
    gate = a_gate(store)
    gate.observe(seen())
    store.error = StateUnavailable("the disk is full")
    decision = gate.validate_plan(a_plan())
    assert isinstance(decision, Rejected)
    assert decision.failed[0].code == "audit_unwritable"
    with pytest.raises(StateUnavailable):
        gate.observe(seen())


def test_without_a_ledger_nothing_is_approved_and_the_reason_is_said():
    gate = NoLedger(StateUnavailable("the home is read-only"))
    with pytest.raises(StateUnavailable, match="read-only"):
        gate.held()
    with pytest.raises(StateUnavailable, match="read-only"):
        gate.observe(seen())
    (check,) = gate.validate_plan(a_plan()).checks
    assert (check.code, check.passed) == ("audit_unwritable", False)
    assert "read-only" in check.sentence


def test_a_profile_within_the_limit_is_left_alone():
    settings, _ = load_settings()
    profile = a_profile()
    assert within_limit(profile, settings) == (profile, ())


def test_a_profile_above_the_limit_is_sized_at_the_limit_and_that_is_said(monkeypatch):
    monkeypatch.setenv("MAX_RISK_PER_TRADE", "0.005")
    settings, _ = load_settings()
    lowered, remarks = within_limit(a_profile(), settings)
    assert lowered.sizing.risk_fraction == Decimal("0.005")
    assert "MAX_RISK_PER_TRADE" in remarks[0]


def test_a_wanted_risk_replaces_the_one_of_the_profile():
    settings, _ = load_settings()
    changed, remarks = within_limit(a_profile(), settings, wanted=Decimal("0.002"))
    assert changed.sizing.risk_fraction == Decimal("0.002")
    assert remarks == ()


def test_the_account_is_the_configured_one_unless_a_balance_is_named():
    settings, _ = load_settings()
    assert simulated_account(settings).equity == Decimal("10000.0")
    named = simulated_account(settings, balance=Decimal(250))
    assert (named.equity, named.source) == (Decimal(250), "--balance")


def test_approvals_of_an_earlier_look_are_forgotten_by_the_next():
    store = a_memory_store("10000")
    gate = a_gate(store)
    gate.observe(seen())
    first = gate.validate_plan(a_plan())
    gate.observe(seen())
    second = gate.validate_plan(a_plan())
    assert isinstance(first, Approved)
    assert replace(first, checks=()) == replace(second, checks=())


@pytest.mark.parametrize(
    ("away_ms", "options", "told"),
    [
        (0, {}, 1),
        (-2 * HOUR_MS, {}, 0),
        (2 * HOUR_MS, {}, 0),
        (0, {"equity": Decimal(10_000)}, 0),
    ],
)
def test_only_approvals_at_present_prices_and_of_the_account_itself_are_told(
    away_ms: int, options: dict[str, Any], told: int
):
    store = a_memory_store("10000")
    gate = a_gate(store, now_ms=DECIDED_AT_MS + away_ms, telling=Telling(grace_us=1), **options)
    gate.observe(seen())
    assert isinstance(gate.validate_plan(a_plan()), Approved)
    assert len(store.queue) == told


def test_what_is_told_belongs_to_the_part_that_was_judged():
    store, parts = a_memory_store("10000"), iter(["", "00ff"])
    gate = a_gate(
        store, now_ms=DECIDED_AT_MS, telling=Telling(grace_us=1), part=lambda: next(parts)
    )
    gate.observe(seen())
    gate.validate_plan(a_plan())
    assert str(store.queue[0].payload["batch"]).endswith(":00ff")
