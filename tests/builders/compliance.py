"""Plans asked by every compliance check, sound ones and forged ones."""

import copy
from typing import Any

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.observations import MarketFacts
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Symbol
from snipersight.risk.compliance_checks import compliance_checks
from snipersight.risk.inputs import ExposureView, GateInputs, Holding
from snipersight.risk.policy import RiskPolicy
from tests.builders import DECIDED_AT_MS, an_instrument
from tests.builders.gating import gate_inputs
from tests.builders.ledger import a_policy, market_facts

CODES = (
    "incomplete_plan",
    "stop_on_wrong_side",
    "targets_on_wrong_side",
    "stale_plan",
    "max_risk_per_trade",
    "min_rr",
    "restricted_symbol",
    "no_market_facts",
    "instrument_mismatch",
    "unknown_instrument",
    "no_short",
    "unknown_reference",
    "stale_data",
    "price_collar",
    "opposing_position",
    "opposing_plan",
    "foreign_position",
    "already_live",
)
SIDES = tuple(Direction)
LATEST = DECIDED_AT_MS + 8 * 3_600_000  # when the plans of `a_plan` end


def forged(plan: TradePlan, **changes: Any) -> TradePlan:
    """Return a plan with other fields that came past its constructor."""
    other = copy.copy(plan)
    for name, value in changes.items():
        object.__setattr__(other, name, value)
    return other


def facts_of(plan: TradePlan, **reference: Any) -> MarketFacts:
    return market_facts(an_instrument(plan.symbol), **reference)


def inputs_for(plan: TradePlan, *held: Holding, **overrides: Any) -> GateInputs:
    return gate_inputs(
        an_instrument(plan.symbol), view=ExposureView(holdings=tuple(held)), **overrides
    )


def holding(direction: Direction = Direction.LONG, **overrides: Any) -> Holding:
    """Return another plan's position in BTC/USDC on another venue."""
    values: dict[str, Any] = {
        "venue": "binance",
        "symbol": Symbol("BTC/USDC"),
        "direction": direction,
        "plan_id": PlanId("other-plan"),
        "setup_id": SetupId("other-setup"),
        "is_open": True,
    }
    return Holding(**(values | overrides))


def asked(
    plan: TradePlan, inputs: GateInputs | None = None, policy: RiskPolicy | None = None
) -> tuple[Check, ...]:
    return compliance_checks(plan, inputs or inputs_for(plan), policy or a_policy())


def failed(
    plan: TradePlan, inputs: GateInputs | None = None, policy: RiskPolicy | None = None
) -> list[str]:
    refusals = [check for check in asked(plan, inputs, policy) if not check]
    assert all(check.sentence for check in refusals)
    return [check.code for check in refusals]


def found(code: str, checks: tuple[Check, ...]) -> Check:
    return next(check for check in checks if check.code == code)
