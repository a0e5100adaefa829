"""Numbers and times as a trader reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from snipersight.domain.units import plain

MINUS = "−"  # as wide as +, unlike the hyphen


def decimals_of(prices: Iterable[Decimal]) -> int:
    """Return how many decimals show all of these prices exactly: the tick's, as a rule.

    Venues write a tick of 0.01 as 0.01000000; counting digits that matter undoes that.
    """
    exponents = (price.normalize().as_tuple().exponent for price in prices)
    return max((0, *(-exponent for exponent in exponents if isinstance(exponent, int))))


def price_text(price: Decimal, decimals: int) -> str:
    """Return a price with thousands separators and a fixed number of decimals (0 or more)."""
    return f"{price:,.{decimals}f}"


def amount_text(amount: Decimal, decimals: int = 2) -> str:
    """Return money with thousands separators, rounded half to even."""
    return f"{amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN):,f}"


def signed_amount(amount: Decimal) -> str:
    """Return money with its sign: `+12.50`, `−3.00`, `0.00`."""
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return f"{sign}{amount_text(abs(amount))}"


def bar(share: Decimal | float, width: int = 20) -> str:
    """Return a bar that is filled as far as a share of 0 to 1; a share above it fills it all."""
    filled = 0 if share <= 0 else min(width, max(1, round(float(share) * width)))
    return "█" * filled + "░" * (width - filled)


def size_text(size: Decimal) -> str:
    """Return a size exactly, with thousands separators and without trailing zeros."""
    whole, _, rest = plain(size).partition(".")
    grouped = f"{int(whole):,}"
    return f"{grouped}.{rest}" if rest else grouped


def short_number(value: float | Decimal) -> str:
    """Return a number with at most seven significant digits, grouped, never with an exponent.

    NaN and infinity are shown by their names.
    """
    if not math.isfinite(value):
        return str(value)
    short = Decimal(f"{value:.7g}")
    return f"{MINUS if short < 0 else ''}{size_text(abs(short))}"


def signed_percent(fraction: Decimal | float) -> str:
    """Return a signed fraction as percent with two decimals: `−0.71 %`, `+1.20 %`, `0.00 %`."""
    text = f"{fraction * 100:+.2f}"
    text = "0.00" if float(text) == 0 else text
    return f"{text.replace('-', MINUS)} %"


def percent(fraction: Decimal | float, decimals: int = 2) -> str:
    """Return a fraction as percent: `1.00 %`."""
    return f"{fraction * 100:.{decimals}f} %"


def share(fraction: Decimal) -> str:
    """Return the share of a position without needless digits: `50 %`, `33.3 %`."""
    return f"{plain((fraction * 100).quantize(Decimal('0.1')))} %"


def multiple(r: float) -> str:
    """Return an R multiple: `1.50R`."""
    return f"{r:.2f}R".replace("-", MINUS)


def minute(time: datetime) -> str:
    """Return a zoned time to the minute in UTC: `2024-06-07 12:00`."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def minute_of(time_ms: int) -> str:
    """Return milliseconds UTC to the minute: `2024-06-07 12:00`."""
    return minute(datetime.fromtimestamp(time_ms / 1000, UTC))


def iso_of(time_ms: int) -> str:
    """Return milliseconds UTC as `2024-06-07T12:00:00Z`."""
    return iso(datetime.fromtimestamp(time_ms / 1000, UTC))


def iso(time: datetime) -> str:
    """Return a zoned time as `2024-06-07T12:00:00Z`, milliseconds only where there are any."""
    text = time.astimezone(UTC).isoformat(timespec="auto" if time.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: `1 bar`, `1,400 bars`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
