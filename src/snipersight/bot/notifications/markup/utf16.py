"""Telegram measures positions in UTF-16 code units, Python in code points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

_LAST_OF_ONE_UNIT = 0xFFFF  # what lies above takes two units, a surrogate pair


def utf16_offsets(text: str) -> Sequence[int]:
    """Return the offset in UTF-16 units of each code point, and behind them that of the end."""
    if text.isascii():
        return range(len(text) + 1)
    offsets = [0]
    for char in text:
        offsets.append(offsets[-1] + (2 if ord(char) > _LAST_OF_ONE_UNIT else 1))
    return offsets


def code_point_at(offsets: Sequence[int], unit: int) -> int | None:
    """Return the code point that begins at an offset in UTF-16 units.

    Args:
        offsets: of the text, from `utf16_offsets`.
        unit: what is looked up; that of the end is allowed.

    Returns:
        None if the offset lies outside the text or between the halves of a surrogate pair.
    """
    at = bisect_left(offsets, unit)
    return at if unit >= 0 and at < len(offsets) and offsets[at] == unit else None


def without_lone_surrogates(text: str) -> str:
    """Return the text with U+FFFD for halves of surrogate pairs, which no encoding can carry."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
