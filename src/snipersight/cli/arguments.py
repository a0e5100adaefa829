"""Times, fractions and amounts as a user writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.units import Symbol

_FIRST_MS = 1_230_940_800_000  # 2009-01-03: before it there was nothing to trade
_TIME_EXAMPLES = "write it as 2024-06-07, 2024-06-07T12:00, 2024-06-07T12:00Z or …+02:00"
_RISK_EXAMPLES = "write 1% or 0.01 for one percent of the account"


def parse_as_of(text: str) -> int:
    """Return a time as milliseconds UTC; without a zone it is UTC, a date is its midnight.

    Raises:
        ConfigInvalid: it is no ISO 8601 time, or lies before 2009.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ConfigInvalid(
            f"{text!r} is no time", where="--as-of", next_step=_TIME_EXAMPLES
        ) from error
    zoned = time if time.utcoffset() is not None else time.replace(tzinfo=UTC)
    time_ms = round(zoned.timestamp() * 1000)
    if time_ms < _FIRST_MS:
        raise ConfigInvalid(
            f"{text!r} lies before the first crypto market",
            where="--as-of",
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
        ConfigInvalid: it is no plain number, or not above 0.
    """
    return _number(text.strip(), text, "--balance", "write a plain number such as 2500 or 2500.50")


def parse_amount(text: str, *, where: str, least: Decimal | None = None) -> Decimal:
    """Return an amount, size or price: a plain number above 0.

    Args:
        text: what the user wrote.
        where: option or argument, for messages.
        least: smallest value that is taken.

    Raises:
        ConfigInvalid: it is no plain number, not above 0, or below the least.
    """
    next_step = "write a plain number such as 2500 or 0.015"
    number = _number(text.strip(), text, where, next_step)
    if least is not None and number < least:
        raise ConfigInvalid(f"{text!r} is below {least}", where=where, next_step=next_step)
    return number


def parse_cost(text: str, *, where: str) -> Decimal:
    """Return an amount that may be 0.

    Raises:
        ConfigInvalid: it is no plain number, or negative.
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


def _number(digits: str, text: str, where: str, next_step: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ConfigInvalid(f"{text!r} is no number", where=where, next_step=next_step) from error
    if not number.is_finite() or number <= 0:
        raise ConfigInvalid(f"{text!r} is not above 0", where=where, next_step=next_step)
    return number
