"""The risk gate with the limits of profile and settings."""

from __future__ import annotations

from decimal import Decimal

from snipersight.bootstrap.settings import Settings
from snipersight.domain.ports import RiskGate
from snipersight.domain.profile import Profile
from snipersight.risk.gate import SizingGate, SizingLimits


def build_gate(profile: Profile, settings: Settings) -> RiskGate:
    """Return the gate that sizes and refuses plans of a profile."""
    return SizingGate(
        limits=SizingLimits(
            risk_fraction=profile.sizing.risk_fraction,
            max_risk_fraction=settings.max_risk_per_trade,
            max_leverage=settings.max_leverage,
            slippage_fraction=profile.planner.slippage_fraction,
            volatility_floor=Decimal(str(profile.sizing.volatility_floor)),
        )
    )


def within_limit(
    profile: Profile, settings: Settings, *, wanted: Decimal | None = None
) -> tuple[Profile, tuple[str, ...]]:
    """Return the profile at the risk it may take, and a sentence if that is less than it asks.

    Args:
        profile: the profile as loaded.
        settings: `MAX_RISK_PER_TRADE`.
        wanted: the user's own risk fraction instead of the profile's, already within the limit.
    """
    asked, most = wanted or profile.sizing.risk_fraction, settings.max_risk_per_trade
    if asked == profile.sizing.risk_fraction and asked <= most:
        return profile, ()
    sizing = profile.sizing.model_copy(update={"risk_fraction": min(asked, most)})
    changed = profile.model_copy(update={"sizing": sizing})
    return changed, ((_lowered(profile.name, asked, most),) if asked > most else ())


def _lowered(name: str, asked: Decimal, most: Decimal) -> str:
    return (
        f"profile {name} asks for {asked * 100:f} % risk a trade and is sized at "
        f"{most * 100:f} %, the limit of MAX_RISK_PER_TRADE"
    )
