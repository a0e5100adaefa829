"""Golden cases: the whole setup, and what is missing when there is none."""

import pytest

from snipersight.analysis.facts import PoolKind, PriceZone, ShiftKind
from snipersight.analysis.smc.log import FactKind
from snipersight.domain.profile import SetupRules
from tests.unit.analysis.smc.test_order_blocks import AWAY, SHIFT
from tests.unit.analysis.smc.told import LONG, SHORT, start_of, tell

BOTH = pytest.mark.parametrize("direction", [LONG, SHORT])
LARGER = SetupRules(valid_bars=10, shift_strength="swing")
DAY = ("day",)  # bar 2 sweeps the previous day's low, 99.5, down to 99


@BOTH
def test_sweep_leg_and_shift_in_order_are_a_setup_at_the_shifts_close(direction):
    told = tell(SHIFT + AWAY, direction, calendar=DAY)
    assert list(told.setups) == [4]
    setup = told.setups[4]
    assert (setup.direction, setup.close) == (LONG, 103.25)
    assert setup.known_at_ms == start_of(5)
    assert (setup.origin, setup.origin_at_ms) == (99.0, start_of(2))
    assert setup.atr == told.readings[4].atr


@BOTH
def test_the_setup_names_the_pool_that_was_swept(direction):
    told = tell(SHIFT, direction, calendar=DAY)
    sweep = told.setups[4].sweep
    assert (sweep.pool.kind, sweep.pool.price, sweep.pool.side) == (PoolKind.DAY, 99.5, SHORT)
    assert (sweep.at_ms, sweep.extreme, sweep.direction) == (start_of(2), 99.0, LONG)
    assert sweep.depth_atr == 0.5 / told.readings[1].atr
    assert sweep.age_bars == 2 + 96  # all of yesterday's lows are equal: the first one counts


@BOTH
def test_the_setup_names_the_shift_and_the_displacement(direction):
    setup = tell(SHIFT, direction, calendar=DAY).setups[4]
    assert setup.displacement is not None
    shift = setup.shift
    assert (shift.kind, shift.is_internal, shift.level) == (ShiftKind.INITIAL, True, 101.0)
    assert (shift.level_at_ms, shift.at_ms) == (start_of(0), start_of(4))
    assert (setup.displacement.start_ms, setup.displacement.end_ms) == (start_of(3), start_of(4))


@BOTH
def test_the_zone_belongs_to_the_leg(direction):
    setup = tell(SHIFT, direction, calendar=DAY).setups[4]
    assert setup.block == PriceZone(low=99.0, high=100.5, at_ms=start_of(2))
    assert setup.gap == PriceZone(low=100.5, high=101.25, at_ms=start_of(3))


@BOTH
@pytest.mark.parametrize(
    ("missing", "rules"),
    [
        ("the sweep", {"calendar": ()}),
        ("block and gap", {"min_gap_atr": 1.0}),  # and so without a displacement
    ],
)
def test_there_is_no_setup_without(direction, missing, rules):
    told = tell(SHIFT, direction, **({"calendar": DAY} | rules))
    assert told.setups == {}, missing


@BOTH
def test_a_leg_without_displacement_has_only_its_gap_as_zone(direction):
    setup = tell(SHIFT, direction, calendar=DAY, displacement_atr=5.0).setups[4]
    assert (setup.block, setup.displacement) == (None, None)
    assert setup.gap == PriceZone(low=100.5, high=101.25, at_ms=start_of(3))


@BOTH
@pytest.mark.parametrize(("low", "bars"), [("100.625", [5]), ("100.25", [])])
def test_a_gap_that_the_leg_filled_is_no_zone(direction, low, bars):
    small_gap = SHIFT.replace("101.25  103.5   101.25  103.25", "101.25  101.5   100.75  101   ")
    into_it = f"101 103.5 {low} 103.25\n"  # 5 returns to the gap 100.5-100.75, then breaks 101
    told = tell(small_gap + into_it, direction, calendar=DAY)
    assert told.of(FactKind.GAP, at=3) != []
    assert told.of(FactKind.SHIFT, known=5) != []
    assert list(told.setups) == bars


