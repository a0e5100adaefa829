"""Golden cases: the first break, BOS, failed breaks and CHoCH."""

import pytest

from snipersight.analysis.smc.log import FactKind
from snipersight.domain.direction import Direction
from tests.unit.analysis.smc.told import LONG, SHORT, Told, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])
INITIAL, BOS, CHOCH = 0, 1, 2  # internal strength; the swing strength adds 4
SWING = 4

RISE = """
100     102     100     101.5    # 0 the high to be broken
101.5   101.75  100.5   101      # 1 confirms it
101     102.5   100.75  101.75   # 2 a wick above it is no break
101.75  103     101.5   102.5    # 3 a close above it is: initial; protected low 100 (bar 0)
102.5   103.5   102     103      # 4 next high
103     103.25  102.25  102.5    # 5 confirms it
102.5   102.75  101.75  102      # 6 the low between high and break
102     103     102     102.75   # 7
102.75  104     102.5   103.75   # 8 BOS over bar 4; protected low 101.75 (bar 6)
"""
BACK = """
103.75  103.75  103     103.25   # 9 closes back under 103.5
103.25  103.5   101.5   102      # 10 a wick below the protected low turns nothing
"""
TURN = """
102     102.25  101     101.5    # 11 a close below it does: CHoCH
"""


def shifts(
    told: Told, *, side: Direction = LONG, strength: int = 0
) -> list[tuple[int, int, int, float]]:
    """Return (kind, bar of the level, bar known, level) of one side and strength."""
    facts = told.of(FactKind.SHIFT, side=side)
    return [
        (f.sub - strength, f.at, f.known, f.price) for f in facts if f.sub // 4 == strength // 4
    ]


@BOTH
def test_the_first_close_beyond_a_swing_is_initial_and_the_next_a_bos(direction):
    told = tell(RISE, direction)
    assert shifts(told) == [(INITIAL, 0, 3, 102.0), (BOS, 4, 8, 103.5)]
    assert shifts(told, side=SHORT) == []


@BOTH
def test_a_close_back_below_the_broken_level_fails_the_break_once(direction):
    told = tell(RISE + BACK, direction)
    failed = told.bars(FactKind.FAILED_BREAK, sub=0)
    assert failed == [(9, 9, 103.5)]


@BOTH
def test_a_close_at_the_broken_level_fails_nothing(direction):
    told = tell(RISE + "103.75 103.75 103.25 103.5", direction)
    assert told.of(FactKind.FAILED_BREAK, sub=0) == []


@BOTH
def test_a_close_below_the_protected_low_is_a_choch(direction):
    told = tell(RISE + BACK + TURN, direction)
    assert shifts(told, side=SHORT) == [(CHOCH, 6, 11, 101.75)]
    assert [reading.internal_trend for reading in told.readings[9:]] == [1, 1, -1]


@BOTH
def test_a_choch_protects_the_extreme_its_leg_began_at(direction):
    after = "101.5 104 101.25 104\n104 104.5 103.75 104.25"
    told = tell(RISE + BACK + TURN + after, direction)
    # The leg down began at 104 (bar 8): a close at it holds, a close above it turns back.
    assert shifts(told)[-1] == (CHOCH, 8, 13, 104.0)


@BOTH
def test_a_choch_that_closes_back_through_the_broken_level_fails_that_break(direction):
    told = tell(RISE + "103.75 103.75 101 101.5", direction)
    assert shifts(told, side=SHORT) == [(CHOCH, 6, 9, 101.75)]
    assert told.bars(FactKind.FAILED_BREAK, sub=0) == [(9, 9, 103.5)]


@BOTH
def test_a_low_inside_the_leg_is_closed_through_without_a_word(direction):
    told = tell(
        RISE
        + """
        103.75  104.5   103.5   104.25   # 9
        104.25  104.25  103.25  103.5    # 10 a low above the protected one
        103.5   104     103.5   103.75   # 11 confirms it
        103.75  103.75  102.75  103      # 12 closes below it, above 101.75
        103     103.25  102.5   102.75   # 13 and again
        102.75  102.75  101     101.25   # 14 the protected low breaks
        101.25  101.25  100.5   100.75   # 15 lower; 103.25 is broken already, so no BOS
        """,
        direction,
    )
    assert shifts(told, side=SHORT) == [(CHOCH, 6, 14, 101.75)]


@BOTH
def test_of_equal_lows_the_leg_begins_at_the_last(direction):
    twice = RISE.replace("102     103     102     102.75 ", "102     103     101.75  102.75 ")
    told = tell(twice + BACK + TURN, direction)
    assert shifts(told, side=SHORT) == [(CHOCH, 7, 11, 101.75)]


@BOTH
def test_the_larger_structure_is_told_apart_from_the_internal_one(direction):
    told = tell(RISE, direction)
    # Bar 2 is higher than bar 0, so for two bars each side the first swing is bar 4.
    assert shifts(told, strength=SWING) == [(INITIAL, 4, 8, 103.5)]
    told = tell(
        """
        100     102     100     101.5    # 0 the high
        101.5   101.75  100.5   101      # 1
        101     101.5   100.75  101.25   # 2 confirms it for both strengths
        101.25  103     101     102.5    # 3 breaks it for both
        """,
        direction,
    )
    assert shifts(told, strength=SWING) == [(INITIAL, 0, 3, 102.0)]
    assert shifts(told) == [(INITIAL, 0, 3, 102.0)]
    assert told.reading().protected == 100.0


@BOTH
def test_a_trend_without_a_new_break_ends_of_age_and_the_next_break_is_initial(direction):
    pause = "102.25 102.5 102 102.25\n" * 4
    again = """
        102.25  103     102     102.25   # 14 a new high
        102.25  102.5   102     102.25   # 15 confirms it
        102.25  103.5   102     103.25   # 16 breaks it
        """
    told = tell(RISE + "103.75 104 102 102.25\n" + pause + again, direction, level_max_age_bars=5)
    assert shifts(told)[-1] == (INITIAL, 14, 16, 103.0)
    told = tell(RISE + "103.75 104 102 102.25\n" + pause + again, direction)
    assert shifts(told)[-1] == (BOS, 14, 16, 103.0)
