"""A profile with plain round numbers; sections are overridden key by key."""

from typing import Any

from snipersight.domain.profile import Profile, parse_profile

_RULES: dict[str, Any] = {
    "burn_in_bars": 200,
    "epoch_bars": 200,
    "internal_strength": 2,
    "swing_strength": 5,
    "zone_max_age_bars": 200,
    "level_max_age_bars": 200,
}

_VALUES: dict[str, Any] = {
    "name": "testing",
    "description": "round numbers",
    "trade_type": "intraday",
    "timeframes": {"bias": "4h", "zone": "1h", "trigger": "15m"},
    "roles": {"bias": _RULES, "zone": _RULES, "trigger": _RULES | {"calendar": ("day", "week")}},
    "setup": {"valid_bars": 32},
    "gates": {},
    "weights": {
        "bias_trend": 14,
        "zone_point_of_interest": 12,
        "order_block": 10,
        "fair_value_gap": 8,
        "sweep_quality": 12,
        "displacement": 10,
        "structure_shift": 8,
        "discount": 8,
        "kill_zone": 4,
        "momentum": 5,
        "divergence": 4,
        "volume_spike": 5,
    },
    "conflicts": {},
    "tiers": {"a": 75, "b": 60},
    "planner": {},
    "sizing": {},
}


def a_profile(**overrides: Any) -> Profile:
    """Return a valid profile: `a_profile(planner={"min_rr": 1.0}, name="x")` changes two values."""
    values = dict(_VALUES)
    for key, change in overrides.items():
        old = values.get(key)
        values[key] = old | change if isinstance(old, dict) and isinstance(change, dict) else change
    return parse_profile(values, where="a_profile")
