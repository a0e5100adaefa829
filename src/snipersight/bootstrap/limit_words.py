"""Every limit in words: what it bounds, its value for a reader, and who sets it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.bootstrap.risk import PROFILE_FIELDS
from snipersight.bootstrap.risk_settings import SETTING_OF
from snipersight.domain import wording as texts
from snipersight.domain.profile import Profile
from snipersight.domain.units import plain
from snipersight.risk.policy import RiskPolicy

_SECOND_US: Final = 1_000_000

# Words of every limit, in the order they are shown; the basis fills the braces.
_WORDS: Final = {
    "risk_fraction": "risk of a trade, wanted",
    "max_risk_per_trade": "most that a trade may risk",
    "min_rr": "least reward to risk, net of costs",
    "max_leverage": "notional of a position, and of all",
    "liquidation_cushion": "liquidation beyond the stop",
    "max_volume_share": "notional of a trade in its market's day",
    "smallest_share": "least of its size that limits may leave",
    "slippage_fraction": "slippage assumed at the stop",
    "volatility_floor": "least that volatility leaves of a size",
    "restricted": "assets not traded",
    "basis": "what the next two limits count",
    "max_total": "{basis} of all trades",
    "max_per_asset": "{basis} in one asset",
    "max_cluster": "risk in assets that move together",
    "cluster_correlation": "correlation that makes them one cluster",
    "max_margin": "margin of all trades",
    "max_positions": "trades, reserved ones included",
    "reservation_us": "a reservation is kept for",
    "max_daily_loss": "loss of a UTC day",
    "max_weekly_loss": "loss of a UTC week",
    "max_drawdown": "loss from the highest equity",
    "max_loss_streak": "trades lost in a row",
    "streak_pause_us": "pause after them",
    "cooldown_us": "no entry after a stop for",
    "max_unprotected_us": "a position may lack its stop for",
    "max_data_age_us": "age of the reference price, beyond its bar",
    "max_clock_skew_ms": "difference of the clocks",
    "price_collar": "entry from the reference price",
}

_PERCENT: Final = frozenset(
    {
        "risk_fraction",
        "max_risk_per_trade",
        "max_volume_share",
        "smallest_share",
        "slippage_fraction",
        "volatility_floor",
        "max_total",
        "max_per_asset",
        "max_cluster",
        "max_margin",
        "max_daily_loss",
        "max_weekly_loss",
        "max_drawdown",
        "price_collar",
    }
)

_UNITS: Final = {
    "max_clock_skew_ms": " ms",
    "max_leverage": "x",
    "liquidation_cushion": " stop distances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit as text.

    Args:
        name: field of the policy.
        words: what it limits.
        value: for a reader.
        setter: the variable, or the profile that decides it.
    """

    name: str
    words: str
    value: str
    setter: str


def limit_rows(policy: RiskPolicy, profile: Profile | None) -> list[LimitRow]:
    """Return a row for every limit of the policy; the profile's own only where there is one."""
    return [
        LimitRow(
            name=name,
            words=words.format(basis=policy.basis),
            value=value_text(name, policy),
            setter=_setter(name, policy, profile),
        )
        for name, words in _WORDS.items()
        if profile is not None or name not in PROFILE_FIELDS
    ]


def value_text(name: str, policy: RiskPolicy) -> str:
    """Return one limit for a reader: `1 %`, `4 h`, `5x`."""
    value = getattr(policy, name)
    if name.endswith("_us"):
        return duration_text(value)
    if name == "restricted":
        return ", ".join(value) or "none"
    if name in _PERCENT:
        return texts.percent(value, texts.decimals_of((value * 100,)))
    return (plain(value) if isinstance(value, Decimal) else str(value)) + _UNITS.get(name, "")


def duration_text(time_us: int) -> str:
    """Return a duration in its largest whole unit: `4 h`, `90 min`, `30 s`."""
    seconds = Decimal(time_us) / _SECOND_US
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            return f"{plain(seconds / length)} {unit}"
    return f"{plain(seconds)} s"


def _setter(name: str, policy: RiskPolicy, profile: Profile | None) -> str:
    """Return who decides a limit; of the floor of reward, whichever asks for more."""
    variable = SETTING_OF.get(name, "").upper()
    if profile is None:
        return variable or "the profile"
    own_floor = Decimal(str(profile.planner.min_rr))
    is_profiles = not variable or (name == "min_rr" and policy.min_rr == own_floor)
    return f"profile {profile.name}" if is_profiles else variable
