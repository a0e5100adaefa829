"""Golden cases: the bait in front of a block."""

import pytest

from snipersight.analysis.smc.log import FactKind
from tests.unit.analysis.smc.test_order_blocks import SHIFT
from tests.unit.analysis.smc.told import LONG, SHORT, Told, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

BAIT = """
103.25  103.5   102.5   102.75   # 5
102.75  103     102     102.5    # 6 an internal low above the block at 99-100.5
102.5   103.25  102.25  103      # 7 confirms it
"""
TAKEN = "103 103 101.5 102.5\n"  # 8 runs the low, stays above the block


def induced(told: Told) -> list[tuple[int, int, float]]:
    """Return (bar of the block, bar known, price of the bait)."""
    return told.bars(FactKind.INDUCED)


@BOTH
def test_a_low_above_the_block_that_is_run_before_the_block_is_inducement(direction):
    told = tell(SHIFT + BAIT + TAKEN, direction)
    assert induced(told) == [(2, 8, 102.0)]
    assert [block.is_induced for block in told.readings[7].blocks] == [False]
    assert [block.is_induced for block in told.readings[8].blocks] == [True]


@BOTH
def test_a_bar_that_runs_the_low_and_touches_the_block_leaves_no_inducement(direction):
    assert induced(tell(SHIFT + BAIT + "103 103 100.25 102.5\n", direction)) == []


@BOTH
def test_of_several_lows_the_nearest_to_the_block_must_be_taken(direction):
    lower_first = BAIT.replace("102.75  103     102     102.5 ", "102.75  103     101     102.5 ")
    higher_later = """
    103     103.5   102.75  103.25   # 8
    103.25  103.5   102.25  103      # 9 a second low at 102.25
    103     103.5   102.5   103.25   # 10 confirms it
    103.25  103.25  101.5   102.5    # 11 runs 102.25 only
    102.5   102.75  100.75  102      # 12 runs 101, the nearest
    """
    assert induced(tell(SHIFT + lower_first + higher_later, direction)) == [(2, 12, 101.0)]


@BOTH
def test_a_low_that_the_leg_left_before_the_block_was_known_counts(direction):
    told = tell(
        """
        100     103     99.75   102      # 0 the high to be broken
        102     102     100     100.25   # 1
        100.25  100.5   99      99.75    # 2 the block
        99.75   101.5   99.75   101.25   # 3
        101.25  102.5   101.25  102.25   # 4 leaves the gap
        102.25  102.25  101     101.75   # 5 a low inside the leg
        101.75  103.75  101.5   103.5    # 6 breaks 103: now the block is known
        103.5   103.5   102     102.5    # 7
        102.5   102.5   100.75  101.5    # 8 runs 101
        """,
        direction,
    )
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK)] == [(2, 6)]
    assert induced(told) == [(2, 8, 101.0)]


@BOTH
def test_a_low_of_the_leg_that_was_run_before_the_break_is_no_bait(direction):
    told = tell(
        """
        100     103     99.75   102      # 0 the high to be broken
        102     102     100     100.25   # 1
        100.25  100.5   99      99.75    # 2 the block
        99.75   101.5   99.75   101.25   # 3
        101.25  102.5   101.25  102.25   # 4
        102.25  102.625 101     101.75   # 5 a low inside the leg
        101.75  102.75  101.25  102      # 6
        102     102.875 100.75  102      # 7 runs it: the next low, still standing at the break
        102     103     101.5   102.25   # 8
        102.25  104     102     103.75   # 9 breaks 103
        103.75  103.75  102     102.5    # 10
        102.5   102.5   100.875 101.5    # 11 below 101, above 100.75
        101.5   101.75  100.625 101.5    # 12 runs 100.75
        """,
        direction,
    )
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK)] == [(2, 9)]
    assert induced(told) == [(2, 12, 100.75)]
