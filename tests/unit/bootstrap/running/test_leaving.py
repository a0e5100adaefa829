"""What is left to the process that executes: one plan of a setup at a time, recorded once."""

from dataclasses import replace

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operating.decided import UNASKED
from snipersight.bootstrap.running.leaving import Leaving
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.commands import CommandKind
from snipersight.domain.plan import TradePlan
from tests.builders.execution_desk import DeskClock
from tests.builders.operating import Scene, a_bench, a_press, a_scene, of_setup
from tests.fakes.venue_clients import until


@pytest.fixture
def clock() -> DeskClock:
    return DeskClock()


@pytest.fixture
def books(clock):
    with open_books(load_settings()[0], account_id="practice", clock=clock) as opened:
        yield opened


def leaving_in(scene: Scene, left: list[TradePlan]) -> Leaving:
    async def leave(plan: TradePlan, _is_news: bool) -> None:
        press = a_press(CommandKind.APPROVE, plan.plan_id, by=(UNASKED, "SniperSight"))
        await scene.desk.leave(replace(press, arguments={"mode": "paper"}))
        left.append(plan)

    return Leaving(scene.books, leave)


async def test_while_one_plan_of_a_setup_waits_no_other_is_left_beside_it(tmp_path, books, clock):
    left: list[TradePlan] = []
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        scene.seat.execution = None  # nobody executes
        plan, leaving = scene.tell(), leaving_in(scene, left)
        later = of_setup(plan, "later")
        for one in (plan, plan, later):
            await leaving(one, False)
        restarted = leaving_in(scene, left)
        await restarted(later, False)
        assert (left, scene.waiting()) == ([plan], 1)
        assert len(scene.said()) == 1


async def test_what_is_refused_there_is_left_again_at_growing_intervals(tmp_path, books, clock):
    left: list[TradePlan] = []
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        # Nobody was told of this plan, so that it is refused.
        plan, leaving, closes = of_setup(scene.tell(), "unknown"), leaving_in(scene, left), []
        for close in range(20):
            before = len(left)
            await leaving(plan, False)
            if len(left) > before:
                closes.append(close)
            await until(lambda: scene.waiting() == 0)
        assert closes == [0, 1, 3, 7, 15]
        assert len(scene.said()) == 2 * len(closes)
