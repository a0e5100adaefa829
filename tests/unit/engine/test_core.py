"""The core decides what becomes of every candidate, from events alone."""

from dataclasses import replace

import pytest

from snipersight.domain.decision import Candidate, Stage
from snipersight.domain.direction import Direction
from snipersight.domain.plan import SetupId
from snipersight.domain.units import Symbol
from snipersight.engine.core import (
    BarClosed,
    Decided,
    EngineState,
    Evaluate,
    Event,
    Judged,
    RankingDue,
    Record,
    Reserve,
    Tell,
    ranked,
    step,
)
from snipersight.planner.voids import Bar
from tests.builders import DECIDED_AT_MS
from tests.unit.engine.candidates import (
    BAR_MS,
    a_bar,
    a_candidate,
    approval,
    refused,
    rejection,
)

BTC = Symbol("BTC/USDT")
SETUP = SetupId("setup")


def after(*events: Event) -> EngineState:
    state = EngineState()
    for event in events:
        state, _ = step(state, event)
    return state


def closed(bar: Bar, symbol: Symbol = BTC) -> BarClosed:
    return BarClosed(symbol=symbol, bar=bar)


def recorded(state: EngineState, event: Event) -> list[Candidate]:
    _, commands = step(state, event)
    return [command.candidate for command in commands if isinstance(command, Record)]


def test_a_close_asks_for_its_decisions():
    state, commands = step(EngineState(), closed(a_bar()))
    assert commands == (Evaluate(symbol=BTC, at_ms=DECIDED_AT_MS + BAR_MS),)
    assert state == EngineState()


def test_a_plan_waits_and_nothing_is_told():
    state, commands = step(EngineState(), Decided(candidate=a_candidate()))
    assert commands == ()
    assert list(state.waiting) == [SETUP]


def test_a_refusal_of_the_source_is_recorded_at_once_and_does_not_wait():
    candidate = refused(a_candidate())
    state, commands = step(EngineState(), Decided(candidate=candidate))
    assert commands == (Record(candidate=candidate),)
    assert state.waiting == {}


def test_a_refused_setup_may_still_become_a_plan():
    state = after(Decided(candidate=refused(a_candidate())), Decided(candidate=a_candidate()))
    assert list(state.waiting) == [SETUP]


def test_one_setup_makes_one_plan():
    state = after(Decided(candidate=a_candidate()))
    again = a_candidate(at_ms=DECIDED_AT_MS + BAR_MS)
    later, commands = step(state, Decided(candidate=again))
    (command,) = commands
    assert isinstance(command, Record)
    assert str(command.candidate.reason) == "gated:repeated"
    assert later == state


def test_a_setup_stays_used_up_after_its_plan_ended():
    state = after(Decided(candidate=a_candidate()), closed(a_bar(low="41000")))
    assert state.waiting == {}
    again = Decided(candidate=a_candidate(at_ms=DECIDED_AT_MS + 2 * BAR_MS))
    assert [str(candidate.reason) for candidate in recorded(state, again)] == ["gated:repeated"]


@pytest.mark.parametrize(
    ("bar", "reason", "words"),
    [
        (a_bar(high="43000"), "gated:target_touched", "never touched"),
        (a_bar(low="41750"), "gated:stop_touched", "had been touched"),
        (a_bar(shift=Direction.SHORT), "gated:structure_shift", "never touched"),
        (a_bar(number=33), "gated:expired", "never touched"),
    ],
)
def test_each_void_ends_a_plan_with_its_reason(bar, reason, words):
    state = after(Decided(candidate=a_candidate()))
    (ended,) = recorded(state, closed(bar))
    assert str(ended.reason) == reason
    assert words in ended.detail
    assert ended.plan is not None
    assert after(Decided(candidate=a_candidate()), closed(bar)).waiting == {}


@pytest.mark.parametrize(
    "bar",
    [
        a_bar(),
        a_bar(high="42999.99"),
        a_bar(low="41750.01"),
        a_bar(shift=Direction.LONG),
        a_bar(number=32),
    ],
)
def test_a_bar_short_of_every_void_leaves_a_plan_waiting(bar):
    state = after(Decided(candidate=a_candidate()), closed(bar))
    assert list(state.waiting) == [SETUP]


def test_a_touch_of_the_zone_is_noted_once_and_the_plan_stays():
    first, second = a_bar(low="42250"), a_bar(low="42100", number=2)
    state = after(Decided(candidate=a_candidate()), closed(first), closed(second))
    assert list(state.waiting) == [SETUP]
    assert state.entered == {SETUP: first.closed_at_ms}


def test_a_bar_that_stops_above_the_zone_enters_nothing():
    assert after(Decided(candidate=a_candidate()), closed(a_bar(low="42250.01"))).entered == {}


