"""Judges recorded decisions once more, from their records alone; they must come out the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from snipersight.domain.decision import RiskDecision
from snipersight.domain.errors import DataInvalid
from snipersight.domain.plan import TradePlan
from snipersight.risk.audit.code_hash import code_hash
from snipersight.risk.audit.codec import RecordedDecision, decode_decision, encode_verdict
from snipersight.risk.gate import judge
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy

Judge = Callable[[TradePlan, GateInputs, RiskPolicy], RiskDecision]


class Outcome(StrEnum):
    """What a replay came to."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"  # it could not be judged again


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One decision, judged again.

    Args:
        outcome: whether the same came out.
        difference: the first difference, or why it could not be judged; empty if it agrees.
        policy_changes: limits that are others today, `max_leverage 5 → 3`.
        is_code_changed: today's code is not the one that decided; a difference may come from that.
        decision: what comes out today; None if it could not be judged.
    """

    outcome: Outcome
    difference: str = ""
    policy_changes: tuple[str, ...] = ()
    is_code_changed: bool = False
    decision: RiskDecision | None = None

    def __bool__(self) -> bool:
        """Return whether the same came out."""
        return self.outcome is Outcome.AGREES


def replay(
    body: Mapping[str, object],
    *,
    policies: Mapping[str, RiskPolicy],
    today: RiskPolicy | None,
    judge_again: Judge = judge,
) -> Replayed:
    """Judge the decision of a DECISION record again, under the limits of that time.

    Args:
        body: of the record.
        policies: the limits that the chain recorded, by hash.
        today: the limits in force; None if they are unknown.
        judge_again: the gate.
    """
    if "inputs" not in body:
        return _unknown("it was recorded by hand, without its inputs")
    try:
        recorded = decode_decision(body)
    except DataInvalid as error:
        return _unknown(error.what)
    policy = policies.get(recorded.policy_hash)
    if policy is None:
        return _unknown(f"the limits of hash {recorded.policy_hash} are not in the audit any more")
    try:
        decision = judge_again(recorded.plan, recorded.inputs, policy)
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        # Inputs are rebuilt from whatever a record holds; of a changed one they are none.
        return _unknown(f"its inputs cannot be judged: {error}")
    difference = first_difference(recorded, decision)
    return Replayed(
        outcome=Outcome.DIFFERS if difference else Outcome.AGREES,
        difference=difference,
        policy_changes=() if today is None else policy_changes(policy, today),
        is_code_changed=recorded.code_hash != code_hash(),
        decision=decision,
    )


def first_difference(recorded: RecordedDecision, decision: RiskDecision) -> str:
    """Return the first thing a verdict differs in from the recorded one; empty if in nothing.

    The reservation's name is left out: judging reserves nothing.
    """
    then, now = encode_verdict(recorded.decision), encode_verdict(decision)
    if then["verdict"] != now["verdict"]:
        return f"verdict: {_verdict(then)} then, {_verdict(now)} now"
    return _difference_of_checks(then["checks"], now["checks"]) or _difference_of_sizes(
        then["sizes"], now["sizes"]
    )


def policy_changes(then: RiskPolicy, now: RiskPolicy) -> tuple[str, ...]:
    """Return every limit that is another one, `max_leverage 5 → 3`."""
    before, after = then.as_json(), now.as_json()
    return tuple(
        f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name]
    )


def _unknown(why: str) -> Replayed:
    return Replayed(outcome=Outcome.UNKNOWN, difference=why)


def _verdict(held: Mapping[str, object]) -> str:
    codes = held["codes"]
    names = ", ".join(map(str, codes)) if isinstance(codes, list) else ""
    return f"{held['verdict']} ({names})" if names else str(held["verdict"])


def _difference_of_checks(then: object, now: object) -> str:
    if not isinstance(then, list) or not isinstance(now, list):
        raise TypeError("checks are lists")
    for before, after in zip(then, now, strict=False):
        if before["code"] != after["code"]:
            return f"check {before['code']} then, {after['code']} in its place now"
        for name in ("passed", "measured", "limit", "sentence"):
            if before[name] != after[name]:
                was, became = _value(before[name]), _value(after[name])
                return f"check {before['code']}: {name} {was} then, {became} now"
    if len(then) != len(now):
        return f"{len(then)} checks then, {len(now)} now"
    return ""


def _difference_of_sizes(then: object, now: object) -> str:
    if not isinstance(then, Mapping) or not isinstance(now, Mapping):
        return ""
    for name in then:
        if name != "reservation_id" and then[name] != now[name]:
            return f"{name}: {_value(then[name])} then, {_value(now[name])} now"
    return ""


def _value(written: object) -> str:
    if isinstance(written, Mapping):
        return str(next(iter(written.values()), ""))
    return str(written)
