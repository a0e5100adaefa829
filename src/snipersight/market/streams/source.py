"""A live venue's candles from its stream where it is up, by request otherwise."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final, Protocol, runtime_checkable

from snipersight.domain.candles import Candles
from snipersight.domain.errors import SniperSightError
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import ReferencePrice
from snipersight.domain.ports import CandleSource, EventSink
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.market.candle_cache_bars import overlaid
from snipersight.market.streams.asking import Asking
from snipersight.market.streams.background import Background
from snipersight.market.streams.bars import CandleLines, StreamKey
from snipersight.market.streams.listening import Listening
from snipersight.market.streams.reporting import StreamReport
from snipersight.market.streams.shelf import Shelf
from snipersight.market.streams.waiting import Arrivals

PATIENCE_S: Final = 1.5
_SETTLING_S: Final = 0.5  # a venue may answer the bar that has just closed a little late
_PROOF_S: Final = 60.0
_LOOK_S: Final = 0.02
_KEEPING_S: Final = 2.0  # of the ten seconds that an end may take


@runtime_checkable
class KeepsBars(Protocol):
    """A source with a local copy that takes what streams told."""

    async def keep(self, told: Candles) -> bool:
        """Add closed bars without a hole; return whether they are held now."""
        ...


class StreamedSource:
    """A `CandleSource` that knows a closed bar the moment the venue tells it.

    Only closed bars are served, by the venue's clock and by ours, and only where they join what
    was asked for without a hole; everything else is asked for by request, and so are, now and
    then, a few bars that the stream told: where the answer differs it holds, and `data_quality`
    is told. Use it inside one event loop.

    Args:
        rest: the venue by request; `close()` closes it too.
        lines: its streams; None: it has none, and everything is asked for by request.
        clock: our time, milliseconds UTC; may run faster than the wall's.
        events: is told of lines that break and stand again, and of bars that differ.
        patience_s: how long after a close the stream is waited for, before a bar is asked for by
            request; real seconds.
        proof_s: pause between two requests that look after what the stream told; real seconds.
        sleep: waits for real seconds.
        chance: a random number from 0 to 1, spreads attempts to connect.
        doubt_clock: has the venue's time compared anew.
    """

    def __init__(
        self,
        rest: CandleSource,
        lines: CandleLines | None,
        *,
        clock: Callable[[], int],
        events: EventSink,
        patience_s: float = PATIENCE_S,
        proof_s: float = _PROOF_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        doubt_clock: Callable[[], None] = lambda: None,
    ) -> None:
        self._rest = rest
        self.doubt_clock: Final = doubt_clock
        self.patience_s: Final = patience_s
        self._proof_s = proof_s
        self._sleep = sleep
        self._background = Background()
        self._arrivals = Arrivals()
        report = StreamReport(rest.venue, events)
        self._asking = Asking(rest, arrivals=self._arrivals, report=report, sleep=sleep)
        self._listening = Listening(
            lines,
            background=self._background,
            arrivals=self._arrivals,
            report=report,
            clock=clock,
            sleep=sleep,
            chance=chance,
            on_up=self._mend_soon,
        )
        self._timeframes: tuple[Timeframe, ...] = ()
        self._is_proving = False

    @property
    def venue(self) -> str:
        """Return the exchange's short name."""
        return self._rest.venue

    def watch(self, symbols: Collection[Symbol], timeframes: Collection[Timeframe]) -> None:
        """Listen to every symbol in every timeframe, and to nothing else; call it as they change.

        Returns at once: lines are opened beside the caller, and until they stand, or where the
        venue does not stream a timeframe, candles are asked for by request.
        """
        self._timeframes = tuple(sorted(set(timeframes)))
        keys = [StreamKey(symbol, timeframe) for symbol in symbols for timeframe in timeframes]
        self._listening.watch(keys)
        if not self._is_proving:
            self._is_proving = True
            proving = self._asking.prove(self._listening.shelves, every_s=self._proof_s)
            self._background.start(proving)

    def is_streaming(self, symbol: Symbol, timeframe: Timeframe) -> bool:
        """Return whether a series is heard at this moment."""
        return self._listening.is_heard(StreamKey(symbol, timeframe))

    async def wait_closed(
        self,
        symbols: Collection[Symbol],
        timeframe: Timeframe,
        close_ms: int,
        *,
        timeout_s: float,
    ) -> set[Symbol]:
        """Return the symbols whose bars of a close are there, as soon as all are or time is up.

        A symbol's bars are those of the timeframe, and of every watched one that closes at the
        same moment. Those that no stream tells are asked for by request.

        Args:
            symbols: whose bars; also such as are not watched.
            timeframe: whose bars close then.
            close_ms: the close, milliseconds UTC.
            timeout_s: longest wait, real seconds.

        Raises:
            VenueUnavailable: the venue does not tell its time.
        """
        self._background.raise_failure()
        until_s = _now_s() + timeout_s
        closing = {timeframe, *(each for each in self._timeframes if each.is_open_time(close_ms))}
        keys = [StreamKey(symbol, each) for symbol in symbols for each in closing]
        shelves = {key: self._shelf(key) for key in keys}
        if await self._is_over(close_ms, until_s=until_s):
            heard = {key: one for key, one in shelves.items() if self._listening.is_heard(key)}
            others = {key: one for key, one in shelves.items() if key not in heard}
            await asyncio.gather(
                self._come(heard, close_ms, after_s=self.patience_s, until_s=until_s),
                self._come(others, close_ms, after_s=_SETTLING_S, until_s=until_s),
            )
        late = {key.symbol for key, shelf in shelves.items() if not shelf.reaches(close_ms)}
        return set(symbols) - late

    async def now_ms(self) -> int:
        """Return the earlier of the venue's time and ours, milliseconds UTC.

        Raises:
            VenueUnavailable: the venue does not tell its time.
        """
        return await self._rest.now_ms()

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the venue's markets, by request."""
        return await self._rest.instruments()

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`.

        A bar that has just closed is waited for a little where the stream is about to tell it.

        Raises:
            UnknownSymbol: the venue lists no such active market.
            NoData: it has no bar in the period.
            DataInvalid: its bars break the contract of `Candles`.
            VenueUnavailable: it cannot be reached or limits our rate, and the stream lacks bars.
        """
        self._background.raise_failure()
        key = StreamKey(symbol, timeframe)
        shelf = self._listening.shelf(key)
        if shelf is None:
            return await self._rest.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        closed_ms = min(end_ms, await self._rest.now_ms())
        await self._newest(key, shelf, start_ms=start_ms, end_ms=closed_ms)
        if (known := shelf.between(start_ms, closed_ms)) is not None:
            return known
        answer = await self._rest.candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        self._asking.learn(key, shelf, answer, start_ms=start_ms)
        later = shelf.between(int(answer.close_time[-1]), closed_ms)
        return answer if later is None else overlaid(answer, later)

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return the value traded in the last 24 hours, in quote currency, by request."""
        return await self._rest.quote_volumes(symbols, at_ms=at_ms)

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return how much of `account` one unit of `quote` is worth, by request."""
        return await self._rest.quote_rate(quote, account, at_ms=at_ms)

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the newest price known at `at_ms`, by request: apart from what is streamed."""
        return await self._rest.reference_price(symbol, at_ms=at_ms)

    async def clock_skew_ms(self) -> int | None:
        """Return how far the venue is ahead of us at least; None if it tells no time."""
        return await self._rest.clock_skew_ms()

    async def close(self) -> None:
        """End the streams, keep what they told last for a restart, release the connections."""
        try:
            await self._background.close()
            await self._keep_told()
        finally:
            await self._rest.close()

    async def _keep_told(self) -> None:
        """Hand the newest bars to the venue's local copy, where it has one; for a moment only."""
        if not isinstance(self._rest, KeepsBars):
            return
        # What cannot be kept now is asked for again.
        with suppress(SniperSightError, TimeoutError):
            async with asyncio.timeout(_KEEPING_S):
                now_ms = await self._rest.now_ms()
                for _, shelf in self._listening.shelves():
                    told = shelf.unproven()
                    if told is not None and int(told.close_time[-1]) <= now_ms:
                        await self._rest.keep(told)

    def _shelf(self, key: StreamKey) -> Shelf:
        held = self._listening.shelf(key)
        return Shelf(key) if held is None else held

    def _mend_soon(self, keys: Sequence[StreamKey]) -> None:
        held = [(key, shelf) for key in keys if (shelf := self._listening.shelf(key)) is not None]
        self._background.start(self._asking.mend(held))

    async def _is_over(self, close_ms: int, *, until_s: float) -> bool:
        """Wait until a moment has passed at the venue too; False if that takes too long."""
        while await self._rest.now_ms() < close_ms:
            if _now_s() >= until_s:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    async def _come(
        self, shelves: Mapping[StreamKey, Shelf], end_ms: int, *, after_s: float, until_s: float
    ) -> None:
        missing = {key: end_ms for key, one in shelves.items() if not one.reaches(end_ms)}
        await self._arrivals.wait(missing, timeout_s=min(after_s, until_s - _now_s()))
        late = {key: shelves[key] for key in missing if not shelves[key].reaches(end_ms)}
        await self._asking.fetch(late, end_ms, until_s=until_s)

    async def _newest(self, key: StreamKey, shelf: Shelf, *, start_ms: int, end_ms: int) -> None:
        """Wait a little for the newest bar where it alone is missing; once for each bar."""
        last_ms = key.timeframe.floor(end_ms)
        is_next = shelf.until_ms == last_ms - key.timeframe.duration_ms
        if not is_next or shelf.from_ms > start_ms or shelf.awaited_ms >= last_ms:
            return
        shelf.awaited_ms = last_ms
        if self._listening.is_heard(key):
            await self._arrivals.wait({key: last_ms}, timeout_s=self.patience_s)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
