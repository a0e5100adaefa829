"""Fields of a request, of its query or its JSON body, read with Bybit's refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from snipersight.sandbox.exchange.bybit.refusals import Refusal, bad_parameter
from snipersight.sandbox.exchange.calls import Call

LINEAR: Final = "linear"
_NUMBER: Final = re.compile(r"\d{1,20}(\.\d{1,20})?")
_LINK_ID: Final = re.compile(r"[A-Za-z0-9_-]{0,36}")
_CATEGORIES: Final = frozenset({"spot", LINEAR, "inverse", "option"})
Choice = TypeVar("Choice", bound=StrEnum)


class Fields:
    """The fields of one request, by name; an empty one counts as missing."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    @classmethod
    def of(cls, call: Call) -> Fields:
        """Return the fields of a query, or of the JSON object in a body.

        Raises:
            Refusal: the body is no JSON object.
        """
        if call.method != "POST":
            return cls(call.parameters())
        try:
            # Numbers stay the text that was sent: no float gets between it and a Decimal.
            body = json.loads(call.text or "{}", parse_float=str, parse_int=str)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refusal(10001, "Request parameter error")
        return cls(body)

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """Return a field that must be there.

        Raises:
            Refusal: it is not, or it is no text.
        """
        value = self._fields.get(name)
        if not isinstance(value, str) or not value:
            raise bad_parameter(name)
        return value

    def optional(self, name: str, otherwise: str = "") -> str:
        """Return a field, or what it is where it is missing.

        Raises:
            Refusal: it is no text.
        """
        return self.text(name) if name in self else otherwise

    def number(self, name: str) -> Decimal:
        """Return a field that must be a plain decimal of 0 or more.

        Raises:
            Refusal: it is missing or something else.
        """
        text = self.text(name)
        if _NUMBER.fullmatch(text) is None:
            raise bad_parameter(name)
        return Decimal(text)

    def positive(self, name: str) -> Decimal | None:
        """Return a number; None where it is missing or 0, which Bybit takes for missing.

        Raises:
            Refusal: it is no number.
        """
        return (self.number(name) or None) if name in self else None

    def whole(self, name: str, otherwise: int | None = None) -> int:
        """Return a whole number of 0 or more.

        Raises:
            Refusal: it is something else, or missing without a default.
        """
        if otherwise is not None and name not in self:
            return otherwise
        text = self.text(name)
        if not text.isdecimal() or len(text) > 18:
            raise bad_parameter(name)
        return int(text)

    def flag(self, name: str) -> bool:
        """Return whether a field says true; a missing one does not.

        Raises:
            Refusal: it says neither true nor false.
        """
        value = self._fields.get(name) or False
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
        raise bad_parameter(name)

    def choice(self, name: str, kinds: type[Choice], otherwise: Choice | None = None) -> Choice:
        """Return a field that names one of a few things.

        Raises:
            Refusal: it names something else, or is missing without a default.
        """
        if otherwise is not None and name not in self:
            return otherwise
        try:
            return kinds(self.text(name))
        except ValueError:
            raise bad_parameter(name) from None

    def link_id(self) -> str:
        """Return the client's id of an order; empty if there is none.

        Raises:
            Refusal: it is too long or has other characters than Bybit allows.
        """
        text = self.optional("orderLinkId")
        if _LINK_ID.fullmatch(text) is None:
            raise bad_parameter("orderLinkId")
        return text

    def category(self) -> str:
        """Return the kind of market that a request is about.

        Raises:
            Refusal: Bybit has no such kind.
        """
        name = self.text("category")
        if name not in _CATEGORIES:
            raise bad_parameter("category")
        return name

    def is_linear(self) -> bool:
        """Return whether a request is about linear perpetuals: nothing else is listed here.

        Raises:
            Refusal: it is about nothing that Bybit has.
        """
        return self.category() == LINEAR

    def require_linear(self) -> None:
        """Refuse a request about another kind of market.

        Raises:
            Refusal: it is.
        """
        if not self.is_linear():
            raise bad_parameter("category")
