"""Interval arithmetic, checked moment by moment against sets."""

from hypothesis import given
from hypothesis import strategies as st

from snipersight.market.candle_cache_intervals import Interval, missing, united

INTERVALS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)
WANTED = st.tuples(st.integers(0, 30), st.integers(0, 30))


def moments(*intervals: Interval) -> set[int]:
    return {moment for start, end in intervals for moment in range(start, end)}


@given(INTERVALS)
def test_united_holds_the_same_moments_in_disjoint_ordered_intervals(intervals):
    result = united(intervals)
    assert moments(*result) == moments(*intervals)
    bounds = [bound for interval in result for bound in interval]
    assert bounds == sorted(set(bounds))


@given(WANTED, INTERVALS)
def test_missing_is_exactly_what_is_wanted_and_not_held(wanted, held):
    gaps = missing(wanted, held)
    assert moments(*gaps) == moments(wanted) - moments(*held)
    assert list(gaps) == list(united(gaps))


def test_adjacent_intervals_become_one():
    assert united([(5, 9), (0, 5)]) == ((0, 9),)


def test_a_gap_in_the_middle_is_missing_alone():
    assert missing((0, 20), [(0, 5), (8, 30)]) == ((5, 8),)