@BOTH
@pytest.mark.parametrize(("most_bars", "bars"), [(3, [5]), (2, [])])
def test_a_leg_that_took_too_long_makes_no_setup(direction, most_bars, bars):
    slow = SHIFT.replace("101.25  103.5   101.25  103.25", "100.75  101.5   100.75  101   ")
    told = tell(slow + "101 103.5 101 103.25\n", direction, calendar=DAY, max_leg_bars=most_bars)
    assert list(told.setups) == bars


@BOTH
def test_a_lower_low_after_the_sweep_must_sweep_it_too(direction):
    lower = SHIFT.replace("101.25  99.25   100.75", "101.25  98.75   100.75")
    setup = tell(lower, direction, calendar=DAY).setups[4]
    assert (setup.origin, setup.origin_at_ms) == (98.75, start_of(3))
    # Deeper than the most that is a sweep, it is only a low: the leg's origin took nothing.
    assert tell(lower, direction, calendar=DAY, max_pierce_atr=0.6).setups == {}


@BOTH
def test_only_the_wanted_shifts_of_the_wanted_strength_complete_a_setup(direction):
    no_first_break = SetupRules(valid_bars=10, shift_kinds=("bos", "choch"))
    assert tell(SHIFT, direction, setup=no_first_break, calendar=DAY).setups == {}
    told = tell(SHIFT, direction, setup=LARGER, calendar=DAY)
    assert not told.setups[4].shift.is_internal
    # Four bars must confirm the high: bar 4, which breaks it, would have to be one of them.
    assert tell(SHIFT, direction, setup=LARGER, calendar=DAY, swing_strength=4).setups == {}


@BOTH
def test_one_origin_makes_one_setup(direction):
    told = tell(
        """
        100     100.25  98      98.5     # 0
        98.5    99.5    98.25   99       # 1 confirms the low 98
        99      101     98.5    99.25    # 2
        99.25   99.5    97      97.5     # 3 closes below 98: down, protected high 101
        97.5    101.5   97.25   98.5     # 4 a wick above it is a swing high of its own
        98.5    99      97.5    98       # 5 confirms the low 97
        98      98.25   96.5    97.25    # 6 sweeps it: the origin
        97.25   99      97      98.75    # 7
        98.75   101.25  98.75   101.125  # 8 CHoCH over 101: the setup
        101.125 102     101     101.75   # 9 BOS over 101.5, from the same origin
        """,
        direction,
        old_swings=True,
    )
    choch, bos = ShiftKind.CHOCH, ShiftKind.BOS
    assert told.bars(FactKind.SHIFT, side=LONG, sub=choch) == [(2, 8, 101.0)]
    assert told.bars(FactKind.SHIFT, side=LONG, sub=bos) == [(4, 9, 101.5)]
    assert list(told.setups) == [8]
    assert told.setups[8].origin == 96.5


@BOTH
def test_of_several_pools_swept_at_the_origin_the_weightiest_is_named(direction):
    both = ("day", "week")  # a week of 15 minutes is 672 bars
    told = tell(SHIFT, direction, calendar=both, prelude_bars=1_400)
    assert [f.sub for f in told.of(FactKind.SWEEP)] == [PoolKind.DAY, PoolKind.WEEK]
    assert told.setups[4].sweep.pool.kind is PoolKind.WEEK


@BOTH
def test_a_later_sweep_elsewhere_does_not_wipe_out_the_origins(direction):
    told = tell(
        """
        100     101.5   99.75   100.75   # 0 the high to be broken
        100.75  100.75  100     100.25   # 1 confirms it
        100.25  100.5   99      99.75    # 2 sweeps the previous day's low: the origin
        99.75   100.75  99.75   100.5    # 3
        100.5   100.75  99.625  100      # 4 a low
        100     100.75  99.75   100.5    # 5 confirms it
        100.5   100.75  99.625  100      # 6 an equal low: a pool at 99.625
        100     100.75  99.75   100.5    # 7 confirms it
        100.5   100.625 99.25   100      # 8 sweeps it, above the origin
        100     101.25  99.75   101.25   # 9
        101.25  103.5   101     103.25   # 10 breaks 101.5; gap 100.625-101
        """,
        direction,
        calendar=DAY,
        setup=LARGER,
        swing_strength=5,
    )
    assert list(told.setups) == [10]
    assert told.setups[10].origin == 99.0
    assert told.setups[10].sweep.pool.kind is PoolKind.DAY
