"""Every way of paging gives the same bars, and no stretch is claimed that was not proven."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.candle_cache_intervals import united
from snipersight.market.ccxt_pages import Pager, Piece

FIVE = Timeframe.parse("5m")
STEP = FIVE.duration_ms
PAGE = 8


def bars(slots) -> Candles:
    prices = np.array([100.0 + slot for slot in slots])
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=FIVE,
        open_time=np.array(list(slots), dtype=np.int64) * STEP,
        open=prices,
        high=prices,
        low=prices,
        close=prices,
        volume=prices,
    )


class Venue:
    """Bars at some slots, handed out in one of the ways venues do."""

    def __init__(self, slots, *, paging: str, most: int = PAGE) -> None:
        self.slots = sorted(slots)
        self.paging = paging
        self.most = most
        self.requests = 0

    async def ask(self, since_ms: int, limit: int) -> Candles:
        self.requests += 1
        since, most = since_ms // STEP, min(limit, self.most)
        later = [slot for slot in self.slots if slot >= since]
        inside = [slot for slot in later if slot < since + limit]
        answers = {
            "forward": later[:most],
            "with older rows": [*self.slots[:2], *later[:most]],
            "window": inside[:most],
            "window, older end cut": inside[-most:],
            "newest": self.slots[-most:],
        }
        return bars(sorted(set(answers[self.paging])))

    async def ask_next_trade(self, from_ms: int) -> int | None:
        later = [slot for slot in self.slots if slot >= from_ms // STEP]
        return max(from_ms, (later[0] - 3) * STEP) if later else None

    async def fetch(self, start: int, end: int) -> list[Piece]:
        pager = Pager(
            ask=self.ask, ask_next_trade=self.ask_next_trade, timeframe=FIVE, page_bars=PAGE
        )
        return [piece async for piece in pager.fetch(start * STEP, end * STEP)]


def slots_in(pieces: list[Piece]) -> list[int]:
    return [int(time) // STEP for piece in pieces for time in piece.bars.candles.open_time]


COMPLETE = ["forward", "with older rows", "window", "window, older end cut"]
SLOTS = st.sets(st.integers(0, 60), max_size=50)


@given(SLOTS, st.sampled_from(COMPLETE), st.integers(1, PAGE), st.integers(0, 30))
async def test_every_bar_of_the_stretch_arrives_once_and_in_order(slots, paging, most, start):
    pieces = await Venue(slots, paging=paging, most=most).fetch(start, 50)
    found = [slot for slot in slots_in(pieces) if slot < 50]
    assert found == sorted(slot for slot in slots if start <= slot < 50)


@given(SLOTS, st.sampled_from([*COMPLETE, "newest"]), st.integers(1, PAGE))
async def test_a_covered_stretch_lacks_no_bar_and_ends_with_one(slots, paging, most):
    for piece in await Venue(slots, paging=paging, most=most).fetch(0, 50):
        (stretch,) = piece.bars.intervals
        held = {int(time) for time in piece.bars.candles.open_time}
        assert stretch[1] == max(held) + STEP
        if paging != "newest":
            inside = {slot * STEP for slot in slots if stretch[0] <= slot * STEP < stretch[1]}
            assert held == inside


@given(SLOTS, st.sampled_from(COMPLETE))
async def test_covered_stretches_join_without_a_seam(slots, paging):
    pieces = await Venue(slots, paging=paging).fetch(0, 50)
    stretches = united(piece.bars.intervals[0] for piece in pieces)
    assert len(stretches) <= 1
    assert not stretches or stretches[0][0] == 0


async def test_a_venue_of_newest_bars_claims_neither_cover_nor_gap_before_them():
    (piece,) = await Venue(range(40), paging="newest").fetch(0, 40)
    assert slots_in([piece]) == list(range(32, 40))
    assert piece.unserved == (0, 32 * STEP)
    assert piece.gap is None
    assert piece.bars.intervals == ((32 * STEP, 40 * STEP),)


@pytest.mark.parametrize("paging", ["forward", "window"])
async def test_a_hole_before_the_first_bar_is_a_gap_once_confirmed(paging):
    venue = Venue(range(5, 8), paging=paging)
    (piece,) = await venue.fetch(0, 8)
    assert piece.gap == (0, 5 * STEP)
    assert piece.bars.intervals == ((0, 8 * STEP),)


async def test_an_empty_end_is_covered_by_nothing_because_a_late_bar_may_come():
    pieces = await Venue(range(5), paging="forward").fetch(0, 20)
    assert pieces[-1].bars.intervals == ((0, 5 * STEP),)


async def test_an_unbroken_history_costs_one_request_a_page():
    venue = Venue(range(48), paging="forward")
    await venue.fetch(0, 48)
    assert venue.requests == 48 // PAGE


async def test_a_long_silence_is_leapt_over_rather_than_walked_through():
    venue = Venue([*range(3), *range(9_000, 9_005)], paging="window")
    assert slots_in(await venue.fetch(0, 9_005)) == [*range(3), *range(9_000, 9_005)]
    assert venue.requests <= 6
