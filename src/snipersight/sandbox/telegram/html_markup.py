"""HTML of the Bot API: a few tags, four named characters, and strict nesting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from snipersight.sandbox.telegram.entities import Entity, EntityKind, in_order, link_entity
from snipersight.sandbox.telegram.html_tags import StartTag, decoded, read_start_tag
from snipersight.sandbox.telegram.links import MAX_ID
from snipersight.sandbox.telegram.markup import (
    BLANKS,
    Output,
    at,
    fail,
    is_time_format,
)
from snipersight.sandbox.telegram.tidying import Worded

_KINDS: Final = {
    "b": EntityKind.BOLD,
    "strong": EntityKind.BOLD,
    "i": EntityKind.ITALIC,
    "em": EntityKind.ITALIC,
    "s": EntityKind.STRIKETHROUGH,
    "strike": EntityKind.STRIKETHROUGH,
    "del": EntityKind.STRIKETHROUGH,
    "u": EntityKind.UNDERLINE,
    "ins": EntityKind.UNDERLINE,
    "tg-spoiler": EntityKind.SPOILER,
    "span": EntityKind.SPOILER,
}
_LANGUAGE: Final = "language-"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def parse_html(text: str) -> Worded:
    """Return the text without markup, and the entities that the markup made.

    Raises:
        Refusal: an unknown tag, tags that do not nest, or half a character.
    """
    parser = _Parser(text)
    while parser.place < len(text):
        parser.step()
    return parser.finish()


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that has begun, and where in the output."""

    name: str
    attributes: Mapping[str, str]
    offset: int
    mark: int


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self._output = Output()
        self._open: list[_Open] = []
        self._entities: list[Entity] = []

    def step(self) -> None:
        """Take in a character, a reference to one, or a tag."""
        if self.text[self.place] != "<":
            character, self.place = decoded(self.text, self.place)
            self._output.add(character)
        elif at(self.text, self.place + 1) == "/":
            self._end()
        else:
            self._begin()

    def finish(self) -> Worded:
        """Return what was read.

        Raises:
            Refusal: a tag has not ended, or a character is not whole.
        """
        if self._open:
            fail(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        text = self._output.text
        if _SURROGATE.search(text):
            fail(
                "Text contains invalid Unicode characters after decoding HTML entities, check for "
                "unmatched surrogate code units"
            )
        return Worded(text, tuple(in_order(_without_loose_language(e) for e in self._entities)))

    def _begin(self) -> None:
        tag: StartTag = read_start_tag(self.text, self.place)
        if tag.name == "span" and tag.attributes.get("class") != "tg-spoiler":
            fail('Tag "span" must have class "tg-spoiler"', self.text, self.place)
        units, mark = self._output.units, self._output.mark
        self._open.append(_Open(tag.name, tag.attributes, units, mark))
        self.place = tag.end

    def _end(self) -> None:
        begin = self.place
        if not self._open:
            fail("Unexpected end tag", self.text, begin)
        name = self._end_name()
        tag = self._open.pop()
        if name not in {"", tag.name}:
            self._does_not_match(begin, tag.name, name)
        if self._output.units > tag.offset:
            self._close(tag)

    def _end_name(self) -> str:
        begin, place = self.place, self.place + 2
        while at(self.text, place) not in BLANKS and self.text[place] != ">":
            place += 1
        name = self.text[begin + 2 : place].lower()
        while place < len(self.text) and self.text[place] in BLANKS:
            place += 1
        if at(self.text, place) != ">":
            fail("Unclosed end tag", self.text, begin)
        self.place = place + 1
        return name

    def _does_not_match(self, place: int, expected: str, found: str) -> NoReturn:
        byte = len(self.text[:place].encode())
        fail(
            f'Unmatched end tag at byte offset {byte}, expected "</{expected}>", found "</{found}>"'
        )

    def _close(self, tag: _Open) -> None:
        offset, length = tag.offset, self._output.units - tag.offset
        if tag.name in {"pre", "code"}:
            self._close_code(tag, offset, length)
            return
        entity = self._entity_of(tag, offset, length)
        if entity is not None:
            self._entities.append(entity)

    def _entity_of(self, tag: _Open, offset: int, length: int) -> Entity | None:
        if tag.name == "a":
            url = tag.attributes.get("href") or self._output.since(tag.mark)
            return link_entity(url, offset, length)
        if tag.name == "blockquote":
            is_expandable = "expandable" in tag.attributes
            kind = EntityKind.EXPANDABLE_BLOCKQUOTE if is_expandable else EntityKind.BLOCKQUOTE
            return Entity(kind, offset, length)
        if tag.name == "tg-emoji":
            emoji_id = _number(tag, "emoji-id", "Invalid custom emoji identifier specified")
            return Entity(EntityKind.CUSTOM_EMOJI, offset, length, emoji_id)
        if tag.name == "tg-time":
            unix = _number(tag, "unix", "Invalid Unix time specified")
            if not is_time_format(tag.attributes.get("format", "")):
                fail("Invalid date format used")
            return Entity(EntityKind.DATE_TIME, offset, length, unix)
        return Entity(_KINDS[tag.name], offset, length)

    def _close_code(self, tag: _Open, offset: int, length: int) -> None:
        """Add code or a block of it; the two around the same text are one block in a language."""
        written = tag.attributes.get("class", "") if tag.name == "code" else ""
        language = written.removeprefix(_LANGUAGE) if written.startswith(_LANGUAGE) else ""
        kind = EntityKind.PRE if tag.name == "pre" else EntityKind.CODE
        entity = Entity(kind, offset, length, language)
        last = self._entities[-1] if self._entities else None
        if last is not None and _are_one_block(last, entity):
            self._entities.pop()
            language = last.argument or language
            entity = Entity(EntityKind.PRE, offset, length, language)
        self._entities.append(entity)


def _are_one_block(inner: Entity, outer: Entity) -> bool:
    has_language = (inner if inner.kind is EntityKind.CODE else outer).argument
    are_both = {inner.kind, outer.kind} == {EntityKind.PRE, EntityKind.CODE}
    covers = (inner.offset, inner.length) == (outer.offset, outer.length)
    return bool(has_language) and are_both and covers


def _without_loose_language(entity: Entity) -> Entity:
    if entity.kind is EntityKind.CODE:
        return Entity(entity.kind, entity.offset, entity.length)
    return entity


def _number(tag: _Open, attribute: str, wrong: str) -> str:
    written = tag.attributes.get(attribute, "")
    if not (written.isascii() and written.isdecimal() and 0 < int(written) < MAX_ID):
        fail(wrong)
    return str(int(written))
