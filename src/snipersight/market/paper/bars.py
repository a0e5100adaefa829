"""The finest bars a source has, in the order in which they closed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.candles import Candles
from snipersight.domain.errors import ConfigInvalid, NoData, UnknownSymbol
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Price, Symbol, exact

FINEST: Final = tuple(Timeframe.parse(name) for name in ("1m", "3m", "5m", "15m", "30m", "1h"))
"""Timeframes that a market's time is played on: the first of them that its source has."""

_PROBED_MS: Final = 4 * DAY_MS  # a recording may have gaps of a weekend
_CHUNK_BARS: Final = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One closed bar, in exact prices.

    Args:
        symbol: of it.
        open_ms, close_ms: when it began and ended, milliseconds UTC.
        open, high, low, close: quote per base unit.
        volume: base units traded in it.
    """

    symbol: Symbol
    open_ms: int
    close_ms: int
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Decimal


class BarFeed:
    """Bars of several symbols of one source, each on its own finest timeframe.

    Args:
        source: candles; read, never closed here.
    """

    def __init__(self, source: CandleSource) -> None:
        self._source = source
        self._steps: dict[Symbol, Timeframe] = {}

    async def step(self, symbol: Symbol, *, at_ms: int) -> Timeframe:
        """Return the finest timeframe that the source has of a symbol around a moment.

        Raises:
            NoData: it has none of an hour or less.
            UnknownSymbol: the source does not list the symbol.
            VenueUnavailable: a live source cannot be reached.
        """
        if symbol not in self._steps:
            self._steps[symbol] = await self._probe(symbol, at_ms)
        return self._steps[symbol]

    async def last(self, symbol: Symbol, *, at_ms: int) -> Bar:
        """Return the newest bar of a symbol that is closed at a moment.

        Raises:
            NoData: none closed within the four days before it.
            UnknownSymbol: the source does not list the symbol.
            VenueUnavailable: a live source cannot be reached.
        """
        step = await self.step(symbol, at_ms=at_ms)
        start_ms = at_ms - 3 * step.duration_ms
        try:
            found = await self._read(symbol, step, start_ms, at_ms)
        except NoData:
            found = await self._read(symbol, step, at_ms - _PROBED_MS, at_ms)
        return _bars(found)[-1]

    async def between(
        self, symbols: Collection[Symbol], *, start_ms: int, end_ms: int
    ) -> AsyncGenerator[tuple[Bar, ...], None]:
        """Yield what closed together, from bars that close after `start_ms` and by `end_ms`.

        A bar that began before `start_ms` is given too: the part of it that is still to come
        could not be told from the other. Gaps in the data are passed over, and so is a symbol that
        is not listed any more: it keeps none of the others from going on.

        Raises:
            NoData: the source holds nothing of a symbol at all.
            VenueUnavailable: a live source cannot be reached.
        """
        steps = await self._steps_of(symbols, at_ms=end_ms)
        if not steps:
            return
        span_ms = _CHUNK_BARS * min(step.duration_ms for step in steps.values())
        from_ms = start_ms
        while from_ms < end_ms:
            to_ms = min(end_ms, from_ms + span_ms)
            for group in await self._chunk(steps, from_ms, to_ms):
                yield group
            from_ms = to_ms

    async def _steps_of(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> dict[Symbol, Timeframe]:
        found = {}
        for symbol in sorted(symbols):
            with suppress(UnknownSymbol):
                found[symbol] = await self.step(symbol, at_ms=at_ms)
        return found

    async def _chunk(
        self, steps: dict[Symbol, Timeframe], from_ms: int, to_ms: int
    ) -> list[tuple[Bar, ...]]:
        together: dict[int, list[Bar]] = {}
        for symbol, step in steps.items():
            try:
                found = await self._read(symbol, step, step.floor(from_ms), to_ms)
            except (NoData, UnknownSymbol):
                continue  # a gap, less than a bar, or it was delisted
            for bar in _bars(found):
                together.setdefault(bar.close_ms, []).append(bar)
        return [tuple(together[close_ms]) for close_ms in sorted(together) if close_ms > from_ms]

    async def _probe(self, symbol: Symbol, at_ms: int) -> Timeframe:
        for step in FINEST:
            try:
                await self._read(symbol, step, at_ms - _PROBED_MS, at_ms)
            except (NoData, ConfigInvalid):
                continue
            return step
        raise NoData(
            "no candles of an hour or less",
            where=f"{self._source.venue} {symbol}",
            next_step="paper trading needs finer candles; name another source",
        )

    async def _read(self, symbol: Symbol, step: Timeframe, start_ms: int, end_ms: int) -> Candles:
        found = await self._source.candles(symbol, step, start_ms=start_ms, end_ms=end_ms)
        if len(found) == 0:
            raise NoData("no bar in the period", where=f"{self._source.venue} {symbol}")
        return found


def _bars(candles: Candles) -> Sequence[Bar]:
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows = zip(candles.open_time.tolist(), *(column.tolist() for column in columns), strict=True)
    duration_ms = candles.timeframe.duration_ms
    return [
        Bar(
            symbol=candles.symbol,
            open_ms=open_ms,
            close_ms=open_ms + duration_ms,
            open=Price(exact(opened)),
            high=Price(exact(high)),
            low=Price(exact(low)),
            close=Price(exact(close)),
            volume=exact(volume),
        )
        for open_ms, opened, high, low, close, volume in rows
    ]
