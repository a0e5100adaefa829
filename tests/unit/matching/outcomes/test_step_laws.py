"""Laws of the steps of trades, on markets that wander about."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.evidence import Outcome, OutcomeStatus, SignalTerms
from snipersight.matching.outcomes import PathFinder, TradePath, TradeStep, trade_paths
from snipersight.matching.outcomes.layout import STATE, Array
from snipersight.matching.outcomes.series import ShiftTimes, series_of
from snipersight.matching.outcomes.sides import Side, sides_of
from snipersight.matching.outcomes.stepping import walk_logged
from tests.builders.outcomes import (
    DEAR,
    KEY,
    KNOWN_MS,
    STEP_MS,
    a_case,
    bars,
    in_lots,
    mirrored_terms,
    outcome,
    path,
    wandering_rows,
    wandering_terms,
)

SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.sampled_from([0, 1, 2, 3, 5, 8, 100])  # lots of the whole size; 0: exact shares
AROUND = 256.0
_ROUNDED = 1e-9


def a_lotted_case(seed: int, count: int) -> tuple[list, SignalTerms, float]:
    rows, terms = a_case(seed, costs=DEAR)
    return (rows, in_lots(terms, count), 1 / count) if count else (rows, terms, 0.0)


def require_equal_sums(steps: tuple[TradeStep, ...], told: Outcome, terms: SignalTerms) -> None:
    """Require that steps amount to an outcome."""
    sign, risk = terms.direction.sign, terms.risk_per_unit

    def total(name: str) -> float:
        return sum(float(getattr(one, name)) for one in steps)

    entered, closed, lost = total("entered"), total("closed"), total("slippage") / risk
    held = steps[-1].held if steps else 0.0
    assert entered - closed == pytest.approx(held, abs=_ROUNDED)
    assert entered == pytest.approx(told.filled_fraction, abs=_ROUNDED)
    bought = total("entry_value") / entered * closed if entered else 0.0
    gained = sign * (total("proceeds") - bought) / risk
    assert gained + lost == pytest.approx(told.gross_r, abs=_ROUNDED)
    assert total("fees") / risk == pytest.approx(told.fees_r, abs=_ROUNDED)
    assert total("funding") / risk == pytest.approx(told.funding_r, abs=_ROUNDED)
    assert lost == pytest.approx(told.slippage_r, abs=_ROUNDED)
    paid = (total("fees") + total("funding")) / risk
    assert gained - paid == pytest.approx(told.net_r, abs=_ROUNDED)


@given(seed=SEEDS, count=COUNTS, is_short=st.booleans())
@settings(max_examples=200, deadline=None)
def test_at_every_close_the_steps_so_far_amount_to_the_outcome_so_far(seed, count, is_short):
    rows, terms, lot = a_lotted_case(seed, count)
    if is_short:
        rows = [(AROUND - o, AROUND - low, AROUND - h, AROUND - c) for o, h, low, c in rows]
        terms = mirrored_terms(terms, around=AROUND)
    whole = path(rows, terms, lot=lot)
    for number in range(0, len(rows) + 1, 4):
        early = path(rows[:number], terms, lot=lot)
        until_ms = KNOWN_MS + number * STEP_MS
        assert early.steps == tuple(one for one in whole.steps if one.at_ms <= until_ms)
        require_equal_sums(early.steps, early.outcome, terms)
        require_same_state(early, terms)


def require_same_state(told: TradePath, terms: SignalTerms) -> None:
    """Require that the newest step is where the outcome is."""
    if not told.steps:
        assert told.outcome.status is OutcomeStatus.WAITING
        return
    last = told.steps[-1]
    assert (last.status, last.ending) == (told.outcome.status, told.outcome.ending)
    assert last.targets_hit == told.outcome.targets_hit
    assert terms.direction.sign * (last.stop - terms.stop) >= 0
    if last.status is OutcomeStatus.CLOSED:
        assert last.at_ms == told.outcome.ended_ms


@given(seed=SEEDS, count=COUNTS)
@settings(max_examples=200, deadline=None)
def test_steps_go_forward_in_time_and_each_does_something(seed, count):
    rows, terms, lot = a_lotted_case(seed, count)
    told = path(rows, terms, lot=lot)
    before = TradeStep(
        at_ms=KNOWN_MS,
        entered=0.0,
        entry_value=0.0,
        closed=0.0,
        proceeds=0.0,
        fees=0.0,
        funding=0.0,
        slippage=0.0,
        held=0.0,
        stop=terms.stop,
        status=OutcomeStatus.WAITING,
        ending=told.outcome.ending,
        targets_hit=0,
    )
    for one in told.steps:
        assert one.at_ms > before.at_ms
        moved = one.entered + one.closed + one.funding
        assert moved > 0 or (one.stop, one.status) != (before.stop, before.status)
        assert min(one.entered, one.closed, one.fees, one.slippage, one.funding, one.held) >= 0
        assert one.held == pytest.approx(before.held + one.entered - one.closed, abs=_ROUNDED)
        before = one


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_a_path_without_lots_has_the_outcome_of_today(seed):
    rows, terms = a_case(seed, costs=DEAR)
    assert path(rows, terms).outcome == outcome(rows, terms)


def walked(side: Side, cuts: list[int], room: int = 200) -> bytes:
    """Return what is noted of the bars between cuts, walked one part after the other."""
    states, noted = side.new_states(), b""
    for begin, end in zip([0, *cuts], [*cuts, len(side.bars)], strict=True):
        log: Array = np.empty(room, dtype=STATE)
        ends = walk_logged(side.bars[begin:end], side.terms, states, side.first, log)
        noted += log[: ends[-1]].tobytes()
    return noted


@given(seed=SEEDS, count=COUNTS)
@settings(max_examples=100, deadline=None)
def test_bar_by_bar_notes_what_all_at_once_notes(seed, count):
    rows, terms, lot = a_lotted_case(seed, count)
    series = series_of(bars(rows), None, until_ms=None)
    (side,) = sides_of([(KEY, terms)], series, ShiftTimes(None), lots=[lot])
    at_once = walked(side, [])
    assert walked(side, list(range(1, len(rows)))) == at_once
    assert walked(side, [seed % len(rows)]) == at_once


@given(seed=SEEDS, room=st.integers(0, 12))
@settings(max_examples=50, deadline=None)
def test_a_log_that_is_too_short_holds_the_beginning_and_tells_what_it_takes(seed, room):
    rows, terms, lot = a_lotted_case(seed, 0)
    series = series_of(bars(rows), None, until_ms=None)
    (side,) = sides_of([(KEY, terms)] * 2, series, ShiftTimes(None), lots=[lot] * 2)
    noted = []
    for size in (room, 200):
        log = np.zeros(size, dtype=STATE)
        ends = walk_logged(side.bars, side.terms, side.new_states(), side.first, log)
        noted.append((log, list(ends)))
    (short, told), (long, needed) = noted
    assert told == needed
    assert short[: needed[-1]].tobytes() == long[: min(needed[-1], room)].tobytes()


@given(seed=SEEDS, count=COUNTS)
@settings(max_examples=150, deadline=None)
def test_the_mirror_image_of_a_market_has_mirrored_steps(seed, count):
    rows, terms = a_case(seed)
    lot = 1 / count if count else 0.0
    terms = in_lots(terms, count) if count else terms
    mirrored = [(AROUND - o, AROUND - low, AROUND - h, AROUND - c) for o, h, low, c in rows]
    here = path(rows, terms, lot=lot).steps
    there = path(mirrored, mirrored_terms(terms, around=AROUND), lot=lot).steps
    assert len(here) == len(there)
    for one, other in zip(here, there, strict=True):
        back = replace(
            other,
            entry_value=AROUND * other.entered - other.entry_value,
            proceeds=AROUND * other.closed - other.proceeds,
            stop=AROUND - other.stop,
        )
        for name in ("entered", "entry_value", "closed", "proceeds", "held", "stop"):
            assert getattr(back, name) == pytest.approx(getattr(one, name), abs=1e-9), name
        assert (back.at_ms, back.status, back.ending) == (one.at_ms, one.status, one.ending)
        assert back.targets_hit == one.targets_hit


@given(seed=SEEDS, number=st.integers(0, 80))
@settings(max_examples=150, deadline=None)
def test_taking_back_what_waits_changes_no_step_before_and_enters_nothing_after(seed, number):
    rows, terms = a_case(seed, costs=DEAR)
    end_ms = KNOWN_MS + number * STEP_MS
    sooner = replace(terms, valid_until_ms=min(end_ms, terms.valid_until_ms))
    whole, cut = path(rows, terms).steps, path(rows, sooner).steps
    assert [one for one in cut if one.at_ms <= end_ms] == [
        one for one in whole if one.at_ms <= end_ms
    ]
    assert not any(one.entered for one in cut if one.at_ms > end_ms)


@given(seeds=st.lists(SEEDS, min_size=1, max_size=8), is_mirrored=st.lists(st.booleans()))
@settings(max_examples=50, deadline=None)
def test_a_trade_takes_the_same_steps_alone_and_among_others(seeds, is_mirrored):
    rows = wandering_rows(seeds[0], 80, start=104.0)
    flags = [*is_mirrored, *[False] * len(seeds)]
    all_terms = [replace(wandering_terms(seed), costs=DEAR) for seed in seeds]
    signals = [
        (KEY, mirrored_terms(terms, around=208.0) if flag else terms)
        for terms, flag in zip(all_terms, flags, strict=False)
    ]
    together = trade_paths(signals, bars(rows))
    assert together == [path(rows, terms) for _, terms in signals]
    finder = PathFinder(series_of(bars(rows), None, until_ms=None))
    assert together == [one for signal in signals for one in finder.paths([signal])]
