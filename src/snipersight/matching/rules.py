"""What a simulated venue allows beyond the rules of its instruments, and how hard it is on us."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import MarginTier

# A perpetual without a margin table is treated like a thinly traded one.
_CAUTIOUS_TIER: Final = MarginTier(
    notional_floor=Decimal(0), max_leverage=Decimal(20), maintenance_fraction=Decimal("0.025")
)
_ZERO: Final = Decimal(0)


class DuplicateIds(StrEnum):
    """For how long a client id is taken."""

    OPEN_ONLY = "open_only"  # free again once its order has ended (Binance)
    EVER = "ever"  # never again in the account (Bybit)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingRules:
    """How a simulated venue matches; the defaults are on the pessimistic side.

    Args:
        slippage_fraction: how much worse than the price a taker is filled, 0.0005 is 0.05 %.
        price_band_fraction: furthest distance of a limit price from the last price, as a fraction
            of it; None: no band.
        max_open: open orders per account and symbol, conditional ones included; None: no limit.
        max_conditional: orders waiting for a trigger per account and symbol; None: no limit.
        rejects_duplicate_ids: for how long a client id is taken.
        default_leverage: of a perpetual until it is set, at most what its first tier allows.
        default_tier: margin rules of a perpetual whose instrument has none.
        buy_fee_in_base: a spot buy pays its fee in what was bought (Binance) instead of in quote.
        conditionals_outlive_position: reducing orders that wait for a trigger stay when the
            position is gone, and end only when they are triggered (Binance USD-M).

    Raises:
        ConfigInvalid: a number is not finite or outside its range.
    """

    slippage_fraction: Decimal = Decimal("0.0005")
    price_band_fraction: Decimal | None = None
    max_open: int | None = None
    max_conditional: int | None = None
    rejects_duplicate_ids: DuplicateIds = DuplicateIds.OPEN_ONLY
    default_leverage: Decimal = Decimal(20)
    default_tier: MarginTier = _CAUTIOUS_TIER
    buy_fee_in_base: bool = True
    conditionals_outlive_position: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that nothing can be matched by."""
        _require_fraction("slippage_fraction", self.slippage_fraction)
        if self.price_band_fraction is not None:
            _require_fraction("price_band_fraction", self.price_band_fraction)
        if not self.default_leverage.is_finite() or self.default_leverage < 1:
            raise ConfigInvalid(f"default_leverage is {self.default_leverage}, not at least 1")
        for name in ("max_open", "max_conditional"):
            number: int | None = getattr(self, name)
            if number is not None and number < 0:
                raise ConfigInvalid(f"{name} is {number}, not at least 0")


def _require_fraction(name: str, value: Decimal) -> None:
    if not value.is_finite() or not _ZERO <= value < 1:
        raise ConfigInvalid(f"{name} is {value}, not at least 0 and below 1")
