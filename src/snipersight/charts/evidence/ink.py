"""Colours of evidence pictures: names that the page gives a value, so that they follow its theme.

Matplotlib draws with colours of numbers; each name has one that stands for it until the picture is
written, and is a CSS variable from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from snipersight.charts.theme import PALETTES, Theme
from snipersight.domain.annotations import ZoneKind


class Ink(StrEnum):
    """What a colour is for; the value is what matplotlib draws with."""

    GROUND = "#fe0101"
    GRID = "#fe0102"
    TEXT = "#fe0103"
    MUTED = "#fe0104"
    UP = "#fe0105"
    DOWN = "#fe0106"
    ACCENT = "#fe0107"
    SECOND = "#fe0108"

    @property
    def variable(self) -> str:
        """Return the name of its CSS variable."""
        return f"--{self.name.lower()}"


VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {ink.value: f"var({ink.variable})" for ink in Ink}
)

_TIERS: Final[Mapping[str, Ink]] = MappingProxyType(
    {"A": Ink.ACCENT, "B": Ink.SECOND, "C": Ink.MUTED}
)


def css_variables(theme: Theme) -> str:
    """Return the declarations that give every ink its colour of a theme."""
    palette = PALETTES[theme]
    colours = {
        Ink.GROUND: palette.ground,
        Ink.GRID: palette.grid,
        Ink.TEXT: palette.text,
        Ink.MUTED: palette.muted,
        Ink.UP: palette.up,
        Ink.DOWN: palette.down,
        Ink.ACCENT: palette.entry,
        Ink.SECOND: palette.zones[ZoneKind.BREAKER],
    }
    return " ".join(f"{ink.variable}: {colour};" for ink, colour in colours.items())


def tier_ink(tier: str) -> Ink:
    """Return the colour of a tier's lines; blue, orange and grey differ for every eye."""
    return _TIERS.get(tier, Ink.TEXT)
