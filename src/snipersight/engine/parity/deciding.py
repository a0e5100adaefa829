"""Facts of what closes decide and what the gate says of it, as backtest and run both have them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Approved, Candidate, Check, RiskDecision
from snipersight.domain.plan import TradePlan
from snipersight.engine.parity.facts import Fact, Kind, Value, measured
from snipersight.engine.report import Refusal
from snipersight.risk.audit.exact_json import encode

_AMOUNTS: Final = ("size", "notional", "margin", "leverage", "risk", "risk_fraction")
EXECUTOR: Final = "executor"


def candidate_fact(candidate: Candidate) -> Fact:
    """Return the fact that a close decided something: a plan with all it says, or a refusal.

    Args:
        candidate: as its close decided it; how its plan ended later is not looked at.
    """
    plan = candidate.plan
    if plan is not None:
        return plan_fact(plan, known_ms=candidate.at_ms)
    return _refusal(candidate, candidate.at_ms)


def refusal_fact(refusal: Refusal) -> Fact:
    """Return the fact that a close refused a setup before there was a plan.

    Raises:
        ValueError: no close did.
    """
    if refusal.at_ms is None:
        raise ValueError(f"{refusal.symbol}: {refusal.reason} was decided at no close")
    return _refusal(refusal, refusal.at_ms)


def _refusal(one: Candidate | Refusal, at_ms: int) -> Fact:
    setup = one.setup_id or one.direction or ""
    return Fact(
        kind=Kind.PLAN,
        key=f"{one.symbol} {at_ms} {setup} {one.reason}",
        at_ms=at_ms,
        symbol=one.symbol,
        values={"reason": str(one.reason), "detail": one.detail},
    )


def plan_fact(plan: TradePlan, *, known_ms: int) -> Fact:
    """Return the fact that a plan was made.

    Args:
        plan: whole.
        known_ms: the close at which it was first known, milliseconds UTC.
    """
    values = _plan_values(plan)
    values["known_ms"] = str(known_ms)
    return Fact(kind=Kind.PLAN, key=plan.plan_id, at_ms=known_ms, symbol=plan.symbol, values=values)


def decision_fact(decision: RiskDecision, *, at_ms: int, asked: str) -> Fact:
    """Return the fact that the gate judged a plan.

    Args:
        decision: verdict, size and every check.
        at_ms: when, milliseconds UTC.
        asked: by whom, `scan` or `executor`.
    """
    plan, is_approved = decision.plan, isinstance(decision, Approved)
    values: dict[str, Value] = {"verdict": "approved" if is_approved else "rejected"}
    if isinstance(decision, Approved):
        values |= {name: measured(Decimal(getattr(decision, name))) for name in _AMOUNTS}
    for check in decision.checks:
        values |= _check_values(check)
    return Fact(
        kind=Kind.DECISION,
        key=f"{plan.plan_id} {at_ms} {asked}",
        at_ms=at_ms,
        symbol=plan.symbol,
        values=values,
    )


def telling(facts: Iterable[Fact], sent_ms: Mapping[str, int]) -> Iterator[Fact]:
    """Yield the verdicts that something follows from.

    A scan's, as long as the plan was not sent; the executor's, where it was sent by it. What the
    executor approves and holds back (its market is taken, the same side was just entered) it gives
    back in the same moment.

    Args:
        facts: verdicts.
        sent_ms: when the plan of each id was sent, milliseconds UTC.
    """
    for fact in facts:
        plan_id, _, asked = fact.key.split(" ")
        was_sent_ms = sent_ms.get(plan_id)
        if asked == EXECUTOR:
            is_telling = fact.at_ms == was_sent_ms
        else:
            is_telling = was_sent_ms is None or fact.at_ms <= was_sent_ms
        if is_telling:
            yield fact


def _check_values(check: Check) -> dict[str, Value]:
    values: dict[str, Value] = {check.code: "passed" if check.passed else "failed"}
    for name, value in (("measured", check.measured), ("limit", check.limit)):
        if isinstance(value, Decimal) and value.is_finite():
            values[f"{check.code}.{name}"] = measured(value)
        elif value is not None:
            values[f"{check.code}.{name}"] = str(value)
    return values


def _plan_values(plan: TradePlan) -> dict[str, Value]:
    written = encode(plan)
    if not isinstance(written, dict):
        raise TypeError(f"a plan is written as {type(written).__name__}")
    # As text: a price of a plan lies on the tick, so that it is the same or it is not.
    return {str(name): json.dumps(value, sort_keys=True) for name, value in written.items()}
