"""Faults on purpose."""

import pytest

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram.faults import FaultDice, FaultKind, FaultPlan


def throws(plan: FaultPlan, times: int = 2000) -> tuple[list[FaultKind | None], FaultDice]:
    """Return the kinds that a plan throws."""
    dice = FaultDice(plan)
    faults = [dice.throw("sendmessage") for _ in range(times)]
    return [fault.kind if fault else None for fault in faults], dice


def test_the_same_seed_throws_the_same_faults_and_another_seed_others():
    first, _ = throws(FaultPlan.even(0.3, seed=7))
    assert throws(FaultPlan.even(0.3, seed=7))[0] == first
    assert throws(FaultPlan.even(0.3, seed=8))[0] != first


def test_faults_come_as_often_as_planned_and_are_counted():
    kinds, dice = throws(FaultPlan.even(0.35, seed=1), times=20_000)
    for kind in FaultKind:
        assert dice.counts[kind] == kinds.count(kind)
        assert 800 < dice.counts[kind] < 1200  # 5 % of 20 000


def test_a_certain_fault_always_comes_and_an_empty_plan_throws_none():
    assert set(throws(FaultPlan(rates={FaultKind.RESET: 1}))[0]) == {FaultKind.RESET}
    assert set(throws(FaultPlan())[0]) == {None}


def test_methods_that_send_nothing_are_spared_unless_named():
    dice = FaultDice(FaultPlan(rates={FaultKind.RESET: 1}))
    assert dice.throw("getme") is None
    everything = FaultDice(FaultPlan(rates={FaultKind.RESET: 1}, methods=frozenset()))
    assert everything.throw("getme") is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": {FaultKind.RESET: 1.1}},
        {"rates": {FaultKind.RESET: 0.6, FaultKind.DELAY: 0.6}},
        {"delay_s": -1},
        {"retry_after_s": 0},
    ],
)
def test_impossible_plans_are_refused(wrong):
    with pytest.raises(ConfigInvalid):
        FaultPlan(**wrong)
