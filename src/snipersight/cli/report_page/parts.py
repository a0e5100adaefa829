"""What the page is made of: sentences, pictures and tables of words, all still plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.domain.statistics import Expectancy, HitRate

if TYPE_CHECKING:
    from snipersight.charts.evidence.svg import Frame

FULL_PX: Final = 1128  # the whole width of the page
HALF_PX: Final = 552
PHONE_PX: Final = 342
_OPEN_ROWS: Final = 5

Draw = Callable[["Frame", str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of words.

    Args:
        head: names of its columns.
        rows: cells, as many a row as there are columns; the first names the row.
        words: how many columns from the left hold words; the rest are numbers.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


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
    """

    key: str
    title: str
    says: str
    wide: str = ""
    narrow: str = ""
    grid: Grid | None = None
    is_full: bool = False

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


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    stripped = text.strip()
    if not stripped:
        return ""
    ended = stripped if stripped[-1] in ".!?" else f"{stripped}."
    return ended[0].upper() + ended[1:]


def rate_text(rate: HitRate) -> str:
    """Return `41 % (31–52 %)`, or what is missing, in short."""
    from snipersight.bot.telemetry.statistics.words import rate_range
    from snipersight.domain.wording import percent

    if rate.rate is None or rate.low is None or rate.high is None:
        return "too few"
    return f"{percent(rate.rate, 0)} ({rate_range(rate.low, rate.high)})"


def mean_text(expectancy: Expectancy) -> str:
    """Return `+0.21R (−0.05R to +0.47R)`, or that there is too little, in short."""
    return estimate_text(expectancy.mean_r, expectancy.low, expectancy.high)


def estimate_text(mean: float | None, low: float | None, high: float | None) -> str:
    """Return a result with its interval, or that there is too little, in short."""
    from snipersight.bot.telemetry.statistics.words import r_range, signed_r

    if mean is None or low is None or high is None:
        return "too few"
    return f"{signed_r(mean)} ({r_range(low, high)})"


def r_or_dash(value: float | None) -> str:
    """Return a result with its sign, or a dash where there is none."""
    from snipersight.bot.telemetry.statistics.words import signed_r

    return "–" if value is None else signed_r(value)


def numbers(values: Sequence[float | int]) -> tuple[str, ...]:
    """Return counts with thousands separators."""
    return tuple(f"{value:,}" for value in values)
