"""Small words that several answers share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, escape
from snipersight.bot.notifications.wording.signal_text import EMOJI
from snipersight.domain.direction import Direction
from snipersight.domain.wording import minute_of

SHORT_ID: Final = 8  # letters of a plan id that are shown; enough to tell today's apart


def joined(lines: Iterable[str]) -> Markdown:
    """Return lines below one another; an empty one stays an empty line."""
    return Markdown("\n".join(lines))


def side(direction: Direction) -> Markdown:
    """Return `🟢 **LONG**`."""
    return Markdown(f"{EMOJI[direction]} **{direction.value}**")


def market(direction: Direction, symbol: str) -> Markdown:
    """Return `🟢 **LONG BTC/USDT**`."""
    return Markdown(f"{EMOJI[direction]} **{direction.value} {escape(symbol)}**")


def moment(time_us: int) -> str:
    """Return microseconds UTC as `2024-06-07 12:00`."""
    return minute_of(time_us // 1000)


def clock(time_us: int) -> str:
    """Return the time of day of microseconds UTC, `12:00`."""
    return moment(time_us)[-5:]


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop; empty stays empty."""
    stripped = text.strip()
    if not stripped:
        return ""
    ended = stripped if stripped[-1] in ".!?" else f"{stripped}."
    return ended[0].upper() + ended[1:]


def short_id(plan_id: str) -> Markdown:
    """Return the beginning of a plan id, to be tapped and copied."""
    return Markdown(f"`{escape_code(plan_id[:SHORT_ID])}`")


def escape_code(text: str) -> str:
    """Return a text that can stand between backticks."""
    return "".join(sign for sign in text if sign.isalnum() or sign in "-_.:/") or "–"
