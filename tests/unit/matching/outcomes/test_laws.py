"""Laws of outcomes, on markets that wander about."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Ending, OutcomeStatus
from snipersight.matching.outcomes import model_outcomes
from snipersight.matching.outcomes.layout import BY_STOP, STATE, TERMS
from snipersight.matching.outcomes.rows import row_of
from snipersight.matching.outcomes.series import series_of
from snipersight.matching.outcomes.walk import walk_all
from tests.builders.outcomes import (
    DEAR,
    KEY,
    KNOWN_MS,
    STEP_MS,
    a_case,
    bars,
    mirrored_terms,
    outcome,
    scaled_terms,
    wandering_rows,
    wandering_terms,
)

SEEDS = st.integers(0, 2**32 - 1)
AROUND = 256.0
_ROUNDED = 1e-9  # what floats lose on the way to R and back


@given(seed=SEEDS)
@settings(max_examples=150, deadline=None)
def test_bar_by_bar_a_final_outcome_is_that_of_all_bars_and_never_changes(seed):
    rows, terms = a_case(seed, costs=DEAR)
    whole = outcome(rows, terms)
    for count in range(len(rows)):
        early = outcome(rows[:count], terms)
        if early.status.is_final:
            assert early == whole
        else:
            assert early.followed_to_ms == (KNOWN_MS + count * STEP_MS if count else 0)
    assert (whole.ended_ms > 0) is whole.status.is_final


@given(seed=SEEDS, cut=st.integers(0, 80))
@settings(max_examples=150, deadline=None)
def test_going_on_where_it_stood_gives_the_same_as_all_at_once(seed, cut):
    rows, terms = a_case(seed, costs=DEAR)
    told = series_of(bars(rows), None, until_ms=None).seen_by(Direction.LONG)
    row = np.array([row_of(KEY, terms, shift_ms=2**62)], dtype=TERMS)
    at_once, in_parts = (np.zeros(1, dtype=STATE) for _ in range(2))
    for state in (at_once, in_parts):
        state["stop"], state["stop_kind"] = row["stop"], BY_STOP
    start = np.zeros(1, dtype=np.int64)
    walk_all(told, row, at_once, start)
    walk_all(told[:cut], row, in_parts, start)
    walk_all(told[cut:], row, in_parts, start)
    assert in_parts.tobytes() == at_once.tobytes()


@given(seed=SEEDS)
@settings(max_examples=200, deadline=None)
def test_the_mirror_image_of_a_market_has_the_same_outcome(seed):
    rows, terms = a_case(seed)
    mirrored = [
        (AROUND - opened, AROUND - low, AROUND - high, AROUND - close)
        for opened, high, low, close in rows
    ]
    shift = {KNOWN_MS + 7 * STEP_MS: Direction.SHORT}
    opposite = {at_ms: side.opposite for at_ms, side in shift.items()}
    there = outcome(mirrored, mirrored_terms(terms, around=AROUND), shifts=opposite)
    # The average of three quarters of the size is no sum of powers of two.
    assert asdict(there) == pytest.approx(asdict(outcome(rows, terms, shifts=shift)), abs=1e-13)


@given(seed=SEEDS, power=st.integers(-20, 20))
@settings(max_examples=200, deadline=None)
def test_a_market_at_twice_the_price_has_the_same_outcome(seed, power):
    rows, terms = a_case(seed, costs=DEAR)
    factor = 2.0**power
    scaled = [tuple(price * factor for price in row) for row in rows]
    assert outcome(scaled, scaled_terms(terms, factor)) == outcome(rows, terms)


@given(seed=SEEDS)
@settings(max_examples=300, deadline=None)
def test_the_parts_of_an_outcome_agree(seed):
    rows, terms = a_case(seed, costs=DEAR)
    told = outcome(rows, terms)
    parts = (told.fees_r, told.slippage_r, told.funding_r)
    assert abs(told.net_r - (told.gross_r - sum(parts))) < 1e-12
    assert min(*parts, told.mae_r, told.mfe_r) >= 0
    assert 0 <= told.filled_fraction <= 1 + _ROUNDED
    assert (told.entered_ms > 0) is (told.filled_fraction > 0)
    assert (told.ending is not Ending.NONE) is (told.status is OutcomeStatus.CLOSED)
    if told.status is OutcomeStatus.CLOSED:
        assert KNOWN_MS < told.entered_ms <= told.ended_ms == told.followed_to_ms
        assert told.fees_r > 0
    if told.ending is Ending.TARGETS:
        assert told.targets_hit == len(terms.targets)
        reached = terms.near + told.mfe_r * terms.risk_per_unit
        assert reached >= terms.targets[-1][0] - _ROUNDED
    if told.ending in (Ending.BREAK_EVEN, Ending.TRAILED):
        assert 1 <= told.targets_hit < len(terms.targets)


@given(seed=SEEDS)
@settings(max_examples=100, deadline=None)
def test_costs_change_what_is_earned_and_not_what_happens(seed):
    rows, terms = a_case(seed)
    free, dear = outcome(rows, terms), outcome(rows, replace(terms, costs=DEAR))
    assert dear.gross_r == free.gross_r
    assert dear.net_r <= free.net_r
    assert (dear.status, dear.ending, dear.ended_ms) == (free.status, free.ending, free.ended_ms)


@given(seeds=st.lists(SEEDS, min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_signal_fares_the_same_alone_and_among_others(seeds):
    rows = wandering_rows(seeds[0], 80)
    signals = [(KEY, replace(wandering_terms(seed), costs=DEAR)) for seed in seeds]
    together = model_outcomes(signals, bars(rows))
    assert together == [outcome(rows, terms) for _, terms in signals]


def test_markets_that_wander_about_end_in_every_way():
    told = [outcome(*a_case(seed)) for seed in range(400)]
    assert {one.ending for one in told} == set(Ending) - {Ending.BY_HAND}
    final = {one for one in OutcomeStatus if one.is_final}
    # In a gapless market price comes to the stop through the zone; shifts are told apart.
    assert {one.status for one in told} == final - {
        OutcomeStatus.UNKNOWN,
        OutcomeStatus.INVALIDATED,
    }
