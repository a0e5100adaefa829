"""What correlations look at is read once for each of its bars, and never from a later moment."""

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np

from snipersight.domain.candles import Candles
from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.timeframe import HOUR_MS
from snipersight.domain.units import Symbol
from snipersight.engine.correlating import TIMEFRAME, read_closes
from snipersight.engine.live.correlating import LiveCloses
from tests.fakes.events import RecordingEvents

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
BEGIN_MS = 1_704_067_200_000  # 2024-01-01, when a bar of four hours opens
BAR_MS = TIMEFRAME.duration_ms


class Source:
    """A market whose bars are its times, and that may be late."""

    def __init__(self) -> None:
        self.asked: list[Symbol] = []
        self.late_ms = 0
        self.is_away = False

    async def candles(self, symbol: Symbol, timeframe: Any, *, start_ms: int, end_ms: int) -> Any:
        self.asked.append(symbol)
        if self.is_away:
            raise VenueUnavailable("away")
        times = np.arange(start_ms, timeframe.floor(end_ms) - self.late_ms, BAR_MS, dtype=np.int64)
        prices = times / 1e9
        return Candles(
            symbol=symbol,
            timeframe=timeframe,
            open_time=times,
            open=prices,
            high=prices,
            low=prices,
            close=prices,
            volume=np.ones(len(times)),
        )


def looked(held: LiveCloses, source: Source, as_of_ms: int, *symbols: Symbol) -> list[Any]:
    context: Any = SimpleNamespace(as_of_ms=as_of_ms)
    ports: Any = SimpleNamespace(source=source, sink=RecordingEvents())

    async def read() -> list[Any]:
        found = [await held.read(one, context, ports) for one in symbols]
        fresh = [await read_closes(one, context, ports) for one in symbols]
        for one, other in zip(found, fresh, strict=True):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                assert list(one.open_times_ms) == list(other.open_times_ms)
                assert list(one.prices) == list(other.prices)
        del source.asked[-len(symbols) :]
        return found

    return asyncio.run(read())


def test_closes_are_read_anew_only_when_their_next_bar_has_closed():
    held, source = LiveCloses(), Source()
    for minutes in range(0, 240, 15):
        looked(held, source, BEGIN_MS + minutes * 60_000, BTC, ETH)
    assert source.asked == [BTC, ETH]
    looked(held, source, BEGIN_MS + 4 * HOUR_MS, BTC, ETH)
    assert source.asked == [BTC, ETH, BTC, ETH]


def test_what_is_late_or_cannot_be_read_is_asked_for_at_the_next_look():
    held, source = LiveCloses(), Source()
    source.late_ms = BAR_MS
    looked(held, source, BEGIN_MS, BTC)
    source.late_ms, source.is_away = 0, True
    assert looked(held, source, BEGIN_MS + 60_000, BTC) == [None]
    source.is_away = False
    for minutes in (2, 3):
        looked(held, source, BEGIN_MS + minutes * 60_000, BTC)
    assert source.asked == [BTC, BTC, BTC]
