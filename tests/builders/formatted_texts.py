"""Texts with entities for tests, and what their entities cover."""

from hypothesis import strategies as st

from snipersight.bot.notifications.markup.formatted_text import (
    EntityKind,
    FormattedText,
    Span,
    spans_of,
    with_spans,
)
from snipersight.bot.notifications.markup.graphemes import is_blank

SPECIAL = (
    *"ab _*`[]()~>#+-=|{}.!\\\n\n  \t&<",
    "é",
    "e\u0301",
    "\u00a0",
    "\u200b",
    "🟢",
    "👩‍👩‍👧",
    "👍🏽",
    "🇩🇪",
    "❤️",
    "\u202e",
    "한",
)
TEXTS = st.lists(st.sampled_from(SPECIAL), max_size=60).map("".join)
WORDS = st.text(st.sampled_from("abc"), min_size=1, max_size=6)


@st.composite
def formatted_texts(draw: st.DrawFn) -> FormattedText:
    """Draw a text whose entities nest: each lies inside one that begins before it, or behind it."""
    text = draw(TEXTS).strip()
    spans: list[Span] = []
    free = [(0, len(text))]
    while free and len(spans) < 8 and draw(st.booleans()):
        low, high = free.pop()
        if low >= high:
            continue
        start = draw(st.integers(low, high - 1))
        end = draw(st.integers(start + 1, high))
        if is_blank(text[start:end]):
            continue
        spans.append(Span(start=start, end=end, kind=draw(st.sampled_from(EntityKind))))
        free += [(low, start), (end, high), (start, end)]
    return with_spans(text, spans)


def covered(formatted: FormattedText, *, shift: int = 0) -> set[tuple[EntityKind, str, int]]:
    """Return which visible characters lie under which format, at what place."""
    return {
        (span.kind, span.url, at + shift)
        for span in spans_of(formatted)
        for at in range(span.start, span.end)
        if not is_blank(formatted.text[at])
    }


def shown(formatted: FormattedText) -> list[tuple[str, str]]:
    """Return each entity's kind and text, cut out of UTF-16 as Telegram's clients do."""
    units = formatted.text.encode("utf-16-le")
    return [
        (
            entity.kind.value,
            units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le"),
        )
        for entity in formatted.entities
    ]
