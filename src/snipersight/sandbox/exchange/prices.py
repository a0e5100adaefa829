"""Where prices come from: printed by a test, or walked along the built-in market's bars."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from snipersight.domain.errors import NoData, UnknownSymbol
from snipersight.domain.timeframe import ALL_TIMEFRAMES, Timeframe
from snipersight.domain.units import Rounding, Symbol, exact, on_step
from snipersight.sandbox.market import SyntheticMarket
from snipersight.sandbox.market_listing import listings

MINUTE_MS: Final = 60_000
_KEPT_BARS: Final = 1_500
_FINEST: Final = Timeframe.parse("5m")
_MINUTES: Final = 5
_THIRD: Final = Decimal(1) / 3
_WALKED_MS: Final = frozenset({MINUTE_MS, 3 * MINUTE_MS})
_TIMEFRAMES: Final = {each.duration_ms: each for each in ALL_TIMEFRAMES if each >= _FINEST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A candle: opening time in milliseconds UTC, prices, and volume in base units."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)


class PriceSource(Protocol):
    """Prices that come by themselves."""

    async def price(self, symbol: Symbol, *, at_us: int, tick: Decimal) -> Decimal | None:
        """Return the price of a market at a moment, on the tick; None where there is none."""
        ...

    async def bars(self, symbol: Symbol, *, step_ms: int, start_ms: int, end_ms: int) -> list[Bar]:
        """Return the candles that open in a period and are closed at its end, oldest first."""
        ...


class BuiltInPrices:
    """The seeded market, second by second: it walks through the bar that is being formed."""

    def __init__(self, market: SyntheticMarket) -> None:
        self._market = market

    async def price(self, symbol: Symbol, *, at_us: int, tick: Decimal) -> Decimal | None:
        """Return where the walk stands: open, nearer extreme, farther extreme, close."""
        step_ms = _FINEST.duration_ms
        begin_ms = at_us // 1_000 // step_ms * step_ms
        found = await self.bars(
            symbol, step_ms=step_ms, start_ms=begin_ms, end_ms=begin_ms + step_ms
        )
        if not found:
            return None
        done = Decimal(at_us - begin_ms * 1_000) / Decimal(step_ms * 1_000)
        return on_step(_walked(found[0], done), tick, Rounding.NEAREST)

    async def bars(self, symbol: Symbol, *, step_ms: int, start_ms: int, end_ms: int) -> list[Bar]:
        """Return the market's candles, below five minutes those of the walk; none of odd lengths."""
        if step_ms in _WALKED_MS:
            return await self._walked_bars(symbol, step_ms, start_ms=start_ms, end_ms=end_ms)
        timeframe = _TIMEFRAMES.get(step_ms)
        if timeframe is None:
            return []
        try:
            found = await self._market.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        except (NoData, UnknownSymbol):
            return []
        columns = (found.open_time, found.open, found.high, found.low, found.close, found.volume)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            Bar(open_ms=int(row[0]), open=exact(row[1]), high=exact(row[2]), low=exact(row[3]),
                close=exact(row[4]), volume=exact(row[5]))
            for row in rows
        ]  # fmt: skip

    async def _walked_bars(
        self, symbol: Symbol, step_ms: int, *, start_ms: int, end_ms: int
    ) -> list[Bar]:
        coarse_ms = _FINEST.duration_ms
        first_ms = -(-start_ms // step_ms) * step_ms
        until_ms = end_ms // step_ms * step_ms
        coarse = await self.bars(
            symbol,
            step_ms=coarse_ms,
            start_ms=first_ms // coarse_ms * coarse_ms,
            end_ms=-(-until_ms // coarse_ms) * coarse_ms,
        )
        if not coarse:
            return []
        tick = listings()[symbol].tick
        minutes = [one for bar in coarse for one in _minutes(bar, tick)]
        return joined([one for one in minutes if first_ms <= one.open_ms < until_ms], step_ms)


def _minutes(bar: Bar, tick: Decimal) -> list[Bar]:
    """Return the five minutes of the walk through a bar."""
    return [_minute(bar, number, tick) for number in range(_MINUTES)]


def _minute(bar: Bar, number: int, tick: Decimal) -> Bar:
    begin, end = Decimal(number) / _MINUTES, Decimal(number + 1) / _MINUTES
    turns = (part for part in (_THIRD, 2 * _THIRD) if begin < part < end)
    way = [on_step(_walked(bar, part), tick, Rounding.NEAREST) for part in (begin, *turns, end)]
    return Bar(
        open_ms=bar.open_ms + number * MINUTE_MS,
        open=way[0],
        high=max(way),
        low=min(way),
        close=way[-1],
        volume=bar.volume / _MINUTES,
    )


def _walked(bar: Bar, done: Decimal) -> Decimal:
    """Return the price after a part of a bar, 0 to 1, on the shortest way through its extremes."""
    rises = bar.close >= bar.open
    corners = (bar.open, bar.low, bar.high, bar.close) if rises else (
        bar.open, bar.high, bar.low, bar.close
    )  # fmt: skip
    leg = min(int(done * 3), 2)
    begin, end = corners[leg], corners[leg + 1]
    return begin + (end - begin) * (done * 3 - leg)


class Tape:
    """What was printed, as one-minute bars, and the newest price of each market."""

    def __init__(self) -> None:
        self.last: dict[Symbol, Decimal] = {}
        self.last_us: dict[Symbol, int] = {}
        self._bars: defaultdict[Symbol, deque[Bar]] = defaultdict(lambda: deque(maxlen=_KEPT_BARS))

    def add(self, symbol: Symbol, price: Decimal, *, size: Decimal, at_us: int) -> None:
        """Note a print."""
        self.last[symbol], self.last_us[symbol] = price, at_us
        minute, bars = at_us // 1_000 // MINUTE_MS * MINUTE_MS, self._bars[symbol]
        if not bars or bars[-1].open_ms != minute:
            bars.append(Bar(open_ms=minute, open=price, high=price, low=price, close=price))
        bar = bars[-1]
        bars[-1] = replace(
            bar,
            high=max(bar.high, price),
            low=min(bar.low, price),
            close=price,
            volume=bar.volume + size,
        )

    def bars(self, symbol: Symbol, *, step_ms: int, start_ms: int, end_ms: int) -> list[Bar]:
        """Return candles of whole minutes, oldest first; the last may still be forming."""
        known = [bar for bar in self._bars.get(symbol, ()) if start_ms <= bar.open_ms < end_ms]
        return joined(known, step_ms)


def joined(bars: Sequence[Bar], step_ms: int) -> list[Bar]:
    """Return candles of a length from shorter ones, oldest first; the last may be unfinished."""
    groups: dict[int, list[Bar]] = {}
    for bar in bars:
        groups.setdefault(bar.open_ms // step_ms * step_ms, []).append(bar)
    return [_joined(open_ms, group) for open_ms, group in groups.items()]


def _joined(open_ms: int, bars: Sequence[Bar]) -> Bar:
    return Bar(
        open_ms=open_ms,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum((bar.volume for bar in bars), Decimal(0)),
    )
