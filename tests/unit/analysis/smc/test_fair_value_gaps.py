"""Golden cases: fair value gaps, their fill and their end."""

import pytest

from snipersight.analysis.smc.log import BY_AGE, BY_CLOSE, FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

GAP = """
100     100.5   99.5    100      # 0 high 100.5; ATR is 1
100     102.5   100     102.25   # 1 the middle bar
102.25  103.25  101.5   103.25   # 2 low 101.5: the gap is 100.5-101.5
"""
HALF_FILLED = "103.25 103.25 101 102\n"  # 3 returns to 101
THROUGH = "102 102 100 100.25\n"  # 4 closes below 100.5
BACK = "100.25 102 100.25 101.75\n"  # 5 closes above 101.5
QUIET = "103 103.25 102.75 103\n"


@BOTH
def test_three_bars_whose_outer_wicks_do_not_meet_leave_a_gap(direction):
    told = tell(GAP, direction)
    (gap,) = told.of(FactKind.GAP)
    assert (gap.side, gap.at, gap.known) == (LONG, 1, 2)
    assert (gap.low, gap.high, gap.value) == (100.5, 101.5, 1.0)
    (live,) = told.reading().gaps
    assert (live.direction, live.fill, live.is_inverse) == (LONG, 0.0, False)


@BOTH
def test_wicks_that_touch_leave_no_gap(direction):
    told = tell(GAP.replace("101.5   103.25", "100.5   103.25"), direction)
    assert told.of(FactKind.GAP) == []


@BOTH
def test_a_gap_below_the_least_width_in_atr_is_none(direction):
    assert tell(GAP, direction, min_gap_atr=1.0).of(FactKind.GAP) != []
    assert tell(GAP, direction, min_gap_atr=1.125).of(FactKind.GAP) == []


@BOTH
def test_the_deepest_return_is_the_fill(direction):
    told = tell(GAP + HALF_FILLED + QUIET, direction)
    assert [gap.fill for gap in told.reading().gaps if gap.zone.low == 100.5] == [0.5]


@BOTH
def test_a_gap_that_is_closed_through_turns_inverse_and_ends_when_closed_back(direction):
    told = tell(GAP + HALF_FILLED + THROUGH + BACK, direction)
    (flipped,) = told.of(FactKind.GAP_FLIPPED, at=1)
    assert (flipped.known, flipped.low, flipped.high, flipped.value) == (4, 100.5, 101.5, 1.0)
    (inverse,) = [gap for gap in told.readings[4].gaps if gap.zone.low == 100.5]
    assert (inverse.is_inverse, inverse.direction) == (True, SHORT)
    (ended,) = told.of(FactKind.GAP_ENDED, at=1)
    assert (ended.known, ended.sub) == (5, BY_CLOSE)
    assert all(gap.zone.low != 100.5 for gap in told.readings[5].gaps)


@BOTH
def test_a_gap_ends_of_age(direction):
    told = tell(GAP + QUIET * 6, direction, zone_max_age_bars=5)
    (ended,) = told.of(FactKind.GAP_ENDED, at=1)
    assert (ended.known, ended.sub) == (7, BY_AGE)
    assert any(gap.zone.low == 100.5 for gap in told.readings[6].gaps)
    assert all(gap.zone.low != 100.5 for gap in told.readings[7].gaps)
