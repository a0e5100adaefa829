"""The risk gate: sizes, limits, breakers, the ledger of exposure, and the audit of it all."""

from snipersight.risk.audit_pipeline import AuditLogger
from snipersight.risk.breakers.trading_state import judge_order, trading_state
from snipersight.risk.compliance_checks import (
    check_for_conflicts,
    enforce_max_leverage,
    validate_risk_parameters,
    validate_trade_plan_completeness,
)
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.inputs import GateInputs
from snipersight.risk.manager import RiskManager, RiskStatus
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.position_sizing import (
    adjust_for_volatility,
    calculate_position_size,
    validate_position_constraints,
)
from snipersight.risk.sizing.leverage import leverage_cap, liquidation_price, lowest_leverage
from snipersight.risk.sizing.plan_sizing import (
    Sizing,
    SizingInputs,
    loss_per_unit,
    size_plan,
    volatility_factor,
)

__all__ = [
    "AuditLogger",
    "ExposureManager",
    "GateInputs",
    "RiskManager",
    "RiskPolicy",
    "RiskStatus",
    "Sizing",
    "SizingInputs",
    "adjust_for_volatility",
    "calculate_position_size",
    "check_for_conflicts",
    "enforce_max_leverage",
    "judge",
    "judge_order",
    "leverage_cap",
    "liquidation_price",
    "loss_per_unit",
    "lowest_leverage",
    "size_plan",
    "terminal_reason",
    "trading_state",
    "validate_position_constraints",
    "validate_risk_parameters",
    "validate_trade_plan_completeness",
    "volatility_factor",
]
