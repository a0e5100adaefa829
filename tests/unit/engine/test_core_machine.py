"""Whatever happens in whatever order, every candidate waits or has ended exactly once.

A plain model beside the core remembers lows, highs and closes itself and needs no bar twice.
"""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from snipersight.domain.direction import Direction
from snipersight.domain.units import Symbol
from snipersight.engine.core import (
    BarClosed,
    Command,
    Decided,
    EngineState,
    Evaluate,
    Event,
    Judged,
    RankingDue,
    Record,
    Reserve,
    Tell,
    step,
)
from snipersight.planner.voids import Bar
from tests.builders import DECIDED_AT_MS
from tests.unit.engine.candidates import BAR_MS, a_candidate, approval, refused, rejection

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")
VALID_BARS = 3
# Offsets from the near edge in the trade's favour: stop -500, entry 0, first target 750.
OFFSETS = st.integers(-600, 900)


@dataclass
class Modelled:
    """What the model knows of one plan."""

    symbol: str
    side: Direction
    score: float
    since_bar: int
    touched: bool = False
    end: str | None = None

    def feel(self, low: int, high: int, shift: Direction | None, bar: int) -> None:
        """End or touch the plan by a bar that reaches from low to high around its near edge."""
        worst, best = (low, high) if self.side is Direction.LONG else (-high, -low)
        if self.end is None and bar > self.since_bar:
            self.touched = self.touched or worst <= 0
            self.end = self._ending(worst, best, shift, bar)

    def _ending(self, worst: int, best: int, shift: Direction | None, bar: int) -> str | None:
        if bar > self.since_bar + VALID_BARS:
            return "gated:expired"
        if best >= 750:
            return "gated:target_touched"
        if worst <= -500:
            return "gated:stop_touched"
        return "gated:structure_shift" if shift is self.side.opposite else None


class CoreMachine(RuleBasedStateMachine):
    """Drives the core and the model with the same events."""

    def __init__(self) -> None:
        super().__init__()
        self.state = EngineState()
        self.bar = 0
        self.plans: dict[str, Modelled] = {}
        self.ends: dict[str, list[str]] = {}
        self.refusals = 0
        self.recorded_refusals = 0

    def happen(self, event: Event) -> tuple[Command, ...]:
        self.state, commands = step(self.state, event)
        for command in commands:
            if isinstance(command, Record):
                self._note(command)
        return commands

    def _note(self, command: Record) -> None:
        candidate = command.candidate
        if candidate.plan is None or str(candidate.reason) == "gated:repeated":
            self.recorded_refusals += 1
        else:
            self.ends.setdefault(str(candidate.setup_id), []).append(str(candidate.reason))

    @property
    def now_ms(self) -> int:
        return DECIDED_AT_MS + self.bar * BAR_MS

    def waiting(self) -> dict[str, Modelled]:
        return {name: plan for name, plan in self.plans.items() if plan.end is None}

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        side=st.sampled_from(Direction),
        score=st.sampled_from((55.0, 70.0, 85.0)),
    )
    def decide(self, symbol: str, side: Direction, score: float) -> None:
        name = f"setup{len(self.plans):03}"
        candidate = a_candidate(
            name,
            at_ms=self.now_ms,
            valid_bars=VALID_BARS,
            direction=side,
            symbol=symbol,
            score=score,
        )
        assert self.happen(Decided(candidate=candidate)) == ()
        self.plans[name] = Modelled(symbol, side, score, self.bar)

    @precondition(lambda self: self.plans)
    @rule(data=st.data())
    def decide_the_same_again(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.plans)))
        candidate = a_candidate(name, at_ms=self.now_ms, symbol=self.plans[name].symbol)
        self.happen(Decided(candidate=candidate))
        self.refusals += 1

    @rule()
    def decide_against(self) -> None:
        self.happen(Decided(candidate=refused(a_candidate("never", at_ms=self.now_ms))))
        self.refusals += 1

    @rule(
        symbol=st.sampled_from(SYMBOLS),
        edges=st.tuples(OFFSETS, OFFSETS).map(sorted),
        shift=st.none() | st.sampled_from(Direction),
        is_next=st.booleans(),
    )
    def close_bar(
        self, symbol: str, edges: list[int], shift: Direction | None, is_next: bool
    ) -> None:
        self.bar += is_next  # otherwise the newest bar is told once more
        low, high = edges
        bar = Bar(
            open=Decimal(42250 + low),
            high=Decimal(42250 + high),
            low=Decimal(42250 + low),
            close=Decimal(42250 + high),
            closed_at_ms=self.now_ms,
            shift=shift,
        )
        commands = self.happen(BarClosed(symbol=Symbol(symbol), bar=bar))
        assert commands[-1] == Evaluate(symbol=Symbol(symbol), at_ms=self.now_ms)
        for plan in self.plans.values():
            if plan.symbol == symbol:
                plan.feel(low, high, shift, self.bar)

    @rule(verdicts=st.lists(st.sampled_from(("", "max_leverage", "below_minimum")), max_size=4))
    def judge(self, verdicts: list[str]) -> None:
        commands = self.happen(RankingDue(at_ms=self.now_ms))
        asked = [command.plan for command in commands if isinstance(command, Reserve)]
        scores = [plan.confluence.score for plan in asked]
        assert scores == sorted(scores, reverse=True)
        assert {str(plan.setup_id) for plan in asked} == set(self.waiting())
        for plan, verdict in zip(asked, verdicts, strict=False):
            decision = rejection(plan, verdict) if verdict else approval(plan)
            answers = self.happen(Judged(decision=decision))
            assert isinstance(answers[0], Record if verdict else Tell)
            stage = {"below_minimum": "declined"}.get(verdict, "rejected")
            if verdict:
                self.plans[str(plan.setup_id)].end = f"{stage}:{verdict}"

    @invariant()
    def what_waits_is_what_has_not_ended(self) -> None:
        assert {str(name) for name in self.state.waiting} == set(self.waiting())

    @invariant()
    def what_was_touched_is_remembered_while_it_waits(self) -> None:
        touched = {name for name, plan in self.waiting().items() if plan.touched}
        assert {str(name) for name in self.state.entered} == touched

    @invariant()
    def everything_ended_once_and_as_the_model_says(self) -> None:
        expected = {name: [plan.end] for name, plan in self.plans.items() if plan.end}
        assert self.ends == expected
        assert self.recorded_refusals == self.refusals


CoreMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
TestCoreMachine = CoreMachine.TestCase
