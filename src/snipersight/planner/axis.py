"""Prices along the trade's direction, so that both sides share one arithmetic.

A signed price is the price of a long and the negated price of a short: more is always better, the
stop lies below the entry and the targets above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.direction import Direction
from snipersight.domain.units import Price, Rounding, exact, on_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The direction of a trade with the venue's tick.

    Every price is rounded in the careful direction: entries to where the loss per unit is
    larger, stops away from the entry, targets towards it.
    """

    direction: Direction
    tick: Decimal

    def signed(self, price: float) -> Decimal:
        """Return a candle's price along the direction, exact."""
        return exact(price) * self.direction.sign

    def entry(self, signed: Decimal) -> Decimal:
        """Return the tick an entry goes to: never a better price than asked for."""
        return on_step(signed, self.tick, Rounding.UP)

    def exit(self, signed: Decimal) -> Decimal:
        """Return the tick a stop or target goes to: never a better price than asked for."""
        return on_step(signed, self.tick, Rounding.DOWN)

    def price(self, signed: Decimal) -> Price:
        """Return a signed price as the price an order carries."""
        return Price(signed * self.direction.sign)
