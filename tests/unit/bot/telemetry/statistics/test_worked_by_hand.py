"""Twelve signals, and everything said of them worked out by hand.

Approved and closed are eight, on six days: net R +2, −1, +1.5, −1, −1, −0.5, +0.5, 0. Hits are the
three above zero: a net R of exactly 0 is none. One missed, one is open, one expired; the twelfth,
closed at +3, was refused and counts for its gate alone.
"""

import pytest

from snipersight.bot.telemetry.evidence_view import EvidenceView
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.domain.evidence import Origin
from snipersight.domain.statistics import CalibrationVerdict, Enough
from tests.builders.worked_evidence import worked_table


@pytest.fixture
def view():
    enough = Enough(closed=5, days=3)
    return EvidenceView(origin=Origin.LIVE, table=worked_table(), enough=enough)


def test_the_hit_rate_is_three_of_eight_within_wilsons_interval(view):
    found = view.hit_rate()
    assert (found.hits, found.closed, found.days) == (3, 8, 6)
    assert (found.missed, found.open, found.expired) == (1, 1, 1)
    assert found.signals == 11
    # Differences from the rate, summed by day: .25, .625, −.75, −.375, .625, −.375; their squares
    # add up to 1.6875, less than 8 · .375 · .625 = 1.875: days add nothing, Wilson's own holds.
    # z² = 3.8415: (.375 + 3.8415/16 ± 1.96 · √(.375·.625/8 + 3.8415/256)) / (1 + 3.8415/8)
    #            = (.61509 ± .41254) / 1.48018
    assert found.rate == pytest.approx(0.375)
    assert (found.low, found.high) == pytest.approx((0.13684, 0.69426), abs=1e-4)
    assert found.sentence == (
        "38 % of 8 closed signals hit (14–69 %); beside them 1 open, 1 missed, 1 expired"
    )


def test_the_expectancy_is_half_an_r_over_eight(view):
    found = view.expectancy()
    # 2 − 1 + 1.5 − 1 − 1 − .5 + .5 + 0 = .5
    assert (found.n, found.days, found.mean_r) == (8, 6, pytest.approx(0.0625))
    assert found.low is not None
    assert found.high is not None
    assert -1 <= found.low < 0.0625 < found.high <= 2


def test_quantiles_lie_between_the_sorted_results(view):
    found = view.risk_rewards().realised
    # Sorted: −1 −1 −1 −.5 0 .5 1.5 2; the quantile q is at place 7q from 0.
    assert dict(found.quantiles) == pytest.approx(
        {0.05: -1.0, 0.25: -1.0, 0.5: -0.25, 0.75: 0.75, 0.95: 1.825}
    )
    assert (found.mean, found.median) == pytest.approx((0.0625, -0.25))
    assert (found.best, found.worst) == (2.0, -1.0)
    assert found.edges == (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    assert found.counts == (3, 1, 1, 1, 0, 2)  # the last bin holds its upper border too


def test_planned_rewards_are_of_all_approved_signals(view):
    found = view.risk_rewards().planned
    # 2 + 1.5 + 2.5 + 2 + 3 + 2 + 2.5 + 1.5 + 2 + 2 + 2 = 23, over 11
    assert found.n == 11
    assert found.mean == pytest.approx(23 / 11)
    assert found.median == 2.0


def test_furthest_moves_are_told_by_their_middle(view):
    (everything,) = view.groups(GroupBy.PROFILE)
    # MAE .3 .4 .5 .7 | .9 1 1 1 and MFE .1 .2 .6 .8 | .9 1.2 1.9 2.4
    assert everything.median_mae_r == pytest.approx(0.8)
    assert everything.median_mfe_r == pytest.approx(0.85)
    assert (everything.signals, everything.approved) == (12, 11)


def test_groups_are_counted_and_say_what_they_lack(view):
    groups = {one.name: one for one in view.groups(GroupBy.REGIME)}
    assert list(groups) == ["trend", "range", "volatile"]  # 5 approved each and 1; 6 signals lead 5
    trend = groups["trend"]
    assert (trend.signals, trend.approved, trend.hit_rate.closed, trend.hit_rate.hits) == (
        6,
        5,
        4,
        3,
    )
    assert trend.hit_rate.rate is None
    assert trend.hit_rate.sentence == "too few to say: 4 closed, 5 needed; beside them 1 missed"
    assert trend.expectancy.sentence == "too few to say: 4 closed, 5 needed"
    assert trend.mean_planned_rr == pytest.approx((2 + 2.5 + 2 + 2.5 + 2) / 5)
    assert trend.median_mae_r is None


def test_the_brier_score_is_of_forecasts_from_earlier_days_alone(view):
    found = view.calibration
    # Five parts of eight signals, cut at whole days: forecasts for days 2 and 3 from days 0 and 1,
    # for days 4 and 5 from all before.
    # From 60 → 0, 85 → 1, 90 → 1: 75 gets .6, 65 gets .2, 80 gets .8; none hit: .36 + .04 + .64
    # From 60 65 75 80 → 0, 85 90 → 1: 70 gets 0 and hits: 1; 55 gets 0 and does not: 0
    assert found.brier == pytest.approx((0.36 + 0.04 + 0.64 + 1 + 0) / 5)
    # The hit rates known then: 2/3 for the first three, 2/6 for the last two.
    assert found.brier_of_base_rate == pytest.approx((3 * (2 / 3) ** 2 + (2 / 3) ** 2 + 1 / 9) / 5)
    assert found.verdict is CalibrationVerdict.NO_EVIDENCE
    assert found.meaning_of(80) == (
        "no evidence so far that a score of 80 means more than any other: 38 % hits (14–69 %) "
        "over 8 closed signals"
    )


def test_the_refused_signal_counts_for_its_gate_alone(view):
    (gate,) = view.gates()
    assert (gate.gate, gate.refused, gate.closed) == ("gated:min_score", 1, 1)
    assert gate.difference is None
    assert gate.sentence == "gated:min_score: too few to say: 1 closed, 5 needed among the refused"


def test_the_tiers_say_what_is_missing_on_either_side(view):
    found = view.tier_comparison()
    assert (found.better_expectancy.n, found.worse_expectancy.n) == (3, 3)
    assert found.probability is None
    assert found.sentence == (
        "A-tier: too few to say: 3 closed, 5 needed; C-tier: too few to say: 3 closed, 5 needed"
    )
