"""Outcomes worked out by hand.

The plan, unless a test says otherwise: long, half of it at 100, a quarter each at 99 and 98, stop
92, half out at 108, half at 116, no costs. One R is 100 − 92 = 8 a unit. Rows are open, high, low,
close of five minutes each.
"""

from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs, Ending, Kind, OutcomeStatus
from snipersight.matching.outcomes import model_outcomes
from tests.builders.outcomes import KEY, KNOWN_MS, STEP_MS, bars, outcome, signal_terms

QUIET = (103, 104, 101, 102)
NEAR = (102, 103, 99.5, 101)  # below 100, not below 99: half is in
ALL = (102, 103, 97, 101)  # everything is in: average 100/2 + 99/4 + 98/4 = 99.25
HIT = (101, 109, 100.5, 108.5)  # beyond 108
WHOLE: dict[str, Any] = {"entry_fractions": (1.0, 0.0, 0.0)}


def closed_at(number: int) -> int:
    """Return the close of a bar, 1 for the first."""
    return KNOWN_MS + number * STEP_MS


def test_both_targets_of_half_a_position():
    told = outcome([QUIET, NEAR, HIT, (108.5, 112, 107, 111), (111, 117, 109, 116)])
    assert (told.kind, told.status, told.ending) == (
        Kind.MODELLED,
        OutcomeStatus.CLOSED,
        Ending.TARGETS,
    )
    assert (told.entered_ms, told.ended_ms) == (closed_at(2), closed_at(5))
    assert (told.filled_fraction, told.targets_hit) == (0.5, 2)
    # a quarter gains 8, a quarter 16: 2 + 4 = 6, over 8
    assert told.gross_r == told.net_r == 0.75
    assert told.mae_r == 0.5 / 8  # 99.5 on the bar of the entry
    assert told.mfe_r == 2.0  # the last target; price went a point beyond, nothing was held there
    assert told.planned_r == (0.5 * 8 + 0.5 * 16) / 8


def test_a_stop_takes_everything_that_was_entered():
    told = outcome([ALL, (101, 102, 95, 96), (96, 97, 91, 91.5)])
    assert (told.status, told.ending) == (OutcomeStatus.CLOSED, Ending.STOP)
    assert told.gross_r == (92 - 99.25) / 8
    assert told.mae_r == (99.25 - 92) / 8  # below the stop nothing was held any more
    assert told.mfe_r == (102 - 99.25) / 8


def test_on_the_bar_of_the_entry_the_stop_counts_and_a_target_does_not():
    stopped = outcome([(102, 109, 91, 95)])
    assert stopped.ending is Ending.STOP
    assert stopped.is_ambiguous
    assert stopped.entered_ms == stopped.ended_ms == closed_at(1)
    held = outcome([(102, 109, 99.5, 101)])
    assert (held.status, held.targets_hit, held.mfe_r) == (OutcomeStatus.OPEN, 0, 0.0)


def test_where_a_later_bar_touches_both_the_stop_counts():
    told = outcome([NEAR, (101, 109, 91, 100)])
    assert (told.ending, told.targets_hit, told.is_ambiguous) == (Ending.STOP, 0, True)
    # On its way to the stop price filled the deeper entries too.
    assert told.gross_r == (92 - 99.25) / 8
    assert "stop and target" in told.note


def test_a_price_that_only_touches_a_limit_fills_nothing():
    assert outcome([(102, 103, 100, 101)]).status is OutcomeStatus.WAITING
    told = outcome([NEAR, (101, 108, 100, 107)])
    assert (told.status, told.targets_hit) == (OutcomeStatus.OPEN, 0)


def test_a_price_that_touches_the_stop_triggers_it():
    assert outcome([NEAR, (101, 102, 92, 95)]).ending is Ending.STOP


def test_a_gap_through_the_stop_fills_at_the_open():
    told = outcome([ALL, (90, 91, 89, 90)])
    assert told.gross_r == (90 - 99.25) / 8
    assert told.mae_r == (99.25 - 90) / 8


def test_a_gap_through_the_whole_zone_fills_it_at_its_limits_and_the_stop_at_the_open():
    told = outcome([QUIET, (90, 93, 89, 91)])
    assert (told.filled_fraction, told.ending) == (1.0, Ending.STOP)
    assert told.gross_r == (90 - 99.25) / 8


def test_a_gap_beyond_a_target_fills_at_the_target():
    told = outcome([NEAR, (112, 113, 111, 112)])
    assert (told.targets_hit, told.gross_r) == (1, 0.25 * 8 / 8)
    assert told.mfe_r == 13 / 8  # what is still held saw 113


