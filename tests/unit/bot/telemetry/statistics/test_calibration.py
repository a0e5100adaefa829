from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from snipersight.bot.telemetry.statistics import calibration
from snipersight.bot.telemetry.statistics.calibration import Scored, reliability_bins
from snipersight.bot.telemetry.statistics.isotonic import curve_of, forecast
from snipersight.bot.telemetry.statistics.wilson import wilson_interval
from snipersight.domain.statistics import ENOUGH, CalibrationVerdict
from snipersight.domain.timeframe import DAY_MS
from tests.builders.evidence_tables import a_table, scored

NO, INFORMATIVE, CALIBRATED = (
    CalibrationVerdict.NO_EVIDENCE,
    CalibrationVerdict.INFORMATIVE,
    CalibrationVerdict.CALIBRATED,
)

# Estimates are None where too little is known; each test knows where it stands.
calibration_of: Any = calibration.calibration_of


def scores(count: int, seed: int) -> Any:
    return np.random.default_rng(seed + 1_000).uniform(50, 95, count)


def chance_of(score: Any) -> Any:
    """Return a known truth: from 20 % at 50 to 65 % at 95."""
    return 0.2 + (np.asarray(score) - 50) / 100


def test_too_little_evidence_says_how_much_is_missing():
    found = calibration_of(scored([80.0] * 7, [0.5] * 7, seed=1))
    assert found.verdict is CalibrationVerdict.TOO_LITTLE
    assert (found.bins, found.curve, found.brier, found.p_value) == ((), (), None, None)
    assert found.meaning_of(80) == "too little evidence: 7 closed, 30 needed"


@pytest.mark.parametrize(("count", "a_day"), [(40, 2), (200, 4), (1_000, 10)])
def test_random_scores_are_no_evidence_in_nineteen_seeds_of_twenty(count, a_day):
    tries = 200
    said = sum(
        calibration_of(scored(scores(count, seed), [0.4] * count, seed=seed, a_day=a_day)).verdict
        is NO
        for seed in range(tries)
    )
    assert said / tries >= 0.95


def test_random_scores_of_days_that_move_together_are_no_evidence_either():
    tries, said = 200, 0
    for seed in range(tries):
        random = np.random.default_rng(seed)
        # Both share the day: taken one by one, 500 signals would often look like a relation.
        score = np.repeat(random.uniform(50, 95, 50), 10)
        chance = np.repeat(random.beta(0.8, 1.2, 50), 10)
        said += calibration_of(scored(score, chance, seed=seed, a_day=10)).verdict is NO
    assert said / tries >= 0.95


def test_scores_that_mean_less_the_higher_they_are_are_no_evidence():
    score = scores(1_000, 3)
    assert calibration_of(scored(score, 1 - chance_of(score), seed=3)).verdict is NO


def test_the_truth_is_recovered_to_within_five_points_on_average():
    score = scores(3_000, 4)
    found = calibration_of(scored(score, chance_of(score), seed=4))
    grid = np.linspace(52, 93, 100)
    error = np.abs(forecast(found.curve, grid) - chance_of(grid))
    assert found.verdict is CALIBRATED
    assert error.mean() <= 0.05
    assert error.max() <= 0.15
    assert found.brier < found.brier_of_base_rate


def test_the_intervals_of_the_bins_hold_the_truth():
    held, bins = 0, 0
    for seed in range(30):
        score = scores(1_000, seed)
        for one in calibration_of(scored(score, chance_of(score), seed=seed)).bins:
            held += one.rate_low <= chance_of(one.mean_score) <= one.rate_high
            bins += 1
    assert bins == 300
    assert held / bins >= 0.92


def test_a_score_that_mattered_more_often_than_not_is_found():
    found = [
        calibration_of(scored(scores(600, seed), chance_of(scores(600, seed)), seed=seed)).verdict
        for seed in range(20)
    ]
    assert sum(verdict is not NO for verdict in found) >= 18


def test_what_a_score_meant_but_means_no_longer_is_no_probability():
    score = scores(2_000, 6)
    chance = chance_of(score)
    chance[1_200:] = chance[1_200:] - 0.2  # later signals hit far less often
    assert calibration_of(scored(score, np.clip(chance, 0, 1), seed=6)).verdict is not CALIBRATED


def test_forecasts_know_no_later_day():
    score = scores(400, 7)
    table = scored(score, chance_of(score), seed=7)
    flattered = curve_of(score, (table.net_r > 0).astype(float))
    own = brier_score_loss(table.net_r > 0, forecast(flattered, score))
    assert calibration_of(table).brier > own  # a fit judged by its own signals looks better


