"""Numbers and times as a trader reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from snipersight.domain.plan import TradePlan

_MOST_DECIMALS: Final = 12
_THOUSANDS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))

# strftime would follow the machine's language; a shared picture must not.
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plan_prices(plan: TradePlan) -> tuple[Decimal, ...]:
    """Return every price a plan shows, from the losing side to the winning side."""
    entries = (plan.entry_far, plan.entry_mid, plan.entry_near)
    return (plan.stop_loss.price, *entries, *(target.price for target in plan.targets))


def price_decimals(prices: Iterable[Decimal]) -> int:
    """Return how many decimals show all prices exactly, at most 12.

    The instrument's step is not at hand; the plan's prices are multiples of it, so the finest of
    them tells. Trailing zeros count nothing: 67412.30000000 has one decimal.
    """
    most = 0
    for price in prices:
        exponent = price.normalize().as_tuple().exponent
        most = max(most, -exponent if isinstance(exponent, int) else 0)
    return min(most, _MOST_DECIMALS)


def price_text(price: Decimal | float, decimals: int) -> str:
    """Return `67,412.30` or `0.00000823`."""
    return f"{price:,.{decimals}f}"


def share_text(fraction: Decimal) -> str:
    """Return a fraction of 1 as a percentage with at most one decimal: 0.5 is `50%`."""
    text = f"{fraction * 100:.1f}"
    return f"{text.removesuffix('.0')}%"


def distance_text(price: Decimal, *, entry: Decimal) -> str:
    """Return how far a price lies from the entry, in percent of the entry, without a sign."""
    percent = abs(price - entry) / entry * 100
    return f"{percent:.2f}%" if percent >= Decimal("0.1") else f"{percent:.4f}%"


def multiple_text(r_multiple: float) -> str:
    """Return an R multiple as `1.50R`."""
    return f"{r_multiple:.2f}R".replace("-", "−")


def volume_text(volume: float) -> str:
    """Return an amount with three significant digits: 1,234,567 is `1.23M`."""
    for size, letter in _THOUSANDS:
        if volume >= size:
            return f"{_three_digits(volume / size)}{letter}"
    return _three_digits(volume)


def _three_digits(value: float) -> str:
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{decimals}f}"


def minute_text(time: datetime) -> str:
    """Return a time as `2024-06-07 00:00 UTC`, whatever zone it came in."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
