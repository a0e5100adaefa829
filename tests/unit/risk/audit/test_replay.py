"""A recorded decision is judged again and agrees, or the first difference is named."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.decision import Approved, Check, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import EntryId, EntryState, Origin
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Size
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import RecordedDecision, decode_decision, encode_entry
from snipersight.risk.audit.ledger_fold import LedgerFold
from snipersight.risk.audit.replay import Outcome, Replayed, policy_changes, replay
from snipersight.risk.inputs import GateInputs
from snipersight.risk.manager import RiskManager
from snipersight.risk.policy import RiskPolicy
from tests.builders.decisions import a_refusal, an_approval, gate_inputs
from tests.builders.instruments import an_instrument
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, observations
from tests.builders.plans import a_plan
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

POLICY = RiskPolicy()
_SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")


def _desk(**limits: Any) -> tuple[MemoryDecisionStore, RiskManager]:
    store = a_memory_store(at_us=DECIDED_AT_US)
    manager = RiskManager(
        account_id="main", store=store, clock=lambda: DECIDED_AT_US, policy=a_policy(**limits)
    )
    manager.observe(observations(*(an_instrument(symbol) for symbol in _SYMBOLS)))
    return store, manager


def _plans() -> list[TradePlan]:
    return [
        a_plan(direction, symbol=symbol)
        for symbol in _SYMBOLS
        for direction in (Direction.LONG, Direction.SHORT)
    ]


def _bodies(store: MemoryDecisionStore) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in store.records("main") if one.kind == "decision"]


def _replayed(body: dict[str, Any], **options: Any) -> Replayed:
    values: dict[str, Any] = {"policies": {POLICY.hash: POLICY}, "today": POLICY} | options
    return replay(body, **values)


def test_every_recorded_decision_agrees():
    store, manager = _desk()
    decisions = [manager.validate_plan(plan) for plan in _plans()]
    assert {type(decision).__name__ for decision in decisions} == {"Approved", "Rejected"}
    replays = [_replayed(body) for body in _bodies(store)]
    assert [one.outcome for one in replays] == [Outcome.AGREES] * 4
    assert [one.decision for one in replays] == decisions
    assert not any(one.policy_changes or one.is_code_changed for one in replays)


def _otherwise(decision: RiskDecision) -> Any:
    def judge_again(plan: TradePlan, inputs: GateInputs, policy: RiskPolicy) -> RiskDecision:
        return decision

    return judge_again


def _approved() -> tuple[dict[str, Any], Approved]:
    store, manager = _desk()
    decision = manager.validate_plan(a_plan(symbol=_SYMBOLS[0]))
    assert isinstance(decision, Approved)
    return _bodies(store)[0], decision


def test_the_first_difference_is_named():
    body, decision = _approved()
    first, *others = decision.checks
    cases: list[tuple[RiskDecision, str]] = [
        (a_refusal(), "verdict: approved then, rejected (max_total) now"),
        (replace(decision, size=Size(Decimal("0.1"))), f"size: {decision.size} then, 0.1 now"),
        (replace(decision, checks=tuple(others)), f"check {first.code} then, {others[0].code} in"),
        (
            replace(decision, checks=(replace(first, sentence="other"), *others)),
            f"check {first.code}: sentence {first.sentence} then, other now",
        ),
        (
            replace(decision, checks=(*decision.checks, Check(code="more", passed=True))),
            f"{len(decision.checks)} checks then, {len(decision.checks) + 1} now",
        ),
        (
            replace(decision, checks=(replace(first, limit=Decimal("1.50")), *others)),
            f"check {first.code}: limit",
        ),
    ]
    for other, told in cases:
        result = _replayed(body, judge_again=_otherwise(other))
        assert (result.outcome, bool(result)) == (Outcome.DIFFERS, False)
        assert told in result.difference, (told, result.difference)


def test_a_reservation_is_no_difference():
    body, decision = _approved()
    reserved = replace(decision, reservation_id=EntryId("r"))
    assert _replayed(body, judge_again=_otherwise(reserved))


def test_changed_limits_are_named():
    body, _ = _approved()
    today = a_policy(max_leverage="3", restricted=("DOGE",))
    result = _replayed(body, today=today)
    assert result.outcome is Outcome.AGREES  # judged by the limits of that time
    assert result.policy_changes == ("max_leverage 5 → 3", "restricted [] → ['DOGE']")
    assert policy_changes(POLICY, POLICY) == ()


def test_changed_code_is_told():
    body, _ = _approved()
    result = _replayed(body | {"code": "0" * 16})
    assert result.outcome is Outcome.AGREES
    assert result.is_code_changed


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"policy": "0" * 16}, "limits of hash 0000000000000000"),
        ({"format": 9}, "format 9"),
        ({"plan": {"other": "x"}}, "no value of an audit record"),
    ],
)
def test_what_cannot_be_judged_again_says_why(change: dict[str, Any], told: str):
    body, _ = _approved()
    result = _replayed(body | change)
    assert result.outcome is Outcome.UNKNOWN
    assert told in result.difference


def test_a_verdict_recorded_by_hand_is_not_judged():
    result = _replayed({"format": 1, "verdict": "rejected", "reason": "the news"})
    assert (result.outcome, result.difference) == (
        Outcome.UNKNOWN,
        "it was recorded by hand, without its inputs",
    )


def _followed(store: MemoryDecisionStore) -> list[str]:
    """Return what each decision did not see, in order."""
    fold, differences = LedgerFold(), []
    for record in store.records("main"):
        if record.kind == AuditKind.DECISION:
            differences.append(fold.difference(decode_decision(json.loads(record.body))))
        fold.take(record)
    assert fold.live == store.view("main", lambda unit: unit.live_entries())
    return differences


def test_following_the_records_gives_the_ledger_and_what_each_decision_saw():
    store, manager = _desk()
    reserved = manager.validate_plan(_plans()[0], reserve=Origin.EXECUTED)
    assert isinstance(reserved, Approved)
    manager.validate_plan(_plans()[2])  # approved for this scan only
    manager.validate_plan(_plans()[3])
    assert _followed(store) == ["", "", ""]
    assert len(store.view("main", lambda unit: unit.live_entries())) == 1


def _record(kind: AuditKind, body: dict[str, Any]) -> AuditRecord:
    return AuditRecord(
        account_id="main",
        seq=1,
        at_us=1,
        kind=kind.value,
        subject="",
        actor="",
        body=canonical(body),
        prev_hash="",
        hash="",
    )


def test_a_decision_that_did_not_see_the_ledger_is_found():
    entry = an_entry()
    fold = LedgerFold()
    fold.take(_record(AuditKind.RESERVED, {"entry": encode_entry(entry)}))
    held = gate_inputs().view

    def seen(**view: Any) -> str:
        inputs = gate_inputs(view=replace(held, **view))
        recorded = RecordedDecision(
            inputs=inputs,
            decision=an_approval(),
            policy_hash="",
            code_hash="",
            is_reserved=False,
        )
        return fold.difference(recorded)

    assert seen(positions=1, total=entry.amounts) == ""
    assert seen(positions=0) == "it saw 0 live claims, the ledger held 1"
    less = replace(entry.amounts, risk=entry.amounts.risk - 1)
    assert "total risk of 99" in seen(positions=2, total=less)
    more = replace(entry.amounts, margin=entry.amounts.margin + 1)
    assert "total margin of 1001" in seen(positions=1, total=more)
    assert seen(positions=2, total=more) == ""
    ended = replace(
        entry, state=EntryState.RELEASED, pending_size=Size(Decimal(0)), ended_us=DECIDED_AT_US
    )
    fold.take(_record(AuditKind.RELEASED, {"entry": encode_entry(ended)}))
    assert fold.live == ()


def test_a_record_without_its_entry_is_refused():
    with pytest.raises(DataInvalid):
        LedgerFold().take(_record(AuditKind.CLOSED, {}))


_DAMAGED: list[dict[str, Any]] = [
    {"inputs": None},
    {"inputs": {}},
    {"checks": [{}]},
    {"checks": [None]},
    {"checks": [1]},
    {"sizes": None},
    {"sizes": {}},
    {"sizes": {"size": {"time": "noon"}}},
]


@pytest.mark.parametrize("damage", _DAMAGED, ids=str)
def test_a_record_that_tells_of_no_whole_decision_is_not_judged(damage: dict[str, Any]):
    body, _ = _approved()
    result = _replayed(body | damage)
    assert result.outcome is Outcome.UNKNOWN
    assert result.difference


@pytest.mark.parametrize(
    ("name", "value"),
    [("account", None), ("tripped", [None]), ("at_us", {"text": "x"}), ("view", None)],
)
def test_a_record_that_lacks_part_of_its_inputs_is_not_judged(name: str, value: object):
    body, _ = _approved()
    result = _replayed(body | {"inputs": body["inputs"] | {name: value}})
    assert result.outcome is Outcome.UNKNOWN
    assert result.difference


@pytest.mark.parametrize(
    ("codes", "told"),
    [(("max_total",), "(max_total)"), (("a", "b"), "(a, b)"), ((), "rejected now")],
)
def test_another_verdict_is_told_with_what_failed(codes: tuple[str, ...], told: str):
    body, _ = _approved()
    refusal = a_refusal(checks=tuple(Check(code=code, passed=False) for code in codes))
    difference = _replayed(body, judge_again=_otherwise(refusal)).difference
    assert difference.startswith("verdict: approved then, rejected")
    assert told in difference


def test_a_number_is_told_as_it_is_read():
    body, decision = _approved()
    first, *others = decision.checks
    other = replace(first, limit=Decimal("1.50"))
    result = _replayed(body, judge_again=_otherwise(replace(decision, checks=(other, *others))))
    assert result.difference == f"check {first.code}: limit None then, 1.50 now"


def test_of_a_plan_that_lacks_something_nothing_is_looked_up():
    fold = LedgerFold()
    fold.take(_record(AuditKind.RESERVED, {"entry": encode_entry(an_entry())}))
    incomplete = Check(code="incomplete_plan", passed=False)
    passed = Check(code="incomplete_plan", passed=True)
    other = Check(code="equity", passed=False)

    def seen(*checks: Check) -> str:
        held = replace(gate_inputs().view, positions=0)
        recorded = RecordedDecision(
            inputs=gate_inputs(view=held),
            decision=a_refusal(checks=checks),
            policy_hash="",
            code_hash="",
            is_reserved=False,
        )
        return fold.difference(recorded)

    assert seen(incomplete) == ""
    assert seen(other) == seen(passed, other) == "it saw 0 live claims, the ledger held 1"
