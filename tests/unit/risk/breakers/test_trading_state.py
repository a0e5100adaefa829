"""Trading state: the severest breaker decides, and nobody is kept from leaving."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.risk.breakers.trading_state import judge_order, trading_state

ACTIVE, REDUCING, HALTED = TradingState
STATES = tuple(TradingState)


def tripped(*states: TradingState) -> list[TrippedBreaker]:
    return [
        TrippedBreaker(name=BreakerName.OPERATOR, state=state, tripped_us=0, until_us=None)
        for state in states
    ]


def passes(state: TradingState, before: str, order: str) -> bool:
    check = judge_order(state, position_before=Decimal(before), order=Decimal(order))
    assert check.code == "trading_state"
    assert check.measured == state.value
    assert check.sentence
    return bool(check)


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ((), ACTIVE),
        ((ACTIVE,), ACTIVE),
        ((REDUCING,), REDUCING),
        ((HALTED,), HALTED),
        ((HALTED, REDUCING), HALTED),
        ((REDUCING, HALTED), HALTED),
        ((REDUCING, ACTIVE), REDUCING),
        ((ACTIVE, REDUCING), REDUCING),
    ],
)
def test_the_severest_breaker_decides(states, state):
    assert trading_state(tripped(*states)) is state


@pytest.mark.parametrize(
    ("before", "order", "passing"),
    [
        ("0", "1", {ACTIVE}),
        ("2", "1", {ACTIVE}),
        ("2", "-1", {ACTIVE, REDUCING, HALTED}),
        ("2", "-2", {ACTIVE, REDUCING, HALTED}),
        ("2", "-3", {ACTIVE, REDUCING}),
        ("2", "-3.999", {ACTIVE, REDUCING}),
        ("2", "-4", {ACTIVE}),
        ("2", "-5", {ACTIVE}),
        ("2", "0", set()),
        ("2", "NaN", set()),
        ("NaN", "-1", set()),
        ("2", "-Infinity", set()),
        ("sNaN", "1", set()),
    ],
)
def test_each_state_lets_its_orders_pass_on_both_sides(before, order, passing):
    for state in STATES:
        assert passes(state, before, order) is (state in passing)
        mirrored = [str(-Decimal(n)) if "N" not in n else n for n in (before, order)]
        assert passes(state, *mirrored) is (state in passing)


sizes = st.decimals("-1000", "1000", places=3)


@given(sizes, sizes)
def test_what_only_reduces_always_passes_and_a_severer_state_lets_no_more_pass(before, order):
    answers = [passes(state, str(before), str(order)) for state in STATES]
    assert answers == sorted(answers, reverse=True)
    after = before + order
    if order and abs(after) < abs(before) and after * before >= 0:
        assert all(answers)
    if answers[1]:
        assert abs(after) < abs(before)
    if answers[2]:
        assert after == 0 or (after > 0) is (before > 0)


@pytest.mark.parametrize(
    ("state", "before", "order", "sentence"),
    [
        (ACTIVE, "2", "0", "ACTIVE: an order of 0 on a position of 2"),
        (HALTED, "NaN", "1", "HALTED: an order of 1 on a position of NaN"),
        (ACTIVE, "0", "1.50", "ACTIVE: 0 would become 1.5"),
        (ACTIVE, "2", "-1", "ACTIVE: 2 would become 1, which only reduces"),
        (HALTED, "2", "-2", "HALTED: 2 would become 0, which only reduces"),
        (REDUCING, "2", "-3", "REDUCING: 2 would become -1; only less may be held"),
        (REDUCING, "2", "1", "REDUCING: 2 would become 3; only less may be held"),
        (HALTED, "2", "-3", "HALTED: 2 would become -1; only exits may be sent"),
        (HALTED, "0", "1", "HALTED: 0 would become 1; only exits may be sent"),
    ],
)
def test_an_answer_tells_what_would_be_held(state, before, order, sentence):
    check = judge_order(state, position_before=Decimal(before), order=Decimal(order))
    assert check.sentence == sentence
