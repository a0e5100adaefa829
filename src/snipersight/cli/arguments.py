"""Times, fractions and amounts as a user writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.units import LARGEST, Symbol, plain

MOST_RATE: Final = Decimal(10) ** 12
MOST_LEVERAGE: Final = Decimal(125)
_MOST_DECIMALS: Final = 18  # the smallest unit of any coin
_FIRST_MS = 1_230_940_800_000  # 2009-01-03: before it there was nothing to trade
_TIME_EXAMPLES = "write it as 2024-06-07, 2024-06-07T12:00, 2024-06-07T12:00Z or …+02:00"
_RISK_EXAMPLES = "write 1% or 0.01 for one percent of the account"


def parse_as_of(text: str, *, where: str = "--as-of") -> int:
    """Return a time as milliseconds UTC; without a zone it is UTC, a date is its midnight.

    Args:
        text: what the user wrote.
        where: which option it was written for.

    Raises:
        ConfigInvalid: it is no ISO 8601 time, or lies before 2009.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigInvalid(
            f"{text!r} is no time", where=where, next_step=_TIME_EXAMPLES
        ) from error
    zoned = time if time.utcoffset() is not None else time.replace(tzinfo=UTC)
    time_ms = round(zoned.timestamp() * 1000)
    if time_ms < _FIRST_MS:
        raise ConfigInvalid(
            f"{text!r} lies before the first crypto market",
            where=where,
            next_step=_TIME_EXAMPLES,
        )
    return time_ms


def parse_risk(text: str, *, most: Decimal) -> Decimal:
    """Return the risk of a trade as a fraction of the account: `1%` and `0.01` are the same.

    Args:
        text: what the user wrote. A bare number of 1 or more is refused: it could mean percent.
        most: `MAX_RISK_PER_TRADE`, as a fraction.

    Raises:
        ConfigInvalid: it is no number, not above 0, ambiguous, or above the limit.
    """
    number = _number(text.strip().removesuffix("%").strip(), text, "--risk", _RISK_EXAMPLES)
    is_percent = text.strip().endswith("%")
    if not is_percent and number >= 1:
        raise ConfigInvalid(
            f"{text!r} could be percent or a fraction", where="--risk", next_step=_RISK_EXAMPLES
        )
    fraction = number / 100 if is_percent else number
    if fraction > most:
        raise ConfigInvalid(
            f"{text} is more than MAX_RISK_PER_TRADE allows, {percent_text(most)}",
            where="--risk",
            next_step="ask for less, or raise MAX_RISK_PER_TRADE in your settings",
        )
    return fraction


def parse_balance(text: str) -> Decimal:
    """Return an amount in account currency, above 0.

    Raises:
        ConfigInvalid: it is no plain number, not above 0, beyond 1e15, or finer than 18 decimals.
    """
    return _number(text.strip(), text, "--balance", "write a plain number such as 2500 or 2500.50")


def parse_amount(
    text: str, *, where: str, least: Decimal | None = None, most: Decimal = LARGEST
) -> Decimal:
    """Return an amount, size or price: a plain number above 0, with at most 18 decimals.

    Args:
        text: what the user wrote.
        where: option or argument, for messages.
        least: smallest value that is taken.
        most: largest value that is taken.

    Raises:
        ConfigInvalid: it is no plain number, not above 0, finer than 18 decimals, or outside
            the bounds.
    """
    next_step = "write a plain number such as 2500 or 0.015"
    number = _number(text.strip(), text, where, next_step, most=most)
    if least is not None and number < least:
        raise ConfigInvalid(f"{text!r} is below {least}", where=where, next_step=next_step)
    return number


def parse_leverage(text: str, *, where: str) -> Decimal:
    """Return a leverage, 1 to 125.

    Raises:
        ConfigInvalid: it is no plain number, or outside the bounds.
    """
    return parse_amount(text, where=where, least=Decimal(1), most=MOST_LEVERAGE)


def parse_rate(text: str, *, where: str) -> Decimal:
    """Return a rate between two currencies, above 0 and at most 1e12.

    Raises:
        ConfigInvalid: it is no plain number, or outside the bounds.
    """
    return parse_amount(text, where=where, most=MOST_RATE)


def parse_cost(text: str, *, where: str) -> Decimal:
    """Return an amount that may be 0.

    Raises:
        ConfigInvalid: it is no plain number, negative, beyond 1e15, or finer than 18 decimals.
    """
    if text.strip() in ("0", "0.0", "0.00"):
        return Decimal(0)
    return parse_amount(text, where=where)


def require_symbol(text: str) -> Symbol:
    """Return a unified symbol as the user wrote it.

    Raises:
        ConfigInvalid: it is not `BASE/QUOTE` or `BASE/QUOTE:SETTLE`.
    """
    try:
        parse_symbol(text)
    except DataInvalid as error:
        raise ConfigInvalid(error.what, where="SYMBOL", next_step=error.next_step) from error
    return Symbol(text)


def percent_text(fraction: Decimal) -> str:
    """Return a fraction as percent: 0.01 becomes `1%`."""
    return f"{(fraction * 100).normalize():f}%"


def _number(
    digits: str, text: str, where: str, next_step: str, *, most: Decimal = LARGEST
) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ConfigInvalid(f"{text!r} is no number", where=where, next_step=next_step) from error
    if problem := _problem(number, most):
        raise ConfigInvalid(f"{text!r} {problem}", where=where, next_step=next_step)
    return number


def _problem(number: Decimal, most: Decimal) -> str | None:
    """Return why a number is not taken: it would be stored, and no later command may fail over it."""
    if not number.is_finite() or number <= 0:
        return "is not above 0"
    if number > most:
        return f"is more than {plain(most)}, the most that is taken"
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if isinstance(exponent, int) and -exponent - zeros > _MOST_DECIMALS:
        return f"has more than {_MOST_DECIMALS} decimals"
    return None
