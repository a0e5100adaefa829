"""All plug-ins together: an event reaches each, and telling costs the scan nothing."""

import statistics
import time

import pytest

from snipersight.bot.hooks.finding import find_hook, installed_hooks
from snipersight.bot.hooks.hub import HookHub
from snipersight.bot.hooks.states import HookState, HookStatus
from tests.fakes.hook_plugins import an_event


def test_each_plugin_is_told_and_a_bad_one_takes_nothing_from_the_others(start):
    good, leaving, slow = start("good"), start("leaving"), start("slow")
    unusable = HookState(name="missing", status=HookStatus.REFUSED, sentence="is not installed")
    hub = HookHub([one.supervisor for one in (slow, leaving, good)], unusable=[unusable])
    hub.tell(an_event())
    hub.tell(an_event("scan_finished"))
    hub.close(within_s=5)
    assert good.told() == "scan_1 5 {}\n"
    assert [state.name for state in hub.states()] == ["good", "leaving", "missing", "slow"]
    closed = {state.name: state.status for state in hub.states()}
    assert closed == {
        "good": HookStatus.CLOSED,
        "leaving": HookStatus.CLOSED,
        "missing": HookStatus.REFUSED,
        "slow": HookStatus.CLOSED,
    }
    hub.tell(an_event())  # one that comes too late harms nobody
    hub.close()


@pytest.mark.parametrize("name", ["good", "hanging", "flooding"])
def test_telling_takes_microseconds_whatever_the_plugin_does(start, name):
    plugin = start(name, timeout_s=30.0)
    plugin.until(lambda state: state.status is HookStatus.READY)
    hub = HookHub([plugin.supervisor])
    hub.tell(an_event())
    taken_us = []
    for _ in range(2_000):
        event = an_event("scan_finished", data={"plans": list(range(100))})
        began = time.perf_counter_ns()
        hub.tell(event)
        taken_us.append((time.perf_counter_ns() - began) / 1000)
    assert statistics.median(taken_us) < 50


def test_nothing_is_imported_to_find_out_what_is_installed(packages):
    found = installed_hooks()
    assert found["absent"][0].value == "no_such_module:Hook"
    assert not isinstance(find_hook("absent"), str)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other", "is not installed; installed are: absent, "),
        ("twice", "is offered by several packages, bad_hooks 1.0, rival 1.0; install or mend"),
    ],
)
def test_one_that_cannot_be_meant_is_a_sentence(packages, name, words):
    problem = find_hook(name)
    assert isinstance(problem, str)
    assert problem.startswith(words)
