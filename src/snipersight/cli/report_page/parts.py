"""What the page is made of: sentences and pictures with their tables, all still plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.cli.stats_grids import Grid
from snipersight.cli.stats_words import sentence

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame

FULL_PX: Final = 1128  # the whole width of the page
HALF_PX: Final = 552
PHONE_PX: Final = 342
_OPEN_ROWS: Final = 5

Draw = Callable[["Frame", str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture with its title, a sentence and its numbers.

    Args:
        key: names it within the page.
        title: what it is about.
        says: what it shows, in words; also for who cannot see it.
        wide, narrow: the picture as SVG for a screen and a phone; empty: there is none.
        grid: its numbers; None without any.
        is_full: takes the whole width.
        note: more about it, shown with its numbers.
    """

    key: str
    title: str
    says: str
    wide: str = ""
    narrow: str = ""
    grid: Grid | None = None
    is_full: bool = False
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Return whether its numbers are shown without being asked for."""
        return self.grid is not None and (len(self.grid.rows) <= _OPEN_ROWS or not self.wide)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question that a trader has, and what the evidence says to it."""

    question: str
    sentence: str


def figure(
    key: str,
    title: str,
    says: str,
    *,
    draw: Draw | None = None,
    heights: tuple[int, int] = (260, 240),
    grid: Grid | None = None,
    is_full: bool = False,
) -> Figure:
    """Return a figure drawn for a screen and for a phone.

    Args:
        key, title, says, grid, is_full: see `Figure`.
        draw: draws it into a frame, with the words for who cannot see it; None: no picture.
        heights: of the two pictures, pixels.
    """
    from snipersight.charts.evidence.svg import Frame

    said = sentence(says)
    if draw is None:
        return Figure(key=key, title=title, says=said, grid=grid, is_full=is_full)
    wide = Frame(name=f"{key}-wide", width_px=FULL_PX if is_full else HALF_PX, height_px=heights[0])
    narrow = Frame(name=f"{key}-narrow", width_px=PHONE_PX, height_px=heights[1])
    alt = f"{title}. {said}"
    return Figure(
        key=key,
        title=title,
        says=said,
        wide=draw(wide, alt),
        narrow=draw(narrow, alt),
        grid=grid,
        is_full=is_full,
    )
