"""What fills make of a position's result: closed size, profit and loss, what fees took."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.orders import Fill, Side

_NOTHING = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Place:
    """One position of one account and its results; changed in place.

    Args:
        size: base units, below 0 for a short.
        cost: what they cost, quote currency, with the sign of the size.
        current: realised since it was opened, after fees, quote currency.
        total: realised ever.
        opened_us, updated_us: microseconds UTC.
    """

    size: Decimal = _NOTHING
    cost: Decimal = _NOTHING
    current: Decimal = _NOTHING
    total: Decimal = _NOTHING
    opened_us: int = 0
    updated_us: int = 0

    def fill(self, fill: Fill) -> tuple[Decimal, Decimal]:
        """Take a fill in; return the size that it closed and the result of that before fees."""
        signed = fill.size if fill.side is Side.BUY else -fill.size
        closed, result = self._close(signed, fill.price)
        opened = abs(signed) - closed
        if opened and not self.size:
            self.opened_us, self.current = fill.at_us, _NOTHING
        sign = 1 if signed > 0 else -1
        self.size += opened * sign
        self.cost += opened * sign * fill.price
        self.take(result - fill.fee, at_us=fill.at_us)
        return closed, result

    def take(self, amount: Decimal, *, at_us: int) -> None:
        """Take in a result, such as funding; above 0 was received."""
        self.current += amount
        self.total += amount
        self.updated_us = at_us

    def _close(self, signed: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        if self.size * signed >= 0:
            return _NOTHING, _NOTHING
        closed = min(abs(signed), abs(self.size))
        part = self.cost if closed == abs(self.size) else self.cost * closed / abs(self.size)
        sign = 1 if self.size > 0 else -1
        self.size -= closed * sign
        self.cost -= part
        return closed, closed * sign * price - part
