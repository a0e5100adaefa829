"""The risk gate: one pure function from plan, inputs and policy to a verdict. Fails closed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.decision import (
    Approved,
    Check,
    Rejected,
    RiskDecision,
    Stage,
    TerminalReason,
)
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Money
from snipersight.risk.breakers.checks import breaker_checks
from snipersight.risk.compliance_checks import compliance_checks
from snipersight.risk.exposure.checks import exposure_checks, headrooms
from snipersight.risk.gate_checks import account_checks, liquidity_check, size_checks
from snipersight.risk.inputs import GateInputs
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.sizing.plan_sizing import Sizing, SizingInputs, size_plan

# A size below the venue's minimum is nobody's breach of a limit: the plan is too small to trade.
_DECLINING_CODES: Final = frozenset({"below_minimum"})
# Without an answer to these, no size can be told.
_NEEDED: Final = frozenset(
    {
        "stop_on_wrong_side",
        "max_risk_per_trade",
        "no_market_facts",
        "instrument_mismatch",
        "unknown_instrument",
        "equity",
        "available_margin",
        "quote_rate",
        "round_trip_cost",
    }
)


def judge(plan: TradePlan, inputs: GateInputs, policy: RiskPolicy) -> RiskDecision:
    """Return an approval with a size, or a rejection with every failed check.

    Asks, in this order: breakers (`breaker_checks`), the plan itself (`compliance_checks`), the
    account (`account_checks`), the size (`size_checks`), the ledger (`exposure_checks`), the
    market's volume (`liquidity_check`); each names its codes. A check that cannot be computed
    because something is missing is left out, never passed; the missing thing has failed.

    Deterministic: the same plan, inputs and policy give an equal decision, at any time.
    """
    compliance = compliance_checks(plan, inputs, policy)
    before = (*breaker_checks(inputs, policy, plan=plan), *compliance)
    if not compliance[0].passed:  # an incomplete plan has no numbers to go on with
        return Rejected(plan=plan, checks=before, policy_hash=policy.hash)
    before += account_checks(plan, inputs.account, inputs.facts)
    failed = {check.code for check in before if not check.passed}
    if inputs.facts is None or failed & _NEEDED:
        return Rejected(plan=plan, checks=before, policy_hash=policy.hash)
    sizing_inputs = _sizing_inputs(plan, inputs, inputs.facts, policy)
    sizing = size_plan(plan, sizing_inputs)
    after = _checks_of_size(plan, inputs, sizing_inputs, sizing)
    checks = (*before, *after)
    if failed or [check for check in after if not check.passed]:
        return Rejected(plan=plan, checks=checks, policy_hash=policy.hash)
    return _approved(plan, sizing, checks, sizing_inputs)


def terminal_reason(decision: Rejected) -> TerminalReason:
    """Return how a refused plan's candidate ends: by its first failed check.

    `declined:below_minimum` for a size below the venue's minimum, else `rejected:<code>`.
    """
    code = decision.failed[0].code
    stage = Stage.DECLINED if code in _DECLINING_CODES else Stage.REJECTED
    return TerminalReason(stage=stage, name=code)


def _sizing_inputs(
    plan: TradePlan, inputs: GateInputs, facts: MarketFacts, policy: RiskPolicy
) -> SizingInputs:
    equity, free = Decimal(inputs.account.equity), inputs.account.available_margin
    volume = facts.quote_volume
    if facts.quote_rate is None:
        raise ValueError(f"the quote rate of {plan.symbol} was asked for and is unknown")
    return SizingInputs(
        instrument=facts.instrument,
        equity=equity,
        capacity=equity if free is None else min(equity, free),
        quote_rate=facts.quote_rate,
        quote_volume=volume if volume is not None and volume.is_finite() else None,
        headrooms=headrooms(inputs.view, direction=plan.direction, equity=equity, policy=policy),
        policy=policy,
        held=inputs.view.total,
    )


def _checks_of_size(
    plan: TradePlan, inputs: GateInputs, sizing_inputs: SizingInputs, sizing: Sizing
) -> tuple[Check, ...]:
    policy = sizing_inputs.policy
    exposure = exposure_checks(
        sizing_inputs.headrooms,
        sizing.claim,
        wanted=sizing.wanted,
        smallest_share=policy.smallest_share,
        view=inputs.view,
        policy=policy,
    )
    return (
        *size_checks(plan, sizing_inputs, sizing),
        *exposure,
        liquidity_check(sizing_inputs, sizing),
    )


def _approved(
    plan: TradePlan, sizing: Sizing, checks: tuple[Check, ...], inputs: SizingInputs
) -> Approved:
    return Approved(
        plan=plan,
        size=sizing.size,
        notional=sizing.notional,
        margin=sizing.margin,
        leverage=sizing.leverage,
        risk=Money(sizing.claim.risk),
        risk_fraction=sizing.claim.risk / inputs.equity,
        checks=checks,
        policy_hash=inputs.policy.hash,
    )
