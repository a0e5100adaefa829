"""A long text becomes messages within Telegram's limits, no format broken and no word lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from snipersight.bot.notifications.markup.formatted_text import (
    MOST_ENTITIES,
    FormattedText,
    Span,
    part_of,
    spans_of,
)
from snipersight.bot.notifications.markup.graphemes import is_blank, is_cut

MESSAGE_LIMIT: Final = 4096  # code points, after formatting is taken out
CAPTION_LIMIT: Final = 1024


def split(
    formatted: FormattedText, limit: int = MESSAGE_LIMIT, *, first_limit: int | None = None
) -> tuple[FormattedText, ...]:
    """Return a text in parts that each fit into a message.

    A cut is made as late as possible: between paragraphs if that leaves the part half full, else
    between lines, else between words, else between characters, and only where there is no
    character border inside one. It never goes through an entity, unless that one alone is
    longer than the limit: then it ends with the part and begins again in the next.

    Args:
        formatted: the text and its entities.
        limit: most code points of a part, at least 1.
        first_limit: that of the first part, if it differs: the caption of a picture.

    Returns:
        The parts in order. Joined, with the white space that stood at each cut between them, they
        are the text without the space around it; that space, and parts in which nothing would be
        seen, are all that is dropped. Of more than 100 entities in a part, the 100 that begin
        first are kept, outer ones before inner ones. Nothing to be seen: no part.

    Raises:
        ValueError: a limit below 1.
    """
    room = limit if first_limit is None else first_limit
    if min(limit, room) < 1:
        raise ValueError(f"A message of {min(limit, room)} characters holds nothing")
    text, spans = formatted.text, spans_of(formatted)
    parts: list[FormattedText] = []
    start, last = _skip_space(text, 0), len(text.rstrip())
    while start < last:
        end = _best_cut(text, spans, start, min(start + room, last))
        shown = start + len(text[start:end].rstrip())
        if not is_blank(text[start:shown]):
            parts.append(_honoured(part_of(text, spans, start, shown)))
            room = limit
        start = _skip_space(text, end)
    return tuple(parts)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _honoured(part: FormattedText) -> FormattedText:
    if len(part.entities) <= MOST_ENTITIES:
        return part
    return FormattedText(text=part.text, entities=part.entities[:MOST_ENTITIES])


def _best_cut(text: str, spans: Sequence[Span], start: int, full: int) -> int:
    """Return where the part that begins at `start` and ends at `full` at the latest shall end."""
    if full >= len(text.rstrip()):
        return full
    within = _inside_entities(spans, start, full)
    half = start + (full - start) // 2

    def last(is_good: Callable[[int], bool], least: int = start + 1) -> int | None:
        cuts = range(full, least - 1, -1)
        return next((at for at in cuts if not within[at - start] and is_good(at)), None)

    cut = last(lambda at: text.startswith("\n\n", at), half + 1)
    for is_good in (
        lambda at: text[at] == "\n",
        lambda at: text[at].isspace(),
        lambda at: is_cut(text, at),
        lambda _at: True,
    ):
        cut = cut or last(is_good)
    return cut or full


def _inside_entities(spans: Sequence[Span], start: int, full: int) -> bytearray:
    """Mark the positions of a part that lie inside an entity that fits into one part."""
    marks = bytearray(full - start + 1)
    for span in spans:
        first, last = max(span.start + 1, start), min(span.end, full + 1)
        if first < last and span.end - span.start <= full - start:
            marks[first - start : last - start] = b"\x01" * (last - first)
    return marks
