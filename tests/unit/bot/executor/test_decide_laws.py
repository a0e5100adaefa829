"""Laws of `decide`, against a venue that refuses, loses, delays and fills in parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from snipersight.bot.executor.actions import Cancel, Place, Timings
from snipersight.domain.execution import ManagementRules
from tests.builders.situations import SECOND_US
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


@pytest.mark.parametrize("kind", ["spot", "spot_stop_limit"])
@pytest.mark.parametrize("lost", [Fate.LOST, Fate.REPLY_LOST, Fate.LATE])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("level", ["98", "99", "100"])
@pytest.mark.parametrize("foreign", ["0", "0.009"])
def test_on_spot_every_second_request_is_enough_to_protect_in_time(
    kind, lost, first, level, foreign
):
    life = ExecutedLife(kind, has_fees=True, rules=ManagementRules(), foreign=foreign)
    life.go_on(1)
    life.move(level)
    naked, longest, sent = 0, 0, first
    for _ in range(40):
        life.shell.see_all()
        fates = [lost if (sent + n) % 2 else Fate.DONE for n in range(12)]
        before = len(life.shell.log)
        life.go_round(fates)
        sent += sum(isinstance(one, Place | Cancel) for one in life.shell.log[before:])
        life.wait(1)
        naked = 0 if life.is_protected() else naked + 1
        longest = max(longest, naked)
    assert life.venue.held > 0
    assert longest * SECOND_US <= Timings().stop_deadline_us
    life.finish()


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
