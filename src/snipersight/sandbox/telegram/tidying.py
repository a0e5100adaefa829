"""What Telegram does to a text before it is stored: control characters, nesting, trimming."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from snipersight.sandbox.telegram.entities import CODES, QUOTES, SPLITTABLE, Entity, in_order
from snipersight.sandbox.telegram.utf16 import Ruler

_BLANK: Final = " \n"
_CONTROLS: Final = {code: " " for code in range(32) if code not in {10, 13}}
# Carriage returns, marks that turn the direction of text, and vertical lines.
_REMOVED: Final = {
    13: None,
    **dict.fromkeys(range(0x2028, 0x202F)),
    0x333: None,
    0x33F: None,
    0x30A: None,
}
_TABLE: Final = {**_CONTROLS, **_REMOVED}


class Worded(NamedTuple):
    """A text and its entities."""

    text: str
    entities: tuple[Entity, ...]


class _Span(NamedTuple):
    """An entity and the characters it covers: from the first to before the last."""

    first: int
    last: int
    entity: Entity


def tidy(text: str, entities: Sequence[Entity]) -> Worded:
    """Return a text as it will be shown, trimmed, with entities that nest.

    The text is empty if nothing but blanks was in it.

    Raises:
        Refusal: an entity lies outside of the text or cuts a character in two.
    """
    ruler = Ruler(text)
    spans = [
        _Span(*ruler.span(entity.offset, entity.length), entity)
        for entity in in_order(entities)
        if entity.length
    ]
    cleaned, spans = _cleaned(text, spans)
    spans = [span for span in (_narrowed(cleaned, span) for span in _nested(spans)) if span]
    return _trimmed(cleaned, spans)


def _cleaned(text: str, spans: Iterable[_Span]) -> tuple[str, list[_Span]]:
    kept = [0]
    for character in text:
        kept.append(kept[-1] + (_TABLE.get(ord(character), "") is not None))
    moved = (_Span(kept[span.first], kept[span.last], span.entity) for span in spans)
    return text.translate(_TABLE), [span for span in moved if span.first < span.last]


def _nested(spans: Iterable[_Span]) -> list[_Span]:
    """Return spans of which none crosses another, as Telegram makes them."""
    everything = list(spans)
    quotes = _apart(span for span in everything if span.entity.kind in QUOTES)
    others = _apart(span for span in everything if span.entity.kind not in (*QUOTES, *SPLITTABLE))
    solid = [span for span in others if not any(_crosses(span, quote) for quote in quotes)]
    fixed = [*quotes, *solid]
    for kind in SPLITTABLE:
        fixed += _split([s for s in everything if s.entity.kind is kind], [*quotes, *solid])
    return fixed


def _apart(spans: Iterable[_Span]) -> list[_Span]:
    """Return the spans that begin after the one before has ended."""
    kept: list[_Span] = []
    for span in spans:
        if not kept or span.first >= kept[-1].last:
            kept.append(span)
    return kept


def _crosses(span: _Span, quote: _Span) -> bool:
    overlaps = span.first < quote.last and quote.first < span.last
    return overlaps and not (quote.first <= span.first and span.last <= quote.last)


def _split(spans: Sequence[_Span], others: Sequence[_Span]) -> list[_Span]:
    """Return the spans of one kind joined, cut where others begin and end, and out of code."""
    pieces: list[_Span] = []
    for span in _joined(spans):
        cuts = {edge for other in others for edge in other[:2] if span.first < edge < span.last}
        for first, last in pairwise([span.first, *sorted(cuts), span.last]):
            if not any(s.entity.kind in CODES and s.first <= first < s.last for s in others):
                pieces.append(_Span(first, last, span.entity))
    return pieces


def _joined(spans: Sequence[_Span]) -> list[_Span]:
    joined: list[_Span] = []
    for span in spans:
        if joined and span.first <= joined[-1].last:
            before = joined.pop()
            joined.append(_Span(before.first, max(before.last, span.last), before.entity))
        else:
            joined.append(span)
    return joined


def _narrowed(text: str, span: _Span) -> _Span | None:
    """Return a span without the blanks that it begins with; None if it is all blanks."""
    inner = text[span.first : span.last]
    if not inner.strip(_BLANK):
        return None
    return span._replace(first=span.last - len(inner.lstrip(_BLANK)))


def _trimmed(text: str, spans: Sequence[_Span]) -> Worded:
    shown = text.rstrip(_BLANK)
    start = len(shown) - len(shown.lstrip(_BLANK))
    ruler = Ruler(shown[start:])
    entities = []
    for span in spans:
        first, last = (min(place, len(shown)) - start for place in span[:2])
        offset = ruler.unit(first)
        entities.append(replace(span.entity, offset=offset, length=ruler.unit(last) - offset))
    return Worded(shown[start:], tuple(in_order(entities)))
