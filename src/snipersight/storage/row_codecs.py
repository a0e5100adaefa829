"""Exact values as text, and an account's standing as JSON; what does not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, TypeVar

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryId
from snipersight.domain.standing import (
    AccountStanding,
    BreakerName,
    Cooldown,
    EquityMarks,
    MarkedPrice,
    TradingState,
    TrippedBreaker,
)
from snipersight.domain.units import Money, Symbol

T = TypeVar("T")


class Unreadable(ValueError):
    """A row says something that no version of ours has written."""


_MARK_NUMBERS: Final = ("units", "unit_value", "high", "day_open", "week_open")
_FIELDS: Final = {
    "starting_balance",
    "flows",
    "realised",
    "marks",
    "tripped",
    "cooldowns",
    "loss_streak",
}


def to_text(value: Decimal) -> str:
    """Return a finite decimal as text that reads back as the same number, without exponent.

    Raises:
        ValueError: the value is NaN or infinite.
    """
    if not value.is_finite():
        raise ValueError(f"{value} cannot be stored")
    return format(value, "f")


def to_decimal(value: object) -> Decimal:
    """Return the number that a text stands for.

    Raises:
        Unreadable: it stands for none, or for NaN or an infinity.
    """
    if not isinstance(value, str):
        raise Unreadable(f"{value!r} is no text")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unreadable(f"{value!r} is no number") from None
    if not number.is_finite():
        raise Unreadable(f"{value!r} is no finite number")
    return number


def to_whole(value: object) -> int:
    """Return a whole number that JSON held.

    Raises:
        Unreadable: it is something else.
    """
    if type(value) is not int:
        raise Unreadable(f"{value!r} is no whole number")
    return value


def standing_to_text(standing: AccountStanding) -> str:
    """Return a standing as JSON.

    Raises:
        ValueError: an amount is NaN or infinite.
    """
    return json.dumps(
        {
            "starting_balance": to_text(standing.starting_balance),
            "flows": to_text(standing.flows),
            "realised": to_text(standing.realised),
            "marks": _optional(_marks_to_json, standing.marks),
            "tripped": [_breaker_to_json(breaker) for breaker in standing.tripped],
            "cooldowns": [
                [cooldown.symbol, cooldown.direction.value, cooldown.until_us]
                for cooldown in standing.cooldowns
            ],
            "loss_streak": standing.loss_streak,
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


# Most transactions find the standing as the one before left it.
@lru_cache(maxsize=32)
def standing_from_text(text: str) -> AccountStanding:
    """Return the standing that a JSON text describes.

    Raises:
        Unreadable: it describes none, or knows more than this version does.
    """
    try:
        found = json.loads(text)
        if set(found) != _FIELDS:
            raise Unreadable(f"unexpected fields {sorted(set(found) ^ _FIELDS)}")
        return AccountStanding(
            starting_balance=Money(to_decimal(found["starting_balance"])),
            flows=Money(to_decimal(found["flows"])),
            realised=Money(to_decimal(found["realised"])),
            marks=_optional(_marks_from_json, found["marks"]),
            tripped=tuple(_breaker_from_json(item) for item in found["tripped"]),
            cooldowns=tuple(
                Cooldown(
                    symbol=Symbol(symbol), direction=Direction(side), until_us=to_whole(until_us)
                )
                for symbol, side, until_us in found["cooldowns"]
            ),
            loss_streak=to_whole(found["loss_streak"]),
        )
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise Unreadable(f"standing of an account: {error}") from error


def _marks_to_json(marks: EquityMarks) -> dict[str, object]:
    numbers = {name: to_text(getattr(marks, name)) for name in _MARK_NUMBERS}
    prices = [[one.entry_id, to_text(one.price), to_text(one.quote_rate)] for one in marks.prices]
    texts = {"day": marks.day, "week": marks.week}
    return numbers | texts | {"marked_us": marks.marked_us, "prices": prices}


def _marks_from_json(found: Mapping[str, Any]) -> EquityMarks:
    numbers = {name: to_decimal(found[name]) for name in _MARK_NUMBERS}
    return EquityMarks(
        **numbers,
        day=str(found["day"]),
        week=str(found["week"]),
        marked_us=to_whole(found["marked_us"]),
        prices=tuple(
            MarkedPrice(
                entry_id=EntryId(entry_id), price=to_decimal(price), quote_rate=to_decimal(rate)
            )
            for entry_id, price, rate in found.get("prices", ())
        ),
    )


def _breaker_to_json(breaker: TrippedBreaker) -> dict[str, object]:
    return {
        "name": breaker.name.value,
        "state": breaker.state.value,
        "tripped_us": breaker.tripped_us,
        "until_us": breaker.until_us,
        "measured": _optional(to_text, breaker.measured),
        "limit": _optional(to_text, breaker.limit),
        "sentence": breaker.sentence,
    }


def _breaker_from_json(found: Mapping[str, object]) -> TrippedBreaker:
    return TrippedBreaker(
        name=BreakerName(str(found["name"])),
        state=TradingState(str(found["state"])),
        tripped_us=to_whole(found["tripped_us"]),
        until_us=_optional(to_whole, found["until_us"]),
        measured=_optional(to_decimal, found["measured"]),
        limit=_optional(to_decimal, found["limit"]),
        sentence=str(found["sentence"]),
    )


_S = TypeVar("_S")


def _optional(convert: Callable[[_S], T], value: _S | None) -> T | None:
    return None if value is None else convert(value)
