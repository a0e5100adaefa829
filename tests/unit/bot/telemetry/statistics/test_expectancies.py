from typing import Any

import numpy as np
import pytest

from snipersight.bot.telemetry.statistics import expectancies
from tests.builders.evidence_tables import a_table, clustered

# Estimates are None where too little is known; each test knows where it stands.
expectancies_of: Any = expectancies.expectancies_of
expectancies_of_splits: Any = expectancies.expectancies_of_splits
expectancy_of: Any = expectancies.expectancy_of


def test_the_average_is_of_closed_signals_alone():
    status = ["closed"] * 30 + ["missed", "open", "expired"] * 5
    found = expectancy_of(a_table(45, status=status, net_r=[0.5] * 30 + [9.0] * 15))
    assert (found.n, found.mean_r) == (30, pytest.approx(0.5))
    assert found.sentence == (
        "+0.50R a closed signal on average, net of costs (+0.50R to +0.50R), from 30 on 30 days"
    )


def test_too_few_have_no_average():
    found = expectancy_of(a_table(29, net_r=1.0))
    assert (found.mean_r, found.low, found.high) == (None, None, None)
    assert found.sentence == "too few to say: 29 closed, 30 needed"


def test_no_signal_at_all_is_too_few():
    assert expectancy_of(a_table(0)).sentence == "too few to say: 0 closed, 30 needed"


def test_the_same_evidence_gives_the_same_interval():
    table = clustered(days=40, a_day=5, seed=1)
    assert expectancy_of(table) == expectancy_of(table)


@pytest.mark.parametrize("days", [12, 40, 120])
def test_nineteen_intervals_of_twenty_hold_the_truth_though_days_move_together(days):
    held, tries = 0, 300
    for seed in range(tries):
        found = expectancy_of(clustered(days=days, a_day=5, seed=seed, mean=0.1))
        held += found.low <= 0.1 <= found.high
    assert 0.915 <= held / tries <= 0.98


def test_taking_signals_for_independent_would_make_the_interval_less_than_half_as_wide():
    together = clustered(days=40, a_day=20, seed=3, between=1.0, within=0.5)
    alone = a_table(800, net_r=together.net_r)
    wide, narrow = expectancy_of(together), expectancy_of(alone)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_history_of_ten_years_is_resampled_in_blocks_and_its_interval_still_holds():
    held, tries, days = 0, 60, set()
    for seed in range(tries):
        found = expectancy_of(clustered(days=1_300, a_day=2, seed=seed, mean=-0.05))
        held += found.low <= -0.05 <= found.high
        days.add(found.days)
    assert held / tries >= 0.88
    assert days == {1_300}


def test_groups_are_compared_over_the_same_days():
    random = np.random.default_rng(5)
    of_day = np.repeat(random.normal(0, 2, 60), 2)  # strikes both groups alike
    group = np.tile([0, 1], 60)
    net_r = of_day + np.where(group == 0, 0.5, 0.0) + random.normal(0, 0.2, 120)
    found = expectancies_of(a_table(120, day=np.repeat(np.arange(60), 2), net_r=net_r), group, 2)
    difference, low, high, probability = found.difference(0, 1)
    assert low < 0.5 < high
    assert high - low < 0.3  # either average alone is uncertain by more than 1 R
    assert probability == 1.0
    assert difference == pytest.approx(-found.difference(1, 0)[0])
    assert found.each[0].high - found.each[0].low > 0.8


def test_groups_of_several_splits_may_share_signals():
    table = clustered(days=40, a_day=2, seed=9)
    whole = np.zeros(80, dtype=np.int64)
    half = np.where(np.arange(80) < 40, 0, -1)
    found = expectancies_of_splits(table, [(whole, 1), (half, 1)])
    assert [one.n for one in found.each] == [80, 40]
    assert found.each[0].mean_r == pytest.approx(table.net_r.mean())
    assert found.each[1].mean_r == pytest.approx(table.net_r[:40].mean())


def test_a_group_with_too_little_is_not_compared():
    group = np.where(np.arange(60) < 50, 0, 1)
    assert expectancies_of(a_table(60), group, 2).difference(0, 1) is None
