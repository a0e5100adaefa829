"""Prices: printed ones as candles, and the walk through the built-in market's bars."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.units import Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import scaled_clock
from snipersight.sandbox.exchange.prices import MINUTE_MS, Bar, BuiltInPrices, Tape
from snipersight.sandbox.market_listing import listings

BTC = Symbol("BTC/USDT:USDT")
START_MS = 1_735_689_600_000  # 2025-01-01
FIVE_MS = 5 * MINUTE_MS


def test_prints_of_a_minute_are_one_bar():
    tape = Tape()
    for second, price in ((0, "100"), (20, "103"), (40, "99"), (59, "101")):
        at_us = (START_MS + second * 1_000) * 1_000
        tape.add(BTC, Decimal(price), size=Decimal(2), at_us=at_us)
    bars = tape.bars(BTC, step_ms=MINUTE_MS, start_ms=START_MS, end_ms=START_MS + MINUTE_MS)
    prices = {"open": 100, "high": 103, "low": 99, "close": 101}
    expected = Bar(
        open_ms=START_MS, volume=Decimal(8), **{name: Decimal(n) for name, n in prices.items()}
    )
    assert bars == [expected]


@given(prices=st.lists(st.integers(90, 110), min_size=1, max_size=40))
def test_longer_candles_say_what_their_minutes_say(prices: list[int]):
    tape = Tape()
    for minute, price in enumerate(prices):
        at_us = (START_MS + minute * MINUTE_MS) * 1_000
        tape.add(BTC, Decimal(price), size=Decimal(1), at_us=at_us)
    end_ms = START_MS + len(prices) * MINUTE_MS
    coarse = tape.bars(BTC, step_ms=FIVE_MS, start_ms=START_MS, end_ms=end_ms)
    for number, bar in enumerate(coarse):
        part = [Decimal(price) for price in prices[number * 5 : number * 5 + 5]]
        assert (bar.open, bar.close) == (part[0], part[-1])
        assert (bar.high, bar.low, bar.volume) == (max(part), min(part), Decimal(len(part)))


async def test_the_walk_opens_closes_and_touches_both_extremes_of_its_bar():
    source, tick = BuiltInPrices(SyntheticMarket(7)), listings()[BTC].tick
    bars = await source.bars(BTC, step_ms=FIVE_MS, start_ms=START_MS, end_ms=START_MS + FIVE_MS)
    walked = [
        await source.price(BTC, at_us=(START_MS + second * 1_000) * 1_000, tick=tick)
        for second in range(300)
    ]
    prices = [price for price in walked if price is not None]
    assert len(prices) == 300
    bar = bars[0]
    assert prices[0] == bar.open
    assert (max(prices), min(prices)) == (bar.high, bar.low)
    assert abs(prices[-1] - bar.close) <= (bar.high - bar.low) / 50
    assert all(price % tick == 0 for price in prices)


async def test_the_walk_visits_first_the_extreme_against_the_bars_direction():
    source, tick, seen = BuiltInPrices(SyntheticMarket(7)), Decimal("0.1"), set()
    end_ms = START_MS + 12 * FIVE_MS
    for bar in await source.bars(BTC, step_ms=FIVE_MS, start_ms=START_MS, end_ms=end_ms):
        at_us = (bar.open_ms + FIVE_MS // 3) * 1_000
        price = await source.price(BTC, at_us=at_us, tick=tick)
        rises = bar.close >= bar.open
        assert price == (bar.low if rises else bar.high)
        seen.add(rises)
    assert seen == {True, False}


@pytest.mark.parametrize(("minutes", "count"), [(5, 288), (60, 24), (240, 6), (1_440, 1), (7, 0)])
async def test_a_day_has_as_many_bars_as_fit(minutes: int, count: int):
    source, step_ms = BuiltInPrices(SyntheticMarket(7)), minutes * MINUTE_MS
    end_ms = START_MS + 1_440 * MINUTE_MS
    found = await source.bars(BTC, step_ms=step_ms, start_ms=START_MS, end_ms=end_ms)
    assert [bar.open_ms for bar in found] == [
        START_MS + number * step_ms for number in range(count)
    ]


async def test_outside_of_its_years_the_market_has_no_price():
    source = BuiltInPrices(SyntheticMarket(7))
    assert await source.price(BTC, at_us=0, tick=Decimal("0.1")) is None
    assert await source.bars(BTC, step_ms=MINUTE_MS, start_ms=0, end_ms=1) == []


def test_a_clock_may_run_faster_and_never_stands_still():
    clock = scaled_clock(1_000.0, start_us=5)
    first = clock()
    assert first >= 5
    while clock() < first + 100_000:  # 0.1 ms of ours
        pass


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_a_time_scale_that_is_not_above_zero_is_refused(scale: float):
    with pytest.raises(ConfigInvalid):
        scaled_clock(scale)
