"""A venue by hand: streams that say what a test says, and requests that are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal

import numpy as np

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import NoData, VenueUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.timeframe import ALL_TIMEFRAMES, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.market.streams.bars import Bar, LineLimits, StreamKey, Tell

FIVE, QUARTER = Timeframe.parse("5m"), Timeframe.parse("15m")
STEP = FIVE.duration_ms
T0 = 1_752_883_200_000  # 2025-07-19 00:00 UTC
BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
BTC5 = StreamKey(BTC, FIVE)


def a_bar(number: int, *, lift: float = 0.0, step_ms: int = STEP) -> Bar:
    """Return bar `number` since T0; each has prices of its own."""
    middle = 100.0 + number
    return Bar(T0 + number * step_ms, middle, middle + 2, middle - 2, middle + 1 + lift, 5.0)


def a_table(bars: Sequence[Bar], key: StreamKey = BTC5) -> Candles:
    """Return bars as candles."""
    columns = {
        name: np.array([getattr(bar, name) for bar in bars], dtype=np.float64) for name in COLUMNS
    }
    times = np.array([bar.open_ms for bar in bars], dtype=np.int64)
    return Candles(symbol=key.symbol, timeframe=key.timeframe, open_time=times, **columns)


def numbers(candles: Candles) -> list[int]:
    """Return which bars since T0 these are."""
    return [(int(time) - T0) // candles.timeframe.duration_ms for time in candles.open_time]


class ScriptedRest:
    """Answers requests from what a test put in; its time is set by hand."""

    def __init__(self) -> None:
        self.at_ms = T0
        self.bars: dict[StreamKey, dict[int, Bar]] = {}
        self.asked: list[tuple[StreamKey, int, int]] = []
        self.is_down = False
        self.is_closed = False

    @property
    def venue(self) -> str:
        return "binance"

    def put(self, *bars: Bar, key: StreamKey = BTC5) -> None:
        self.bars.setdefault(key, {}).update({bar.open_ms: bar for bar in bars})

    async def now_ms(self) -> int:
        return self.at_ms

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        key = StreamKey(symbol, timeframe)
        self.asked.append((key, start_ms, end_ms))
        await asyncio.sleep(0.05)
        if self.is_down:
            raise VenueUnavailable("the venue is down")
        until_ms = min(end_ms, self.at_ms) - timeframe.duration_ms
        held = sorted(self.bars.get(key, {}).items())
        found = [bar for time_ms, bar in held if start_ms <= time_ms <= until_ms]
        if not found:
            raise NoData("there is no such bar")
        return a_table(found, key)

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        return {}

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        return {symbol: Decimal(7) for symbol in symbols}

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        return Decimal(2)

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        return None

    async def clock_skew_ms(self) -> int | None:
        return 3

    async def close(self) -> None:
        self.is_closed = True


class ScriptedLine:
    """One connection of `ScriptedLines`."""

    def __init__(self, keys: Sequence[StreamKey], tell: Tell) -> None:
        self.keys = tuple(keys)
        self.tell = tell
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def close(self, bar: Bar, key: StreamKey = BTC5) -> None:
        """Tell that a bar has closed."""
        self.tell(key, bar, True)

    def cut(self) -> None:
        """End the connection."""
        self.end.set_exception(VenueUnavailable("the line was cut"))


class ScriptedLines:
    """Streams that say what a test makes them say."""

    def __init__(self, *, most: int = 200) -> None:
        self.limits = LineLimits(keys=most, keys_per_message=10)
        self.timeframes = frozenset(ALL_TIMEFRAMES)
        self.open: list[ScriptedLine] = []
        self.opened = 0
        self.refusal: Exception | None = None

    def serves(self, timeframe: Timeframe) -> bool:
        return timeframe in self.timeframes

    async def follow(
        self, keys: Sequence[StreamKey], *, tell: Tell, on_up: Callable[[], None]
    ) -> None:
        self.opened += 1
        if self.refusal is not None:
            raise self.refusal
        line = ScriptedLine(keys, tell)
        self.open.append(line)
        try:
            on_up()
            await line.end
        finally:
            self.open.remove(line)
