"""The limits in force: the settings' and, where a profile is traded, its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bootstrap.risk_settings import RiskSettings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.profile import Profile
from snipersight.risk.policy import RiskPolicy

# What a profile decides beside the settings.
PROFILE_FIELDS: Final = ("risk_fraction", "slippage_fraction", "volatility_floor")


def build_policy(settings: RiskSettings, profile: Profile | None = None) -> RiskPolicy:
    """Return every limit that plans are held to.

    Args:
        settings: limits of the account.
        profile: adds how much a trade risks, what slippage it assumes, how volatility shrinks it,
            and its own floor of reward to risk, of which the higher one counts. Without it, what
            concerns no plan is held to: a trade may risk `MAX_RISK_PER_TRADE`.

    Raises:
        ConfigInvalid: profile and settings make no policy together.
    """
    limits = settings.limits()
    own = (
        _of_profile(profile, settings)
        if profile
        else {"risk_fraction": settings.max_risk_per_trade}
    )
    try:
        return RiskPolicy(**{**limits, **own})  # type: ignore[arg-type]  # checked field by field
    except ValueError as error:
        where = f"profile {profile.name}" if profile else "settings"
        raise ConfigInvalid(
            str(error), where=where, next_step="correct the profile, or choose another one"
        ) from error


def _of_profile(profile: Profile, settings: RiskSettings) -> dict[str, object]:
    return {
        "risk_fraction": profile.sizing.risk_fraction,
        "slippage_fraction": profile.planner.slippage_fraction,
        "volatility_floor": Decimal(str(profile.sizing.volatility_floor)),
        "min_rr": max(settings.min_risk_reward, Decimal(str(profile.planner.min_rr))),
    }
