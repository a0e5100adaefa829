"""Numbers and times as a trader reads them; every finite number has a text, however absurd."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final

MINUS = "−"  # as wide as +, unlike the hyphen
_MOST_DIGITS: Final = 40  # before and after the point; a number beyond is written with an exponent
# A number is shown, never judged: no size of it may end a command.
_SHOWING: Final = Context(prec=2 * _MOST_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def decimals_of(prices: Iterable[Decimal]) -> int:
    """Return how many decimals show all of these prices exactly, at most 40: the tick's, as a rule.

    Venues write a tick of 0.01 as 0.01000000; counting digits that matter undoes that.
    """
    exponents = (price.normalize(_SHOWING).as_tuple().exponent for price in prices)
    decimals = (-exponent for exponent in exponents if isinstance(exponent, int))
    return min(_MOST_DIGITS, max((0, *decimals)))


def price_text(price: Decimal, decimals: int) -> str:
    """Return a price with thousands separators and a fixed number of decimals (0 or more)."""
    return _fixed(price, decimals)


def amount_text(amount: Decimal, decimals: int = 2) -> str:
    """Return money with thousands separators, rounded half to even."""
    return _fixed(amount, decimals)


def signed_amount(amount: Decimal) -> str:
    """Return money with its sign: `+12.50`, `−3.00`, `0.00`."""
    sign = "+" if amount > 0 else MINUS if amount < 0 else ""
    return f"{sign}{amount_text(amount.copy_abs())}"


def bar(share: Decimal | float, width: int = 20) -> str:
    """Return a bar that is filled as far as a share of 0 to 1; a share above it fills it all."""
    filled = 0 if share <= 0 else max(1, round(min(1.0, float(share)) * width))
    return "█" * filled + "░" * (width - filled)


def size_text(size: Decimal) -> str:
    """Return a size exactly, with thousands separators and without trailing zeros."""
    if _is_absurd(size) or _is_vanishing(size):
        return _with_exponent(size)
    text = f"{size:,f}" if size else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def short_number(value: float | Decimal) -> str:
    """Return a number with at most seven significant digits, grouped, never with an exponent.

    NaN and infinity are shown by their names.
    """
    if not math.isfinite(value):
        return str(value)
    short = Decimal(f"{value:.7g}")
    return f"{MINUS if short < 0 else ''}{size_text(short.copy_abs())}"


def signed_percent(fraction: Decimal | float) -> str:
    """Return a signed fraction as percent with two decimals: `−0.71 %`, `+1.20 %`, `0.00 %`."""
    text = _percentage(fraction, 2)
    if float(text) == 0:
        return "0.00 %"
    return f"{text.replace('-', MINUS, 1) if fraction < 0 else f'+{text}'} %"


def percent(fraction: Decimal | float, decimals: int = 2) -> str:
    """Return a fraction as percent: `1.00 %`."""
    return f"{_percentage(fraction, decimals)} %"


def share(fraction: Decimal) -> str:
    """Return the share of a position without needless digits: `50 %`, `33.3 %`."""
    return f"{_percentage(fraction, 1).removesuffix('.0')} %"


def multiple(r: float) -> str:
    """Return an R multiple: `1.50R`, `1,204.00R`."""
    return f"{r:,.2f}R".replace("-", MINUS)


def measure(value: float | str | Decimal | None) -> str:
    """Return a measured value or a limit in short; a dash where there is none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return short_number(value)


def points(value: float) -> str:
    """Return points of the score with one decimal."""
    text = f"{value:.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", MINUS)


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


def _percentage(fraction: Decimal | float, decimals: int) -> str:
    if not isinstance(fraction, Decimal):
        return f"{fraction * 100:.{decimals}f}"
    hundredfold = _SHOWING.multiply(fraction, Decimal(100))
    is_absurd = _is_absurd(hundredfold)
    return _with_exponent(hundredfold) if is_absurd else f"{hundredfold:.{decimals}f}"


def _fixed(number: Decimal, decimals: int) -> str:
    return _with_exponent(number) if _is_absurd(number) else f"{number:,.{decimals}f}"


def _is_absurd(number: Decimal) -> bool:
    return bool(number) and number.adjusted() >= _MOST_DIGITS


def _is_vanishing(number: Decimal) -> bool:
    return bool(number) and number.adjusted() <= -_MOST_DIGITS


def _with_exponent(number: Decimal) -> str:
    return f"{number:.2E}"
