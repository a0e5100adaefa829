import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.sending.backoff import BASE_US, LONGEST_US, backoff_us

CHANCES = st.floats(0, 1, exclude_max=True)


@given(failures=st.integers(1, 10_000), chance=CHANCES)
def test_a_wait_is_never_longer_than_its_bound_or_five_minutes(failures, chance):
    bound_us = min(LONGEST_US, BASE_US * 2 ** (failures - 1))
    assert 0 <= backoff_us(failures, chance=lambda: chance) <= bound_us


@given(chance=CHANCES)
def test_the_wait_is_the_same_share_of_a_bound_that_doubles(chance):
    waits = [backoff_us(n, chance=lambda: chance) for n in range(1, 9)]
    for shorter, longer in itertools.pairwise(waits):
        assert abs(longer - 2 * shorter) <= 1


def test_the_whole_range_is_drawn_from():
    assert backoff_us(9, chance=lambda: 0.0) == 0
    assert backoff_us(99, chance=lambda: 0.5) == LONGEST_US // 2


def test_without_a_failure_there_is_nothing_to_wait_for():
    with pytest.raises(ValueError, match="0 failures"):
        backoff_us(0, chance=lambda: 0.5)
