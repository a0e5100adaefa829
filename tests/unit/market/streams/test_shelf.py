"""The newest closed bars of a series: complete between two moments, or not claimed at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import DataInvalid
from snipersight.market.streams.bars import Bar
from snipersight.market.streams.shelf import Shelf, Taken, candles_of
from tests.unit.market.streams.scripted import BTC5, STEP, T0, a_bar, a_table, numbers


def a_shelf(*bars: int, most: int = 64) -> Shelf:
    shelf = Shelf(BTC5, most=most)
    for number in bars:
        shelf.take(a_bar(number))
    return shelf


def at(number: int) -> int:
    return T0 + number * STEP


def held(shelf: Shelf, start: int, end: int) -> list[int] | None:
    found = shelf.between(at(start), at(end))
    return None if found is None else numbers(found)


def test_bars_that_follow_one_another_are_served_without_a_request():
    shelf = a_shelf(3, 4, 5)
    assert held(shelf, 3, 6) == [3, 4, 5]
    assert held(shelf, 4, 5) == [4]


@pytest.mark.parametrize(("start", "end"), [(2, 6), (3, 7), (0, 3), (6, 8)])
def test_what_is_not_wholly_known_is_not_served(start: int, end: int):
    assert held(a_shelf(3, 4, 5), start, end) is None


def test_a_stretch_off_the_grid_is_cut_like_candles_are():
    shelf = a_shelf(3, 4, 5)
    found = shelf.between(at(3) + 1, at(6) + STEP - 1)
    assert found is not None
    assert numbers(found) == [4, 5]


def test_a_hole_drops_what_was_before_it():
    shelf = a_shelf(3, 4)
    assert shelf.take(a_bar(6)) is Taken.AFTER_HOLE
    assert held(shelf, 3, 7) is None
    assert held(shelf, 6, 7) == [6]


def test_a_repeated_bar_changes_nothing_and_a_contradiction_is_believed_in_neither_form():
    shelf = a_shelf(3, 4)
    assert shelf.take(a_bar(4)) is Taken.KNOWN
    assert held(shelf, 3, 5) == [3, 4]
    assert shelf.take(a_bar(4, lift=0.5)) is Taken.CONTRADICTED
    assert held(shelf, 4, 5) is None
    assert shelf.until_ms is None


def test_an_answer_fills_a_hole_and_joins_what_was_told():
    shelf = a_shelf(6, 7)
    assert shelf.learn(a_table([a_bar(n) for n in (3, 4, 5)]), start_ms=at(3)) == ()
    assert held(shelf, 3, 8) == [3, 4, 5, 6, 7]


def test_an_answer_that_does_not_reach_what_was_told_changes_nothing():
    shelf = a_shelf(6)
    shelf.learn(a_table([a_bar(3)]), start_ms=at(3))
    assert held(shelf, 6, 7) == [6]
    assert held(shelf, 3, 4) is None


def test_a_later_answer_replaces_what_it_does_not_join():
    shelf = a_shelf(3)
    shelf.learn(a_table([a_bar(6), a_bar(7)]), start_ms=at(6))
    assert held(shelf, 6, 8) == [6, 7]
    assert held(shelf, 3, 4) is None


def test_where_the_answer_differs_it_holds_and_the_difference_is_told_once():
    shelf = a_shelf(3, 4)
    answer = a_table([a_bar(3), a_bar(4, lift=0.25)])
    (found,) = shelf.learn(answer, start_ms=at(3))
    assert (found.told, found.answered) == (a_bar(4), a_bar(4, lift=0.25))
    known = shelf.between(at(3), at(5))
    assert known is not None
    assert known.close.tolist() == answer.close.tolist()
    assert shelf.learn(answer, start_ms=at(3)) == ()


def test_a_told_bar_that_the_answer_leaves_out_is_dropped_and_told():
    shelf = a_shelf(3, 4, 5)
    (found,) = shelf.learn(a_table([a_bar(3), a_bar(5)]), start_ms=at(3))
    assert (found.told, found.answered) == (a_bar(4), None)
    assert held(shelf, 3, 6) == [3, 5]


def test_a_denied_series_is_forgotten_and_its_bars_are_told():
    shelf = a_shelf(3, 4)
    assert [one.told for one in shelf.denied()] == [a_bar(3), a_bar(4)]
    assert shelf.until_ms is None


def test_a_gap_that_the_venue_answered_is_a_gap_and_no_hole():
    shelf = Shelf(BTC5)
    shelf.learn(a_table([a_bar(3), a_bar(6)]), start_ms=at(2))
    shelf.take(a_bar(7))
    assert held(shelf, 2, 8) == [3, 6, 7]


def test_bars_stay_unproven_until_an_answer_shows_them():
    shelf = a_shelf(3, 4)
    assert shelf.unproven_from_ms == at(3)
    shelf.learn(a_table([a_bar(3)]), start_ms=at(3))
    assert shelf.unproven_from_ms == at(4)
    shelf.learn(a_table([a_bar(4)]), start_ms=at(4))
    assert shelf.unproven_from_ms is None


def test_no_more_bars_are_kept_than_the_bound_however_long_an_answer_is():
    shelf = a_shelf(*range(10), most=4)
    assert (shelf.count, held(shelf, 6, 10), held(shelf, 5, 10)) == (4, [6, 7, 8, 9], None)
    shelf.learn(a_table([a_bar(n) for n in range(30)]), start_ms=at(0))
    assert (shelf.count, held(shelf, 26, 30), held(shelf, 25, 30)) == (4, [26, 27, 28, 29], None)


def test_bars_that_cannot_be_are_no_candles():
    with pytest.raises(DataInvalid, match="high below"):
        candles_of(BTC5, [Bar(T0, 100.0, 90.0, 80.0, 95.0, 1.0)])


EVENTS = st.lists(
    st.one_of(
        st.integers(0, 14),
        st.tuples(st.integers(0, 14), st.integers(1, 6)),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(0, 14), st.integers(1, 8))
def test_what_is_served_is_complete_whatever_was_told_and_answered_before(
    events: list[int | tuple[int, int]], start: int, length: int
):
    shelf = Shelf(BTC5, most=6)
    for event in events:
        if isinstance(event, int):
            shelf.take(a_bar(event))
        else:
            bars = [a_bar(event[0] + n) for n in range(event[1])]
            assert shelf.learn(a_table(bars), start_ms=at(event[0])) == ()
        assert shelf.count <= 6
    found = shelf.between(at(start), at(start + length))
    if found is not None:
        assert numbers(found) == list(range(start, start + length))
        assert found.close.tolist() == [a_bar(n).close for n in numbers(found)]
