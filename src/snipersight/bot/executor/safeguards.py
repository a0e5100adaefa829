"""Everything that is asked of an order before it is sent."""

from __future__ import annotations

from snipersight.bot.executor.order_checks import (
    enforce_max_position_risk,
    validate_order_parameters,
)

__all__ = ["enforce_max_position_risk", "validate_order_parameters"]
