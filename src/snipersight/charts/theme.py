"""Colours of the two themes.

Green and red are never alone: rising candles are hollow and falling ones filled, targets and
stops are named. Texts keep a contrast of 4.5 to their ground and lines one of 3 (WCAG 2.2 AA).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from snipersight.domain.annotations import ZoneKind
from snipersight.domain.direction import Direction


class Theme(StrEnum):
    """Dark for screens and chats, light for print and documents."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of one theme as `#rrggbb`.

    Args:
        ground: background of the whole picture and inside of rising candles.
        grid: price and time lines behind everything.
        text, muted: first and second reading.
        up, down: rising and falling, winning and losing.
        entry: the entry zone and its prices.
        last: the last price and swept levels.
        on_tag: text upon `up`, `down`, `entry` and `last`.
        zones: one colour a kind of zone.
    """

    ground: str
    grid: str
    text: str
    muted: str
    up: str
    down: str
    entry: str
    last: str
    on_tag: str
    zones: Mapping[ZoneKind, str]

    def side(self, direction: Direction) -> str:
        """Return the colour of a side of the market."""
        return self.up if direction is Direction.LONG else self.down


_DARK: Final = Palette(
    ground="#0d1219",
    grid="#1b2330",
    text="#e8edf4",
    muted="#97a4b5",
    up="#2ebfa8",
    down="#f4686f",
    entry="#58a6ff",
    last="#c2cbd6",
    on_tag="#071016",
    zones=MappingProxyType(
        {
            ZoneKind.ORDER_BLOCK: "#a48bfa",
            ZoneKind.BREAKER: "#f29b4b",
            ZoneKind.MITIGATION_BLOCK: "#d98bb4",
            ZoneKind.FAIR_VALUE_GAP: "#d6c058",
            ZoneKind.INVERSE_GAP: "#9bb567",
        }
    ),
)

_LIGHT: Final = Palette(
    ground="#ffffff",
    grid="#e9edf2",
    text="#16202c",
    muted="#556273",
    up="#0a7d71",
    down="#c52d3c",
    entry="#1a68cc",
    last="#4a5665",
    on_tag="#ffffff",
    zones=MappingProxyType(
        {
            ZoneKind.ORDER_BLOCK: "#6746cf",
            ZoneKind.BREAKER: "#ad5500",
            ZoneKind.MITIGATION_BLOCK: "#a33b76",
            ZoneKind.FAIR_VALUE_GAP: "#7d6800",
            ZoneKind.INVERSE_GAP: "#55701c",
        }
    ),
)

PALETTES: Final[Mapping[Theme, Palette]] = MappingProxyType(
    {Theme.DARK: _DARK, Theme.LIGHT: _LIGHT}
)


def faded(colour: str, alpha: float) -> str:
    """Return a `#rrggbb` colour with an opacity from 0 to 1, as `#rrggbbaa`."""
    return f"{colour}{round(alpha * 255):02x}"