def test_forecasts_know_nothing_that_had_not_closed():
    score = scores(400, 7)
    table = scored(score, chance_of(score), seed=7)
    at_once = calibration_of(replace(table, ended_ms=table.decided_ms)).brier
    late = calibration_of(replace(table, ended_ms=table.decided_ms + 5 * DAY_MS)).brier
    assert at_once == calibration_of(table).brier
    assert late != at_once


def test_without_anything_closed_in_time_nothing_is_called_a_probability():
    score = scores(2_000, 4)
    table = scored(score, chance_of(score), seed=4)
    found = calibration_of(replace(table, ended_ms=np.full(2_000, table.decided_ms[-1] + 1)))
    assert (found.verdict, found.brier, found.brier_of_base_rate) == (INFORMATIVE, None, None)


def test_one_score_for_all_is_no_evidence():
    found = calibration_of(scored([80.0] * 100, [0.4] * 100, seed=8))
    assert (found.verdict, found.p_value) == (NO, 1.0)
    assert len(found.bins) == 1


@pytest.mark.parametrize("net_r", [1.0, -1.0])
def test_where_all_hit_or_none_a_score_says_nothing(net_r):
    found = calibration_of(a_table(60, score=np.linspace(50, 90, 60), net_r=net_r))
    assert (found.verdict, found.p_value) == (NO, 1.0)


def test_a_meaning_is_told_with_its_interval_and_number():
    score = scores(2_000, 4)
    found = calibration_of(scored(score, chance_of(score), seed=4))
    one = found.bin_of(80)
    told = (
        f"a score of 80 ({one.low:.0f} to {one.high:.0f}) has meant {one.rate * 100:.0f} % hits "
        f"({one.rate_low * 100:.0f}–{one.rate_high * 100:.0f} %) over {one.n} closed signals so far"
    )
    assert found.meaning_of(80) == told
    assert found.meaning_of(20) == "no closed signal has scored about 20 so far"


def test_a_score_between_two_bins_belongs_to_the_nearer():
    score = np.where(np.arange(400) % 2, 90.0, 60.0)
    found = calibration_of(scored(score, np.where(score > 80, 0.7, 0.2), seed=2))
    assert [one.n for one in found.bins] == [200, 200]
    assert found.bin_of(70).mean_score == 60.0
    assert found.bin_of(80).mean_score == 90.0
    assert (found.bin_of(59.9), found.bin_of(90.1)) == (None, None)


def test_bins_part_no_equal_scores_and_are_never_small():
    score = np.array([60.0] * 10 + [70.0] * 80 + [80.0] * 5 + [90.0] * 105)
    bins = reliability_bins(Scored.of(scored(score, [0.5] * 200, seed=1, a_day=1)), enough=ENOUGH)
    assert sum(one.n for one in bins) == 200
    assert min(one.n for one in bins) >= 30
    assert all(left.high < right.low for left, right in pairwise(bins))
    for one in bins:
        assert (one.rate_low, one.rate_high) == pytest.approx(wilson_interval(one.hits, one.n))


def test_a_bin_of_a_few_days_says_nothing_of_its_own():
    # Half a year of scores from 50 to 59, and two days with thirty signals of 90 each.
    score = np.concatenate([50.0 + np.arange(180) % 10, np.full(60, 90.0)])
    day = np.concatenate([np.arange(180), np.repeat([180, 181], 30)])
    found = calibration_of(
        a_table(240, day=day, score=score, net_r=np.where(score > 80, 1.0, -1.0))
    )
    assert sum(one.n for one in found.bins) == 240
    assert found.bins[-1].low < 60  # the two days stand with what is known of others


def test_the_curve_is_scikit_learns():
    from sklearn.isotonic import IsotonicRegression

    random = np.random.default_rng(12)
    score = random.integers(50, 90, 500).astype(float)
    hit = (random.random(500) < 0.4).astype(float)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(score, hit)
    grid = np.linspace(40, 100, 200)
    assert forecast(curve_of(score, hit), grid) == pytest.approx(theirs.predict(grid))


def test_how_often_random_scores_look_meaningful_is_what_the_test_allows():
    tries = 600
    found = sum(
        calibration_of(scored(scores(120, seed), [0.4] * 120, seed=seed + 50_000)).p_value <= 0.2
        for seed in range(tries)
    )
    assert 0.16 <= found / tries <= 0.24
