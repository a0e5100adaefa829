"""Start tags and character references of the Bot API's HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from snipersight.sandbox.telegram.markup import BLANKS, END, at, fail

TAGS: Final = frozenset(
    (
        "a b strong i em s strike del u ins tg-spoiler tg-emoji tg-time span pre code blockquote"
    ).split()
)
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(
    r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<number>[0-9]*)|(?P<name>[a-zA-Z]*))"
)
_MAX_REFERENCE: Final = 10
_LAST_CODE: Final = 0x10FFFF
_TOKEN: Final = re.compile(r"[a-zA-Z0-9.-]*")


class StartTag(NamedTuple):
    """A start tag: its name in small letters, its attributes, and where the text goes on."""

    name: str
    attributes: Mapping[str, str]
    end: int


def decoded(text: str, place: int) -> tuple[str, int]:
    """Return the character at a place, or the one it refers to, and where the text goes on.

    A reference that Telegram does not know stands for itself.
    """
    found = _REFERENCE.match(text, place)
    character = _referred(found) if found else ""
    if found is None or not character:
        return text[place], place + 1
    return character, found.end() + (at(text, found.end()) == ";")


def _referred(found: re.Match[str]) -> str:
    if found["name"] is not None:
        return _NAMED.get(found["name"], "")
    digits, base = (found["hex"], 16) if found["hex"] is not None else (found["number"], 10)
    code = int(digits, base) if digits and len(found[0]) < _MAX_REFERENCE else 0
    return chr(code) if 0 < code < _LAST_CODE else ""


def read_start_tag(text: str, begin: int) -> StartTag:
    """Read the tag that begins at a place.

    Raises:
        Refusal: no tag that Telegram knows, or one that does not end.
    """
    place = begin + 1
    while at(text, place) not in BLANKS and text[place] != ">":
        place += 1
    if place >= len(text):
        fail("Unclosed start tag", text, begin)
    name = text[begin + 1 : place].lower()
    if name not in TAGS:
        fail(f'Unsupported start tag "{name}"', text, begin)
    return _Attributes(text, begin, name, place).read()


class _Attributes:
    """Reads what stands between the name of a tag and its end."""

    def __init__(self, text: str, begin: int, name: str, place: int) -> None:
        self._text = text
        self._begin = begin
        self._name = name
        self._place = place

    def read(self) -> StartTag:
        attributes: dict[str, str] = {}
        while True:
            self._skip_blanks()
            if self._here == ">":
                return StartTag(self._name, attributes, self._place + 1)
            attribute = self._attribute_name()
            attributes[attribute] = self._value() if self._here == "=" else ""

    @property
    def _here(self) -> str:
        return at(self._text, self._place)

    def _skip_blanks(self) -> None:
        while self._here in BLANKS and self._place < len(self._text):
            self._place += 1

    def _attribute_name(self) -> str:
        begin = self._place
        while self._here not in BLANKS and self._here not in {"=", ">"}:
            self._place += 1
        name = self._text[begin : self._place].lower()
        if self._place >= len(self._text):
            fail(f'Unclosed start tag "{self._name}"', self._text, self._begin)
        if not name:
            fail(f'Empty attribute name in the tag "{self._name}"', self._text, self._begin)
        self._skip_blanks()
        return name

    def _value(self) -> str:
        self._place += 1
        self._skip_blanks()
        if self._here == END:
            fail(f'Unclosed start tag "{self._name}"', self._text, self._begin)
        value = self._quoted() if self._here in {'"', "'"} else self._token()
        if self._place >= len(self._text):
            fail("Unclosed start tag", self._text, self._begin)
        return value

    def _token(self) -> str:
        found = _TOKEN.match(self._text, self._place)
        begin, self._place = self._place, found.end() if found else self._place
        if self._here not in BLANKS and self._here != ">":
            fail("Unexpected end of name token", self._text, begin)
        return self._text[begin : self._place].lower()

    def _quoted(self) -> str:
        quote, value = self._here, ""
        self._place += 1
        while self._place < len(self._text) and self._here != quote:
            character, self._place = decoded(self._text, self._place)
            value += character
        self._place += 1
        return value
