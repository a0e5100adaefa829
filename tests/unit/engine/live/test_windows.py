"""A window of bars takes what is new, notices what has changed, and never grows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.live.windows import BarWindow
from tests.fakes.live_scanning import BAR_MS, revised, without

BARS = Candles(
    symbol=Symbol("BTC/USDT"),
    timeframe=Timeframe.parse("5m"),
    open_time=np.arange(1000, dtype=np.int64) * BAR_MS,
    **{name: np.linspace(50, 90, 1000) for name in ("open", "low", "close", "volume")},
    high=np.linspace(51, 91, 1000),
)


def at(row: int) -> int:
    return row * BAR_MS


def same(one: Candles, other: Candles) -> bool:
    times = np.array_equal(one.open_time, other.open_time)
    return times and np.array_equal(one.close, other.close)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), st.integers(0, 80)), max_size=30))
def test_a_window_holds_the_newest_bars_whatever_came_at_once(steps):
    window, stop, first = BarWindow(BARS.slice(0, 20)), 20, 0
    for more, overlap, keep in steps:
        start, stop = stop - overlap, min(stop + more, 1000)
        assert window.extend(BARS.slice(start, stop), from_ms=at(start)) is None
        first = max(first, min(stop - 1, stop - keep))
        window.forget(at(first))
        assert same(window.candles(), BARS.slice(first, stop))
        assert (window.first_ms, window.newest_ms) == (at(first), at(stop))


def test_what_was_handed_out_never_changes():
    window, handed = BarWindow(BARS.slice(0, 20)), []
    for stop in range(21, 1000):
        window.extend(BARS.slice(stop - 2, stop), from_ms=at(stop - 2))
        window.forget(at(stop - 20))
        handed.append((stop, window.candles()))
    assert all(same(candles, BARS.slice(stop - 20, stop)) for stop, candles in handed)


def test_a_window_that_lets_go_as_much_as_it_takes_does_not_grow():
    window, sizes = BarWindow(BARS.slice(0, 20)), set()
    for stop in range(21, 1000):
        window.extend(BARS.slice(stop - 1, stop), from_ms=at(stop - 1))
        window.forget(at(stop - 20))
        sizes.add(len(window._times))
    assert len(window) == 20
    assert max(sizes) < 300


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (lambda: revised(BARS.slice(5, 25), at(12)), 12),
        (lambda: without(BARS.slice(5, 25), [at(13), at(15)]), 13),
        (lambda: without(BARS.slice(5, 25), [at(5)]), 5),
        (lambda: without(BARS.slice(5, 25), [at(19)]), 19),
    ],
)
def test_the_first_bar_that_is_told_otherwise_is_named_and_nothing_is_taken(now, first):
    window = BarWindow(BARS.slice(0, 20))
    assert window.extend(now(), from_ms=at(5)) == at(first)
    assert same(window.candles(), BARS.slice(0, 20))


def test_a_bar_that_comes_into_a_hole_is_a_change():
    window = BarWindow(without(BARS.slice(0, 20), [at(7), at(8)]))
    assert window.oldest_hole_ms(0) == at(7)
    assert window.oldest_hole_ms(at(9)) is None
    assert window.extend(BARS.slice(6, 21), from_ms=at(6)) == at(7)


def test_bars_that_were_forgotten_are_not_missed():
    window = BarWindow(BARS.slice(10, 20))
    assert window.extend(BARS.slice(10, 22), from_ms=at(10)) is None
    assert same(window.candles(after_ms=at(15)), BARS.slice(15, 22))
    assert len(window.candles(after_ms=at(22))) == 0


def test_the_newest_bar_stays():
    window = BarWindow(BARS.slice(0, 20))
    window.forget(at(500))
    assert same(window.candles(), BARS.slice(19, 20))


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, BAR_MS - 1), st.integers(0, 30))
def test_a_stretch_is_handed_out_only_if_every_bar_of_it_is_held(start, stop, late_ms, kept):
    window = BarWindow(BARS.slice(0, 40))
    window.forget(at(kept))
    found = window.whole(start_ms=at(start) - late_ms, end_ms=at(stop) + late_ms)
    if stop <= start:
        assert found is not None
        assert len(found) == 0
    elif kept <= start and stop <= 40:
        assert found is not None
        assert same(found, BARS.slice(start, stop))
    else:
        assert found is None


def test_a_stretch_with_a_hole_is_not_handed_out():
    window = BarWindow(without(BARS.slice(0, 20), [at(10)]))
    assert window.whole(start_ms=at(5), end_ms=at(15)) is None
    assert window.whole(start_ms=at(5), end_ms=at(10)) is not None
    assert window.whole(start_ms=at(11), end_ms=at(15)) is not None
