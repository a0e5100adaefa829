import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import isotonic_regression

from snipersight.bot.telemetry.statistics.isotonic import curve_of, forecast, rising

SIZES = st.integers(1, 60)


@given(st.data(), SIZES)
def test_what_never_falls_is_what_scipy_finds(data, size):
    # Few different means, so that ties and long falls are common.
    means = data.draw(arrays.arrays(np.float64, size, elements=st.integers(0, 8).map(float)))
    weights = data.draw(arrays.arrays(np.float64, size, elements=st.integers(1, 9).map(float)))
    expected = isotonic_regression(means, weights=weights).x
    assert rising(means, weights) == pytest.approx(expected, rel=1e-12)


def test_a_fall_is_averaged_by_weight_with_all_that_it_undercuts():
    # 4 and 1 (weighing 1 and 2) meet at 2, which undercuts the 3 before: (3 + 4 + 1 · 2) / 4.
    found = rising(np.array([3.0, 4.0, 1.0, 9.0]), np.array([1.0, 1.0, 2.0, 1.0]))
    assert found.tolist() == [2.25, 2.25, 2.25, 9.0]


@given(st.data(), SIZES)
def test_a_curve_never_falls_and_hits_as_often_as_the_signals_did(data, size):
    score = data.draw(arrays.arrays(np.float64, size, elements=st.integers(50, 60).map(float)))
    hit = data.draw(arrays.arrays(np.float64, size, elements=st.integers(0, 1).map(float)))
    curve = curve_of(score, hit)
    rates = [rate for _, rate in curve]
    assert rates == sorted(rates)
    assert forecast(curve, score).mean() == pytest.approx(hit.mean())
