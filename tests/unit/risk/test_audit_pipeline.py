"""Logging, summing up and exporting as the specification names them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.audit import AuditRecord
from snipersight.domain.decision import Check
from snipersight.domain.errors import StateUnavailable
from snipersight.risk import registry
from snipersight.risk.audit.query import EVERY_RECORD, AuditQuery
from snipersight.risk.audit_pipeline import AuditLogger, record_json
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts
from tests.builders.decisions import a_refusal
from tests.builders.plans import a_plan
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

AT_US = 1_717_200_000_000_000


class _Reader:
    """Reads the records of a store in memory."""

    def __init__(self, store: MemoryDecisionStore) -> None:
        self._store = store

    def records(
        self, account_id: str, query: AuditQuery = EVERY_RECORD, *, newest_first: bool = False
    ) -> Iterator[AuditRecord]:
        return (one for one in self._store.records(account_id) if query.matches(one))


@pytest.fixture
def store() -> Iterator[MemoryDecisionStore]:
    """Return a store that is registered, as bootstrap does it."""
    held = a_memory_store(at_us=AT_US)
    ports = RiskPorts(
        account_id="main",
        store=held,
        clock=lambda: AT_US,
        policy=RiskPolicy(),
        reader=_Reader(held),
    )
    registry.register(ports)
    yield held
    registry.clear()


def _body(record: AuditRecord) -> Any:
    return json.loads(record.body)


def test_the_snippet_of_the_specification_records_a_refusal(store: MemoryDecisionStore):
    record = AuditLogger().log_decision(a_plan(), "REJECTED", "Exposure limit exceeded")
    assert store.records("main") == (record,)
    assert (record.kind, record.subject) == ("decision", a_plan().plan_id)
    body = _body(record)
    assert (body["verdict"], body["reason"]) == ("rejected", "Exposure limit exceeded")
    assert body["plan"]["symbol"] == "BTC/USDT"


@pytest.mark.parametrize(
    ("verdict", "recorded"),
    [("APPROVED", "approved"), (" rejected", "rejected"), (True, "approved"), (False, "rejected")],
)
def test_a_verdict_may_be_said_in_several_ways(store: Any, verdict: Any, recorded: str):
    assert _body(AuditLogger().log_decision("plan-1", verdict))["verdict"] == recorded


def test_the_gates_own_verdict_keeps_its_checks(store: Any):
    body = _body(AuditLogger().log_decision(a_plan(), a_refusal()))
    assert body["codes"] == ["max_total"]
    assert len(body["checks"]) == 4


def test_a_verdict_that_is_neither_is_refused(store: MemoryDecisionStore):
    with pytest.raises(ValueError, match="APPROVED or REJECTED"):
        AuditLogger().log_decision("plan-1", "maybe")
    assert store.records("main") == ()


def test_a_mapping_tells_what_was_decided_on(store: Any):
    context = {"plan_id": "p-1", "symbol": "ETH/USDT", "price": Decimal("1.10"), "tags": ("a", 1)}
    record = AuditLogger(actor="telegram:7").log_decision(context, False, share=0.5, ü=None)
    assert (record.subject, record.actor) == ("p-1", "telegram:7")
    body = _body(record)
    assert body["context"]["price"] == "1.10"
    assert body["context"]["tags"] == ["a", 1]
    assert body["symbol"] == "ETH/USDT"
    assert body["details"] == {"share": "0.5", "?": None}


def test_a_quality_gate_is_recorded_by_name_or_as_a_check(store: Any):
    logger = AuditLogger()
    named = _body(logger.log_quality_gate(a_plan(), "min_score", True, measured=72.0, limit=60.0))
    assert (named["gate"], named["passed"]) == ("min_score", True)
    assert named["check"]["measured"] == {"float": "72.0"}
    failed = Check(code="kill_zone", passed=False, sentence="outside of London")
    whole = _body(logger.log_quality_gate("plan-1", failed))
    assert (whole["gate"], whole["passed"]) == ("kill_zone", False)
    with pytest.raises(ValueError, match="passed or not"):
        logger.log_quality_gate("plan-1", "min_score")


def test_the_report_covers_a_period(store: Any):
    logger = AuditLogger()
    logger.log_decision(a_plan(), a_refusal())
    logger.log_decision("p", True)
    logger.log_quality_gate("p", "min_score", False)
    report = logger.generate_audit_report()
    assert (report.approved, report.rejected) == (1, 1)
    assert report.refusals == {"max_total": 1}
    assert report.gates_failed == {"min_score": 1}
    empty = logger.generate_audit_report(since_us=AT_US + 1)
    assert (empty.approved, empty.first_us) == (0, None)


def test_every_record_is_exported_as_one_line(store: MemoryDecisionStore):
    logger = AuditLogger()
    logger.log_decision("p", True)
    logger.log_quality_gate("p", "min_score", False)
    lines = [json.loads(line) for line in logger.json_lines()]
    assert lines == [record_json(record) for record in store.records("main")]
    assert [line["seq"] for line in lines] == [1, 2]
    assert lines[0]["body"]["verdict"] == "approved"
    assert len(list(logger.json_lines(AuditQuery(kinds=("quality_gate",))))) == 1


def test_without_ports_nothing_can_be_decided():
    logger = AuditLogger()
    for call in (
        lambda: logger.log_decision("p", True),
        lambda: logger.log_quality_gate("p", "g", True),
        logger.generate_audit_report,
        lambda: list(logger.json_lines()),
    ):
        with pytest.raises(StateUnavailable, match="nothing can be recorded"):
            call()


def test_a_store_that_fails_is_an_error(store: MemoryDecisionStore):
    store.error = StateUnavailable("the disk is full")
    with pytest.raises(StateUnavailable, match="disk is full"):
        AuditLogger().log_decision("p", True)
    store.error = None
    assert store.records("main") == ()


def test_given_ports_count_before_the_registered_ones(store: MemoryDecisionStore):
    other = a_memory_store(account_id="other", at_us=AT_US)
    AuditLogger(account_id="other", store=other, clock=lambda: AT_US).log_decision("p", True)
    assert len(other.records("other")) == 1
    assert store.records("main") == ()


def test_what_is_recorded_of_a_decision_is_whole(store: Any):
    record = AuditLogger().log_decision({"symbol": "ETH/USDT"}, True)
    assert (record.actor, record.subject, record.at_us) == ("cli", "ETH/USDT", AT_US)
    assert _body(record) == {
        "format": 1,
        "verdict": "approved",
        "context": {"symbol": "ETH/USDT"},
        "symbol": "ETH/USDT",
        "reason": "",
        "details": {},
    }


@pytest.mark.parametrize(
    ("context", "subject"),
    [
        ({"plan_id": "p", "symbol": "s"}, "p"),
        ({"symbol": "s"}, "s"),
        ({"price": 1}, ""),
        ({"plan_id": 7}, "7"),
        ("plan-1", "plan-1"),
        ("x" * 200, "x" * 128),
    ],
)
def test_a_record_is_about_the_plan_or_else_the_symbol(store: Any, context: Any, subject: str):
    assert AuditLogger().log_decision(context, True).subject == subject


def test_a_symbol_that_is_no_text_is_no_symbol(store: Any):
    assert "symbol" not in _body(AuditLogger().log_decision({"symbol": 7}, True))


def test_what_is_recorded_of_a_quality_gate_is_whole(store: Any):
    logger = AuditLogger()
    record = logger.log_quality_gate(
        "p", "min_score", False, measured=55.0, limit=Decimal(60), sentence="55 of 60"
    )
    assert _body(record) == {
        "format": 1,
        "gate": "min_score",
        "passed": False,
        "check": {
            "code": "min_score",
            "passed": False,
            "measured": {"float": "55.0"},
            "limit": {"decimal": "60"},
            "sentence": "55 of 60",
        },
    }
    assert _body(logger.log_quality_gate("p", "g", True))["check"]["sentence"] == ""


def test_a_period_ends_before_its_end(store: Any):
    logger = AuditLogger()
    logger.log_decision("p", True)
    assert logger.generate_audit_report(until_us=AT_US).approved == 0
    assert logger.generate_audit_report(since_us=AT_US, until_us=AT_US + 1).approved == 1


def test_an_exported_record_names_every_field(store: Any):
    logger = AuditLogger()
    record = logger.log_decision("p", True, "ü")
    (line,) = logger.json_lines()
    assert "ü" in line
    assert json.loads(line) == {
        "account_id": "main",
        "seq": 1,
        "at_us": AT_US,
        "kind": "decision",
        "subject": "p",
        "actor": "cli",
        "body": _body(record),
        "prev_hash": "0" * 64,
        "hash": record.hash,
    }


@pytest.mark.parametrize("missing", ["account_id", "store", "clock"])
def test_half_a_set_of_ports_records_nothing(missing: str):
    held = a_memory_store(at_us=AT_US)
    ports: dict[str, Any] = {"account_id": "main", "store": held, "clock": lambda: AT_US}
    with pytest.raises(StateUnavailable) as error:
        AuditLogger(**(ports | {missing: None})).log_decision("p", True)
    assert str(error.value) == (
        "no account or store was registered, so nothing can be recorded — "
        "open a store before deciding"
    )
    assert held.records("main") == ()


@pytest.mark.parametrize("missing", ["account_id", "reader"])
def test_half_a_set_of_ports_reads_nothing(missing: str):
    ports: dict[str, Any] = {"account_id": "main", "reader": _Reader(a_memory_store(at_us=AT_US))}
    assert AuditLogger(**ports).generate_audit_report().approved == 0
    with pytest.raises(StateUnavailable, match="nothing can be recorded"):
        AuditLogger(**(ports | {missing: None})).generate_audit_report()
