"""What records hold reads back as what was judged, down to the spelling of a number."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.decision import RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.code_hash import code_hash
from snipersight.risk.audit.codec import (
    decision_draft,
    decode_decision,
    decode_entry,
    decode_policy,
    encode_entry,
    policy_draft,
)
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from tests.builders.decisions import a_refusal, an_approval, gate_inputs
from tests.builders.ledger import a_policy, an_entry, market_facts
from tests.builders.plans import a_plan


def _stored(draft: AuditDraft) -> dict[str, Any]:
    """Return a draft's body as it is read back from a database."""
    held: dict[str, Any] = json.loads(canonical(dict(draft.body)))
    return held


def _entry_as_stored(entry: LedgerEntry) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(canonical({"entry": encode_entry(entry)}))["entry"]
    return held


def _drafted(
    decision: RiskDecision, inputs: GateInputs | None = None, *, reserved: bool = False
) -> AuditDraft:
    return decision_draft(
        decision.plan,
        inputs or gate_inputs(),
        RiskPolicy(),
        decision,
        at_us=7,
        actor="scan",
        reserved=reserved,
    )


@pytest.mark.parametrize(
    "decision", [an_approval(), an_approval(reservation_id="r-1"), a_refusal()], ids=str
)
def test_a_decision_reads_back_as_it_was_made(decision):
    read = decode_decision(_stored(_drafted(decision, reserved=True)))
    assert read.decision == decision
    assert read.inputs == gate_inputs()
    assert read.is_reserved
    assert (read.policy_hash, read.code_hash) == (RiskPolicy().hash, code_hash())
    spelt = [(check.measured, type(check.measured)) for check in read.decision.checks]
    assert spelt == [(check.measured, type(check.measured)) for check in decision.checks]


def test_a_draft_says_what_it_is_about():
    draft = _drafted(a_refusal())
    assert (draft.kind, draft.subject, draft.actor, draft.at_us) == (
        AuditKind.DECISION,
        a_plan().plan_id,
        "scan",
        7,
    )
    assert draft.body["verdict"] == "rejected"
    assert draft.body["codes"] == ["max_total"]
    assert draft.body["sizes"] is None


def test_a_plan_built_around_its_constructor_is_recorded_and_rebuilt_as_it_was():
    plan = a_plan()
    broken = object.__new__(TradePlan)
    for name in TradePlan.__dataclass_fields__:
        if name != "rationale":
            object.__setattr__(broken, name, getattr(plan, name))
    object.__setattr__(broken, "entry_near", 42250.5)  # a float where a price belongs
    object.__setattr__(broken, "stop_loss", None)
    object.__setattr__(broken, "targets", ())
    read: Any = decode_decision(_stored(_drafted(a_refusal(broken)))).plan
    assert read.entry_near == 42250.5
    assert type(read.entry_near) is float
    assert (read.stop_loss, read.targets, read.direction) == (None, (), Direction.LONG)
    assert not hasattr(read, "rationale")


def test_non_finite_inputs_are_recorded():
    facts = replace(market_facts(), quote_rate=Decimal("NaN"), quote_volume=Decimal("-Inf"))
    read: Any = decode_decision(_stored(_drafted(a_refusal(), gate_inputs(facts=facts))))
    held = read.inputs.facts
    assert (str(held.quote_rate), str(held.quote_volume)) == ("NaN", "-Infinity")


def test_an_entry_reads_back_whole():
    entry = an_entry(pending="1E-8", filled="0.10", realised=Decimal("-0.00"))
    read = decode_entry(_entry_as_stored(entry))
    assert read == entry
    assert [str(getattr(read, name)) for name in LedgerEntry.__dataclass_fields__] == [
        str(getattr(entry, name)) for name in LedgerEntry.__dataclass_fields__
    ]


def test_an_entry_that_cannot_be_counted_is_refused():
    held = _entry_as_stored(an_entry())
    with pytest.raises(DataInvalid, match="leverage is 0"):
        decode_entry(held | {"leverage": "0"})


def test_a_policy_reads_back_whole():
    policy = a_policy(max_total="0.2", restricted=("DOGE",))
    assert decode_policy(_stored(policy_draft(policy, at_us=1, actor="scan"))) == policy


@pytest.mark.parametrize(
    ("limits", "told"),
    [({"max_total": "0.3"}, "under the name"), ({"max_total": "-1"}, "max_total must lie")],
)
def test_a_policy_that_is_not_what_it_says_is_refused(limits, told):
    body = _stored(policy_draft(RiskPolicy(), at_us=1, actor="scan"))
    with pytest.raises(DataInvalid, match=told):
        decode_policy(body | {"policy": body["policy"] | limits})


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": 2},
        {"checks": None},
        {"verdict": "maybe"},
        {"inputs": []},
        {"plan": {"other": "object"}},
        {"reserved": "no"},
    ],
    ids=str,
)
def test_a_body_of_another_shape_is_refused(wrong):
    body = _stored(_drafted(an_approval())) | wrong
    with pytest.raises(DataInvalid, match="record"):
        decode_decision(body)


def test_limits_are_recorded_whole():
    policy = a_policy(max_total="0.2")
    draft = policy_draft(policy, at_us=7, actor="scan")
    assert (draft.kind, draft.subject, draft.actor, draft.at_us) == (
        AuditKind.POLICY,
        policy.hash,
        "scan",
        7,
    )
    assert set(draft.body) == {"format", "hash", "policy"}
    assert (draft.body["format"], draft.body["hash"]) == (1, policy.hash)


def test_a_body_of_another_shape_says_what_is_wrong_and_where_to_look():
    next_step = "it was written by another version, or changed: see `snipersight audit verify`"
    decision = _stored(_drafted(an_approval()))
    limits = _stored(policy_draft(RiskPolicy(), at_us=1, actor="scan"))
    told: list[tuple[Callable[[], object], str]] = [
        (lambda: decode_decision(decision | {"format": 9}), "format 9"),
        (
            lambda: decode_decision(decision | {"policy": 1}),
            "no policy hash, code hash or mark of a reservation",
        ),
        (
            lambda: decode_decision(decision | {"code": 1}),
            "no policy hash, code hash or mark of a reservation",
        ),
        (lambda: decode_decision(decision | {"checks": 1}), "no checks"),
        (lambda: decode_decision(decision | {"verdict": "maybe"}), "verdict 'maybe'"),
        (
            lambda: decode_policy(limits | {"hash": "0"}),
            f"limits of hash {RiskPolicy().hash} under the name '0'",
        ),
    ]
    for read, what in told:
        with pytest.raises(DataInvalid) as error:
            read()
        assert str(error.value) == f"the record holds {what} — {next_step}"


@pytest.mark.parametrize(
    ("change", "what"),
    [({"sizes": {}}, "sizes: "), ({"inputs": {}}, "inputs: "), ({"checks": [{}]}, "a check: ")],
)
def test_a_decision_that_is_not_whole_says_which_part(change, what):
    body = _stored(_drafted(an_approval())) | change
    with pytest.raises(DataInvalid, match=f"^the record holds {what}"):
        decode_decision(body)


def test_an_entry_that_cannot_be_counted_says_what_it_is():
    held = _entry_as_stored(an_entry())
    with pytest.raises(DataInvalid, match=r"^the record holds an entry of the ledger: "):
        decode_entry(held | {"leverage": "0"})
