"""The risk gate: sizes, limits, and what refuses a plan."""

from snipersight.risk.gate import (
    SizingGate,
    SizingLimits,
    loss_per_unit,
    terminal_reason,
    volatility_factor,
)
from snipersight.risk.leverage import leverage_cap, liquidation_price, lowest_leverage
from snipersight.risk.position_sizing import (
    Sizing,
    SizingInputs,
    adjust_for_volatility,
    calculate_position_size,
    size_plan,
    validate_position_constraints,
)

__all__ = [
    "Sizing",
    "SizingGate",
    "SizingInputs",
    "SizingLimits",
    "adjust_for_volatility",
    "calculate_position_size",
    "leverage_cap",
    "liquidation_price",
    "loss_per_unit",
    "lowest_leverage",
    "size_plan",
    "terminal_reason",
    "validate_position_constraints",
    "volatility_factor",
]
