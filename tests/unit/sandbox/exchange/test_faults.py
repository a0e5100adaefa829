"""The plan of faults and its dice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.exchange import FaultKind, FaultPlan, RequestKind
from snipersight.sandbox.exchange.faults import EVENT_FAULTS, FaultDice

REQUESTS = frozenset(FaultKind) - EVENT_FAULTS


def thrown(plan: FaultPlan, count: int) -> list[FaultKind | None]:
    dice = FaultDice(plan)
    return [dice.throw(RequestKind.ORDER, befalls=REQUESTS.__contains__) for _ in range(count)]


def test_the_same_seed_gives_the_same_faults():
    plan = FaultPlan.even(0.3, seed=5)
    assert thrown(plan, 300) == thrown(plan, 300)
    assert thrown(plan, 300) != thrown(FaultPlan.even(0.3, seed=6), 300)


def test_events_change_no_requests_fault():
    dice, plan = FaultDice(FaultPlan.even(0.3, seed=5)), FaultPlan.even(0.3, seed=5)
    mixed = []
    for _ in range(300):
        dice.throw_event()
        mixed.append(dice.throw(RequestKind.ORDER, befalls=REQUESTS.__contains__))
    assert mixed == thrown(plan, 300)


def test_an_even_plan_reaches_every_kind_about_as_often():
    dice = FaultDice(FaultPlan.even(0.5, seed=1))
    for _ in range(20_000):
        dice.throw(RequestKind.ORDER, befalls=REQUESTS.__contains__)
        dice.throw_event()
    requests = [dice.counts[kind] for kind in REQUESTS]
    events = [dice.counts[kind] for kind in EVENT_FAULTS]
    assert sum(requests) == pytest.approx(10_000, rel=0.05)
    assert min(requests) > 0.8 * max(requests)
    assert sum(events) == pytest.approx(10_000, rel=0.05)
    assert min(events) > 0.9 * max(events)


def test_public_requests_are_spared_unless_a_plan_names_them():
    plan = FaultPlan(rates={FaultKind.DELAY: 1.0})
    assert FaultDice(plan).throw(RequestKind.PUBLIC, befalls=REQUESTS.__contains__) is None
    named = FaultPlan(rates={FaultKind.DELAY: 1.0}, requests=frozenset(RequestKind))
    assert (
        FaultDice(named).throw(RequestKind.PUBLIC, befalls=REQUESTS.__contains__) is FaultKind.DELAY
    )


@given(
    known=st.frozensets(st.sampled_from(sorted(REQUESTS))),
    rate=st.floats(0, 1),
    seed=st.integers(0, 50),
)
def test_what_a_venue_does_not_know_is_neither_thrown_nor_counted(
    known: frozenset[FaultKind], rate: float, seed: int
):
    dice = FaultDice(FaultPlan.even(rate, seed=seed))
    found = [dice.throw(RequestKind.QUERY, befalls=known.__contains__) for _ in range(40)]
    assert {kind for kind in found if kind is not None} <= known
    assert dice.counts.total() == sum(kind is not None for kind in found)


@pytest.mark.parametrize(
    "rates",
    [
        {FaultKind.DELAY: -0.1},
        {FaultKind.DELAY: 0.7, FaultKind.DROP_AFTER: 0.7},
        {FaultKind.EVENT_REORDER: 1.1},
        {FaultKind.DELAY: float("nan")},
    ],
)
def test_rates_that_are_no_shares_are_refused(rates: dict[FaultKind, float]):
    with pytest.raises(ConfigInvalid, match="no shares"):
        FaultPlan(rates=rates)


def test_requests_and_events_have_a_whole_each():
    plan = FaultPlan(rates={FaultKind.DELAY: 1.0, FaultKind.EVENT_DUPLICATE: 1.0})
    dice = FaultDice(plan)
    assert dice.throw(RequestKind.ORDER, befalls=REQUESTS.__contains__) is FaultKind.DELAY
    assert dice.throw_event() is FaultKind.EVENT_DUPLICATE


@pytest.mark.parametrize("wrong", [{"delay_s": -1.0}, {"restart_s": -1.0}, {"retry_after_s": 0}])
def test_a_fault_of_less_than_no_time_is_refused(wrong: dict[str, float]):
    with pytest.raises(ConfigInvalid):
        FaultPlan(**wrong)  # type: ignore[arg-type]
