"""Text widths from the font that ships with matplotlib. Imports matplotlib: load it late.

The font file is named outright, so that an installed font of the same name, or a user's
matplotlibrc, changes no picture.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.ft2font import FT2Font

_FONTS: Final = Path(mpl.get_data_path()) / "fonts" / "ttf"
_REFERENCE_PX: Final = 100.0
_UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"


def font_path(*, bold: bool) -> Path:
    """Return the file of the regular or the bold face."""
    return _FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


@lru_cache(maxsize=4096)
def _advance(character: str, bold: bool) -> float:
    """Return a character's width at the reference size, in pixels."""
    font = FT2Font(font_path(bold=bold))
    font.set_size(_REFERENCE_PX, 72)
    return float(font.load_char(ord(character)).linearHoriAdvance) / 65536


@lru_cache(maxsize=4096)
def _exists(character: str) -> bool:
    return FT2Font(font_path(bold=True)).get_char_index(ord(character)) > 0


class FontRuler:
    """Measures with the advance widths of the font, without kerning; see `Ruler`."""

    def width(self, text: str, *, size_px: float, bold: bool = False) -> float:
        """Return the width of a text in logical pixels."""
        return sum(_advance(character, bold) for character in text) * size_px / _REFERENCE_PX

    def legible(self, text: str) -> str:
        """Return the text on one line, with control signs and unknown characters replaced."""
        return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    if category.startswith(("C", "M")) or not _exists(character):
        return _UNKNOWN
    return character
