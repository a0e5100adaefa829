"""What targets close, in lots, worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snipersight.domain.evidence import Ending
from snipersight.matching.outcomes import TradePath, trade_paths
from tests.builders.candles import Row
from tests.builders.outcomes import (
    DEAR,
    KEY,
    a_case,
    bars,
    in_lots,
    mirrored_terms,
    path,
    signal_terms,
)

ENTRY = (102, 103, 99.5, 101)
CLIMB: list[Row] = [(101, 105, 100.5, 104.5), (104.5, 109, 104, 108.5), (108.5, 113, 108, 112.5)]
PRICES = (104.0, 108.0, 112.0)
NEAR_A_LOT = 1e-9  # of a lot: what floats lose


def closed_lots(told: TradePath, lot: float) -> list[int]:
    """Return how many lots each step closed, of those that closed some."""
    return [round(one.closed / lot) for one in told.steps if one.closed]


def sold(fractions: tuple[float, ...], count: int) -> list[tuple[float, int]]:
    """Return price and lots of what targets close of so many lots, one bar a target."""
    told = path(
        [ENTRY, *CLIMB],
        lot=1 / count,
        entry_fractions=(1.0, 0.0, 0.0),
        targets=tuple(zip(PRICES, fractions, strict=True)),
    )
    assert told.outcome.ending is Ending.TARGETS
    assert told.outcome.targets_hit == len(closed_lots(told, 1 / count))
    return [
        (round(one.proceeds / one.closed, 9), round(one.closed * count))
        for one in told.steps
        if one.closed
    ]


@pytest.mark.parametrize(
    ("fractions", "count", "expected"),
    [
        ((0.5, 0.25, 0.25), 8, (4, 2, 2)),
        ((0.5, 0.25, 0.25), 5, (2, 1, 2)),  # borders at 2.5 and 3.75
        ((0.5, 0.25, 0.25), 3, (1, 1, 1)),  # at 1.5 and 2.25
        ((0.5, 0.25, 0.25), 2, (1, 0, 1)),  # at 1 and 1.5
        ((0.3, 0.3, 0.4), 2, (0, 1, 1)),  # at 0.6 and 1.2
        ((0.5, 0.25, 0.25), 1, (0, 0, 1)),
        ((0.1, 0.7, 0.2), 10, (1, 7, 2)),  # 0.1 + 0.7 is less than 0.8 in floats
        ((0.333333, 0.333333, 0.333334), 3, (0, 1, 2)),  # 0.999999 of a lot is none
        ((0.333333, 0.333333, 0.333334), 3_000_000, (999_999, 999_999, 1_000_002)),
    ],
)
def test_borders_between_targets_are_rounded_down_to_the_lot(fractions, count, expected):
    due = [(price, lots) for price, lots in zip(PRICES, expected, strict=True) if lots]
    assert sold(fractions, count) == due


def test_shares_go_by_what_was_entered():
    # 5 of 10 lots are in, and the deeper orders end with the first target
    told = path([ENTRY, *CLIMB], lot=0.1, entry_fractions=(0.5, 0.3, 0.2))
    assert closed_lots(told, 0.1) == [2]
    assert told.steps[-1].held == pytest.approx(0.3)


def test_a_target_without_a_lot_leaves_the_next_one_to_be_ambiguous():
    targets = ((104.0, 0.3), (108.0, 0.7))
    whole = (1.0, 0.0, 0.0)
    wide = (101.0, 106.0, 91.0, 95.0)  # beyond the first target, and below the stop
    assert path([ENTRY, wide], entry_fractions=whole, targets=targets).outcome.is_ambiguous
    alone = path([ENTRY, wide], lot=1.0, entry_fractions=whole, targets=targets)
    assert not alone.outcome.is_ambiguous
    assert alone.outcome.ending is Ending.STOP


def test_each_signal_has_a_lot_of_its_own():
    # longs are in at 100 and out at 108 and 116, shorts in at 104 and out at 96 and 88, by halves
    long = signal_terms(entry_fractions=(1.0, 0.0, 0.0))
    short = mirrored_terms(long, around=204.0)
    rows = [(102, 104.5, 99.5, 101), (101, 109, 100.5, 108.5), (108.5, 108.5, 95, 97)]
    signals = [(KEY, one) for one in (short, long, short, long)]
    told = trade_paths(signals, bars(rows), lots=[1 / 3, 1 / 5, 0.0, 1.0])
    first = [next((one.closed for one in path.steps if one.closed), 0.0) for path in told]
    assert first == pytest.approx([1 / 3, 2 / 5, 1 / 2, 0])


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 5_000))
@settings(max_examples=300, deadline=None)
def test_every_part_is_whole_lots_and_less_than_a_lot_from_its_border(seed, count):
    rows, terms = a_case(seed, costs=DEAR)
    terms = in_lots(terms, count)
    told, exact = path(rows, terms, lot=1 / count), path(rows, terms)
    for one in told.steps:
        for size in (one.entered, one.closed, one.held):
            assert size * count == pytest.approx(round(size * count), abs=NEAR_A_LOT * count)
    if exact.outcome.ending is Ending.TARGETS:
        assert told.outcome.ending is Ending.TARGETS
    for rounded, one in zip(told.steps, exact.steps, strict=False):
        if rounded.at_ms != one.at_ms or one.targets_hit != rounded.targets_hit:
            break  # without a lot for its first target a trade goes another way
        assert 0 <= round((rounded.held - one.held) * count, 6) < 1 or rounded.held == one.held
