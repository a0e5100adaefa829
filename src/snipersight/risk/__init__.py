"""The risk gate: sizes, limits, and what refuses a plan."""

from snipersight.risk.gate import judge, terminal_reason
from snipersight.risk.leverage import leverage_cap, liquidation_price, lowest_leverage
from snipersight.risk.manager import RiskManager, RiskStatus
from snipersight.risk.plan_sizing import (
    Sizing,
    SizingInputs,
    loss_per_unit,
    size_plan,
    volatility_factor,
)
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.position_sizing import (
    adjust_for_volatility,
    calculate_position_size,
    validate_position_constraints,
)

__all__ = [
    "RiskManager",
    "RiskPolicy",
    "RiskStatus",
    "Sizing",
    "SizingInputs",
    "adjust_for_volatility",
    "calculate_position_size",
    "judge",
    "leverage_cap",
    "liquidation_price",
    "loss_per_unit",
    "lowest_leverage",
    "size_plan",
    "terminal_reason",
    "validate_position_constraints",
    "volatility_factor",
]
