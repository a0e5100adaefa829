"""Golden cases: sweeps, and pierces that are none."""

import pytest

from snipersight.analysis.smc.log import FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, Told, tell

Level = tuple[int, int, float]
BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

POOL = """
100     101     99.75   100.25   # 0
100.25  100.5   99.75   100      # 1
100     101     99.75   100.25   # 2 equal highs at 101
100.25  100.5   99.75   100      # 3 known
"""
SWEEP = "100 101.75 99.75 100.5\n"  # 4 runs the highs by 0.75 and closes back under them


def outcome(told: Told) -> tuple[list[Level], list[Level]]:
    """Return (bar of the pool, bar known, price) of sweeps and of pools taken otherwise."""
    swept = told.bars(FactKind.SWEEP, side=LONG)
    return swept, told.bars(FactKind.POOL_TAKEN, side=LONG)


@BOTH
def test_a_pierce_that_closes_back_inside_is_a_sweep(direction):
    told = tell(POOL + SWEEP, direction)
    assert outcome(told) == ([(2, 4, 101.0)], [])
    (sweep,) = told.of(FactKind.SWEEP)
    before = told.readings[3].atr
    assert sweep.value == 0.75 / before


@BOTH
def test_only_a_deeper_wick_sweeps_a_pool_again(direction):
    same = "100.5 101.75 99.75 100.5\n"  # 5
    deeper = "100.5 102 99.75 100.5\n"  # 6
    told = tell(POOL + SWEEP + same + deeper, direction)
    assert outcome(told) == ([(2, 4, 101.0), (2, 6, 101.0)], [])


@BOTH
def test_a_pool_that_held_is_broken_by_the_first_close_at_or_beyond_it(direction):
    close = "100.5 101.25 99.75 101\n"  # 5 no deeper than the sweep
    deeper = "101 102.25 99.75 100.5\n"  # 6 finds nothing any more
    told = tell(POOL + SWEEP + close + deeper, direction)
    assert outcome(told) == ([(2, 4, 101.0)], [])
    assert any(pool.price == 101.0 for pool in told.readings[4].pools)
    assert all(pool.price != 101.0 for pool in told.readings[5].pools)


@BOTH
@pytest.mark.parametrize(
    ("why", "bar"),
    [
        ("a close beyond is a break", "100 101.75 99.75 101.25"),
        ("a close at the level is not back inside", "100 101.75 99.75 101"),
        ("too deep", "100 103.5 99.75 100.5"),
        ("too shallow", "100 101.0625 99.75 100.5"),
    ],
)
def test_a_pool_is_only_taken_if(direction, why, bar):
    assert outcome(tell(POOL + bar, direction)) == ([], [(2, 4, 101.0)]), why


@BOTH
@pytest.mark.parametrize(("least_age", "is_swept"), [(2, True), (3, False)])
def test_a_pool_younger_than_the_least_age_is_only_taken(direction, least_age, is_swept):
    swept, taken = outcome(tell(POOL + SWEEP, direction, min_pool_age_bars=least_age))
    assert (bool(swept), bool(taken)) == (is_swept, not is_swept)


@BOTH
def test_a_high_that_meets_the_level_exactly_leaves_it_standing(direction):
    told = tell(POOL + "100 101 99.75 100.5\n", direction)
    assert outcome(told) == ([], [])


@BOTH
def test_a_touch_after_a_sweep_does_not_make_the_same_wick_count_again(direction):
    quiet = "100.5 100.75 99.75 100.25\n"  # 5
    touch = "100.25 101 99.75 100.25\n100.25 100.5 99.75 100\n"  # 7 renews the pool
    shallower = "100 101.5 99.75 100.5\n"  # 8 not as far as bar 4 went
    told = tell(POOL + SWEEP + quiet + touch + shallower, direction)
    assert told.bars(FactKind.POOL, side=LONG)[-1] == (6, 7, 101.0)
    assert outcome(told) == ([(2, 4, 101.0)], [])
