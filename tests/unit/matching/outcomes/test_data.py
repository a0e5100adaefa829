"""Candles that are missing, finer, over for good, or do not fit; and terms that contradict."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import Costs, Ending, Outcome, OutcomeStatus, SignalKey
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.matching.outcomes import model_outcomes
from tests.builders.candles import Row
from tests.builders.outcomes import KEY, KNOWN_MS, STEP_MS, bars, outcome, signal_terms

QUARTER = Timeframe.parse("15m")
QUIET = (103, 104, 101, 102)
NEAR = (102, 103, 99.5, 101)
HIT = (101, 109, 100.5, 108.5)


def told(
    rows: Sequence[Row],
    *,
    without: int = -1,
    shifts: Mapping[int, Direction] | None = None,
    **values: Any,
) -> Outcome:
    signals = [(KEY, signal_terms(**values))]
    (found,) = model_outcomes(signals, bars(rows, without=without), shifts=shifts)
    return found


def test_bars_missing_while_a_position_is_held_are_counted_and_named():
    found = told([NEAR, QUIET, HIT, HIT], without=1)
    assert (found.missing_bars, found.note) == (1, "1 bar is missing")
    assert found.targets_hit == 1


def test_bars_missing_while_a_signal_waits_are_counted_too():
    assert told([QUIET, QUIET, QUIET, NEAR], without=2).missing_bars == 1
    assert told([QUIET, QUIET], without=0).missing_bars == 1


def test_bars_missing_after_the_end_do_not_count():
    found = told([NEAR, (101, 102, 91, 92), QUIET, QUIET], without=2)
    assert (found.status, found.missing_bars) == (OutcomeStatus.CLOSED, 0)


def test_a_stop_that_was_passed_while_bars_are_missing_fills_at_the_next_open():
    found = told([NEAR, QUIET, (90, 91, 89, 90)], without=1)
    assert found.gross_r == 0.5 * (90 - 100) / 8 + 0.25 * (90 - 99) / 8 + 0.25 * (90 - 98) / 8


def test_funding_due_while_bars_are_missing_is_paid():
    costs = Costs(
        maker=0, taker=0, slippage=0, funding_rate=0.0625, funding_interval_ms=2 * STEP_MS
    )
    known_ms = KNOWN_MS + STEP_MS  # closes of 10, 20, 30 … minutes are boundaries
    found = told([QUIET, NEAR, QUIET, QUIET, QUIET], without=3, known_ms=known_ms, costs=costs)
    # the entry bar closes on a boundary (half of 101); the bar at 15 minutes does not; the missing
    # one does, and is paid at the next open of 103
    assert found.funding_r == (0.5 * 101 + 0.5 * 103) * 0.0625 / 8


def test_a_shift_while_bars_are_missing_ends_a_signal_before_the_next_bar():
    shift_ms = KNOWN_MS + 2 * STEP_MS
    found = told([QUIET, QUIET, NEAR], without=1, shifts={shift_ms: Direction.SHORT})
    assert (found.status, found.ended_ms) == (OutcomeStatus.INVALIDATED, shift_ms)


def test_a_delisted_market_leaves_what_lived_unknown():
    open_ = outcome([NEAR, QUIET], is_delisted=True)
    assert (open_.status, open_.ended_ms) == (OutcomeStatus.UNKNOWN, KNOWN_MS + 2 * STEP_MS)
    assert "delisted" in open_.note
    assert outcome([QUIET], is_delisted=True).status is OutcomeStatus.UNKNOWN
    assert outcome([], is_delisted=True).status is OutcomeStatus.UNKNOWN
    over = outcome([NEAR, (101, 102, 91, 92)], is_delisted=True)
    assert (over.status, over.note) == (OutcomeStatus.CLOSED, "")


def test_a_signal_that_had_its_time_before_the_delisting_is_expired_not_unknown():
    found = outcome([QUIET], is_delisted=True, valid_until_ms=KNOWN_MS + STEP_MS)
    assert (found.status, found.ended_ms) == (OutcomeStatus.EXPIRED, KNOWN_MS + STEP_MS)


def test_without_a_bar_a_signal_waits():
    found = outcome([])
    assert (found.status, found.followed_to_ms) == (OutcomeStatus.WAITING, 0)


def test_bars_that_close_after_the_moment_asked_about_do_not_count():
    rows, signals = [NEAR, HIT], [(KEY, signal_terms())]
    (early,) = model_outcomes(signals, bars(rows), until_ms=KNOWN_MS + 2 * STEP_MS - 1)
    assert (early.targets_hit, early.followed_to_ms) == (0, KNOWN_MS + STEP_MS)
    (in_time,) = model_outcomes(signals, bars(rows), until_ms=KNOWN_MS + 2 * STEP_MS)
    assert in_time.targets_hit == 1


# A quarter of an hour that touches stop and target, and the three bars it is made of.
WHOLE = [(102, 103, 99.5, 101), (101, 117, 91, 95)]
PARTS = [(101, 109, 100.5, 108), (108, 117, 107, 116), (116, 116, 91, 95)]


def test_finer_candles_order_what_a_coarse_bar_leaves_open():
    signals = [(KEY, signal_terms())]
    coarse = bars(WHOLE, step=QUARTER)
    (blind,) = model_outcomes(signals, coarse)
    assert (blind.ending, blind.is_ambiguous) == (Ending.STOP, True)
    finer = bars(PARTS, start_ms=KNOWN_MS + QUARTER.duration_ms)
    (seen,) = model_outcomes(signals, coarse, finer=finer)
    assert (seen.ending, seen.gross_r) == (Ending.TARGETS, 0.75)
    assert (seen.is_ambiguous, seen.missing_bars) == (False, 0)
    assert seen.ended_ms == KNOWN_MS + QUARTER.duration_ms + 2 * STEP_MS
    assert seen.resolution_ms == QUARTER.duration_ms  # the coarsest bar it went by


def test_finer_candles_on_the_bar_of_the_entry_show_a_target_after_it():
    coarse = bars([(102, 117, 99.5, 116)], step=QUARTER)
    finer = bars([(102, 103, 99.5, 101), (101, 109, 100, 108), (108, 117, 107, 116)])
    (seen,) = model_outcomes([(KEY, signal_terms())], coarse, finer=finer)
    assert seen.ending is Ending.TARGETS
    assert seen.resolution_ms == STEP_MS


def test_finer_candles_that_do_not_cover_a_coarse_bar_leave_it_as_it_is():
    coarse = bars(WHOLE, step=QUARTER)
    finer = bars(PARTS, start_ms=KNOWN_MS + QUARTER.duration_ms, without=1)
    (seen,) = model_outcomes([(KEY, signal_terms())], coarse, finer=finer)
    assert (seen.ending, seen.is_ambiguous) == (Ending.STOP, True)


def test_finer_candles_stand_in_for_a_coarse_bar_that_is_missing():
    coarse = bars([WHOLE[0], QUIET, QUIET], step=QUARTER, without=1)
    finer = bars(PARTS[:2], start_ms=KNOWN_MS + QUARTER.duration_ms)
    (seen,) = model_outcomes([(KEY, signal_terms())], coarse, finer=finer)
    assert (seen.ending, seen.missing_bars) == (Ending.TARGETS, 0)


def test_what_is_open_of_the_newest_coarse_bar_does_not_count_yet():
    coarse = bars(WHOLE[:1], step=QUARTER)
    finer = bars(PARTS[:2], start_ms=KNOWN_MS + QUARTER.duration_ms)
    (seen,) = model_outcomes([(KEY, signal_terms())], coarse, finer=finer)
    assert seen.followed_to_ms == KNOWN_MS + QUARTER.duration_ms


def test_finer_candles_that_do_not_fit_are_refused():
    coarse, finer = bars([QUIET], step=QUARTER), bars([QUIET])
    with pytest.raises(DataInvalid, match="do not divide"):
        model_outcomes([], finer, finer=coarse)
    with pytest.raises(DataInvalid, match="ETH"):
        model_outcomes([], coarse, finer=replace(finer, symbol=Symbol("ETH/USDT:USDT")))


def test_signals_of_both_sides_come_back_in_their_order():
    short = signal_terms(
        direction=Direction.SHORT,
        near=100.0,
        mid=101.0,
        far=102.0,
        stop=108.0,
        targets=((92.0, 1.0),),
    )
    keys = [SignalKey(name) for name in ("a", "b", "c")]
    signals = list(zip(keys, [short, signal_terms(), short], strict=True))
    found = model_outcomes(signals, bars([(101, 101.5, 99, 99.5), (99, 99, 91, 91.5)]))
    assert [one.key for one in found] == keys
    assert [one.ending for one in found] == [Ending.TARGETS, Ending.STOP, Ending.TARGETS]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"near": float("nan")}, "not finite"),
        ({"stop": 98.0}, "out of order"),
        ({"mid": 101.0}, "out of order"),
        ({"stop": -1.0}, "not above 0"),
        ({"targets": ()}, "0 targets"),
        ({"targets": ((108.0, 0.5), (107.0, 0.5))}, "targets are out of order"),
        ({"targets": ((99.0, 1.0),)}, "targets are out of order"),
        ({"targets": ((108.0, 0.5), (116.0, 0.4))}, "sum to 1"),
        ({"entry_fractions": (0.5, 0.6, -0.1)}, "entries"),
        ({"cost_per_unit": -0.1}, "below 0"),
        ({"trailing_atr": 1.0, "atr": 0.0}, "ATR"),
        ({"time_stop_ms": -1}, "below 0"),
        ({"costs": Costs(maker=0, taker=0, slippage=1.0)}, "slippage"),
        ({"costs": Costs(maker=0, taker=0, slippage=0, funding_interval_ms=0)}, "interval"),
    ],
)
def test_terms_that_contradict_themselves_are_refused_by_name(values, words):
    with pytest.raises(DataInvalid, match=words) as caught:
        outcome([QUIET], **values)
    assert str(KEY) in str(caught.value)
