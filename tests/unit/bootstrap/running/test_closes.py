"""When a running bot looks: each close once, whatever the clock does."""

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.running.closes import Closes
from snipersight.domain.timeframe import Timeframe

M5 = Timeframe.parse("5m")
BAR_MS = M5.duration_ms
NOON_MS = 1_780_315_200_000


def test_the_newest_close_is_due_at_once_and_the_next_one_when_it_comes():
    closes = Closes(M5)
    assert closes.due(NOON_MS + 1) == NOON_MS
    closes.done(NOON_MS)
    assert closes.due(NOON_MS + BAR_MS - 1) is None
    assert closes.next_ms(NOON_MS + 1) == NOON_MS + BAR_MS
    assert closes.due(NOON_MS + BAR_MS) == NOON_MS + BAR_MS


def test_a_clock_that_is_set_back_repeats_no_close_and_leaves_none_that_was_begun():
    closes = Closes(M5)
    assert closes.due(NOON_MS) == NOON_MS
    assert closes.due(NOON_MS - BAR_MS) == NOON_MS  # it was begun
    closes.done(NOON_MS)
    assert closes.due(NOON_MS - BAR_MS) is None
    assert closes.next_ms(NOON_MS - BAR_MS) == NOON_MS + BAR_MS


def test_what_is_gained_makes_the_same_close_due_again():
    closes = Closes(M5)
    closes.due(NOON_MS)
    closes.done(NOON_MS)
    closes.again()
    assert closes.due(NOON_MS + 1) == NOON_MS


@given(st.lists(st.integers(-20, 40), max_size=40))
def test_closes_that_were_scanned_only_grow(steps: list[int]):
    closes, now_ms, scanned = Closes(M5), NOON_MS, list[int]()
    for step in steps:
        now_ms += step * 60_000
        due_ms = closes.due(now_ms)
        if due_ms is not None:
            closes.done(due_ms)
            scanned.append(due_ms)
    assert scanned == sorted(set(scanned))
