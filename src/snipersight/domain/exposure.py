"""The three amounts of a position, never mixed: what it may lose, what it is worth, what backs it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from snipersight.domain.quick import quick

_ZERO: Final = Decimal(0)


class Basis(StrEnum):
    """Which amount the exposure limits count (`EXPOSURE_BASIS`)."""

    RISK = "risk"
    NOTIONAL = "notional"
    MARGIN = "margin"


# Members are looked up once: the gate asks dozens of times for every plan.
_RISK: Final = Basis.RISK
_NOTIONAL: Final = Basis.NOTIONAL


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What one position, or several together, take from an account; account currency, not negative.

    Args:
        risk: loss if every stop fills, costs included (heat).
        notional: size × price.
        margin: notional ÷ leverage.
    """

    risk: Decimal = _ZERO
    notional: Decimal = _ZERO
    margin: Decimal = _ZERO

    def __add__(self, other: Amounts) -> Amounts:
        """Return both together."""
        return Amounts(
            risk=self.risk + other.risk,
            notional=self.notional + other.notional,
            margin=self.margin + other.margin,
        )

    def on(self, basis: Basis) -> Decimal:
        """Return the amount that a basis names."""
        if basis is _RISK:
            return self.risk
        return self.notional if basis is _NOTIONAL else self.margin


NOTHING: Final = Amounts()
