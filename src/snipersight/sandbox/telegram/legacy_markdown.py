"""The first Markdown of the Bot API: bold, italic, code and links, nothing within another."""

from __future__ import annotations

from typing import Final

from snipersight.sandbox.telegram.entities import Entity, EntityKind, in_order, link_entity
from snipersight.sandbox.telegram.markup import (
    FENCE,
    Output,
    at,
    fail,
    read_fence,
)
from snipersight.sandbox.telegram.tidying import Worded

_SPECIAL: Final = "_*`["
_KINDS: Final = {"_": EntityKind.ITALIC, "*": EntityKind.BOLD, "`": EntityKind.CODE}


def parse_legacy_markdown(text: str) -> Worded:
    """Return the text without markup, and the entities that the markup made.

    Raises:
        Refusal: something begins and does not end.
    """
    parser = _Parser(text)
    while parser.place < len(text):
        parser.step()
    return Worded(parser.output.text, tuple(in_order(parser.entities)))


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.output = Output()
        self.entities: list[Entity] = []

    def step(self) -> None:
        """Take in a plain character, an escaped one, or a whole entity."""
        character = self.text[self.place]
        following = at(self.text, self.place + 1)
        if character == "\\" and following in _SPECIAL:
            self._plain(following, 2)
        elif character not in _SPECIAL:
            self._plain(character, 1)
        elif self.text.startswith(FENCE, self.place):
            self._pre()
        elif character == "[":
            self._link()
        else:
            inner = self._inside(self.place + 1, character)
            self._add(inner, _KINDS[character])

    def _plain(self, character: str, taken: int) -> None:
        self.output.add(character)
        self.place += taken

    def _inside(self, begin: int, end: str) -> str:
        """Return what stands before the next end mark and go behind it."""
        found = self.text.find(end, begin)
        if found < 0:
            fail("Can't find end of the entity starting", self.text, self.place)
        self.place = found + len(end)
        return self.text[begin:found]

    def _add(self, inner: str, kind: EntityKind, argument: str = "") -> None:
        offset = self.output.units
        self.output.add(inner)
        if inner:
            self.entities.append(Entity(kind, offset, self.output.units - offset, argument))

    def _pre(self) -> None:
        fence = read_fence(self.text, self.place + len(FENCE))
        self._add(self._inside(fence.begin, FENCE), EntityKind.PRE, fence.language)

    def _link(self) -> None:
        inner = self._inside(self.place + 1, "]")
        offset = self.output.units
        self.output.add(inner)
        # Empty text makes no link, and its URL stays in sight.
        if not inner:
            return
        entity = link_entity(self._url(inner), offset, self.output.units - offset)
        if entity is not None:
            self.entities.append(entity)

    def _url(self, inner: str) -> str:
        if at(self.text, self.place) != "(":
            return inner
        end = self.text.find(")", self.place)
        end = len(self.text) if end < 0 else end
        url = self.text[self.place + 1 : end]
        self.place = end + 1
        return url
