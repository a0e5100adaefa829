from typing import Any

import numpy as np
import pytest

from snipersight.bot.telemetry.statistics import factors, groups
from snipersight.bot.telemetry.statistics.expectancies import expectancy_of
from snipersight.bot.telemetry.statistics.grouping import GroupBy
from snipersight.bot.telemetry.statistics.hit_rates import hit_rate_of
from snipersight.domain.evidence_columns import FactorColumns
from tests.builders.evidence_tables import a_table, clustered

# Estimates are None where too little is known; each test knows where it stands.
factor_groups_of: Any = factors.factor_groups_of
groups_of: Any = groups.groups_of


@pytest.mark.parametrize("by", [one for one in GroupBy if one is not GroupBy.HOUR])
def test_every_signal_is_in_one_group_of_each_property(by):
    names = ["b", "a", "", "a"] * 20
    found = groups_of(a_table(80, **{by.value: names}), by)
    assert {one.name: one.signals for one in found} == {"a": 40, "b": 20, "unknown": 20}
    assert sum(one.hit_rate.closed for one in found) == 80


def test_a_group_alone_has_the_estimates_it_has_among_others():
    table = clustered(days=40, a_day=2, seed=3)
    whole = a_table(
        120,
        day=[*np.repeat(np.arange(40), 2), *range(40)],
        net_r=[*table.net_r, *np.linspace(-1, 1, 40)],
        regime=["trend"] * 80 + ["range"] * 40,
        mae_r=[0.5] * 80 + [0.9] * 40,
    )
    trend, ranging = groups_of(whole, GroupBy.REGIME)
    assert trend.hit_rate == hit_rate_of(table)
    assert trend.expectancy.mean_r == pytest.approx(expectancy_of(table).mean_r)
    assert (trend.median_mae_r, ranging.median_mae_r) == (0.5, 0.9)


def test_the_largest_group_is_told_first_but_tiers_stay_in_order():
    tiers = ["C"] * 40 + ["A"] * 10 + ["B"] * 30
    assert [one.name for one in groups_of(a_table(80, tier=tiers), GroupBy.TIER)] == ["A", "B", "C"]
    regimes = groups_of(a_table(80, regime=tiers), GroupBy.REGIME)
    assert [one.name for one in regimes] == ["C", "B", "A"]


def test_hours_are_of_the_day_in_utc():
    hour_ms = 3_600_000
    decided = [day * 24 * hour_ms + hour * hour_ms for day in range(40) for hour in (0, 23)]
    found = groups_of(a_table(80, decided_ms=decided), GroupBy.HOUR)
    assert [(one.name, one.hit_rate.closed) for one in found] == [("00", 40), ("23", 40)]


def test_refused_signals_are_counted_in_their_group_and_change_nothing_else():
    verdicts = ["approved"] * 40 + ["rejected"] * 40
    (found,) = groups_of(
        a_table(80, verdict=verdicts, net_r=[1.0] * 40 + [-1.0] * 40), GroupBy.PROFILE
    )
    assert (found.signals, found.approved) == (80, 40)
    assert (found.hit_rate.rate, found.expectancy.mean_r) == (1.0, pytest.approx(1.0))


def test_no_signal_has_no_group():
    assert groups_of(a_table(0), GroupBy.SYMBOL) == ()
    assert groups_of(a_table(0), GroupBy.HOUR) == ()


def test_a_factor_that_is_often_absent_splits_into_present_and_absent():
    points = np.where(np.arange(80) % 2, 6.0, 0.0)[:, None]
    found = factor_groups_of(
        a_table(80, net_r=np.where(np.arange(80) % 2, 1.0, -1.0)),
        FactorColumns(names=("sweep",), points=points),
    )
    assert [(one.name, one.expectancy.mean_r) for one in found] == [
        ("sweep: absent", pytest.approx(-1.0)),
        ("sweep: present", pytest.approx(1.0)),
    ]


def test_a_factor_that_is_always_there_splits_into_thirds():
    points = np.linspace(1, 10, 90)[:, None]
    table = a_table(90, net_r=np.arange(90) // 30)
    found = factor_groups_of(table, FactorColumns(names=("momentum",), points=points))
    assert [(one.name, one.signals) for one in found] == [
        ("momentum: low", 30),
        ("momentum: middle", 30),
        ("momentum: high", 30),
    ]
    assert [one.expectancy.mean_r for one in found] == pytest.approx([0.0, 1.0, 2.0])


def test_a_signal_that_a_factor_did_not_judge_is_in_none_of_its_groups():
    points = np.full((60, 2), np.nan)
    points[:40, 0] = 0.0
    found = factor_groups_of(a_table(60), FactorColumns(names=("gap", "never"), points=points))
    assert {one.name: one.signals for one in found} == {"gap: absent": 40, "gap: present": 0}


def test_factors_of_other_signals_are_refused():
    with pytest.raises(ValueError, match="factors of 3 signals beside 2 signals"):
        factor_groups_of(a_table(2), FactorColumns(names=("gap",), points=np.zeros((3, 1))))


def test_without_factors_there_are_no_groups():
    assert factor_groups_of(a_table(5), FactorColumns()) == ()
