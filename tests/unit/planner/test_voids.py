"""An unfilled plan waits, is entered, or is void; every part of the product asks here."""

from datetime import timedelta
from decimal import Decimal

import pytest

from snipersight.domain.direction import Direction
from snipersight.planner.voids import (
    Bar,
    Entered,
    Void,
    VoidReason,
    Waiting,
    bars_of,
    follow,
    is_entered,
    is_void,
)
from tests.builders import DECIDED_AT_MS, a_plan, candles_of

BAR_MS = 900_000
SIDES = pytest.mark.parametrize("side", Direction)

# A long with entry 42050-42250, stop 41750 and first target 43000; the short mirrors it about
# 42250, so that one table of offsets from the near edge serves both.


def bar(
    side: Direction,
    worst: str,
    best: str,
    *,
    number: int = 1,
    shift: Direction | None = None,
) -> Bar:
    """Return a bar that reaches from `worst` to `best`, offsets in the trade's favour."""
    edges = sorted(42250 + side.sign * Decimal(offset) for offset in (worst, best))
    low, high = edges
    return Bar(
        open=low,
        high=high,
        low=low,
        close=high,
        closed_at_ms=DECIDED_AT_MS + number * BAR_MS,
        shift=shift,
    )


@SIDES
def test_a_bar_that_touches_nothing_leaves_the_plan_waiting(side):
    plan = a_plan(side)
    quiet = bar(side, "0.01", "749.99")
    assert is_void(plan, quiet) is None
    assert not is_entered(plan, quiet)
    assert follow(plan, [quiet]) == Waiting()
    assert follow(plan, []) == Waiting()


@SIDES
def test_the_near_edge_to_the_exact_tick_is_an_entry(side):
    assert is_entered(a_plan(side), bar(side, "0", "300"))
    assert not is_entered(a_plan(side), bar(side, "0.01", "300"))


@SIDES
@pytest.mark.parametrize(
    ("worst", "best", "reason"),
    [
        ("700", "750", VoidReason.TARGET_TOUCHED),
        ("700", "749.99", None),
        ("-500", "-400", VoidReason.STOP_TOUCHED),
        ("-499.99", "-400", None),
        ("-500", "750", VoidReason.TARGET_TOUCHED),
    ],
)
def test_touching_target_or_stop_voids_an_unfilled_plan(side, worst, best, reason):
    assert is_void(a_plan(side), bar(side, worst, best)) == reason


@SIDES
def test_only_a_shift_against_the_plan_voids_it(side):
    plan = a_plan(side)
    against = bar(side, "100", "200", shift=side.opposite)
    assert is_void(plan, against) is VoidReason.STRUCTURE_SHIFT
    assert is_void(plan, bar(side, "100", "200", shift=side)) is None


@SIDES
def test_a_plan_lives_until_its_last_bar_has_closed(side):
    plan = a_plan(side)  # 8 hours are 32 bars
    assert is_void(plan, bar(side, "100", "200", number=32)) is None
    assert is_void(plan, bar(side, "100", "200", number=33)) is VoidReason.EXPIRED


@SIDES
def test_follow_tells_the_first_thing_that_happened(side):
    plan = a_plan(side)
    quiet = bar(side, "100", "200")
    entry, target = bar(side, "-10", "200", number=2), bar(side, "100", "900", number=3)
    assert follow(plan, [quiet, entry, target]) == Entered(at_ms=entry.closed_at_ms)
    missed = bar(side, "100", "900", number=2)
    assert follow(plan, [quiet, missed, bar(side, "-10", "10", number=3)]) == Void(
        at_ms=missed.closed_at_ms, reason=VoidReason.TARGET_TOUCHED
    )


@SIDES
@pytest.mark.parametrize(
    ("worst", "best"),
    [
        ("-600", "100"),  # through the zone to the stop
        ("-10", "800"),  # zone and target in unknown order
    ],
)
def test_a_bar_that_touches_the_zone_counts_as_entered(side, worst, best):
    plan = a_plan(side)
    assert isinstance(follow(plan, [bar(side, worst, best)]), Entered)
    with_shift = bar(side, worst, best, shift=side.opposite)
    assert isinstance(follow(plan, [with_shift]), Entered)


@SIDES
def test_an_expired_plan_is_not_entered(side):
    late = bar(side, "-10", "100", number=33)
    assert follow(a_plan(side), [late]) == Void(at_ms=late.closed_at_ms, reason=VoidReason.EXPIRED)


@SIDES
def test_the_decisions_own_bar_is_passed_over(side):
    own = bar(side, "-600", "800", number=0)
    assert follow(a_plan(side), [own]) == Waiting()


def test_a_touch_survives_the_way_from_decimal_to_float():
    # 0.1 + 0.2 style prices: the float nearest to the decimal is the candle's own.
    plan = a_plan(near="0.30000003", far="0.30000002", stop="0.2999", targets=("0.31",), cost="0")
    touched = Bar(
        open=0.3005, high=0.3006, low=0.30000003, close=0.3004, closed_at_ms=1 + DECIDED_AT_MS
    )
    assert is_entered(plan, touched)


def test_candles_become_bars_from_the_decision_on_with_their_shifts():
    candles = candles_of(
        [(10, 12, 9, 11), (11, 13, 10, 12), (12, 14, 11, 13)], start_ms=DECIDED_AT_MS - BAR_MS
    )
    shifts = {DECIDED_AT_MS + BAR_MS: Direction.SHORT}
    bars = list(bars_of(candles, after_ms=DECIDED_AT_MS, shifts=shifts))
    assert [one.closed_at_ms - DECIDED_AT_MS for one in bars] == [BAR_MS, 2 * BAR_MS]
    assert [one.shift for one in bars] == [Direction.SHORT, None]
    assert (bars[0].open, bars[0].high, bars[0].low, bars[0].close) == (11, 13, 10, 12)


def test_a_longer_life_keeps_a_plan_waiting():
    plan = a_plan()
    longer = a_plan(valid_until=plan.valid_until + timedelta(hours=1))
    late = bar(Direction.LONG, "100", "200", number=33)
    assert isinstance(follow(plan, [late]), Void)
    assert follow(longer, [late]) == Waiting()
