"""The flood limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram.limits import Excess, FloodGate, RateLimits

STRICT = RateLimits(tolerance_s=0)


def test_the_second_message_of_a_second_waits_until_the_next():
    gate = FloodGate(STRICT)
    assert gate.pass_or_refuse(1, 10.0, is_group=False) is None
    assert gate.pass_or_refuse(1, 10.9, is_group=False) == Excess("chat", 1)
    assert gate.pass_or_refuse(2, 10.9, is_group=False) is None
    assert gate.pass_or_refuse(1, 11.0, is_group=False) is None
    assert gate.over_limit == {"chat": 1}
    assert gate.busiest["chat_per_s"] == 1


def test_a_little_less_than_a_second_is_forgiven():
    gate = FloodGate(RateLimits())
    gate.pass_or_refuse(1, 10.0, is_group=False)
    assert gate.pass_or_refuse(1, 10.96, is_group=False) is None
    assert gate.pass_or_refuse(1, 11.90, is_group=False) == Excess("chat", 1)
    assert gate.busiest["chat_per_s"] == 1


def test_a_limit_lowered_meanwhile_counts_what_passed_before():
    gate = FloodGate(STRICT)
    for now_s in (0.0, 30.0, 50.0):
        gate.pass_or_refuse(-1, now_s, is_group=True)
    gate.limits = RateLimits(group_per_min=1, tolerance_s=0)
    assert gate.pass_or_refuse(-1, 55.0, is_group=True) == Excess("group", 55)
    assert gate.pass_or_refuse(-1, 110.0, is_group=True) is None


def test_the_31st_chat_of_a_second_waits():
    gate = FloodGate(STRICT)
    assert all(gate.pass_or_refuse(chat, 5.0, is_group=False) is None for chat in range(30))
    assert gate.pass_or_refuse(99, 5.5, is_group=False) == Excess("overall", 1)
    assert gate.busiest == {"overall_per_s": 30, "chat_per_s": 1, "group_per_min": 0}


def test_the_21st_message_of_a_minute_waits_in_a_group_and_not_elsewhere():
    gate = FloodGate(STRICT)
    for second in range(20):
        assert gate.pass_or_refuse(-5, float(second), is_group=True) is None
        assert gate.pass_or_refuse(5, float(second), is_group=False) is None
    assert gate.pass_or_refuse(-5, 20.0, is_group=True) == Excess("group", 40)
    assert gate.pass_or_refuse(5, 20.0, is_group=False) is None
    assert gate.pass_or_refuse(-5, 60.0, is_group=True) is None


@given(st.lists(st.tuples(st.floats(0, 0.7), st.integers(-2, 2)), max_size=80))
def test_no_window_ever_lets_more_than_its_limit_pass(steps):
    limits = RateLimits(overall_per_s=3, chat_per_s=2, group_per_min=4, tolerance_s=0)
    gate, now_s, passed = FloodGate(limits), 0.0, []
    for step_s, chat in steps:
        now_s += step_s
        if gate.pass_or_refuse(chat, now_s, is_group=chat < 0) is None:
            passed.append((now_s, chat))
    for time_s, chat in passed:
        within = [c for t, c in passed if time_s <= t and t - time_s < 1]
        minute = [c for t, c in passed if time_s <= t and t - time_s < 60]
        assert len(within) <= 3
        assert within.count(chat) <= 2
        assert chat >= 0 or minute.count(chat) <= 4
    assert len(passed) + gate.over_limit.total() == len(steps)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=30))
def test_who_waits_as_asked_passes(steps):
    gate, now_s = FloodGate(STRICT), 0.0
    for step_s in steps:
        now_s += step_s
        excess = gate.pass_or_refuse(1, now_s, is_group=True)
        if excess is not None:
            now_s += excess.retry_after_s
            assert gate.pass_or_refuse(1, now_s, is_group=True) is None


@pytest.mark.parametrize("wrong", [{"chat_per_s": 0}, {"tolerance_s": 1}, {"tolerance_s": -0.1}])
def test_impossible_limits_are_refused(wrong):
    with pytest.raises(ConfigInvalid):
        RateLimits(**wrong)
