"""What a scan finds void is cancelled, unless something of it was filled."""

from typing import Any, cast

import pytest

from snipersight.bootstrap.execution import Execution
from snipersight.bootstrap.voiding import end_void
from snipersight.domain.decision import Candidate, Stage, TerminalReason
from snipersight.domain.execution import TradeState
from tests.fakes.executor_desk import ExecutorDesk


def an_execution(desk: ExecutorDesk) -> Execution:
    nothing = cast("Any", None)
    return Execution(
        world=nothing, books=nothing, venue=desk.venue, executor=desk.executor, desk=desk.desk
    )


def an_end(desk: ExecutorDesk, name: str, stage: Stage = Stage.GATED) -> Candidate:
    trade = desk.trade
    return Candidate(
        symbol=trade.symbol,
        at_ms=0,
        reason=TerminalReason(stage=stage, name=name),
        setup_id=trade.setup_id,
    )


@pytest.mark.parametrize("name", ["structure_shift", "target_touched", "stop_touched", "expired"])
async def test_entries_of_a_void_plan_are_cancelled(name):
    desk = ExecutorDesk()
    await desk.put_on()
    (ended,) = await end_void(an_execution(desk), [an_end(desk, name)])
    assert ended.trade_id == desk.trade.trade_id
    assert desk.trade.state is TradeState.DONE
    assert desk.venue.engine.orders("main", open_only=True) == ()


@pytest.mark.parametrize(
    ("name", "stage"), [("max_total", Stage.REJECTED), ("regime", Stage.GATED)]
)
async def test_another_end_of_a_candidate_cancels_nothing(name, stage):
    desk = ExecutorDesk()
    await desk.put_on()
    assert await end_void(an_execution(desk), [an_end(desk, name, stage)]) == ()
    assert desk.trade.state.is_live


async def test_what_was_entered_goes_on():
    desk = ExecutorDesk()
    await desk.put_on()
    desk.price(str(desk.trade.entry_near - 1))
    await desk.cycle()
    assert await end_void(an_execution(desk), [an_end(desk, "structure_shift")]) == ()
    assert desk.trade.state.is_live