def test_after_the_first_target_the_stop_goes_to_the_average_entry():
    told = outcome([ALL, HIT, (108.5, 110, 99, 100)])
    assert (told.ending, told.targets_hit) == (Ending.BREAK_EVEN, 1)
    # half gains 108 − 99.25; the tick of 0.25 leaves the rest at 99.25
    assert told.gross_r == 0.5 * 8.75 / 8
    assert told.mae_r == 2.25 / 8


def test_break_even_lies_beyond_the_costs_on_the_tick_towards_profit():
    told = outcome([ALL, HIT, (108.5, 110, 99, 100)], cost_per_unit=0.3)
    # 99.25 + 0.3 = 99.55, the next tick above is 99.75; one R is 8.3
    assert told.gross_r == pytest.approx((0.5 * 8.75 + 0.5 * 0.5) / 8.3, abs=1e-15)


def test_the_stop_does_not_move_inside_the_bar_of_the_target():
    # Opens beyond the target, then falls through the entry: the old stop still lies at 92.
    told = outcome([ALL, (109, 110, 95, 96), (96, 97, 94, 95), (95, 96, 91, 92)])
    assert (told.ending, told.targets_hit) == (Ending.STOP, 1)
    # At no close price lay beyond 99.25, where the stop could have gone.
    assert told.gross_r == (0.5 * 8.75 + 0.5 * -7.25) / 8


def test_without_break_even_the_stop_stays():
    told = outcome([ALL, HIT, (108.5, 109, 91, 92)], break_even=False)
    assert told.ending is Ending.STOP
    assert told.gross_r == (0.5 * 8.75 + 0.5 * -7.25) / 8


def test_deeper_entries_end_with_the_first_target():
    told = outcome([NEAR, HIT, (108.5, 109, 97, 98)])
    assert (told.filled_fraction, told.ending) == (0.5, Ending.BREAK_EVEN)


def test_a_deeper_entry_changes_average_and_shares():
    told = outcome([NEAR, (101, 102, 98.5, 101), HIT, (108, 117, 107, 116)])
    # 0.5 at 100 and 0.25 at 99 are 0.75; half of that leaves at 108, half at 116
    assert told.filled_fraction == 0.75
    assert told.gross_r == (0.375 * 108 + 0.375 * 116 - 50 - 24.75) / 8


def test_a_trailing_stop_follows_the_best_close_after_the_first_target():
    rows = [NEAR, HIT, (108.5, 114, 108, 113), (113, 114, 108, 109)]
    told = outcome(rows, trailing_atr=1.0, break_even=False)
    # closes of 108.5 and 113: the stop goes to 104.5, then to 109
    assert told.ending is Ending.TRAILED
    assert told.gross_r == (0.25 * 8 + 0.25 * 9) / 8


def test_a_trailing_stop_neither_follows_a_wick_nor_comes_back():
    rows = [NEAR, HIT, (108.5, 115, 107, 107.5), (107.5, 108, 104.25, 105)]
    told = outcome(rows, trailing_atr=1.0, break_even=False)
    assert told.ending is Ending.TRAILED
    assert told.gross_r == (0.25 * 8 + 0.25 * 4.5) / 8  # 4 behind the close of 108.5


def test_a_trailing_stop_moves_a_tenth_of_an_atr_at_least():
    # One behind 108.5 is 107.5; behind the later close of 108.75 it would be 0.25 nearer.
    rows = [NEAR, HIT, (108.5, 109, 108, 108.75), (108.75, 109, 107, 108)]
    told = outcome(rows, trailing_atr=0.25, break_even=False)
    assert told.gross_r == (0.25 * 8 + 0.25 * 7.5) / 8


def test_a_trailing_stop_is_not_moved_to_where_price_has_passed_it():
    # Closes at 107.75, reaches the target, and closes at 97.5: 4 behind 107.75 is out of reach.
    rows = [NEAR, (101, 107.75, 100.5, 107.75), (107.75, 109, 97, 97.5), (97.5, 104, 97, 98)]
    told = outcome(rows, trailing_atr=1.0, break_even=False, **WHOLE)
    assert (told.status, told.targets_hit) == (OutcomeStatus.OPEN, 1)


def test_break_even_lies_on_ticks_that_do_not_divide_one():
    rows = [(100, 101, 98, 100), (100, 109, 99.5, 108.75), (108.75, 109, 99, 99.5)]
    prices: dict[str, Any] = {"near": 99.0, "mid": 99.0, "far": 99.0, "stop": 90.0, "tick": 0.75}
    targets = ((108.0, 0.5), (117.0, 0.5))
    told = outcome(rows, targets=targets, cost_per_unit=0.3, **prices, **WHOLE)
    # 99 + 0.3, on 133 ticks of 0.75: 99.75
    assert told.gross_r == pytest.approx((0.5 * 9 + 0.5 * 0.75) / 9.3, abs=1e-15)


