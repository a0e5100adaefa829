"""Numbers and times as venues write them, read exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from snipersight.domain.errors import DataInvalid
from snipersight.domain.units import Price


def decimal_of(row: Mapping[str, Any], *names: str) -> Decimal:
    """Return the first of these fields that holds a number; 0 where none does.

    Raises:
        DataInvalid: the field holds something else.
    """
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise DataInvalid(f"{name} is {value!r}", where="the venue's answer") from None
        if not number.is_finite():
            raise DataInvalid(f"{name} is {value!r}", where="the venue's answer")
        return number
    return Decimal(0)


def price_of(row: Mapping[str, Any], *names: str) -> Price | None:
    """Return the first of these fields that holds a price; None where all are 0 or empty."""
    for name in names:
        if (value := decimal_of(row, name)) > 0:
            return Price(value)
    return None


def us_of(row: Mapping[str, Any], *names: str) -> int:
    """Return the first of these times, milliseconds, as microseconds UTC; 0 where there is none."""
    return int(decimal_of(row, *names) * 1000)


def flag_of(row: Mapping[str, Any], name: str) -> bool:
    """Return a field that is true, `true` or `"true"`."""
    return str(row.get(name, "")).lower() == "true"