def test_what_ended_is_no_longer_noted_as_entered():
    touched = after(Decided(candidate=a_candidate()), closed(a_bar(low="42250")))
    state, commands = step(touched, closed(a_bar(high="43100", number=2)))
    (record, _) = commands
    assert isinstance(record, Record)
    assert record.candidate.detail == "price reached the first target; its zone had been touched"
    assert state.entered == {}


@pytest.mark.parametrize("number", [0, -1])
def test_the_decision_s_own_bar_is_not_held_against_its_plan(number):
    ruinous = a_bar(low="41000", high="44000", number=number, shift=Direction.SHORT)
    state = after(Decided(candidate=a_candidate()), closed(ruinous))
    assert list(state.waiting) == [SETUP]
    assert state.entered == {}


def test_a_bar_of_another_symbol_changes_nothing():
    state = after(Decided(candidate=a_candidate()))
    same, commands = step(state, closed(a_bar(low="41000"), Symbol("ETH/USDT")))
    assert same == state
    assert commands == (Evaluate(symbol=Symbol("ETH/USDT"), at_ms=DECIDED_AT_MS + BAR_MS),)


def test_one_bar_can_end_several_plans():
    state = after(
        Decided(candidate=a_candidate("one")),
        Decided(candidate=a_candidate("two", near="42300")),
    )
    ended = recorded(state, closed(a_bar(low="41000")))
    assert [candidate.setup_id for candidate in ended] == ["one", "two"]


def test_plans_compete_by_score_then_by_reward_then_by_name():
    waiting = [
        a_candidate("b", symbol="ETH/USDT", score=70.0, risk_reward=2.0),
        a_candidate("a", symbol="ETH/USDT", score=70.0, risk_reward=2.0),
        a_candidate("c", symbol="BTC/USDT", score=70.0, risk_reward=2.0),
        a_candidate("d", symbol="XRP/USDT", score=70.0, risk_reward=3.0),
        a_candidate("e", symbol="XRP/USDT", score=80.0, risk_reward=1.5),
    ]
    state = after(*(Decided(candidate=candidate) for candidate in waiting))
    _, commands = step(state, RankingDue(at_ms=DECIDED_AT_MS))
    order = [command.plan.setup_id for command in commands if isinstance(command, Reserve)]
    assert order == ["e", "d", "c", "a", "b"]
    assert len(commands) == len(waiting)


def test_ranking_changes_no_state():
    state = after(Decided(candidate=a_candidate()))
    assert step(state, RankingDue(at_ms=DECIDED_AT_MS))[0] is state


def test_an_approved_plan_is_told_and_keeps_waiting_for_price():
    state = after(Decided(candidate=a_candidate()))
    decision = approval(ranked(state)[0])
    same, commands = step(state, Judged(decision=decision))
    assert commands == (Tell(decision=decision),)
    assert same == state


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (("max_leverage", "below_minimum"), "rejected:max_leverage"),
        (("below_minimum", "max_leverage"), "declined:below_minimum"),
        (("quote_rate",), "rejected:quote_rate"),
    ],
)
def test_the_first_failed_check_of_the_gate_ends_a_plan(codes, reason):
    state = after(Decided(candidate=a_candidate()))
    decision = rejection(ranked(state)[0], *codes)
    gone, commands = step(state, Judged(decision=decision))
    (record,) = commands
    assert isinstance(record, Record)
    assert str(record.candidate.reason) == reason
    assert record.candidate.detail == f"{codes[0]} failed"
    assert [check.code for check in record.candidate.checks] == ["score", "equity", *codes]
    assert gone.waiting == {}


def test_a_judgement_of_a_plan_that_does_not_wait_is_an_error():
    with pytest.raises(KeyError):
        step(
            EngineState(),
            Judged(decision=approval(ranked(after(Decided(candidate=a_candidate())))[0])),
        )


def test_a_plan_without_a_setup_is_an_error():
    nameless = replace(a_candidate(), setup_id=None)
    with pytest.raises(ValueError, match="BTC/USDT: a plan without a setup"):
        step(EngineState(), Decided(candidate=nameless))


def test_a_step_leaves_the_state_it_was_given_alone():
    state = after(Decided(candidate=a_candidate()))
    step(state, closed(a_bar(low="41000")))
    assert list(state.waiting) == [SETUP]
    with pytest.raises(TypeError):
        state.waiting[SETUP] = a_candidate()  # type: ignore[index] # that is what is tested


def test_gating_is_the_stage_of_everything_that_ends_before_the_gate():
    state = after(Decided(candidate=a_candidate()))
    (ended,) = recorded(state, closed(a_bar(low="41000")))
    assert ended.reason is not None
    assert ended.reason.stage is Stage.GATED
