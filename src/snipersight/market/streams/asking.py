"""Bars by request: those that no stream has told, and now and then one that it has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from snipersight.domain.candles import Candles
from snipersight.domain.errors import NoData, SniperSightError
from snipersight.domain.ports import CandleSource
from snipersight.market.streams.bars import StreamKey
from snipersight.market.streams.reporting import StreamReport
from snipersight.market.streams.shelf import KEPT_BARS, Shelf
from snipersight.market.streams.waiting import Arrivals

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 8.0
_SETTLED_MS: Final = 10_000  # a venue may answer a bar that has just closed a little late


class Asking:
    """Puts what requests answer on the shelves.

    Args:
        rest: the venue by request.
        arrivals: is told how far each series is known, and tells what comes meanwhile.
        report: is told where a stream told otherwise.
        sleep: waits for real seconds.
    """

    def __init__(
        self,
        rest: CandleSource,
        *,
        arrivals: Arrivals,
        report: StreamReport,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._rest = rest
        self._arrivals = arrivals
        self._report = report
        self._sleep = sleep
        self._turn = 0

    def learn(self, key: StreamKey, shelf: Shelf, answer: Candles, *, start_ms: int) -> None:
        """Put an answer on a shelf; it holds where the stream told otherwise."""
        self._report.differences(key, shelf.learn(answer, start_ms=start_ms))
        if shelf.until_ms is not None:
            self._arrivals.note(key, shelf.until_ms)

    async def fetch(
        self, shelves: Mapping[StreamKey, Shelf], end_ms: int, *, until_s: float
    ) -> None:
        """Ask for the bars that are missing up to a moment, until they are there or time is up.

        Args:
            shelves: of the series.
            end_ms: up to when, milliseconds UTC; closed by the venue's clock.
            until_s: when to give up, by the event loop's clock.
        """
        await asyncio.gather(
            *(self._fetch(key, shelf, end_ms, until_s) for key, shelf in shelves.items())
        )

    async def mend(self, shelves: Iterable[tuple[StreamKey, Shelf]]) -> None:
        """Ask once for what series lack at their newer end, one after the other."""
        try:
            for key, shelf in shelves:
                end_ms = key.timeframe.floor(await self._rest.now_ms())
                if shelf.until_ms is not None and not shelf.reaches(end_ms):
                    await self._ask(key, shelf, end_ms)
        except SniperSightError:
            return  # who needs the bars asks for them, and learns why they cannot be had

    async def prove(
        self, shelves: Callable[[], Iterable[tuple[StreamKey, Shelf]]], *, every_s: float
    ) -> None:
        """Look after what the stream told, one series at a time, without end.

        Args:
            shelves: returns the series.
            every_s: pause between two requests, real seconds.
        """
        while True:
            await self._sleep(every_s)
            try:
                await self._prove_one(shelves())
            except SniperSightError:
                continue  # a later look serves as well

    async def _prove_one(self, shelves: Iterable[tuple[StreamKey, Shelf]]) -> None:
        settled_ms = await self._rest.now_ms() - _SETTLED_MS
        found = [
            (oldest_ms, key, shelf)
            for key, shelf in shelves
            if (oldest_ms := shelf.unproven_from_ms) is not None
            and oldest_ms + key.timeframe.duration_ms <= settled_ms
        ]
        if not found:
            return
        self._turn += 1
        oldest_ms, key, shelf = found[self._turn % len(found)]
        try:
            answer = await self._rest.candles(
                key.symbol, key.timeframe, start_ms=oldest_ms, end_ms=settled_ms
            )
        except NoData:
            self._report.differences(key, shelf.denied())
        else:
            self.learn(key, shelf, answer, start_ms=oldest_ms)

    async def _fetch(self, key: StreamKey, shelf: Shelf, end_ms: int, until_s: float) -> None:
        pause_s = _FIRST_PAUSE_S
        while not shelf.reaches(end_ms) and (left_s := until_s - _now_s()) > 0:
            try:
                async with asyncio.timeout(left_s):
                    await self._ask(key, shelf, end_ms)
            except (SniperSightError, TimeoutError):
                return  # what is not there is missing in the answer; whoever asks learns why
            missing = {} if shelf.reaches(end_ms) else {key: end_ms}
            await self._arrivals.wait(missing, timeout_s=min(pause_s, until_s - _now_s()))
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _ask(self, key: StreamKey, shelf: Shelf, end_ms: int) -> None:
        start_ms = _start_of(key, shelf, end_ms)
        try:
            answer = await self._rest.candles(
                key.symbol, key.timeframe, start_ms=start_ms, end_ms=end_ms
            )
        except NoData:
            return
        self.learn(key, shelf, answer, start_ms=start_ms)


def _start_of(key: StreamKey, shelf: Shelf, end_ms: int) -> int:
    """Return where to begin so that the answer joins what is known: one bar before its end."""
    step_ms = key.timeframe.duration_ms
    begin_ms = end_ms - 2 * step_ms
    if shelf.until_ms is None or end_ms - shelf.until_ms > KEPT_BARS * step_ms:
        return begin_ms
    return min(begin_ms, shelf.until_ms - step_ms)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
