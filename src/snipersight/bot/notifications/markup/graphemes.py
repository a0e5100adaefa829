"""What a reader takes for one character may be several: where a text may be cut, what is seen."""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"
# Characters that leave no trace on a screen, beside spaces and control characters.
_UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc")
_UNSEEN_CATEGORIES: Final = frozenset(("Cc", "Cf", "Zl", "Zp", "Zs"))


def is_blank(text: str) -> bool:
    """Return whether nothing of a text can be seen: spaces, controls, characters without width.

    Telegram refuses such a message as empty.
    """
    return all(_is_unseen(char) for char in text)


def is_cut(text: str, at: int) -> bool:
    """Return whether a text may be cut before a position without breaking a character apart.

    Kept together: combining marks and variation selectors with what they stand on, emoji joined
    into one, skin tones, flags of two letters or of tags, Hangul syllables written in parts.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or _is_extending(after):
        return False
    return not (_is_flag_letter(before) and _is_flag_letter(after) and _is_second_of_flag(text, at))


def _is_unseen(char: str) -> bool:
    return char in _UNSEEN or unicodedata.category(char) in _UNSEEN_CATEGORIES


def _is_extending(char: str) -> bool:
    if char.isascii():
        return False
    return (
        unicodedata.category(char).startswith("M")
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= char <= "\U000e007f"  # tags
        or "\u1160" <= char <= "\u11ff"  # vowels and finals of Hangul
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_second_of_flag(text: str, at: int) -> bool:
    start = at
    while start > 0 and _is_flag_letter(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1
