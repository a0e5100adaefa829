"""Plain text with the entities that format it, as Telegram takes them without any parsing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from snipersight.bot.notifications.markup.graphemes import is_blank
from snipersight.bot.notifications.markup.utf16 import code_point_at, utf16_offsets

MOST_ENTITIES: Final = 100  # of one message; Telegram silently drops the rest


class EntityKind(StrEnum):
    """The formats we use, under Telegram's names."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKETHROUGH = "strikethrough"
    CODE = "code"
    PRE = "pre"
    TEXT_LINK = "text_link"
    BLOCKQUOTE = "blockquote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A format over a part of a text.

    Args:
        kind: which format.
        offset, length: where, in UTF-16 code units.
        url: of a link; empty for other kinds.
        language: of a block of code; empty where it is not known.
    """

    kind: EntityKind
    offset: int
    length: int
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedText:
    """A text and its entities, each within the text and on the borders of its characters.

    Args:
        text: as it is shown.
        entities: in the order they begin, outer ones before those they hold.

    Raises:
        ValueError: an entity is empty, reaches out of the text or splits a surrogate pair.
    """

    text: str
    entities: tuple[Entity, ...] = ()

    def __post_init__(self) -> None:
        """Refuse entities that do not fit the text."""
        spans_of(self)


_KEEPING_SPACE: Final = (EntityKind.PRE, EntityKind.BLOCKQUOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An entity counted in code points, which is how texts are cut.

    Args:
        start, end: code points; the end is excluded.
        kind, url, language: as in `Entity`.
    """

    start: int
    end: int
    kind: EntityKind
    url: str = ""
    language: str = ""

    def within(self, text: str, start: int, end: int) -> Span | None:
        """Return what of it lies in a part of the text, relative to the part; None if nothing.

        It is drawn in to what can be seen: Telegram drops an entity over nothing but space.
        A block of code keeps the space its first line begins with, and so does the quote round it.
        """
        first, last = max(self.start, start), min(self.end, end)
        inner = text[first:last]
        lead = len(inner) - len(inner.lstrip("\n" if self.kind in _KEEPING_SPACE else None))
        last = first + len(inner.rstrip())
        if is_blank(text[first + lead : last]):
            return None
        return replace(self, start=first + lead - start, end=last - start)


def _depth(kind: EntityKind) -> int:
    """Return which of two entities over the same text lies within the other: quote, style, code."""
    if kind is EntityKind.BLOCKQUOTE:
        return 0
    return 2 if kind in (EntityKind.CODE, EntityKind.PRE) else 1


def spans_of(formatted: FormattedText) -> tuple[Span, ...]:
    """Return the entities of a text counted in code points.

    Raises:
        ValueError: as `FormattedText` does.
    """
    if not formatted.entities:
        return ()
    offsets = utf16_offsets(formatted.text)
    return tuple(_span(entity, offsets) for entity in formatted.entities)


def with_spans(text: str, spans: Iterable[Span]) -> FormattedText:
    """Return a text with the spans as its entities, in order."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.end, _depth(span.kind)))
    offsets = utf16_offsets(text)
    entities = tuple(
        Entity(
            kind=span.kind,
            offset=offsets[span.start],
            length=offsets[span.end] - offsets[span.start],
            url=span.url,
            language=span.language,
        )
        for span in ordered
    )
    return FormattedText(text=text, entities=entities)


def part_of(text: str, spans: Iterable[Span], start: int, end: int) -> FormattedText:
    """Return a part of a text with what lies of its spans in there; they are closed at its ends.

    Args:
        text, spans: the whole.
        start, end: code points of the part; the end is excluded.
    """
    pieces = (span.within(text, start, end) for span in spans if span.start < end)
    return with_spans(text[start:end], (piece for piece in pieces if piece is not None))


def _span(entity: Entity, offsets: Sequence[int]) -> Span:
    start = code_point_at(offsets, entity.offset)
    end = code_point_at(offsets, entity.offset + entity.length)
    if start is None or end is None or start >= end:
        raise ValueError(
            f"{entity.kind} at {entity.offset}, length {entity.length}: no part of a text of "
            f"{offsets[-1]} UTF-16 units"
        )
    return Span(start=start, end=end, kind=entity.kind, url=entity.url, language=entity.language)
