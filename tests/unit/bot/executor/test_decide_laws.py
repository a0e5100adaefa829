"""Laws of `decide`, against a venue that refuses, loses, delays and fills in parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from snipersight.domain.execution import ManagementRules
from tests.fakes.executed_life import FOREIGN, KINDS, LEVELS, PARTS, RULES, ExecutedLife, live
from tests.fakes.venue_model import Fate

_FATES = st.lists(st.sampled_from([Fate.DONE, Fate.DONE, *Fate]), max_size=4)
_PICK = st.integers(0, 11)


@pytest.mark.parametrize("block", range(8))
def test_no_life_of_a_trade_breaks_a_law(block):
    for seed in range(block * 100, (block + 1) * 100):
        try:
            live(seed)
        except AssertionError as error:
            pytest.fail(f"life {seed}: {error}")


class _Executor(RuleBasedStateMachine):
    """One trade from its first order to its end; the laws are asked within `ExecutedLife`."""

    life: ExecutedLife | None = None

    @initialize(
        kind=st.sampled_from(KINDS),
        has_fees=st.booleans(),
        rules=st.sampled_from(RULES),
        foreign=st.sampled_from(FOREIGN),
    )
    def begin(self, kind: str, has_fees: bool, rules: ManagementRules, foreign: str) -> None:
        self.life = ExecutedLife(kind, has_fees=has_fees, rules=rules, foreign=foreign)
        self.life.go_on(1)

    @rule(rounds=st.integers(1, 3))
    def go_on(self, rounds: int) -> None:
        self._do("go_on", rounds)

    @rule(fates=_FATES)
    def go_round(self, fates: list[Fate]) -> None:
        self._do("go_round", fates)

    @rule(pick=_PICK)
    def hear(self, pick: int) -> None:
        self._do("hear", pick)

    @rule(level=st.sampled_from(LEVELS))
    def move(self, level: str) -> None:
        self._do("move", level)

    @rule(pick=_PICK, part=st.sampled_from(PARTS))
    def fill_part(self, pick: int, part: str) -> None:
        self._do("fill_part", pick, part)

    @rule(pick=_PICK)
    def end_by_hand(self, pick: int) -> None:
        self._do("end_by_hand", pick)

    @rule(seconds=st.sampled_from([1, 2, 5, 12]))
    def wait(self, seconds: int) -> None:
        self._do("wait", seconds)

    @rule()
    def kill(self) -> None:
        self._do("kill")

    def teardown(self) -> None:
        if self.life is not None:
            self.life.finish()

    def _do(self, what: str, *given: Any) -> None:
        assert self.life is not None
        getattr(self.life, what)(*given)


TestExecutor = _Executor.TestCase
TestExecutor.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
