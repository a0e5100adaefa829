"""New bars come with the history a decision needs, however they are handed over."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snipersight.planner.comparison.bar_window import Bars, BarWindow
from tests.builders import walk

CANDLES = walk(60, seed=3)
WINDOW = 8


def views(bars: Bars) -> list[tuple[int, list[float]]]:
    """Return each deciding bar with the closes of its window."""
    return [
        (int(bars.open_time[row]), bars.close[row + 1 - WINDOW : row + 1].tolist())
        for row in range(bars.first, len(bars.close))
    ]


def every_view() -> list[tuple[int, list[float]]]:
    return [
        (int(CANDLES.open_time[row]), CANDLES.close[row + 1 - WINDOW : row + 1].tolist())
        for row in range(WINDOW - 1, len(CANDLES))
    ]


@given(cuts=st.sets(st.integers(0, 60)), is_growing=st.booleans())
def test_any_portions_show_the_same_bars_with_the_same_history(cuts, is_growing):
    window = BarWindow(CANDLES.timeframe, bars=WINDOW)
    seen, last = [], 0
    for cut in (*sorted(cuts), 60):
        part = CANDLES.slice(0 if is_growing else last, cut)
        seen += views(window.take(part, until_ms=int(CANDLES.close_time[-1])))
        last = cut
    assert seen == every_view()


def test_no_bar_that_closes_later_is_taken():
    window = BarWindow(CANDLES.timeframe, bars=WINDOW)
    until_ms = int(CANDLES.close_time[20])
    assert window.take(CANDLES, until_ms=until_ms).close.tolist() == CANDLES.close[:21].tolist()
    assert window.known_at_ms == until_ms
    assert window.take(CANDLES, until_ms=until_ms + 1).first == WINDOW
    assert window.known_at_ms == until_ms


def test_a_window_is_full_once_the_newest_bar_has_enough_before_it():
    window = BarWindow(CANDLES.timeframe, bars=WINDOW)
    assert not window.is_full
    assert window.known_at_ms is None
    window.take(CANDLES, until_ms=int(CANDLES.close_time[WINDOW - 2]))
    assert not window.is_full
    window.take(CANDLES, until_ms=int(CANDLES.close_time[WINDOW - 1]))
    assert window.is_full


def test_years_of_bars_are_not_kept_for_a_few():
    window = BarWindow(CANDLES.timeframe, bars=WINDOW)
    taken = window.take(CANDLES, until_ms=int(CANDLES.close_time[-1]))
    again = window.take(CANDLES, until_ms=int(CANDLES.close_time[-1]))
    assert len(again.close) == WINDOW
    assert not np.shares_memory(again.close, taken.close)
