"""Golden cases: order blocks from birth to end."""

import pytest

from snipersight.analysis.facts import Block, BlockState
from snipersight.analysis.smc.log import BY_AGE, BY_CLOSE, FactKind
from tests.unit.analysis.smc.told import LONG, SHORT, Told, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])

# The previous day's low is the prelude's, 99.5: with a calendar, bar 2 sweeps it.
SHIFT = """
100     101     99.75   100.75   # 0 the high to be broken
100.75  100.75  100     100.25   # 1 confirms it
100.25  100.5   99      99.75    # 2 the last falling candle and the low of the leg: the block
99.75   101.25  99.25   100.75   # 3 the displacement begins; no close above 101 yet
101.25  103.5   101.25  103.25   # 4 breaks 101 and leaves the gap 100.5-101.25
"""
TOUCH = "103.25 103.25 102 102.25\n102.25 102.25 100 101.5\n"  # 6 dips a third into 99-100.5
THROUGH = "101.5 101.5 98.5 98.75\n"  # 7 closes below 99
BACK = "98.75 100 98.5 100\n100 101 100 100.75\n"  # 9 closes above 100.5
AWAY = "103 103.25 102.75 103\n"


def the_block(told: Told, bar: int = -1) -> Block:
    """Return the block of bar 2 as the reading at a bar shows it."""
    block: Block
    (block,) = [b for b in told.readings[bar].blocks if (b.zone.low, b.zone.high) == (99.0, 100.5)]
    return block


@BOTH
def test_the_last_opposite_candle_before_the_leg_that_broke_structure_is_the_block(direction):
    told = tell(SHIFT, direction)
    (block,) = told.of(FactKind.BLOCK)
    assert (block.side, block.at, block.known) == (LONG, 2, 4)
    assert (block.low, block.high) == (99.0, 100.5)
    assert (the_block(told).state, the_block(told).direction) == (BlockState.FRESH, LONG)


@BOTH
def test_a_doji_at_the_extreme_has_no_colour_so_the_falling_candle_before_it_counts(direction):
    told = tell(SHIFT.replace("100.5   99      99.75 ", "100.5   99      100.25"), direction)
    (block,) = told.of(FactKind.BLOCK)
    assert (block.at, block.low, block.high) == (1, 100.0, 100.75)


@BOTH
def test_a_break_without_displacement_leaves_no_block(direction):
    told = tell(SHIFT, direction, displacement_atr=5.0)
    assert told.of(FactKind.SHIFT) != []
    assert told.of(FactKind.BLOCK) == []


@BOTH
def test_the_first_return_mitigates_and_the_deepest_penetration_is_kept(direction):
    told = tell(SHIFT + TOUCH + AWAY, direction)
    (touched,) = told.of(FactKind.BLOCK_TOUCHED)
    assert (touched.at, touched.known) == (2, 6)
    assert touched.value == pytest.approx(1 / 3)
    assert the_block(told, 5).state is BlockState.FRESH
    assert the_block(told).state is BlockState.MITIGATED
    assert the_block(told).penetration == pytest.approx(1 / 3)


@BOTH
def test_a_second_deeper_return_deepens_the_penetration_and_is_no_new_touch(direction):
    deeper = "103    103.25 99.625 101.5\n101.5  101.5  100.25 101\n"  # 7 dips to 7/12, 8 less
    told = tell(SHIFT + TOUCH + deeper, direction)
    assert len(told.of(FactKind.BLOCK_TOUCHED)) == 1
    depths = [the_block(told, bar).penetration for bar in (6, 7, 8)]
    assert depths == [pytest.approx(depth) for depth in (1 / 3, 7 / 12, 7 / 12)]


@BOTH
def test_a_block_that_no_bar_has_left_cannot_be_touched(direction):
    told = tell(
        """
        100     102     99.75   101.5    # 0 the high to be broken
        101.5   101.75  100     101      # 1 confirms it
        101     101.5   98.5    98.75    # 2 the block reaches up to 101.5
        98.75   99      98      98.75    # 3 the extreme, a doji
        98.75   101     98.5    100.75   # 4
        100.75  103     100.5   102.75   # 5 breaks 102; its low is inside the block
        102.75  102.75  101     102.5    # 6 still inside
        102.5   103     102     102.75   # 7 the first bar wholly outside
        102.75  102.75  101     102      # 8 the first touch
        """,
        direction,
    )
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK)] == [(2, 5)]
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK_TOUCHED)] == [(2, 8)]


@BOTH
def test_a_block_left_before_the_break_can_be_touched_by_the_next_bar(direction):
    told = tell(
        """
        100     103     99.75   102      # 0 the high to be broken
        102     102     100     100.25   # 1
        100.25  100.5   99      99.75    # 2 the block
        99.75   101.5   99.75   101.25   # 3
        101.25  102.5   101.25  102.25   # 4 wholly outside
        102.25  102.25  101     101.75   # 5
        101.75  103.75  100.25  103.5    # 6 dips into the block, then breaks 103: now it is known
        103.5   103.5   100.25  102      # 7 returns
        """,
        direction,
    )
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK)] == [(2, 6)]
    assert [(fact.at, fact.known) for fact in told.of(FactKind.BLOCK_TOUCHED)] == [(2, 7)]


@BOTH
def test_a_block_closed_through_becomes_a_mitigation_block_if_nothing_was_swept(direction):
    told = tell(SHIFT + TOUCH + THROUGH, direction)
    (flipped,) = told.of(FactKind.BLOCK_FLIPPED)
    assert (flipped.at, flipped.known, flipped.sub) == (2, 7, BlockState.MITIGATION_BLOCK)
    block = the_block(told)
    assert (block.state, block.direction) == (BlockState.MITIGATION_BLOCK, SHORT)
    assert block.penetration == 1.0


@BOTH
def test_a_block_whose_leg_swept_liquidity_becomes_a_breaker(direction):
    told = tell(SHIFT + TOUCH + THROUGH, direction, calendar=("day",))
    (flipped,) = told.of(FactKind.BLOCK_FLIPPED)
    assert (flipped.known, flipped.sub) == (7, BlockState.BREAKER)
    assert the_block(told).state is BlockState.BREAKER


@BOTH
def test_a_bar_straight_through_an_untouched_block_touches_and_flips_it(direction):
    told = tell(SHIFT + AWAY + "103 103 98.5 98.75\n", direction)
    assert [fact.known for fact in told.of(FactKind.BLOCK_TOUCHED)] == [6]
    assert [fact.known for fact in told.of(FactKind.BLOCK_FLIPPED)] == [6]


@BOTH
@pytest.mark.parametrize("calendar", [(), ("day",)])
def test_a_flipped_block_ends_on_a_close_back_through(direction, calendar):
    told = tell(SHIFT + TOUCH + THROUGH + BACK, direction, calendar=calendar)
    (ended,) = told.of(FactKind.BLOCK_ENDED, at=2)
    assert (ended.known, ended.sub) == (9, BY_CLOSE)
    assert the_block(told, 8).state >= BlockState.BREAKER
    assert all(block.zone.low != 99.0 for block in told.reading().blocks)


@BOTH
def test_a_block_ends_of_age(direction):
    told = tell(SHIFT + AWAY * 6, direction, zone_max_age_bars=5)
    (ended,) = told.of(FactKind.BLOCK_ENDED)
    assert (ended.at, ended.known, ended.sub) == (2, 9, BY_AGE)
    assert the_block(told, 8).state is BlockState.FRESH
    assert told.reading().blocks == ()
