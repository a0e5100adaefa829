"""The two sides of a trade. Absence of a trade is its own outcome, never a default side."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final


class Direction(StrEnum):
    """Which way a trade earns."""

    LONG = "LONG"
    SHORT = "SHORT"

    @property
    def sign(self) -> int:
        """Return +1 for long and -1 for short."""
        return 1 if self is _LONG else -1

    @property
    def opposite(self) -> Direction:
        """Return the other side."""
        return _SHORT if self is _LONG else _LONG

    @classmethod
    def of_sign(cls, sign: int) -> Direction:
        """Return the side of a non-zero sign.

        Raises:
            ValueError: the sign is zero, which is no direction.
        """
        if sign == 0:
            raise ValueError("a sign of 0 has no direction")
        return cls.LONG if sign > 0 else cls.SHORT

    def gain(self, price: Decimal, *, entry: Decimal) -> Decimal:
        """Return what one unit earns between `entry` and `price`, before costs."""
        return price - entry if self is _LONG else entry - price

    def is_losing(self, price: Decimal, *, entry: Decimal) -> bool:
        """Return whether `price` lies strictly on the losing side of `entry`."""
        return price < entry if self is _LONG else price > entry

    def is_winning(self, price: Decimal, *, entry: Decimal) -> bool:
        """Return whether `price` lies strictly on the winning side of `entry`."""
        return price > entry if self is _LONG else price < entry


# Looked up once: the gate asks for a side dozens of times a plan.
_LONG: Final = Direction.LONG
_SHORT: Final = Direction.SHORT