def test_reward_that_is_just_what_was_asked_for_is_enough_whatever_floats_lose():
    prices: dict[str, Any] = {"near": 1.1, "mid": 1.1, "far": 1.1, "stop": 1.0, "tick": 0.01}
    assert (1.2 - 1.1) / (1.1 - 1.0) < 1
    told = outcome([(1.15, 1.18, 1.08, 1.1)], targets=((1.2, 1.0),), min_rr=1.0, **prices, **WHOLE)
    assert told.status is OutcomeStatus.OPEN


def test_a_tick_that_no_float_holds_is_touched_where_the_venue_says_so():
    # The stop goes to 0.8 − 0.1: seven ticks of 0.1, which as floats are more than 0.7.
    assert 7 * 0.1 > 0.7
    prices: dict[str, Any] = {"near": 0.8, "mid": 0.8, "far": 0.8, "stop": 0.9, "tick": 0.1}
    rows = [(0.75, 0.82, 0.74, 0.8), (0.8, 0.81, 0.3, 0.35), (0.35, 0.7, 0.34, 0.5)]
    told = outcome(
        rows,
        direction=Direction.SHORT,
        targets=((0.4, 0.5), (0.1, 0.5)),
        cost_per_unit=0.1,
        **prices,
        **WHOLE,
    )
    assert told.ending is Ending.BREAK_EVEN


def test_a_trade_that_lasted_long_enough_is_closed_at_the_close():
    told = outcome([NEAR, QUIET, QUIET, QUIET], time_stop_ms=2 * STEP_MS)
    assert (told.ending, told.ended_ms) == (Ending.TIME_STOP, closed_at(3))
    assert told.gross_r == 0.5 * 2 / 8


def test_a_fill_that_does_not_earn_its_risk_is_closed_at_the_close():
    # Reward 12 for a risk of 8 is 1.5.
    assert outcome([NEAR], min_rr=1.5).status is OutcomeStatus.OPEN
    told = outcome([NEAR], min_rr=1.6)
    assert (told.ending, told.gross_r) == (Ending.JUDGED, 0.5 * 1 / 8)


def test_what_is_paid_for_a_stop():
    costs = Costs(maker=0.001, taker=0.002, slippage=0.01)
    told = outcome([(102, 103, 99.5, 101), (101, 102, 91, 92)], costs=costs, **WHOLE)
    # entry: 100 at 0.001 = 0.1; exit: 92 less 1 % = 91.08, on the tick 91, at 0.002 = 0.182
    assert told.gross_r == -1.0
    assert told.slippage_r == 1.0 / 8
    assert told.fees_r == pytest.approx((0.1 + 0.182) / 8, abs=1e-15)
    assert told.net_r == told.gross_r - told.fees_r - told.slippage_r - told.funding_r


def test_what_is_paid_for_a_target():
    costs = Costs(maker=0.001, taker=0.002, slippage=0.01)
    told = outcome([NEAR, HIT], costs=costs, targets=((108.0, 1.0),), **WHOLE)
    assert told.gross_r == 1.0
    assert told.slippage_r == 0.0
    assert told.fees_r == pytest.approx((0.1 + 0.108) / 8, abs=1e-15)


def test_what_price_is_past_when_the_orders_arrive_is_taken_at_that_price():
    costs = Costs(maker=0.001, taker=0.002, slippage=0.0)
    rows = [(99.5, 100, 99, 99.5), (99.5, 101, 99.25, 100)]
    told = outcome(rows, costs=costs, known_ms=KNOWN_MS + STEP_MS)
    assert told.fees_r == 0.5 * 99.5 * 0.002 / 8
    assert told.entered_ms == KNOWN_MS + STEP_MS
    # It is the close before that tells: a gap beyond the limit fills what rests there already.
    later = outcome([QUIET, (99.5, 101, 99.25, 100)], costs=costs)
    assert later.fees_r == 0.5 * 100 * 0.001 / 8


def test_funding_is_paid_at_each_boundary_while_something_is_held():
    eight = 8 * 3_600_000
    costs = Costs(maker=0, taker=0, slippage=0, funding_rate=0.0625, funding_interval_ms=eight)
    known_ms = KNOWN_MS - 3_600_000 + eight - 2 * STEP_MS  # ten minutes before 08:00
    terms = signal_terms(known_ms=known_ms, valid_until_ms=known_ms + eight, costs=costs)
    rows = [QUIET, NEAR, QUIET, (102, 103, 91, 92)]
    (told,) = model_outcomes([(KEY, terms)], bars(rows, start_ms=known_ms))
    # The entry bar closes at 08:00: half at 101, once.
    assert told.funding_r == 0.5 * 101 * 0.0625 / 8
    assert told.net_r == told.gross_r - told.funding_r


