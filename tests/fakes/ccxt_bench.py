"""A loopback exchange, what was noticed of it, and live sources that share a cache."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_source import CcxtSource
from tests.fakes.events import RecordingEvents
from tests.fakes.exchange_server import (
    BYBIT_HOST,
    SPOT_HOST,
    USDM_HOST,
    Answer,
    ExchangeServer,
    bybit_market,
    spot_market,
    usdm_market,
)

FIVE = Timeframe.parse("5m")
STEP = FIVE.duration_ms
T0 = 1_699_920_000_000  # 2023-11-14 00:00 UTC
BTC, BTC_PERP = Symbol("BTC/USDT"), Symbol("BTC/USDT:USDT")
VENUES = [
    ("binance", BTC, SPOT_HOST, "klines"),
    ("binanceusdm", BTC_PERP, USDM_HOST, "klines"),
    ("bybit", BTC, BYBIT_HOST, "kline"),
    ("bybit", BTC_PERP, BYBIT_HOST, "kline"),
]

DROPPED = Answer(is_dropped=True)


def rows(first: int, stop: int, *, step: int = STEP, lift: float = 0.0) -> list[list[Any]]:
    """Return bars number `first` up to `stop` since T0; each has prices of its own."""
    return [
        [T0 + i * step, 100 + i + lift, 102 + i + lift, 99.5 + i, 101 + i + lift, 1.5 + i]
        for i in range(first, stop)
    ]


class Bench:
    """A server, what was noticed, and sources that share a cache."""

    def __init__(self, server: ExchangeServer, cache_dir: Path) -> None:
        self.server = server
        self.cache_dir = cache_dir
        self.events = RecordingEvents()
        self.slept: list[float] = []
        self.local_skew_ms = 0

    @asynccontextmanager
    async def source(self, exchange: str = "binance", **changes: Any) -> AsyncIterator[CcxtSource]:
        options: dict[str, Any] = {
            "cache_dir": self.cache_dir,
            "clock": lambda: self.server.now_ms + self.local_skew_ms,
            "events": self.events,
            "session_factory": self.server.session,
            "sleep": self._sleep,
            "chance": lambda: 0.0,
        }
        async with CcxtSource(exchange, **{**options, **changes}) as source:
            yield source

    async def fetch(
        self, symbol: Symbol = BTC, *, bars: int, exchange: str = "binance", **changes: Any
    ) -> Candles:
        """Fetch bars from T0 with a new source, as a new run of the program would."""
        async with self.source(exchange, **changes) as source:
            return await source.candles(symbol, FIVE, start_ms=T0, end_ms=T0 + bars * STEP)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def open_bench(cache_dir: Path) -> AsyncIterator[Bench]:
    """Yield a bench with a few markets and fifty closed bars of BTC/USDT; no other host is asked."""
    async with ExchangeServer(now_ms=T0 + 50 * STEP + 7_000) as server:
        server.spot = [spot_market("BTC"), spot_market("ETH"), spot_market("BTC", "EUR")]
        server.usdm = [usdm_market("BTC"), usdm_market("1000PEPE")]
        server.bybit = {
            "spot": [bybit_market("BTC", kind="spot")],
            "linear": [bybit_market("BTC", kind="linear")],
        }
        server.put_bars("BTCUSDT", "5m", rows(0, 51))  # the last one is forming
        yield Bench(server, cache_dir)
        assert server.refused_hosts == set()


def numbers(candles: Candles) -> list[int]:
    """Return which bars since T0 these are."""
    return [(int(time) - T0) // STEP for time in candles.open_time]
