"""What a run executes unasked: each setup once, and never against a person's decision."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.running.acting import Acting
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.taking import HandTrade, close_plan, take_plan
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.plan import TradePlan
from tests.builders.execution_desk import DeskClock
from tests.builders.operating import Scene, a_bench, a_press, a_scene, of_setup


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened


@asynccontextmanager
async def acting_in(
    tmp_path: Any, books: Any, clock: Any
) -> AsyncIterator[tuple[Scene, Acting, list[tuple[TradePlan, bool]]]]:
    """Yield an account at work, a run's part that acts on it, and what it leaves to others."""
    left: list[tuple[TradePlan, bool]] = []

    async def leave(plan: TradePlan, is_news: bool) -> None:
        left.append((plan, is_news))

    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        yield scene, _acting(scene, leave), left


def _acting(scene: Scene, leave: Any) -> Acting:
    return Acting(
        scene.books,
        scene.trading,
        tell=lambda _: None,
        refused=lambda _plan, _error: None,
        leave=leave,
    )


async def test_a_setup_is_executed_once_also_by_the_next_process(tmp_path, books, clock):
    async with acting_in(tmp_path, books, clock) as (scene, acting, _left):
        plan = scene.tell()
        assert await acting.act([plan], scene.seen()) == 1
        assert await acting.act([plan], scene.seen()) == 0
        restarted = _acting(scene, None)
        assert await restarted.act([of_setup(plan, "later")], scene.seen()) == 0
        assert len(scene.trades()) == 1


async def test_what_a_person_rejected_is_not_executed_unasked(tmp_path, books, clock):
    async with acting_in(tmp_path, books, clock) as (scene, acting, left):
        plan = scene.tell()
        answer = await scene.desk.submit(a_press(CommandKind.REJECT, plan.plan_id))
        assert answer.state is CommandState.DONE, answer.sentence
        assert await acting.act([plan, of_setup(plan, "later")], scene.seen()) == 0
        assert (scene.trades(), left) == ((), [])


@pytest.mark.parametrize("by_button", [True, False])
async def test_what_a_person_traded_by_hand_is_not_traded_once_more(
    tmp_path, books, clock, by_button
):
    async with acting_in(tmp_path, books, clock) as (scene, acting, _left):
        plan = scene.tell()
        if by_button:
            answer = await scene.desk.submit(a_press(CommandKind.TOOK, plan.plan_id))
            assert answer.state is CommandState.DONE, answer.sentence
        else:
            trade = HandTrade(size=Decimal("0.5"), price=Decimal(100))
            take_plan(books, plan.plan_id, trade)
        close_plan(books, plan.plan_id, price=Decimal(100))
        assert await acting.act([plan], scene.seen()) == 0
        assert scene.trades() == ()


async def test_what_was_left_to_another_process_is_left_until_it_is_executed(
    tmp_path, books, clock
):
    async with acting_in(tmp_path, books, clock) as (scene, acting, left):
        plan = scene.tell()
        scene.seat.execution = None
        assert await acting.act([plan], scene.seen()) == 0
        assert await acting.act([plan], scene.seen()) == 0
        assert left == [(plan, True), (plan, False)]
        scene.seat.execution = scene.execution  # this one has taken over
        assert await acting.act([plan], scene.seen()) == 1
