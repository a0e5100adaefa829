"""Exact numbers: prices, sizes and money as `Decimal`, converted from floats in one place.

Candle arrays are float64. A price leaves the analysis through `to_price`, once, on the venue's
tick, in the direction the caller names; sizes go down to the lot, always.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import Enum
from typing import Final, NewType

Symbol = NewType("Symbol", str)  # ccxt's unified symbol: BTC/USDT, BTC/USDT:USDT
Currency = NewType("Currency", str)  # USDT, EUR
Price = NewType("Price", Decimal)  # quote per base unit
Size = NewType("Size", Decimal)  # base units
Money = NewType("Money", Decimal)  # account currency

NO_MONEY: Final = Money(Decimal(0))
# No trade and no account holds more of anything: what is beyond is a slip, and is refused.
LARGEST: Final = Decimal(10) ** 15


class Rounding(Enum):
    """Where a value between two ticks goes."""

    DOWN = ROUND_FLOOR
    UP = ROUND_CEILING
    NEAREST = ROUND_HALF_EVEN


def exact(value: float) -> Decimal:
    """Return the shortest decimal that names this float (0.1 becomes 0.1, not 0.1000…0555).

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no price, size or amount")
    return Decimal(repr(float(value)))


def on_step(value: Decimal, step: Decimal, rounding: Rounding) -> Decimal:
    """Return the multiple of `step` (above 0) next to `value` in the given direction."""
    return (value / step).to_integral_value(rounding=rounding.value) * step


def to_price(value: float, *, tick: Decimal, rounding: Rounding) -> Price:
    """Return a float price as a multiple of the venue's tick.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    return Price(on_step(exact(value), tick, rounding))


def to_size(value: Decimal, *, lot: Decimal) -> Size:
    """Return a size rounded down to the lot; never up, so a risk budget is never exceeded."""
    return Size(on_step(value, lot, Rounding.DOWN))


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and trailing zeros: 1E-8 becomes 0.00000001."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
