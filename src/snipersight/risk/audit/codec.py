"""What audit records hold: a whole decision, an entry of the ledger, the policy; and back again.

Written so that nothing else is needed to judge once more. Numbers keep their spelling, so what is
read back equals what was judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from json.encoder import encode_basestring as quoted
from typing import Final, TypeVar

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.decision import Approved, Check, Rejected, RiskDecision
from snipersight.domain.errors import DataInvalid
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.quick import quick
from snipersight.domain.units import Money, Size
from snipersight.risk.audit.chain import Spelt
from snipersight.risk.audit.code_hash import code_hash
from snipersight.risk.audit.exact_json import decode, encode, spell
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy

T = TypeVar("T")

BODY_FORMAT: Final = 1
_LONGEST_SUBJECT: Final = 128  # the column's width
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
_NUMBERS: Final = frozenset({Decimal, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDecision:
    """A decision as its record tells it.

    Args:
        inputs: everything it depended on, plan and policy aside.
        decision: the verdict, with the plan and every check.
        policy_hash, code_hash: of the limits and the code in force.
        is_reserved: whether budget was taken for it.
    """

    inputs: GateInputs
    decision: RiskDecision
    policy_hash: str
    code_hash: str
    is_reserved: bool

    @property
    def plan(self) -> TradePlan:
        """Return the plan that was judged."""
        return self.decision.plan


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """The numbers of an approval, as `Approved` holds them."""

    size: Size
    notional: Decimal
    margin: Decimal
    leverage: Decimal
    risk: Money
    risk_fraction: Decimal
    reservation_id: EntryId | None


def decision_draft(
    plan: TradePlan,
    inputs: GateInputs,
    policy: RiskPolicy,
    decision: RiskDecision,
    *,
    at_us: int,
    actor: str,
    reserved: bool,
) -> AuditDraft:
    """Return the record of one verdict: plan, inputs, policy, code, every check, sizes.

    Args:
        plan, inputs, policy: what was judged, and by which limits; what is no plan, or has no
            name, is recorded as far as it can be, with an empty subject.
        decision: the verdict.
        at_us: microseconds UTC.
        actor: who asked, `scan`, `cli`.
        reserved: whether budget was taken for it in the same transaction.
    """
    body = {
        "format": BODY_FORMAT,
        "plan": _spelt_plan(plan),
        "inputs": _later(inputs),
        "policy": policy.hash,
        "code": code_hash(),
        "reserved": reserved,
        **_spelt_verdict(decision),
    }
    return AuditDraft(
        kind=AuditKind.DECISION,
        subject=str(getattr(plan, "plan_id", ""))[:_LONGEST_SUBJECT],
        actor=actor,
        at_us=at_us,
        body=body,
    )


def _spelt_plan(plan: object) -> object:
    # Whatever was handed in as a plan is refused by name, not by a record that cannot be written.
    if isinstance(plan, TradePlan):
        return _later(plan)
    return {"other": repr(plan)[:_LONGEST_SUBJECT]}


def encode_verdict(decision: RiskDecision) -> dict[str, object]:
    """Return a verdict without its plan: `verdict`, failed `codes`, `checks`, `sizes`.

    `sizes` is None for a refusal.
    """
    return {
        **_outcome(decision),
        "checks": [encode(check) for check in decision.checks],
        "sizes": encode(_sizes_of(decision)) if isinstance(decision, Approved) else None,
    }


def _spelt_verdict(decision: RiskDecision) -> dict[str, object]:
    """Return what `encode_verdict` does, its larger parts as text."""
    return {
        **_outcome(decision),
        "checks": Spelt(partial(_spelt_checks, decision.checks)),
        "sizes": _later(_sizes_of(decision)) if isinstance(decision, Approved) else None,
    }


def _outcome(decision: RiskDecision) -> dict[str, object]:
    return {
        "verdict": APPROVED if isinstance(decision, Approved) else REJECTED,
        "codes": [check.code for check in decision.checks if not check.passed],
    }


def _spelt_checks(checks: tuple[Check, ...]) -> str:
    return f"[{','.join(map(spelt_check, checks))}]"


def _later(value: object) -> Spelt:
    """Return a value that is never changed, to be spelt when the record is sealed or read."""
    return Spelt(partial(spell, value))


def spelt_check(check: Check) -> str:
    """Return `spell(check)`, for the forty checks of every verdict in half the time."""
    code, sentence = check.code, check.sentence
    measured, limit = check.measured, check.limit
    are_numbers = type(measured) in _NUMBERS and type(limit) in _NUMBERS
    if not (are_numbers and type(code) is str and type(sentence) is str and check.passed is True):
        return spell(check)
    return (
        f'{{"code":{quoted(code)},"limit":{_spelt_number(limit)},'
        f'"measured":{_spelt_number(measured)},"passed":true,"sentence":{quoted(sentence)}}}'
    )


def _spelt_number(value: object) -> str:
    return "null" if value is None else f'{{"decimal":"{value}"}}'


def _sizes_of(decision: Approved) -> _Sizes:
    return _Sizes(
        size=decision.size,
        notional=decision.notional,
        margin=decision.margin,
        leverage=decision.leverage,
        risk=decision.risk,
        risk_fraction=decision.risk_fraction,
        reservation_id=decision.reservation_id,
    )


def decode_decision(body: Mapping[str, object]) -> RecordedDecision:
    """Return the decision that the body of a DECISION record tells of.

    Raises:
        DataInvalid: the body is not what `decision_draft` writes.
    """
    if body.get("format") != BODY_FORMAT:
        raise _unknown_body(f"format {body.get('format')!r}")
    policy_hash, code, reserved = body.get("policy"), body.get("code"), body.get("reserved")
    if not (isinstance(policy_hash, str) and isinstance(code, str) and isinstance(reserved, bool)):
        raise _unknown_body("no policy hash, code hash or mark of a reservation")
    return RecordedDecision(
        inputs=_whole(GateInputs, body.get("inputs"), "inputs"),
        decision=_decode_verdict(body, decode(TradePlan, body.get("plan")), policy_hash),
        policy_hash=policy_hash,
        code_hash=code,
        is_reserved=reserved,
    )


def _decode_verdict(body: Mapping[str, object], plan: TradePlan, policy_hash: str) -> RiskDecision:
    held = body.get("checks")
    if not isinstance(held, list):
        raise _unknown_body("no checks")
    checks = tuple(_whole(Check, one, "a check") for one in held)
    match body.get("verdict"):
        case "rejected":
            return Rejected(plan=plan, checks=checks, policy_hash=policy_hash)
        case "approved":
            sizes = _whole(_Sizes, body.get("sizes"), "sizes")
            return Approved(
                plan=plan,
                size=sizes.size,
                notional=sizes.notional,
                margin=sizes.margin,
                leverage=sizes.leverage,
                risk=sizes.risk,
                risk_fraction=sizes.risk_fraction,
                checks=checks,
                reservation_id=sizes.reservation_id,
                policy_hash=policy_hash,
            )
        case other:
            raise _unknown_body(f"verdict {other!r}")


def encode_entry(entry: LedgerEntry) -> Spelt:
    """Return an entry of the ledger, whole, as a value for a record's body."""
    return _later(entry)


