"""Reading what closed since, and enough of what was read before to notice a change."""

from __future__ import annotations

from typing import Final
from zlib import crc32

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import NoData
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import HOUR_MS, MINUTE_MS
from snipersight.domain.units import Symbol
from snipersight.engine.context import ScanContext
from snipersight.engine.live.windows import BarWindow

_MINUTES: Final = 60
_RECENT_BARS: Final = 12  # a hole among them is asked for at every close


async def renew(
    window: BarWindow, source: CandleSource, *, as_of_ms: int, looked_ms: int
) -> int | None:
    """Let a window take the bars that closed since; one it has is read again with them.

    Once an hour, each market at a minute of its own, the newest bars are read again also where
    none has closed since, and every hole of the window is asked for: what a venue fills in later
    counts from then on.

    Args:
        window: of one market and timeframe.
        source: serves it.
        as_of_ms: the moment to come to, milliseconds UTC.
        looked_ms: the moment of the last look.

    Returns:
        When the first bar opens that is told otherwise now; the window is as it was then.

    Raises:
        UnknownSymbol, DataInvalid, VenueUnavailable: as the source says.
    """
    shift_ms = _minute_of(window.symbol) * MINUTE_MS
    is_new_hour = (as_of_ms - shift_ms) // HOUR_MS != (looked_ms - shift_ms) // HOUR_MS
    newest_ms, bar_ms = window.newest_ms, window.timeframe.duration_ms
    if newest_ms >= window.timeframe.floor(as_of_ms) and not is_new_hour:
        return None
    recent_ms = newest_ms - _RECENT_BARS * bar_ms
    hole_ms = window.oldest_hole_ms(window.first_ms if is_new_hour else recent_ms)
    last_ms = recent_ms if is_new_hour else newest_ms - bar_ms
    from_ms = last_ms if hole_ms is None else min(last_ms, hole_ms)
    try:
        served = await source.candles(
            window.symbol, window.timeframe, start_ms=from_ms, end_ms=as_of_ms
        )
    except NoData:
        return None  # it is late, or nothing was traded since
    # Cut once more: no mistake of a source may let the scan see past its moment.
    return window.extend(served.known_at(as_of_ms), from_ms=from_ms)


def _minute_of(symbol: Symbol) -> int:
    """Return a minute of the hour: not all markets are looked at closely at the same close."""
    return crc32(symbol.encode()) % _MINUTES


def is_late(window: BarWindow, context: ScanContext) -> bool:
    """Return whether the bar that closed last, at this very close, has not come yet.

    One that is missing for longer is a hole: it counts if it comes after all.
    """
    timeframe, as_of_ms = window.timeframe, context.as_of_ms
    due_ms = timeframe.floor(as_of_ms)
    is_due_now = due_ms > as_of_ms - context.trigger.duration_ms
    return is_due_now and window.newest_ms == due_ms - timeframe.duration_ms


def changed_sentence(window: BarWindow, opened_ms: int) -> str:
    """Return that a bar is told otherwise now than when it was read."""
    return (
        f"the {window.timeframe} bar of {utc_text(opened_ms)} is not what it was when it was "
        "read; its whole history is read again, and what was told before stays told"
    )
