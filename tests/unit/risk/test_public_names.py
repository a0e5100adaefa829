"""What the risk package offers to the layers above."""

import snipersight.risk


def test_the_risk_package_exports_a_sorted_pinned_list():
    assert snipersight.risk.__all__ == [
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
    assert all(hasattr(snipersight.risk, name) for name in snipersight.risk.__all__)
