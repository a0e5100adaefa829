"""What a chain says in sum, against records counted by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.audit import AuditDraft, AuditKind, AuditRecord
from snipersight.domain.decision import Check, RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import decision_draft
from snipersight.risk.audit.report import report_of
from snipersight.risk.policy import RiskPolicy
from tests.builders.decisions import BREACH, a_refusal, an_approval, gate_inputs
from tests.builders.plans import a_plan

_DAY_US = 86_400_000_000
_NEW_YEAR_US = 1_704_067_200_000_000  # 2024-01-01


def _record(draft: AuditDraft, *, body: str | None = None) -> AuditRecord:
    return AuditRecord(
        account_id="main",
        seq=1,
        at_us=draft.at_us,
        kind=draft.kind.value,
        subject=draft.subject,
        actor=draft.actor,
        body=canonical(dict(draft.body)) if body is None else body,
        prev_hash="",
        hash="",
    )


def _decided(decision: RiskDecision, *, days: int = 0, reserved: bool = False) -> AuditRecord:
    return _record(
        decision_draft(
            decision.plan,
            gate_inputs(),
            RiskPolicy(),
            decision,
            at_us=_NEW_YEAR_US + days * _DAY_US,
            actor="scan",
            reserved=reserved,
        )
    )


def _told(kind: AuditKind, *, subject: str = "", **body: Any) -> AuditRecord:
    return _record(AuditDraft(kind=kind, subject=subject, actor="", at_us=_NEW_YEAR_US, body=body))


def _check(code: str, measured: Any, limit: Any, *, passed: bool = True) -> Check:
    return Check(code=code, passed=passed, measured=measured, limit=limit)


def test_verdicts_are_counted_by_code_symbol_and_day():
    eth = a_plan(symbol="ETH/USDT")
    both = (BREACH, _check("min_rr", 1.0, 1.5, passed=False))
    report = report_of(
        [
            _decided(an_approval(), reserved=True),
            _decided(a_refusal(eth, checks=both)),
            _decided(a_refusal(eth), days=1),
        ]
    )
    assert report.as_json() == {
        "account": "main",
        "first_us": _NEW_YEAR_US,
        "last_us": _NEW_YEAR_US + _DAY_US,
        "records": {"decision": 3},
        "decisions": {"approved": 1, "rejected": 2, "reserved": 1},
        "refusals_by_code": {"max_total": 2, "min_rr": 1},
        "by_symbol": {
            "BTC/USDT": {"approved": 1, "rejected": 0},
            "ETH/USDT": {"approved": 0, "rejected": 2},
        },
        "by_day": {
            "2024-01-01": {"approved": 1, "rejected": 1},
            "2024-01-02": {"approved": 0, "rejected": 1},
        },
        "limits_approached": {},
        "quality_gates": {"passed": {}, "failed": {}},
        "breakers_tripped": {},
    }


def test_a_limit_is_approached_from_four_fifths_on():
    held = Decimal("0.08")
    report = report_of(
        [
            _decided(an_approval(checks=(_check("max_total", held, Decimal("0.10")),))),
            _decided(an_approval(checks=(_check("max_total", Decimal("0.0999"), Decimal("0.1")),))),
            _decided(an_approval(checks=(_check("max_total", Decimal("0.07"), Decimal("0.1")),))),
            _decided(an_approval(checks=(_check("risk_budget", held, held),))),
            _decided(a_refusal(checks=(_check("max_margin", held, held, passed=False),))),
            _decided(an_approval(checks=(_check("max_margin", "none", held),))),
            _decided(an_approval(checks=(_check("max_margin", Decimal("NaN"), held),))),
            _decided(an_approval(checks=(_check("max_margin", held, Decimal(0)),))),
        ]
    )
    (code, approach), *others = report.approached.items()
    assert (code, approach.times, approach.highest) == ("max_total", 2, Decimal("0.999"))
    assert others == []


def test_gates_breakers_and_other_records_are_counted():
    report = report_of(
        [
            _told(AuditKind.QUALITY_GATE, gate="min_score", passed=True),
            _told(AuditKind.QUALITY_GATE, gate="min_score", passed=False),
            _told(AuditKind.BREAKER, subject="drawdown", event="tripped"),
            _told(AuditKind.BREAKER, subject="drawdown", event="let_go"),
            _told(AuditKind.FLOW),
        ]
    )
    assert (report.gates_passed, report.gates_failed) == ({"min_score": 1}, {"min_score": 1})
    assert report.breakers == {"drawdown": 1}
    assert report.records == {"quality_gate": 2, "breaker": 2, "flow": 1}


def test_nothing_sums_up_to_nothing():
    report = report_of([])
    assert (report.first_us, report.approved, report.rejected) == (None, 0, 0)


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_damaged_record_is_told(body: str):
    draft = AuditDraft(kind=AuditKind.DECISION, subject="", actor="", at_us=1)
    with pytest.raises(StateUnavailable, match="record 1 of the audit is damaged"):
        report_of([_record(draft, body=body)])


def test_a_summary_orders_by_number_and_then_by_name():
    gates = [("zone", True), ("rr", True), ("rr", True), ("age", True), ("zone", False)]
    report = report_of(
        [
            *(_told(AuditKind.QUALITY_GATE, gate=gate, passed=passed) for gate, passed in gates),
            *(_told(AuditKind.BREAKER, subject=one, event="tripped") for one in "abb"),
            _told(AuditKind.BREAKER, subject="c", event="let_go"),
            _told(AuditKind.QUALITY_GATE, passed=False),
        ]
    ).as_json()
    assert report["quality_gates"] == {
        "passed": {"rr": 2, "age": 1, "zone": 1},
        "failed": {"": 1, "zone": 1},
    }
    gates_told: Any = report["quality_gates"]
    assert list(gates_told["passed"]) == ["rr", "age", "zone"]
    breakers: Any = report["breakers_tripped"]
    assert list(breakers.items()) == [("b", 2), ("a", 1)]


def test_the_share_of_a_limit_in_use_is_told_to_four_digits():
    third = _check("max_total", Decimal("0.086666666"), Decimal("0.1"))
    less = _check("max_total", Decimal("0.085"), Decimal("0.1"))
    report = report_of([_decided(an_approval(checks=(one,))) for one in (less, third, less)])
    assert report.as_json()["limits_approached"] == {
        "max_total": {"times": 3, "highest_share": "0.8667"}
    }


def test_a_decision_about_no_symbol_is_counted_under_none():
    report = report_of([_told(AuditKind.DECISION, verdict="approved")])
    assert report.as_json()["by_symbol"] == {"": {"approved": 1, "rejected": 0}}
    assert (report.approved, report.rejected, report.refusals) == (1, 0, {})


@pytest.mark.parametrize("measured", [{}, [], "0.09", None, {"decimal": "much"}])
def test_a_check_whose_number_cannot_be_read_approaches_no_limit(measured: object):
    body: Any = json.loads(_decided(an_approval()).body)
    limit = {"decimal": "0.1"}
    body["checks"] = [
        {"code": "max_total", "passed": True, "measured": measured, "limit": limit},
        {"code": "max_total", "passed": True, "measured": {"decimal": "0.09"}, "limit": limit},
    ]
    draft = AuditDraft(kind=AuditKind.DECISION, subject="", actor="", at_us=_NEW_YEAR_US)
    report = report_of([_record(draft, body=json.dumps(body))])
    assert report.approached["max_total"].times == 1
