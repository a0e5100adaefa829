"""What lies in days that were looked at is not out of sample, however it got there."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.timeframe import DAY_MS
from snipersight.performance.samples import untouched
from snipersight.performance.windows import Window, joined
from tests.builders.performance import FIRST_DAY_MS, some_trades


def days(first: float, last: float) -> Window:
    return Window(int(FIRST_DAY_MS + first * DAY_MS), int(FIRST_DAY_MS + last * DAY_MS))


def test_a_trade_that_touches_what_was_seen_is_left_out():
    trades = some_trades(range(6), days=[0, 1, 1.7, 2, 2.9, 3], held_days=[0.5, 1, 5, 0.1, 0.5, 1])
    assert untouched(trades, [days(2, 3)]).result_r.tolist() == [0, 5]
    assert untouched(trades, [days(2, 3), days(0, 0.1)]).result_r.tolist() == [5]
    assert len(untouched(trades, [])) == 6
    assert len(untouched(some_trades([]), [days(2, 3)])) == 0


spans = st.tuples(st.integers(0, 50), st.integers(1, 10)).map(lambda one: Window(one[0], sum(one)))


@given(st.lists(spans, max_size=8))
def test_joined_windows_hold_the_same_moments_and_never_touch(windows):
    whole = joined(windows)
    moments = {at for one in windows for at in range(one.start_ms, one.end_ms)}
    assert [at for one in whole for at in range(one.start_ms, one.end_ms)] == sorted(moments)
    assert all(one.end_ms < other.start_ms for one, other in pairwise(whole))
