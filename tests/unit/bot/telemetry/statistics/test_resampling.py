import numpy as np
import pytest

from snipersight.bot.telemetry.statistics.resampling import (
    RESAMPLES,
    DaySums,
    day_sums,
    intervals,
    resampled_means,
)

EVEN = np.linspace(0, 1, 2_001)[:, None]  # its quantile at any share is that share


@pytest.mark.parametrize(
    ("days", "tail"),
    [
        # √(n / (n − 1)) · t(.975, n − 1) as a share of the normal distribution (Hesterberg 2015)
        (5, 0.00096),  # 1.11803 · 2.77645 = 3.10416
        (10, 0.00855),  # 1.05409 · 2.26216 = 2.38453
        (100, 0.02306),  # 1.00504 · 1.98422 = 1.99422
    ],
)
def test_few_days_reach_further_out_than_plain_percentiles(days, tail):
    low, high = intervals(EVEN, np.array([days]))
    assert (low[0], high[0]) == pytest.approx((tail, 1 - tail), abs=1e-5)


def test_one_day_says_nothing_of_how_days_differ():
    low, high = intervals(EVEN, np.array([1]))
    assert np.isnan([low[0], high[0]]).all()


def test_a_group_that_no_history_has_is_unknown():
    low, high = intervals(np.full((10, 1), np.nan), np.array([0]))
    assert np.isnan([low[0], high[0]]).all()


def test_histories_without_a_group_play_no_part_in_its_interval():
    some = np.where(np.arange(2_001)[:, None] % 3 == 0, np.nan, 0.5)
    low, high = intervals(some, np.array([50]))
    assert (low[0], high[0]) == (0.5, 0.5)


def test_values_are_summed_by_day_and_group():
    found = day_sums(
        np.array([1.0, 2.0, 4.0, 8.0]),
        np.array([0, 0, 1, 1]),
        np.array([0, 1, 0, -1]),
        days=2,
        groups=2,
    )
    assert found.sums.tolist() == [[1.0, 2.0], [4.0, 0.0]]
    assert found.counts.tolist() == [[1.0, 1.0], [1.0, 0.0]]
    assert found.means.tolist() == [2.5, 2.0]
    assert found.days.tolist() == [2, 1]


def test_resampled_averages_scatter_as_averages_of_days_do():
    of_day = np.random.default_rng(1).normal(0.3, 2.0, 100)[:, None]
    found = resampled_means(DaySums(sums=of_day, counts=np.ones((100, 1))))[:, 0]
    assert len(found) == RESAMPLES
    assert found.mean() == pytest.approx(of_day.mean(), abs=0.02)
    assert found.std() == pytest.approx(of_day.std() / 10, rel=0.1)


def test_a_day_of_many_signals_weighs_as_much_as_it_holds():
    sums = DaySums(sums=np.array([[9.0], [0.0]]), counts=np.array([[9.0], [1.0]]))
    assert set(np.round(resampled_means(sums)[:, 0], 6)) == {0.0, 0.9, 1.0}


def test_neighbouring_days_of_a_long_history_are_drawn_together():
    # Day and day after cancel out: drawn as blocks of two, nothing scatters at all.
    of_day = np.tile([1.0, -1.0], 400)[:, None]
    found = resampled_means(DaySums(sums=of_day, counts=np.ones((800, 1))))
    assert np.abs(found).max() == 0.0


def test_without_a_day_nothing_is_known():
    found = resampled_means(DaySums(sums=np.zeros((0, 3)), counts=np.zeros((0, 3))))
    assert found.shape == (RESAMPLES, 3)
    assert np.isnan(found).all()