def decode_entry(value: object) -> LedgerEntry:
    """Return the entry that `encode_entry` wrote.

    Raises:
        DataInvalid: it is none, or one that cannot be counted.
    """
    return _whole(LedgerEntry, value, "an entry of the ledger")


def policy_draft(policy: RiskPolicy, *, at_us: int, actor: str) -> AuditDraft:
    """Return the record of the limits in force, written whenever they change."""
    body = {"format": BODY_FORMAT, "hash": policy.hash, "policy": _later(policy)}
    return AuditDraft(
        kind=AuditKind.POLICY, subject=policy.hash, actor=actor, at_us=at_us, body=body
    )


def decode_policy(body: Mapping[str, object]) -> RiskPolicy:
    """Return the policy that the body of a POLICY record tells of.

    Raises:
        DataInvalid: it is none, contradicts itself, or has another hash than it says.
    """
    try:
        policy = replace(decode(RiskPolicy, body.get("policy")))
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise _unknown_body(f"limits: {error}") from error
    if policy.hash != body.get("hash"):
        raise _unknown_body(f"limits of hash {policy.hash} under the name {body.get('hash')!r}")
    return policy


def _whole(kind: type[T], value: object, what: str) -> T:
    """Return what a value tells of, if it has every field and its own constructor accepts it."""
    try:
        return replace(decode(kind, value))  # type: ignore[type-var]
    except (ValueError, TypeError, AttributeError) as error:
        raise _unknown_body(f"{what}: {error}") from error


def _unknown_body(what: str) -> DataInvalid:
    return DataInvalid(
        f"the record holds {what}",
        next_step="it was written by another version, or changed: see `snipersight audit verify`",
    )
