"""Fields of a request, read with Binance's refusals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from snipersight.domain.units import plain
from snipersight.sandbox.exchange.binance.refusals import Refusal, illegal, missing

_NUMBER: Final = re.compile(r"\d{1,20}(\.\d{1,20})?")
_CLIENT_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The fields of one request, by name."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name, "") != ""

    def text(self, name: str) -> str:
        """Return a field that must be there.

        Raises:
            Refusal: it is not.
        """
        if name not in self:
            raise missing(name)
        return self._fields[name]

    def optional(self, name: str, otherwise: str = "") -> str:
        """Return a field, or what it is where it is missing."""
        return self._fields[name] if name in self else otherwise

    def number(self, name: str) -> Decimal:
        """Return a field that must be a plain decimal of 0 or more.

        Raises:
            Refusal: it is missing or something else.
        """
        text = self.text(name)
        if _NUMBER.fullmatch(text) is None:
            raise illegal(name)
        return Decimal(text)

    def whole(self, name: str, otherwise: int | None = None) -> int:
        """Return a whole number of 0 or more.

        Raises:
            Refusal: it is something else, or missing without a default.
        """
        if otherwise is not None and name not in self:
            return otherwise
        text = self.text(name)
        if not text.isdecimal() or len(text) > 18:
            raise illegal(name)
        return int(text)

    def flag(self, name: str) -> bool:
        """Return whether a field says `true`, in any letters.

        Raises:
            Refusal: it says something else than true or false.
        """
        text = self.optional(name, "false").lower()
        if text not in ("true", "false"):
            raise illegal(name)
        return text == "true"

    def choice(self, name: str, kinds: type[Choice], refusal: Refusal) -> Choice:
        """Return a field that names one of a few things.

        Raises:
            Refusal: it is missing, or the given one: it names something else.
        """
        try:
            return kinds(self.text(name))
        except ValueError:
            raise refusal from None

    def client_id(self, name: str) -> str:
        """Return an id that the client made up; empty if there is none.

        Raises:
            Refusal: it is too long or has other characters than Binance allows.
        """
        text = self.optional(name)
        if text and _CLIENT_ID.fullmatch(text) is None:
            raise illegal(name)
        return text


def fixed(value: Decimal | None, step: Decimal | None) -> str:
    """Return a number with as many decimals as its step has, more if it needs them."""
    if value is None:
        return fixed(Decimal(0), step)
    digits = 0 if step is None else _decimals(step)
    short = plain(value)
    return format(value, f".{max(digits, _decimals(Decimal(short)))}f")


def _decimals(value: Decimal) -> int:
    exponent = Decimal(plain(value)).as_tuple().exponent
    return max(0, -int(exponent))
