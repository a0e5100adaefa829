import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.performance.percentiles import Interval, expanded_tail, interval_of


def test_a_tail_is_narrower_the_fewer_days_there_are():
    # Worked with tables of Student's t: 4.3027 · √(3/2) and 2.2622 · √(10/9) deviations.
    assert expanded_tail(3) == pytest.approx(6.8e-8, rel=0.02)
    assert expanded_tail(10) == pytest.approx(0.00855, rel=0.01)
    assert expanded_tail(1e7) == pytest.approx(0.025, rel=1e-4)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=50), st.floats(2, 400))
def test_an_interval_lies_within_what_was_drawn(values, units):
    interval = interval_of(np.array(values), units=units)
    assert interval is not None
    assert min(values) <= interval.low <= interval.high <= max(values)


def test_histories_without_a_figure_do_not_count():
    assert interval_of(np.array([np.nan, 1.0, 1.0]), units=9) == Interval(1.0, 1.0)
    assert interval_of(np.array([np.nan]), units=9) is None
    assert interval_of(np.array([1.0, np.inf]), units=9) is None


def test_of_a_thousand_figures_the_middle_nine_hundred_and_fifty_are_kept():
    interval = interval_of(np.arange(1_001.0), units=1e7)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((25.0, 975.0), abs=0.01)
