"""MarkdownV2 of the Bot API: nested entities, quotes, and reserved characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from snipersight.sandbox.telegram.entities import CODES, Entity, EntityKind, in_order, link_entity
from snipersight.sandbox.telegram.links import emoji_of_link, time_of_link
from snipersight.sandbox.telegram.markup import (
    FENCE,
    Output,
    at,
    fail,
    is_time_format,
    read_fence,
)
from snipersight.sandbox.telegram.tidying import Worded

_RESERVED: Final = "_*[]()~`>#+-=|{}.!\n"
_NAMES: Final = {
    EntityKind.BLOCKQUOTE: "BlockQuote",
    EntityKind.CUSTOM_EMOJI: "CustomEmoji",
    EntityKind.TEXT_LINK: "TextUrl",
}
_PLAIN_MARKS: Final = {
    "||": EntityKind.SPOILER,
    "__": EntityKind.UNDERLINE,
    "_": EntityKind.ITALIC,
    "*": EntityKind.BOLD,
    "~": EntityKind.STRIKETHROUGH,
    "`": EntityKind.CODE,
    "![": EntityKind.CUSTOM_EMOJI,
    "[": EntityKind.TEXT_LINK,
}
_ENDS: Final = {
    EntityKind.SPOILER: "||",
    EntityKind.UNDERLINE: "__",
    EntityKind.ITALIC: "_",
    EntityKind.BOLD: "*",
    EntityKind.STRIKETHROUGH: "~",
    EntityKind.CODE: "`",
    EntityKind.PRE: FENCE,
    EntityKind.TEXT_LINK: "]",
    EntityKind.CUSTOM_EMOJI: "]",
}


def parse_markdown_v2(text: str) -> Worded:
    """Return the text without markup, and the entities that the markup made.

    Raises:
        Refusal: a reserved character that is not escaped, something that begins and does not
            end, or an emoji without a link that says which.
    """
    parser = _Parser(text)
    while parser.place < len(text):
        parser.step()
    parser.finish()
    return Worded(parser.output.text, tuple(in_order(parser.entities)))


@dataclass(frozen=True, slots=True)
class _Open:
    """An entity that has begun: where in the input, and where in the output."""

    kind: EntityKind
    place: int
    offset: int
    mark: int
    language: str = ""

    @property
    def name(self) -> str:
        if self.kind is EntityKind.PRE:
            return "PreCode" if self.language else "Pre"
        return _NAMES.get(self.kind, self.kind.capitalize())


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.output = Output()
        self.entities: list[Entity] = []
        self._open: list[_Open] = []
        self._is_in_quote = False
        self._may_quote = True  # at the beginning of a line

    def step(self) -> None:
        """Take in one character, or one mark."""
        character = self.text[self.place]
        escaped = self._escaped(self.place)
        if escaped:
            self._add(escaped, taken=2)
            if escaped != "\r":
                self._may_quote = escaped == "\n"
        elif character not in self._reserved():
            self._add(character)
            if character != "\r":
                self._may_quote = False
        elif self._ends_quote():
            self._end_quote()
        elif self._open and self._is_end(self._open[-1].kind):
            self._end()
        elif self._ends_around_quote():
            self._close_quote(is_expandable=False)
            self._end()
        else:
            self._begin()

    def finish(self) -> None:
        """End the quote that the text ends with.

        Raises:
            Refusal: something else has not ended.
        """
        if self._is_in_quote:
            is_expandable = self._drop_expanding_mark(len(self.text))
            if self._open[-1].kind is EntityKind.BLOCKQUOTE:
                self._close_quote(is_expandable=is_expandable)
        if self._open:
            self._never_ends(self._open[-1])

    def _escaped(self, place: int) -> str:
        following = at(self.text, place + 1)
        return following if self.text[place] == "\\" and "\0" < following <= "~" else ""

    def _add(self, text: str, *, taken: int = 1) -> None:
        self.output.add(text)
        self.place += taken

    def _reserved(self) -> str:
        return "`" if self._open and self._open[-1].kind in CODES else _RESERVED

    def _is_end(self, kind: EntityKind) -> bool:
        if kind is EntityKind.ITALIC and self.text.startswith("__", self.place):
            return False
        return kind in _ENDS and self.text.startswith(_ENDS[kind], self.place)

    def _ends_quote(self) -> bool:
        is_line_end = self.text[self.place] == "\n"
        if not self._is_in_quote or not is_line_end or at(self.text, self.place + 1) == ">":
            return False
        # An entity within the quote may end behind the last line break of the text.
        return self.text[self.place + 1 :] != _ENDS.get(self._open[-1].kind)

    def _ends_around_quote(self) -> bool:
        """Return whether the last mark of the text ends what the quote is in."""
        if len(self._open) < 2 or self._open[-1].kind is not EntityKind.BLOCKQUOTE:
            return False
        return self.text[self.place :] == _ENDS[self._open[-2].kind]

    def _begin(self) -> None:
        character = self.text[self.place]
        mark = next((m for m in _PLAIN_MARKS if self.text.startswith(m, self.place)), "")
        if character == "\n":
            self._add(character)
            self._may_quote = True
        elif character == ">" and self._may_quote:
            self._begin_quote()
        elif self.text.startswith(FENCE, self.place):
            fence = read_fence(self.text, self.place + len(FENCE))
            self._push(EntityKind.PRE, fence.begin, language=fence.language)
        elif mark:
            self._push(_PLAIN_MARKS[mark], self.place + len(mark))
        else:
            fail(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def _begin_quote(self) -> None:
        if self._is_in_quote:
            self.place += 1
            return
        self._push(EntityKind.BLOCKQUOTE, self.place + 1)
        self._is_in_quote = True

    def _push(self, kind: EntityKind, then: int, *, language: str = "") -> None:
        units, mark = self.output.units, self.output.mark
        self._open.append(_Open(kind, self.place, units, mark, language))
        self.place = then

    def _end_quote(self) -> None:
        """End the quote at the end of its last line, which is a part of it."""
        is_expandable = self._drop_expanding_mark(self.place)
        if self._open[-1].kind is not EntityKind.BLOCKQUOTE:
            self._never_ends(self._open[-1])
        self._add("\n")
        self._may_quote = True
        self._close_quote(is_expandable=is_expandable)

    def _drop_expanding_mark(self, end: int) -> bool:
        """Return whether `||` alone ends the line, which makes a quote expandable, and drop it."""
        inner = self._open[-1]
        behind = self.text[inner.place + 2 : end]
        if inner.kind is not EntityKind.SPOILER or behind not in {"", "\r"}:
            return False
        self._open.pop()
        return True

    def _close_quote(self, *, is_expandable: bool) -> None:
        quote = self._open.pop()
        self._is_in_quote = False
        kind = EntityKind.EXPANDABLE_BLOCKQUOTE if is_expandable else EntityKind.BLOCKQUOTE
        if self.output.units > quote.offset:
            length = self.output.units - quote.offset
            self.entities.append(Entity(kind, quote.offset, length))

    def _end(self) -> None:
        ended = self._open[-1]
        self.place += len(_ENDS[ended.kind])
        entity = self._entity_of(ended)
        self._open.pop()
        if entity is not None and entity.length:
            self.entities.append(entity)

    def _entity_of(self, ended: _Open) -> Entity | None:
        offset, length = ended.offset, self.output.units - ended.offset
        if ended.kind is EntityKind.TEXT_LINK:
            has_url = at(self.text, self.place) == "("
            url = self._url() if has_url else self.output.since(ended.mark)
            return link_entity(url, offset, length)
        if ended.kind is EntityKind.CUSTOM_EMOJI:
            return self._emoji_or_time(offset, length)
        return Entity(ended.kind, offset, length, ended.language)

    def _emoji_or_time(self, offset: int, length: int) -> Entity:
        if at(self.text, self.place) != "(":
            fail("The entity must contain a tg://emoji or tg://time URL")
        url = self._url()
        emoji_id, (unix, time_format) = emoji_of_link(url), time_of_link(url)
        if emoji_id:
            return Entity(EntityKind.CUSTOM_EMOJI, offset, length, emoji_id)
        if not unix or not is_time_format(time_format):
            fail("Invalid tg://emoji or tg://time URL specified")
        return Entity(EntityKind.DATE_TIME, offset, length, unix)

    def _url(self) -> str:
        """Return what stands in the parentheses and go behind them."""
        begin = place = self.place + 1
        url = ""
        while place < len(self.text) and self.text[place] != ")":
            escaped = self._escaped(place)
            url += escaped or self.text[place]
            place += 2 if escaped else 1
        if place >= len(self.text):
            fail("Can't find end of a URL", self.text, begin)
        self.place = place + 1
        return url

    def _never_ends(self, opened: _Open) -> None:
        fail(f"Can't find end of {opened.name} entity", self.text, opened.place)
