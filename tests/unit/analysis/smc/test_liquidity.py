"""Golden cases: equal highs and lows."""

import pytest

from snipersight.analysis.facts import PoolKind
from snipersight.analysis.smc.log import FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, Told, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

# ATR stays near 1, so that a tolerance of 0.25 ATR is about 0.25.
TWO_HIGHS = """
100     101     99.75   100.25   # 0
100.25  100.5   99.75   100      # 1 confirms 101
100     101.125 99.75   100.25   # 2 an eighth higher: equal within the tolerance
100.25  100.5   99.75   100      # 3 confirms it
"""


def pools(told: Told) -> list[tuple[int, int, float, float]]:
    """Return (bar, bar known, price, touches) of the equal highs."""
    return [(f.at, f.known, f.price, f.value) for f in told.of(FactKind.POOL, side=LONG)]


@BOTH
def test_two_highs_within_the_tolerance_are_a_pool_at_the_outer_one(direction):
    told = tell(TWO_HIGHS, direction)
    assert pools(told) == [(2, 3, 101.125, 2)]
    (pool,) = [p for p in told.reading().pools if p.side is LONG]
    assert (pool.kind, pool.price, pool.touches) == (PoolKind.EQUAL, 101.125, 2)


@BOTH
def test_the_second_high_may_be_lower(direction):
    told = tell(TWO_HIGHS.replace("101.125", "100.875"), direction)
    assert pools(told) == [(2, 3, 101.0, 2)]


@BOTH
@pytest.mark.parametrize("price", ["101.5  ", "100.625"])
def test_highs_further_apart_are_no_pool(direction, price):
    assert pools(tell(TWO_HIGHS.replace("101.125", price), direction)) == []


@BOTH
def test_a_third_touch_joins_the_pool_and_renews_its_age(direction):
    third = "100 101 99.75 100.25\n100.25 100.5 99.75 100\n"
    told = tell(TWO_HIGHS + third, direction)
    assert pools(told) == [(2, 3, 101.125, 2), (4, 5, 101.125, 3)]


@BOTH
def test_a_high_that_was_run_far_beyond_is_no_twin_for_a_later_one(direction):
    told = tell(
        """
        100     101     99.75   100.25   # 0
        100.25  100.5   99.75   100      # 1 confirms 101
        100     102     99.75   100.25   # 2 runs it by a whole ATR
        100.25  100.5   99.75   100      # 3
        100     101     99.75   100.25   # 4 as high as bar 0, whose stops are gone
        100.25  100.5   99.75   100      # 5
        """,
        direction,
    )
    assert pools(told) == []


@BOTH
def test_a_high_that_is_too_old_is_no_twin(direction):
    pause = "100 100.5 99.75 100\n" * 4
    later = "100 101 99.75 100.25\n100.25 100.5 99.75 100\n"
    early = "100 101 99.75 100.25\n100.25 100.5 99.75 100\n"
    assert pools(tell(early + pause + later, direction, level_max_age_bars=6)) == [(6, 7, 101.0, 2)]
    assert pools(tell(early + pause + later, direction, level_max_age_bars=5)) == []


@BOTH
def test_a_pool_is_forgotten_of_age(direction):
    pause = "100 100.5 99.75 100\n" * 5
    told = tell(TWO_HIGHS + pause, direction, level_max_age_bars=5)
    assert [p.side for p in told.readings[7].pools] == [LONG]
    assert told.readings[8].pools == ()


OLD_HIGH = """
100     102     99.75   100.25   # 0 a high of two bars each side
100.25  100.5   99.75   100      # 1
100     100.5   99.75   100      # 2 confirmed
"""
AGAIN = "100 101.875 99.75 100.25\n100.25 100.5 99.75 100\n"  # 4 confirms a second high


def kinds(told: Told) -> list[tuple[PoolKind, int, float, float]]:
    """Return (kind, bar known, price, touches) of the highs told."""
    return [(PoolKind(f.sub), f.known, f.price, f.value) for f in told.of(FactKind.POOL, side=LONG)]


@BOTH
def test_a_major_swing_is_a_pool_on_its_own_if_asked_for(direction):
    told = tell(OLD_HIGH, direction, old_swings=True)
    assert kinds(told) == [(PoolKind.OLD_SWING, 2, 102.0, 1)]
    assert kinds(tell(OLD_HIGH, direction)) == []


@BOTH
def test_an_equal_high_makes_an_old_swing_a_pool_of_two_touches(direction):
    told = tell(OLD_HIGH + AGAIN, direction, old_swings=True)
    assert kinds(told)[1:] == [(PoolKind.EQUAL, 4, 102.0, 2)]
    (pool,) = [p for p in told.reading().pools if p.side is LONG]
    assert (pool.kind, pool.touches) == (PoolKind.EQUAL, 2)
