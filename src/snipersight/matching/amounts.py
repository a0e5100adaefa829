"""How amounts of money are rounded: never in the account's favour, always to eight places."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from snipersight.domain.units import Rounding, on_step

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_CENT: Final = Decimal("1E-8")  # the finest that venues book and show


def rounded_up(amount: Decimal) -> Decimal:
    """Return what an account pays or ties up: the next eight-place number above."""
    return amount.quantize(_CENT, ROUND_CEILING)


def rounded_down(amount: Decimal) -> Decimal:
    """Return what an account gets back: the next eight-place number below."""
    return amount.quantize(_CENT, ROUND_FLOOR)


def share_of(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return the part of an amount that belongs to `part` of `whole`; all of it for the whole.

    What is rounded off stays with the rest, so that parts always add up to the amount.
    """
    return amount if part == whole else rounded_down(amount * part / whole)


def slipped(price: Decimal, *, is_buy: bool, fraction: Decimal, tick: Decimal) -> Decimal:
    """Return what a taker gets: worse than `price` by the fraction, on the tick, above 0."""
    if is_buy:
        return on_step(price * (ONE + fraction), tick, Rounding.UP)
    return max(on_step(price * (ONE - fraction), tick, Rounding.DOWN), tick)
