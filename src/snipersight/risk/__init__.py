"""The risk gate: sizes, limits, breakers, the ledger of exposure, and the audit of it all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_MODULE_OF: Final = {
    "AuditLogger": "audit_pipeline",
    "ExposureManager": "exposure_limits",
    "GateInputs": "inputs",
    "RiskManager": "manager",
    "RiskPolicy": "policy",
    "RiskStatus": "manager",
    **dict.fromkeys(("judge", "terminal_reason"), "gate"),
    **dict.fromkeys(("judge_order", "trading_state"), "breakers.trading_state"),
    **dict.fromkeys(
        (
            "check_for_conflicts",
            "enforce_max_leverage",
            "validate_risk_parameters",
            "validate_trade_plan_completeness",
        ),
        "compliance_checks",
    ),
    **dict.fromkeys(
        ("adjust_for_volatility", "calculate_position_size", "validate_position_constraints"),
        "position_sizing",
    ),
    **dict.fromkeys(("leverage_cap", "liquidation_price", "lowest_leverage"), "sizing.leverage"),
    **dict.fromkeys(
        ("Sizing", "SizingInputs", "loss_per_unit", "size_plan", "volatility_factor"),
        "sizing.plan_sizing",
    ),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  a name can stand for anything
    """Return a public name, whose module is loaded by the first who asks for it.

    Most of the program asks for one module of this package and needs no other.
    """
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
