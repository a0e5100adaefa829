import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.drawdowns import (
    deepest_drawdown,
    drawdown_by_day,
    drawdowns_of,
    longest_drawdown,
)
from tests.builders.performance import FIRST_DAY_MS, an_equity


def day(number: int) -> int:
    return FIRST_DAY_MS + number * DAY_MS


def test_two_drawdowns_worked_by_hand():
    equity = an_equity([100, 120, 90, 110, 120, 115, 116, 114, 117, 118])
    deep, long = drawdowns_of(equity)
    assert (deep.depth, deep.peak_ms, deep.trough_ms) == (0.25, day(1), day(2))
    assert (deep.recovered_ms, deep.days) == (day(4), 3)
    assert long.depth == pytest.approx(0.05)
    assert (long.peak_ms, long.trough_ms) == (day(4), day(7))
    assert (long.recovered_ms, long.days) == (None, 5)
    assert deepest_drawdown(equity) == deep
    assert longest_drawdown(equity) == long


def test_a_fall_on_the_first_day_is_measured_from_the_opening():
    (only,) = drawdowns_of(an_equity([90.0, 100.0], opening=100.0))
    assert only.depth == pytest.approx(0.1)
    assert only.peak_ms == day(-1)
    assert (only.recovered_ms, only.days) == (day(1), 2)


@pytest.mark.parametrize("marks", [[100.0], [100.0, 100.0, 101.0]])
def test_equity_that_never_falls_has_no_drawdown(marks):
    equity = an_equity(marks)
    assert drawdowns_of(equity) == ()
    assert deepest_drawdown(equity) is None
    assert longest_drawdown(equity) is None


def test_a_debt_is_a_drawdown_of_more_than_everything():
    worst = deepest_drawdown(an_equity([100.0, -20.0, 30.0]))
    assert worst is not None
    assert worst.depth == pytest.approx(1.2)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_the_deepest_is_the_worst_pair_of_an_earlier_and_a_later_mark(marks):
    worst = max(1 - marks[j] / marks[i] for i in range(len(marks)) for j in range(i, len(marks)))
    deepest = deepest_drawdown(an_equity(marks))
    assert (0.0 if deepest is None else deepest.depth) == pytest.approx(worst)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_every_mark_below_an_earlier_one_lies_in_exactly_one_drawdown(marks):
    equity = an_equity(marks)
    below = {int(one) for one in equity.days[drawdown_by_day(equity) > 0]}
    held: list[int] = []
    for one in drawdowns_of(equity):
        end = one.recovered_ms if one.recovered_ms is not None else equity.period.end_ms
        held.extend(range(one.peak_ms + DAY_MS, end, DAY_MS))
        assert one.peak_ms < one.trough_ms < end
    assert sorted(held) == sorted(below)
    assert np.all(drawdown_by_day(equity) < 1)
