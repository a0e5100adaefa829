"""What the parsers of the three markup languages share."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from snipersight.sandbox.telegram.answers import bad_request
from snipersight.sandbox.telegram.utf16 import units

END: Final = "\0"  # stands after the last character; Telegram takes it for a blank
BLANKS: Final = " \t\r\n\v\0"
FENCE: Final = "```"
_TIME_FORMAT: Final = re.compile(r"[rR]|[tTdDwW]*")


class Output:
    """The text without its markup, as it grows."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.units = 0

    def add(self, text: str) -> None:
        """Append a text."""
        self._parts.append(text)
        self.units += units(text)

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(self._parts)

    @property
    def mark(self) -> int:
        """Return a place that `since` takes."""
        return len(self._parts)

    def since(self, mark: int) -> str:
        """Return what was added after a place."""
        return "".join(self._parts[mark:])


def fail(detail: str, text: str = "", place: int | None = None) -> NoReturn:
    """Refuse a text.

    Args:
        detail: what is wrong, a whole sentence.
        text: was given to the parser.
        place: character it is about; told in bytes, as Telegram counts.

    Raises:
        Refusal: always.
    """
    where = "" if place is None else f" at byte offset {len(text[:place].encode())}"
    raise bad_request(f"can't parse entities: {detail}{where}")


def at(text: str, place: int) -> str:
    """Return a character, `END` after the last one."""
    return text[place] if place < len(text) else END


class Fence(NamedTuple):
    """What follows three backticks: the language, and where the code begins."""

    language: str
    begin: int


def read_fence(text: str, place: int) -> Fence:
    """Read what follows the three backticks that end before a place.

    A word that a blank follows is the language; one line break after it is no part of the code.
    """
    end = place
    while at(text, end) not in BLANKS and at(text, end) != "`":
        end += 1
    language = text[place:end] if place < end < len(text) and text[end] != "`" else ""
    begin = end if language else place
    if at(text, begin) in "\r\n":
        following = at(text, begin + 1)
        is_pair = following in "\r\n" and following != text[begin]
        begin += 2 if is_pair else 1
    return Fence(language, begin)


def is_time_format(written: str) -> bool:
    """Return whether a format of a date is one that Telegram knows; empty for its own choice."""
    return _TIME_FORMAT.fullmatch(written) is not None