def test_no_boundary_is_left_out_while_something_is_held():
    ten = Costs(maker=0, taker=0, slippage=0, funding_rate=0.0625, funding_interval_ms=600_000)
    # closes at 5, 10 … 30 minutes, 102 each: paid at 10, 20 and 30
    told = outcome([NEAR, *[QUIET] * 5], costs=ten)
    assert told.funding_r == 3 * 0.5 * 102 * 0.0625 / 8


def test_boundaries_inside_a_bar_are_paid_on_the_most_that_was_held_in_it():
    costs = Costs(maker=0, taker=0, slippage=0, funding_rate=0.0625, funding_interval_ms=60_000)
    told = outcome([(102, 103, 99.5, 101), (101, 102, 91, 92)], costs=costs, **WHOLE)
    # five on the bar of the entry; four on that of the stop, at whose close nothing is held
    assert told.funding_r == (5 * 101 + 4 * 92) * 0.0625 / 8


@pytest.mark.parametrize(
    ("rows", "status", "bar"),
    [
        ([QUIET, (103, 108, 102, 107)], OutcomeStatus.MISSED, 2),  # a touch is enough
        ([QUIET, (103, 108, 100, 107)], OutcomeStatus.MISSED, 2),  # touched, and not filled
        ([QUIET, QUIET], OutcomeStatus.WAITING, 0),
    ],
)
def test_signals_that_nobody_entered(rows, status, bar):
    told = outcome(rows)
    assert (told.status, told.ended_ms) == (status, closed_at(bar) if bar else 0)
    assert (told.entered_ms, told.net_r, told.filled_fraction) == (0, 0.0, 0.0)


def test_a_bar_that_goes_through_the_zone_and_to_the_first_target_counts_as_entered():
    told = outcome([(102, 110, 99.5, 109)])
    assert told.status is OutcomeStatus.OPEN


def test_a_signal_expires_on_the_first_bar_that_closes_after_its_time():
    told = outcome([QUIET, QUIET, ALL], valid_until_ms=closed_at(2))
    assert (told.status, told.ended_ms) == (OutcomeStatus.EXPIRED, closed_at(3))
    in_time = outcome([QUIET, ALL], valid_until_ms=closed_at(2))
    assert in_time.status is OutcomeStatus.OPEN


def test_deeper_entries_expire_too():
    told = outcome([NEAR, QUIET, ALL], valid_until_ms=closed_at(2))
    assert told.filled_fraction == 0.5


def test_a_shift_of_structure_against_it_ends_what_waits():
    against = {closed_at(2): Direction.SHORT}
    told = outcome([QUIET, QUIET, ALL], shifts=against)
    assert (told.status, told.ended_ms) == (OutcomeStatus.INVALIDATED, closed_at(2))
    assert "structure" in told.note
    assert outcome([QUIET, QUIET], shifts={closed_at(2): Direction.LONG}).note == ""
    entered_first = outcome([QUIET, NEAR], shifts=against)
    assert entered_first.status is OutcomeStatus.OPEN
    before = outcome([QUIET, NEAR], shifts={KNOWN_MS: Direction.SHORT})
    assert before.status is OutcomeStatus.OPEN


def test_bars_from_before_it_was_known_do_not_count():
    told = outcome([ALL, QUIET], known_ms=closed_at(1))
    assert (told.status, told.followed_to_ms) == (OutcomeStatus.WAITING, closed_at(2))
    half_way = outcome([QUIET, ALL, QUIET], known_ms=closed_at(1) + 1)
    assert (half_way.status, half_way.missing_bars) == (OutcomeStatus.WAITING, 0)


def test_a_short_is_worked_out_the_other_way_round():
    told = outcome(
        [(98, 100.5, 97, 99), (99, 99.5, 91, 91.5), (91.5, 92, 83, 84)],
        direction=Direction.SHORT,
        near=100.0,
        mid=101.0,
        far=102.0,
        stop=108.0,
        targets=((92.0, 0.5), (84.0, 0.5)),
    )
    assert (told.ending, told.gross_r) == (Ending.TARGETS, (0.25 * 8 + 0.25 * 16) / 8)
    assert (told.mae_r, told.mfe_r) == (0.5 / 8, 2.0)
