import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.special import ndtr, stdtr, stdtrit

from snipersight.performance.student_t import normal_tail, t_distance, t_tail

FREEDOMS = st.one_of(st.integers(1, 5_000), st.floats(0.5, 5_000))


@pytest.mark.parametrize(
    ("freedom", "distance"),
    [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042), (99, 1.984)],
)
def test_distances_are_those_of_the_printed_tables(freedom, distance):
    assert t_distance(0.025, freedom) == pytest.approx(distance, abs=5e-4)


@given(st.floats(0, 40), FREEDOMS)
@example(0.0, 3)
@example(1e-9, 5_000)
@example(math.sqrt(3), 5_000.0)  # where one end of the fraction takes over from the other
def test_the_tail_of_t_is_scipys(distance, freedom):
    assert t_tail(distance, freedom) == pytest.approx(stdtr(freedom, -distance), rel=1e-10, abs=0)


@given(st.sampled_from([0.2, 0.05, 0.025, 0.005, 1e-6]), st.integers(1, 5_000))
def test_distances_are_scipys(tail, freedom):
    expected = -stdtrit(freedom, tail)
    assert t_distance(tail, freedom) == pytest.approx(expected, rel=1e-11, abs=0)


@given(st.floats(-8, 30))
def test_the_normal_tail_is_scipys(distance):
    assert normal_tail(distance) == pytest.approx(ndtr(-distance), rel=1e-12, abs=0)


def test_what_is_infinitely_far_out_never_happens():
    assert t_tail(1e200, 3.0) == 0.0
