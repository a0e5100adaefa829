"""What a picture is made of: polygons, lines and texts in logical pixels, bottom ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from snipersight.charts.canvas import Rect

Points = npt.NDArray[np.float64]  # shape (corners, 2)

DASHED: Final = (3.6, 2.5)
DOTTED: Final = (1.1, 1.8)
SOLID: Final[tuple[float, ...]] = ()
CAP_HEIGHT: Final = 0.729  # of the font size, DejaVu Sans: capitals and digits are this tall


class Anchor(StrEnum):
    """Which part of a text sits at its position."""

    START = "left"
    MIDDLE = "center"
    END = "right"


class Role(StrEnum):
    """What a text is for."""

    HEADER = "header"
    TAG_PRICE = "tag price"
    TAG_NOTE = "tag note"
    PRICE_AXIS = "price axis"
    TIME_AXIS = "time axis"
    ZONE = "zone"
    STRUCTURE = "structure"
    SWEEP = "sweep"
    ENTRY = "entry"
    FOOTER = "footer"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polygons:
    """Closed figures of one style.

    Args:
        corners: one array of x and y for each figure.
        fill, edge: `#rrggbb` or `#rrggbbaa`; None leaves it out.
        width_px: of the edge.
        dash: lengths of stroke and space; empty is solid.
    """

    corners: tuple[Points, ...]
    fill: str | None
    edge: str | None = None
    width_px: float = 1.0
    dash: tuple[float, ...] = SOLID


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Open lines of one style; see `Polygons` for the arguments."""

    paths: tuple[Points, ...]
    colour: str
    width_px: float = 1.0
    dash: tuple[float, ...] = SOLID


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text on one line; `y` is the middle of its capitals and digits."""

    text: str
    x: float
    y: float
    size_px: float
    colour: str
    role: Role
    anchor: Anchor = Anchor.START
    bold: bool = False


Shape = Polygons | Lines | Label
Scene = tuple[Shape, ...]


class Ruler(Protocol):
    """Knows how wide texts are and which characters exist."""

    def width(self, text: str, *, size_px: float, bold: bool = False) -> float:
        """Return the width of a text in logical pixels."""
        ...

    def legible(self, text: str) -> str:
        """Return the text with what cannot be shown replaced by a visible sign."""
        ...


@dataclass(slots=True)
class Board:
    """Places texts in the pane so that none covers another.

    Args:
        pane: no text leaves it.
        taken: areas that are occupied.
    """

    pane: Rect
    taken: list[Rect] = field(default_factory=list)

    def place(self, candidates: Iterable[Rect]) -> Rect | None:
        """Take the first candidate that is free and inside; None if there is none."""
        for rect in candidates:
            free = rect.inside(self.pane) and not any(rect.overlaps(t) for t in self.taken)
            if free:
                self.taken.append(rect)
                return rect
        return None


def box(rect: Rect) -> Points:
    """Return the corners of a rectangle."""
    left, right, bottom, top = rect.left, rect.right, rect.bottom, rect.top
    return np.array([(left, bottom), (left, top), (right, top), (right, bottom)], dtype=np.float64)


def pill(rect: Rect, radius_px: float = 4.0) -> Points:
    """Return the outline of a rectangle with round corners."""
    radius = min(radius_px, rect.width / 2, rect.height / 2)
    centres = (
        (rect.right - radius, rect.top - radius),
        (rect.left + radius, rect.top - radius),
        (rect.left + radius, rect.bottom + radius),
        (rect.right - radius, rect.bottom + radius),
    )
    turns = np.linspace(0.0, np.pi / 2, 7)
    arcs = [
        np.column_stack((x + radius * np.cos(turns + start), y + radius * np.sin(turns + start)))
        for (x, y), start in zip(centres, np.arange(4) * np.pi / 2, strict=True)
    ]
    return np.concatenate(arcs)


def line(*points: tuple[float, float]) -> Points:
    """Return a path through the points."""
    return np.array(points, dtype=np.float64)


def ellipsized(text: str, room_px: float, ruler: Ruler, *, size_px: float, bold: bool) -> str:
    """Return the text, shortened to an ellipsis at its end if it is wider than its room."""
    if ruler.width(text, size_px=size_px, bold=bold) <= room_px:
        return text
    kept = text
    while kept and ruler.width(kept + "…", size_px=size_px, bold=bold) > room_px:
        kept = kept[:-1]
    return kept.rstrip() + "…"
