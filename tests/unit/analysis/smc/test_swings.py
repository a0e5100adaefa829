"""Golden cases: swings of both strengths."""

import pytest

from snipersight.analysis.smc.log import FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])
INTERNAL, SWING = 0, 1

PEAK = """
100     101     99.5   100.5    # 0 strictly above everything before
100.5   101     100    100.25   # 1 as high as bar 0: bar 0 stays the swing, this is none
100.25  100.5   99.75  100      # 2
100     102     99.5   101      # 3 higher; not yet confirmed
"""


@BOTH
def test_a_swing_of_strength_one_is_known_one_bar_later(direction):
    told = tell(PEAK, direction)
    assert told.bars(FactKind.SWING, sub=INTERNAL, side=LONG) == [(0, 1, 101.0)]


@BOTH
def test_a_swing_of_strength_two_is_known_two_bars_later(direction):
    told = tell(PEAK, direction)
    assert told.bars(FactKind.SWING, sub=SWING, side=LONG) == [(0, 2, 101.0)]


@BOTH
def test_of_two_equal_highs_side_by_side_only_the_first_is_a_swing(direction):
    told = tell(PEAK + "101 101.5 100 100.5\n", direction)
    assert told.bars(FactKind.SWING, sub=INTERNAL, side=LONG) == [(0, 1, 101.0), (3, 4, 102.0)]


@BOTH
def test_a_higher_high_within_the_strength_leaves_no_swing(direction):
    told = tell(
        """
        100     101     99.5   100.5   # 0 a swing of one bar each side
        100.5   100.75  100    100.25  # 1
        100.25  101.25  100    101     # 2 higher, two bars later
        """,
        direction,
    )
    assert told.bars(FactKind.SWING, sub=INTERNAL, side=LONG) == [(0, 1, 101.0)]
    assert told.of(FactKind.SWING, sub=SWING, side=LONG) == []


@BOTH
def test_the_dealing_range_lies_between_the_last_confirmed_opposite_swings(direction):
    told = tell(
        """
        100     104     99.75  103     # 0 swing high 104
        103     103     99.5   100     # 1
        100     100.5   96     97      # 2 swing low 96
        97      99      96.5   98      # 3
        98      99      97     98      # 4 both confirmed
        """,
        direction,
    )
    assert told.readings[3].swing_low is None
    reading = told.reading()
    assert (reading.swing_low, reading.swing_high) == (96.0, 104.0)
    assert reading.range_position(98.0) == 0.25
