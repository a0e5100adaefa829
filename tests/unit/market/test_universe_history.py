"""The largest markets of many moments are those of each moment."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.universe import select_universe
from snipersight.market.universe_history import largest_by_moment, traded_in_day_before
from tests.builders import an_instrument

NAMES = (
    "BTC/USDT",
    "ETH/USDT",
    "BTC/USDC",
    "BTC/EUR",
    "ETH/EUR",
    "ETH/TRY",
    "USDC/USDT",
    "ETH3L/EUR",
)
HOURLY = Timeframe.parse("1h")


@given(
    count=st.integers(1, 4),
    table=st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, 7.5]), min_size=5, max_size=5),
        min_size=8,
        max_size=8,
    ),
    names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
)
def test_each_moment_is_chosen_as_a_scan_chooses_it(count, table, names):
    listed = {Symbol(name): an_instrument(name) for name in names}
    volumes = {
        Symbol(name): np.array(row) for name, row in zip(NAMES, table, strict=True) if name in names
    }
    found = largest_by_moment(count, instruments=listed, volumes=volumes)
    for moment in range(5):
        there = {symbol: Decimal(row[moment]) for symbol, row in volumes.items()}
        chosen = select_universe(f"top{count}", instruments=listed, volumes=there, watchlists={})
        assert {symbol for symbol, mask in found.items() if mask[moment]} == set(chosen.symbols)


def test_nothing_is_chosen_of_what_may_not_be():
    listed = {Symbol("USDC/USDT"): an_instrument("USDC/USDT")}
    volumes = {Symbol("USDC/USDT"): np.array([9.0])}
    assert largest_by_moment(3, instruments=listed, volumes=volumes) == {}


def hours(volume: list[float], *, missing: int | None = None) -> Candles:
    """Return bars of an hour that cost 2, without one of them."""
    kept = [place for place in range(len(volume)) if place != missing]
    price = np.full(len(kept), 2.0)
    return Candles(
        symbol=Symbol("BTC/USDT"),
        timeframe=HOURLY,
        open_time=np.array(kept, dtype=np.int64) * HOUR_MS,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=np.array(volume)[kept],
    )


def test_what_was_traded_is_summed_over_the_bars_of_a_day():
    bars = hours([1.0] * 24 + [10.0, 100.0], missing=3)
    moments = np.array([0, HOUR_MS, 4 * HOUR_MS, DAY_MS, DAY_MS + HOUR_MS, 9 * DAY_MS])
    assert traded_in_day_before(bars, moments).tolist() == [0, 2, 6, 46, 64, 0]


def test_a_bar_that_is_not_closed_or_opened_a_day_ago_does_not_count():
    bars = hours([1.0, 10.0])
    moments = np.array([HOUR_MS - 1, 2 * HOUR_MS - 1, DAY_MS, DAY_MS + 1, DAY_MS + HOUR_MS + 1])
    assert traded_in_day_before(bars, moments).tolist() == [0, 2, 22, 20, 0]


@pytest.mark.parametrize("bars", [0, 1])
def test_no_bars_are_no_trades(bars):
    assert traded_in_day_before(hours([5.0] * bars), np.array([0, 3 * DAY_MS])).tolist() == [0, 0]
