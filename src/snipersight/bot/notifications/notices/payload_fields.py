"""Reads the fields of a stored payload one by one; what is missing or strange is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final, TypeVar

from snipersight.domain.errors import DataInvalid

E = TypeVar("E", bound=StrEnum)

LATEST_MS: Final = 253_402_300_799_999  # the last moment a calendar has: 9999-12-31
_WIDEST: Final = 2**53 - 1  # whole numbers of canonical JSON end here
_LONGEST_NUMBER: Final = 64  # characters of an exact number
_LARGEST: Final = 30  # digits before, and after, the point
_NEXT_STEP: Final = (
    "it was written by another version, or changed; `snipersight notify queue` shows it"
)


class Fields:
    """The fields of one payload.

    Args:
        payload: as it was stored: text, int, bool, None, lists and mappings.
        what: kind of notice, for messages.

    Every method raises `DataInvalid`, which names the field, where it is absent, of another type,
    or outside its bounds. Absent is the same as None where None is taken. What nobody asks for is
    passed over: a newer version may have added it.
    """

    def __init__(self, payload: Mapping[str, object], what: str) -> None:
        self._payload: Final = payload
        self._what: Final = what

    def text(self, name: str, *, most: int, least: int = 0) -> str:
        """Return a text of so many characters."""
        value = self.raw(name)
        if not isinstance(value, str) or not least <= len(value) <= most or not _is_whole(value):
            raise self.strange(name, value)
        return value

    def text_or_nothing(self, name: str, *, most: int) -> str:
        """Return a text of at most so many characters; of an absent field the empty one."""
        return self.text(name, most=most) if name in self._payload else ""

    def whole(self, name: str, *, least: int = 0, most: int = _WIDEST) -> int:
        """Return a whole number within bounds; true and false are none."""
        value = self.raw(name)
        if type(value) is not int or not least <= value <= most:
            raise self.strange(name, value)
        return value

    def whole_or_none(self, name: str, *, least: int, most: int = _WIDEST) -> int | None:
        """Return a whole number within bounds, or None."""
        is_absent = self._payload.get(name) is None
        return None if is_absent else self.whole(name, least=least, most=most)

    def moment(self, name: str) -> int:
        """Return a time, milliseconds UTC."""
        return self.whole(name, most=LATEST_MS)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self.raw(name)
        if not isinstance(value, bool):
            raise self.strange(name, value)
        return value

    def flag_if_any(self, name: str) -> bool:
        """Return true or false; of an absent field false."""
        return self.flag(name) if name in self._payload else False

    def exact_or_none(self, name: str) -> Decimal | None:
        """Return an exact number that is written as text, or None."""
        value = self._payload.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
            raise self.strange(name, value)
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise self.strange(name, value) from error
        if not number.is_finite() or (number and abs(number.adjusted()) > _LARGEST):
            raise self.strange(name, value)
        return number

    def choice(self, name: str, kind: type[E]) -> E:
        """Return a member of a closed set."""
        value = self.raw(name)
        for member in kind:
            if member.value == value:
                return member
        raise self.strange(name, value)

    def counts(self, name: str) -> dict[str, int]:
        """Return names with how often each occurred."""
        held = self.raw(name)
        if not isinstance(held, Mapping):
            raise self.strange(name, held)
        return dict(self.count(name, pair) for pair in held.items())

    def rows(self, name: str) -> list[object]:
        """Return a list of whatever it holds."""
        held = self.raw(name)
        if not isinstance(held, list | tuple):
            raise self.strange(name, held)
        return list(held)

    def count(self, name: str, pair: object) -> tuple[str, int]:
        """Return one name with how often it occurred, as an element of a field."""
        match pair:
            case [str(key), int(number)] if type(number) is int and 0 <= number <= _WIDEST:
                return key, number
        raise self.strange(name, pair)

    def raw(self, name: str) -> object:
        """Return whatever a field holds."""
        if name not in self._payload:
            raise DataInvalid(f"a notice of kind {self._what} lacks {name}", next_step=_NEXT_STEP)
        return self._payload[name]

    def strange(self, name: str, value: object) -> DataInvalid:
        """Return the error about a value that cannot be."""
        return DataInvalid(
            f"{name} of a notice of kind {self._what} is {repr(value)[:80]}", next_step=_NEXT_STEP
        )


def _is_whole(text: str) -> bool:
    """Return whether no half of a surrogate pair is in it, which no channel can carry."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def unknown_kind(kind: object) -> DataInvalid:
    """Return the error about a kind of notice that this version does not know."""
    return DataInvalid(f"there is no notice of kind {repr(kind)[:40]}", next_step=_NEXT_STEP)
