"""What a round trip costs per unit: entries and targets rest as limits, the stop goes to market.

A maker rebate counts as no fee: whether an order rests is not ours to promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.instrument import Fees


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Fees and slippage of one market, per unit of base, in quote currency.

    Args:
        fees: the venue's fractions.
        slippage_fraction: assumed on every market order, of its price.
    """

    fees: Fees
    slippage_fraction: Decimal

    def limit(self, price: Decimal) -> Decimal:
        """Return what a fill of a resting order at `price` costs."""
        return max(self.fees.maker, Decimal(0)) * price

    def market(self, price: Decimal) -> Decimal:
        """Return what a fill of a market order triggered at `price` costs."""
        return (max(self.fees.taker, Decimal(0)) + self.slippage_fraction) * price

    def stopped_out(self, *, entry: Decimal, stop: Decimal) -> Decimal:
        """Return the cost of a limit entry and the protective stop."""
        return self.limit(entry) + self.market(stop)

    def taken_profit(self, *, entry: Decimal, target: Decimal) -> Decimal:
        """Return the cost of a limit entry and a limit exit."""
        return self.limit(entry) + self.limit(target)
