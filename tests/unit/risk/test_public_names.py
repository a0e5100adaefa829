"""What the risk package offers to the layers above."""

import snipersight.risk


def test_the_risk_package_exports_a_sorted_pinned_list():
    assert snipersight.risk.__all__ == [
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
    assert all(hasattr(snipersight.risk, name) for name in snipersight.risk.__all__)
