"""A line is opened again with growing pauses, and when it says nothing; told once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from snipersight.domain.errors import SniperSightError, VenueUnavailable
from snipersight.market.streams.bars import Bar, StreamKey
from snipersight.market.streams.keeping import LineEvents, LineKeeper
from tests.fakes.virtual_time import run_virtually
from tests.unit.market.streams.scripted import BTC5, ScriptedLines, a_bar


class Kept:
    """A keeper, and what it did."""

    def __init__(self) -> None:
        self.lines = ScriptedLines()
        self.closed: list[Bar] = []
        self.ups = 0
        self.downs: list[str] = []
        self.pauses: list[float] = []
        events = LineEvents(closed=self._closed, up=self._up, down=self._down)
        self.keeper = LineKeeper(
            self.lines, [BTC5], events=events, sleep=self._sleep, chance=lambda: 1.0
        )

    def _closed(self, key: StreamKey, bar: Bar) -> None:
        self.closed.append(bar)

    def _up(self, keeper: LineKeeper) -> None:
        self.ups += 1

    def _down(self, keeper: LineKeeper, error: SniperSightError) -> None:
        self.downs.append(error.what)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(seconds)


def kept(work: Callable[[Kept], Awaitable[None]]) -> Kept:
    async def main() -> Kept:
        case = Kept()
        keeping = asyncio.ensure_future(case.keeper.keep())
        await asyncio.sleep(0.01)
        try:
            await work(case)
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
        assert case.lines.open == []
        return case

    return run_virtually(main)


def test_pauses_grow_up_to_a_minute_while_the_venue_refuses_and_it_is_told_once():
    async def work(case: Kept) -> None:
        case.lines.refusal = VenueUnavailable("no")
        case.lines.open[0].cut()
        await asyncio.sleep(300)

    case = kept(work)
    assert case.pauses[:8] == [0.5, 1, 2, 4, 8, 16, 32, 60]
    assert max(case.pauses) == 60
    assert case.downs == ["the line was cut"]


def test_a_line_that_stood_for_a_while_is_opened_again_at_once():
    async def work(case: Kept) -> None:
        for _ in range(3):
            await asyncio.sleep(31)
            case.lines.open[0].cut()
            await asyncio.sleep(1)

    case = kept(work)
    assert case.pauses == [0.5, 0.5, 0.5]
    assert (case.ups, len(case.downs)) == (4, 3)


def test_a_line_that_breaks_as_soon_as_it_stands_is_not_hammered():
    async def work(case: Kept) -> None:
        for _ in range(5):
            case.lines.open[0].tell(BTC5, a_bar(1), False)
            case.lines.open[0].cut()
            await asyncio.sleep(17)

    assert kept(work).pauses == [0.5, 1, 2, 4, 8]


def test_a_line_that_falls_silent_is_opened_again():
    async def work(case: Kept) -> None:
        for _ in range(4):
            await asyncio.sleep(50)
            case.lines.open[0].tell(BTC5, a_bar(1), False)
        assert case.lines.opened == 1
        await asyncio.sleep(80)
        assert case.lines.opened == 2

    (why,) = kept(work).downs
    assert why.startswith("nothing was heard for")


def test_a_line_of_quiet_markets_is_left_alone_for_longer_and_longer():
    async def work(case: Kept) -> None:
        await asyncio.sleep(6 * 3_600)

    case = kept(work)
    assert case.lines.opened < 30  # a silence of sixteen minutes at most, from the fifth on


@pytest.mark.parametrize("is_closed", [True, None])
def test_a_bar_that_was_forming_when_the_line_broke_is_not_taken_for_closed(
    is_closed: bool | None,
):
    async def work(case: Kept) -> None:
        case.lines.open[0].tell(BTC5, a_bar(1), None if is_closed is None else False)
        case.lines.open[0].cut()
        await asyncio.sleep(1)
        case.lines.open[0].tell(BTC5, a_bar(2), is_closed)

    assert kept(work).closed == ([] if is_closed is None else [a_bar(2)])


def test_keys_that_were_left_are_not_passed_on_and_not_asked_for_again():
    async def work(case: Kept) -> None:
        case.keeper.leave([BTC5])
        case.lines.open[0].close(a_bar(1))
        case.lines.open[0].cut()
        await asyncio.sleep(1)
        assert case.lines.open[0].keys == ()

    assert kept(work).closed == []
