"""The risk limits of a market: how large a position may be, with which margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.instrument import Instrument, MarginTier

_LAST_STEP: Final = 5  # the highest tier ends at this multiple of where it begins
_WITHOUT_TIERS: Final = MarginTier(
    notional_floor=Decimal(0), max_leverage=Decimal(20), maintenance_fraction=Decimal("0.025")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimit:
    """One tier.

    Args:
        number: from 1.
        limit: largest notional of a position in it, quote currency.
        tier: its margin rules.
    """

    number: int
    limit: Decimal
    tier: MarginTier


def risk_limits(instrument: Instrument) -> tuple[RiskLimit, ...]:
    """Return the tiers of a market, lowest first."""
    tiers = instrument.margin_tiers or (_WITHOUT_TIERS,)
    return tuple(
        RiskLimit(number=number, limit=_limit(tiers, number), tier=tier)
        for number, tier in enumerate(tiers, start=1)
    )


def risk_limit_of(instrument: Instrument, notional: Decimal) -> RiskLimit:
    """Return the tier of a position of that notional; the highest for what is beyond it."""
    limits = risk_limits(instrument)
    return next((limit for limit in limits if notional <= limit.limit), limits[-1])


def _limit(tiers: Sequence[MarginTier], number: int) -> Decimal:
    if number < len(tiers):
        return tiers[number].notional_floor
    return max(tiers[-1].notional_floor * _LAST_STEP, Decimal(1_000_000))
