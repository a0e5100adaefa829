"""Candles as Binance answers them: rows of twelve columns."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.refusals import Refusal
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar
from snipersight.sandbox.exchange.world import VenueWorld

INTERVALS_MS: Final = {
    f"{count}{unit}": count * length * MINUTE_MS
    for unit, length, counts in (
        ("m", 1, (1, 3, 5, 15, 30)),
        ("h", 60, (1, 2, 4, 6, 8, 12)),
        ("d", 1440, (1, 3)),
    )
    for count in counts
}
_DEFAULT_ROWS: Final = 500


async def candle_rows(
    world: VenueWorld, symbol: Symbol, fields: Fields, *, most: int
) -> list[list[Any]]:
    """Return the answer to `klines`, oldest first.

    Raises:
        Refusal: the interval is unknown, or a number is no number.
    """
    step_ms = interval_ms(fields.text("interval"))
    count = min(max(fields.whole("limit", _DEFAULT_ROWS), 1), most)
    end_ms = fields.whole("endTime", world.clock() // 1_000) + 1
    start_ms = fields.whole("startTime", 0) or max(0, end_ms - (count + 1) * step_ms)
    end_ms = min(end_ms, start_ms + count * step_ms + step_ms)
    bars = await world.bars(symbol, step_ms=step_ms, start_ms=start_ms, end_ms=end_ms)
    kept = bars[:count] if "startTime" in fields else bars[-count:]
    return [_row(bar, step_ms) for bar in kept]


def interval_ms(name: str) -> int:
    """Return the length of an interval such as `5m`.

    Raises:
        Refusal: there is no such interval.
    """
    if name not in INTERVALS_MS:
        raise Refusal(-1120, "Invalid interval.")
    return INTERVALS_MS[name]


def _row(bar: Bar, step_ms: int) -> list[Any]:
    value = bar.volume * bar.close
    prices = [plain(price) for price in (bar.open, bar.high, bar.low, bar.close)]
    half = (plain(bar.volume / 2), plain(value / 2))
    end_ms = bar.open_ms + step_ms - 1
    return [bar.open_ms, *prices, plain(bar.volume), end_ms, plain(value), 1, *half, "0"]
