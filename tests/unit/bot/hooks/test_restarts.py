"""How often, and how soon, a plug-in may start over."""

import pytest

from snipersight.bot.hooks.restarts import MOST_AN_HOUR, Restarts


def test_pauses_grow_until_there_are_no_more_starts_within_the_hour():
    restarts = Restarts()
    assert [restarts.pause_s(0) for _ in range(7)] == [1, 2, 4, 8, 16, None, None]
    assert restarts.pause_s(3599.9) is None


def test_an_hour_later_it_may_start_over_again_after_a_short_pause():
    restarts = Restarts()
    for second in range(MOST_AN_HOUR):
        restarts.pause_s(second * 10.0)
    assert restarts.pause_s(3600.0) == 16  # one of five is an hour old
    assert restarts.pause_s(3600.0) is None
    assert restarts.pause_s(8000.0) == 1


@pytest.mark.parametrize("gap_s", [720.1, 3600.0])
def test_one_that_ends_seldom_is_never_given_up(gap_s):
    restarts = Restarts()
    assert all(restarts.pause_s(number * gap_s) is not None for number in range(50))
