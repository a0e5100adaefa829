"""Candles from a stream where it tells them, by request otherwise, in no real time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import pytest

from snipersight.domain.candles import Candles
from snipersight.domain.errors import NoData, VenueUnavailable
from snipersight.domain.units import Currency, Symbol
from snipersight.market.streams import NothingToAwait, StreamedSource, closings_of
from snipersight.market.streams.bars import Bar, StreamKey
from tests.fakes.events import RecordingEvents
from tests.fakes.virtual_time import run_virtually
from tests.unit.market.streams.scripted import (
    BTC,
    BTC5,
    ETH,
    FIVE,
    QUARTER,
    STEP,
    T0,
    ScriptedLine,
    ScriptedLines,
    ScriptedRest,
    a_bar,
    numbers,
)

Result = TypeVar("Result")
ETH5 = StreamKey(ETH, FIVE)


class Desk:
    """A source between scripted streams and scripted requests."""

    def __init__(self, lines: ScriptedLines | None, rest: ScriptedRest | None = None) -> None:
        self.rest = rest or ScriptedRest()
        self.lines = lines or ScriptedLines()
        self.events = RecordingEvents()
        self.source = StreamedSource(
            self.rest,
            lines,
            clock=lambda: self.rest.at_ms,
            events=self.events,
            chance=lambda: 1.0,
        )

    @property
    def line(self) -> ScriptedLine:
        return self.lines.open[0]

    async def begin(self, *, closed: int = 3) -> None:
        """Watch BTC and ETH, with some bars closed and read."""
        self.rest.at_ms = T0 + closed * STEP + 1_000
        self.source.watch([BTC, ETH], [FIVE])
        for key in (BTC5, ETH5):
            self.rest.put(*(a_bar(number) for number in range(closed)), key=key)
        await asyncio.sleep(0.1)
        for symbol in (BTC, ETH):
            await self.read(symbol, 0, closed)
        self.rest.asked.clear()

    async def read(self, symbol: Symbol, start: int, end: int) -> list[int]:
        candles = await self.source.candles(
            symbol, FIVE, start_ms=T0 + start * STEP, end_ms=T0 + end * STEP
        )
        return numbers(candles)

    def pass_to(self, number: int) -> int:
        """Let the time come at which bar `number - 1` has closed, and return its close."""
        self.rest.at_ms = T0 + number * STEP + 50
        return T0 + number * STEP

    async def wait(self, close_ms: int, timeout_s: float = 10.0) -> set[Symbol]:
        return await self.source.wait_closed([BTC, ETH], FIVE, close_ms, timeout_s=timeout_s)

    def asked(self) -> list[StreamKey]:
        return [key for key, _, _ in self.rest.asked]


def at_desk(
    work: Callable[[Desk], Awaitable[Result]], *, has_streams: bool = True, most: int = 200
) -> Result:
    """Run something at a desk, in no real time, and close it."""

    async def main() -> Result:
        desk = Desk(ScriptedLines(most=most) if has_streams else None)
        try:
            return await work(desk)
        finally:
            await desk.source.close()

    return run_virtually(main)


def test_a_told_bar_is_served_without_a_request():
    async def work(desk: Desk) -> None:
        await desk.begin()
        close_ms = desk.pass_to(4)
        for key in (BTC5, ETH5):
            desk.line.close(a_bar(3), key)
        assert await desk.wait(close_ms) == {BTC, ETH}
        assert await desk.read(BTC, 2, 4) == [2, 3]
        assert desk.rest.asked == []

    at_desk(work)


def test_a_bar_is_not_served_before_its_end_by_the_clock_of_the_venue():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.line.close(a_bar(3))  # told early
        assert await desk.read(BTC, 2, 4) == [2]
        assert await desk.wait(T0 + 4 * STEP, timeout_s=0.1) == {BTC}  # told, though not yet over

    at_desk(work)


def test_the_wait_ends_with_the_last_bar_and_not_later():
    async def work(desk: Desk) -> float:
        await desk.begin()
        close_ms = desk.pass_to(4)
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        loop.call_later(0.2, desk.line.close, a_bar(3), BTC5)
        loop.call_later(0.7, desk.line.close, a_bar(3), ETH5)
        assert await desk.wait(close_ms) == {BTC, ETH}
        assert desk.rest.asked == []
        return loop.time() - begun_s

    assert at_desk(work) == pytest.approx(0.7, abs=0.05)


def test_a_bar_that_no_stream_tells_is_asked_for_soon_after_the_close():
    async def work(desk: Desk) -> None:
        await desk.begin()
        close_ms = desk.pass_to(4)
        desk.line.close(a_bar(3), BTC5)
        desk.rest.put(a_bar(3), key=ETH5)
        assert await desk.wait(close_ms) == {BTC, ETH}
        assert desk.asked() == [ETH5]
        assert await desk.read(ETH, 2, 4) == [2, 3]
        assert desk.asked() == [ETH5]

    at_desk(work)


def test_a_bar_that_is_nowhere_is_late_and_comes_when_it_comes():
    async def work(desk: Desk) -> None:
        await desk.begin()
        close_ms = desk.pass_to(4)
        desk.line.close(a_bar(3), BTC5)
        assert await desk.wait(close_ms, timeout_s=5) == {BTC}
        assert 2 <= desk.asked().count(ETH5) <= 5  # with growing pauses
        asyncio.get_running_loop().call_later(1.0, desk.line.close, a_bar(3), ETH5)
        assert await desk.wait(close_ms, timeout_s=5) == {BTC, ETH}

    at_desk(work)


def test_a_hole_is_asked_for_and_never_skipped():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(5)
        desk.line.close(a_bar(4))
        desk.rest.put(a_bar(3), a_bar(4))
        assert await desk.read(BTC, 2, 5) == [2, 3, 4]
        assert desk.asked() == [BTC5]
        desk.pass_to(6)
        desk.line.close(a_bar(5))
        assert await desk.read(BTC, 2, 6) == [2, 3, 4, 5]
        assert desk.asked() == [BTC5]

    at_desk(work)


def test_a_hole_that_requests_cannot_fill_yet_is_a_hole():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(5)
        desk.line.close(a_bar(4))
        assert await desk.read(BTC, 2, 5) == [2]

    at_desk(work)


def test_an_answer_that_lacks_the_newest_bar_is_joined_by_what_was_told():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(4)
        desk.line.close(a_bar(3))
        assert await desk.read(BTC, -5, 4) == [0, 1, 2, 3]  # older than what is kept
        assert desk.asked() == [BTC5]

    at_desk(work)


def test_what_closed_while_a_line_was_down_is_asked_for_when_it_stands_again():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.line.cut()
        await asyncio.sleep(0.1)
        assert not desk.source.is_streaming(BTC, FIVE)
        desk.pass_to(5)
        for key in (BTC5, ETH5):
            desk.rest.put(a_bar(3), a_bar(4), key=key)
        await asyncio.sleep(5)
        assert desk.source.is_streaming(BTC, FIVE)
        assert sorted(desk.asked()) == [BTC5, ETH5]
        assert await desk.read(BTC, 2, 5) == [2, 3, 4]
        assert sorted(desk.asked()) == [BTC5, ETH5]

    at_desk(work)


def test_while_a_line_is_down_bars_are_asked_for_at_once():
    async def work(desk: Desk) -> float:
        await desk.begin()
        desk.lines.refusal = VenueUnavailable("no")
        desk.line.cut()
        close_ms = desk.pass_to(4)
        for key in (BTC5, ETH5):
            desk.rest.put(a_bar(3), key=key)
        await asyncio.sleep(0.1)
        begun_s = asyncio.get_running_loop().time()
        assert await desk.wait(close_ms) == {BTC, ETH}
        return asyncio.get_running_loop().time() - begun_s

    assert at_desk(work) < 0.8


def test_where_requests_answer_otherwise_they_hold_and_it_is_told():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(4)
        desk.line.close(a_bar(3))
        desk.rest.put(a_bar(3, lift=0.25))
        await asyncio.sleep(70)  # the stream is looked after once a minute
        desk.pass_to(5)
        await asyncio.sleep(130)
        candles = await desk.source.candles(BTC, FIVE, start_ms=T0 + 3 * STEP, end_ms=T0 + 4 * STEP)
        assert candles.close.tolist() == [a_bar(3, lift=0.25).close]
        (told,) = desk.events.named("data_quality")
        assert (told["symbol"], told["timeframe"]) == ("BTC/USDT", "5m")
        assert told["told"] != told["answered"]

    at_desk(work)


def test_bars_that_requests_deny_are_dropped_and_told():
    async def work(desk: Desk) -> None:
        desk.rest.at_ms = T0 + 5 * STEP
        desk.source.watch([BTC], [FIVE])
        await asyncio.sleep(0.1)
        desk.line.close(a_bar(3))
        await asyncio.sleep(70)
        (told,) = desk.events.named("data_quality")
        assert told["answered"] is None
        with pytest.raises(NoData):
            await desk.read(BTC, 3, 4)

    at_desk(work)


@pytest.mark.parametrize(
    "bar",
    [
        Bar(T0 + 3 * STEP, 103.0, 100.0, 99.0, 103.0, 1.0),
        Bar(T0 + 3 * STEP + 1, 103.0, 104.0, 99.0, 103.0, 1.0),
        Bar(T0 + 3 * STEP, 103.0, float("nan"), 99.0, 103.0, 1.0),
        a_bar(9),
    ],
    ids=["high below close", "off the grid", "no number", "yet to come"],
)
def test_a_told_bar_that_cannot_be_is_asked_for_instead_and_told(bar: Bar):
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(4)
        desk.line.close(bar)
        desk.rest.put(a_bar(3))
        assert await desk.read(BTC, 2, 4) == [2, 3]
        assert desk.asked() == [BTC5]
        assert len(desk.events.named("data_quality")) == 1

    at_desk(work)


def test_a_bar_that_is_told_twice_and_differently_is_asked_for():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(4)
        desk.line.close(a_bar(3, lift=0.5))
        desk.line.close(a_bar(3))
        desk.rest.put(a_bar(3))
        candles = await desk.source.candles(BTC, FIVE, start_ms=T0 + 3 * STEP, end_ms=T0 + 4 * STEP)
        assert candles.close.tolist() == [a_bar(3).close]
        assert len(desk.events.named("data_quality")) == 1

    at_desk(work)


def test_a_bar_that_has_just_closed_is_waited_for_a_little_and_once():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.pass_to(4)
        loop = asyncio.get_running_loop()
        loop.call_later(0.4, desk.line.close, a_bar(3))
        assert await desk.read(BTC, 2, 4) == [2, 3]
        assert desk.rest.asked == []
        begun_s = loop.time()
        assert await desk.read(ETH, 2, 4) == [2]
        assert loop.time() - begun_s == pytest.approx(1.55, abs=0.05)
        begun_s = loop.time()
        assert await desk.read(ETH, 2, 4) == [2]
        assert loop.time() - begun_s < 0.1

    at_desk(work)


def test_every_watched_timeframe_that_closes_then_is_waited_for():
    async def work(desk: Desk) -> None:
        desk.rest.at_ms = T0 + 2 * STEP
        desk.source.watch([BTC], [FIVE, QUARTER])
        await asyncio.sleep(0.1)
        close_ms = desk.pass_to(3)
        loop = asyncio.get_running_loop()
        desk.line.close(a_bar(2))
        quarter = StreamKey(BTC, QUARTER)
        loop.call_later(0.3, desk.line.close, a_bar(0, step_ms=3 * STEP), quarter)
        begun_s = loop.time()
        assert await desk.source.wait_closed([BTC], FIVE, close_ms, timeout_s=5) == {BTC}
        assert loop.time() - begun_s == pytest.approx(0.3, abs=0.05)
        assert desk.rest.asked == []

    at_desk(work)


def test_symbols_that_are_not_watched_are_asked_for():
    async def work(desk: Desk) -> None:
        await desk.begin()
        close_ms = desk.pass_to(4)
        other = Symbol("SOL/USDT")
        desk.rest.put(a_bar(3), key=StreamKey(other, FIVE))
        assert await desk.source.wait_closed([other], FIVE, close_ms, timeout_s=5) == {other}

    at_desk(work)


def test_without_streams_everything_is_asked_for_and_that_is_told_once():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.source.watch([BTC], [FIVE])
        close_ms = desk.pass_to(4)
        for key in (BTC5, ETH5):
            desk.rest.put(a_bar(3), key=key)
        assert await desk.wait(close_ms) == {BTC, ETH}
        assert await desk.read(BTC, 2, 4) == [2, 3]
        assert desk.events.names == ["stream_unavailable"]

    at_desk(work, has_streams=False)


def test_a_timeframe_that_the_venue_does_not_stream_is_asked_for():
    async def work(desk: Desk) -> None:
        desk.lines.timeframes = frozenset({QUARTER})
        await desk.begin()
        assert desk.lines.open == []
        close_ms = desk.pass_to(4)
        for key in (BTC5, ETH5):
            desk.rest.put(a_bar(3), key=key)
        assert await desk.wait(close_ms) == {BTC, ETH}

    at_desk(work)


def test_time_runs_out_while_the_venue_is_down():
    async def work(desk: Desk) -> None:
        await desk.begin()
        close_ms = desk.pass_to(4)
        desk.rest.is_down = True
        desk.line.close(a_bar(3))
        assert await desk.wait(close_ms, timeout_s=3) == {BTC}
        with pytest.raises(VenueUnavailable, match="the venue is down"):
            await desk.read(ETH, 2, 4)

    at_desk(work)


def test_what_stays_watched_keeps_its_line_and_what_is_known_of_it():
    async def work(desk: Desk) -> None:
        await desk.begin()
        desk.source.watch([BTC], [FIVE])
        assert desk.lines.opened == 1
        desk.pass_to(4)
        desk.line.close(a_bar(3), ETH5)  # still comes: nobody wants it
        desk.line.close(a_bar(3))
        assert await desk.read(BTC, 2, 4) == [2, 3]
        assert desk.rest.asked == []
        desk.source.watch([], [FIVE])
        await asyncio.sleep(0.1)
        assert desk.lines.open == []

    at_desk(work)


def test_many_small_changes_do_not_leave_many_lines():
    async def work(desk: Desk) -> None:
        desk.rest.at_ms = T0 + STEP
        symbols = [Symbol(f"C{number}/USDT") for number in range(20)]
        for count in range(1, 21):
            desk.source.watch(symbols[:count], [FIVE])
            await asyncio.sleep(0.1)
        assert len(desk.lines.open) <= 6
        heard = [key for line in desk.lines.open for key in line.keys]
        assert sorted(heard) == sorted(StreamKey(symbol, FIVE) for symbol in symbols)

    at_desk(work)


def test_a_defect_of_ours_beside_the_caller_comes_out_at_the_next_call():
    async def work(desk: Desk) -> None:
        desk.lines.refusal = ZeroDivisionError("a defect")
        desk.source.watch([BTC], [FIVE])
        await asyncio.sleep(0.1)
        with pytest.raises(ZeroDivisionError):
            await desk.read(BTC, 0, 1)
        with pytest.raises(ZeroDivisionError):
            await desk.wait(T0)

    at_desk(work)


def test_everything_else_is_asked_of_the_venue_and_closing_closes_it():
    async def work(desk: Desk) -> ScriptedRest:
        source = desk.source
        usdt, eur = Currency("USDT"), Currency("EUR")
        assert source.venue == "binance"
        assert await source.instruments() == {}
        assert await source.quote_volumes([BTC], at_ms=T0) == {BTC: Decimal(7)}
        assert await source.quote_rate(usdt, eur, at_ms=T0) == 2
        assert await source.reference_price(BTC, at_ms=T0) is None
        assert (await source.clock_skew_ms(), await source.now_ms()) == (3, T0)
        return desk.rest

    assert at_desk(work).is_closed


def test_other_sources_have_nothing_to_await():
    async def work(desk: Desk) -> None:
        assert closings_of(desk.source) is desk.source
        waiting = closings_of(desk.rest)
        assert isinstance(waiting, NothingToAwait)
        waiting.watch([BTC], [FIVE])
        assert await waiting.wait_closed([BTC, ETH], FIVE, T0, timeout_s=9) == {BTC, ETH}

    at_desk(work)


def test_what_was_told_last_is_handed_to_the_local_copy_at_the_end():
    kept: list[list[int]] = []

    class Keeping(ScriptedRest):
        async def keep(self, told: Candles) -> bool:
            kept.append(numbers(told))
            return True

    async def main() -> None:
        desk = Desk(ScriptedLines(), rest=Keeping())
        await desk.begin()
        desk.pass_to(5)
        for number in (3, 4):
            desk.line.close(a_bar(number))
        desk.line.close(a_bar(3), ETH5)
        desk.line.close(a_bar(4), ETH5)
        desk.line.close(a_bar(5), ETH5)  # told early: it is not over
        await desk.source.close()
        assert desk.rest.is_closed

    run_virtually(main)
    assert kept == [[3, 4]]
