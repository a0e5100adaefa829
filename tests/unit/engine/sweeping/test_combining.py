"""Whole histories of days that chose nothing of themselves."""

from itertools import combinations

import numpy as np
import pytest

from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.sweeping.choosing import sharpes
from snipersight.engine.sweeping.combining import GROUPS, histories_of, longest_days
from tests.builders.performance import some_trades

COUNT = 40  # four days a part
DAYS = (20_000 + np.arange(COUNT, dtype=np.int64)) * DAY_MS


def plain_histories(returns: np.ndarray, purge: int) -> list[np.ndarray]:
    """Return the same with loops over days, one at a time."""
    histories: list[dict[int, float]] = [{} for _ in range(GROUPS - 1)]
    for pair in combinations(range(GROUPS), 2):
        judged = [day for day in range(COUNT) if day // 4 in pair]
        learned = [day for day in range(COUNT) if all(abs(day - other) > purge for other in judged)]
        chosen = int(sharpes(returns[:, learned]).argmax())
        for group in pair:
            mine = [day for day in judged if day // 4 == group]
            free = next(one for one in histories if mine[0] not in one)
            free.update({day: returns[chosen, day] for day in mine})
    return [np.array([one[day] for day in range(COUNT)]) for one in histories]


@pytest.mark.parametrize(("seed", "purge"), [(1, 0), (2, 1), (3, 3)])
def test_histories_are_those_of_plain_loops(seed, purge):
    returns = np.random.default_rng(seed).normal(0.001, 0.02, (7, COUNT))
    found = histories_of(returns, DAYS, purge_days=purge)
    assert found is not None
    expected = np.array(plain_histories(returns, purge))
    np.testing.assert_allclose(found.sharpes, sharpes(expected))
    np.testing.assert_allclose(found.gains, np.prod(1 + expected, axis=1) - 1)
    assert (found.ways, len(found.sharpes), found.purge_days) == (45, 9, purge)
    assert found.lost == int((found.gains < 0).sum())


def test_a_run_that_shines_in_one_part_alone_is_never_chosen_for_that_part():
    shining = np.full(COUNT, -0.001)
    shining[8:12] = (0.3, 0.4, 0.3, 0.4)
    steady = np.tile((0.0, 0.001), COUNT // 2)
    found = histories_of(np.array([shining, steady]), DAYS, purge_days=0)
    assert found is not None
    assert found.gains.max() < 0.1


def test_the_same_run_chosen_everywhere_gives_its_own_history_every_time():
    best = np.tile((0.01, 0.02), COUNT // 2)
    found = histories_of(np.array([best, -best]), DAYS, purge_days=2)
    assert found is not None
    np.testing.assert_allclose(found.sharpes, sharpes(best[None, :])[0])
    assert found.lost == 0


@pytest.mark.parametrize(("runs", "days", "purge"), [(1, 40, 0), (3, 19, 0), (3, 40, 40)])
def test_too_little_gives_none(runs, days, purge):
    returns = np.random.default_rng(1).normal(size=(runs, days)) / 100
    assert histories_of(returns, DAYS[:days], purge_days=purge) is None


def test_the_longest_trade_is_counted_in_whole_days_rounded_up():
    assert longest_days(some_trades([])) == 0
    assert longest_days(some_trades([1, 1], held_days=[0.1, 1.5])) == 2
    assert longest_days(some_trades([1], held_days=[2.0])) == 2
