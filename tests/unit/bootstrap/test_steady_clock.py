"""Time that is set back stops no deadline."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.bootstrap.steady_clock import SteadyClock

_HOUR_US = 3_600_000_000


class Machine:
    """A machine's two clocks."""

    def __init__(self) -> None:
        self.system_us = 10 * _HOUR_US
        self.passed_us = 5

    def pass_by(self, microseconds: int) -> None:
        """Let time pass."""
        self.system_us += microseconds
        self.passed_us += microseconds


def steady(machine: Machine) -> SteadyClock:
    """Return a steady clock of a machine."""
    return SteadyClock(lambda: machine.system_us, passed_ns=lambda: machine.passed_us * 1000)


def test_it_goes_on_by_what_has_passed_while_the_system_s_time_is_set_back():
    machine = Machine()
    clock = steady(machine)
    before = clock()
    machine.system_us -= _HOUR_US
    machine.pass_by(7_000_000)
    assert clock() == before + 7_000_000


def test_it_follows_the_system_s_time_forward():
    machine = Machine()
    clock = steady(machine)
    machine.system_us += _HOUR_US
    assert clock() == machine.system_us


@given(st.lists(st.tuples(st.integers(-_HOUR_US, _HOUR_US), st.integers(0, 10_000_000))))
def test_it_never_gains_less_than_what_has_passed(steps: list[tuple[int, int]]):
    machine = Machine()
    clock = steady(machine)
    before = clock()
    for set_by, passed in steps:
        machine.system_us += set_by
        machine.pass_by(passed)
        now = clock()
        assert now >= before + passed
        before = now
