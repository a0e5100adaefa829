"""`scan --execute` leaves alone what people have decided on."""

from types import SimpleNamespace
from typing import Any

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import load_settings
from snipersight.cli.scan_executing import execute_plans, require_execute
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from tests.builders.execution_desk import DeskClock, paper_world
from tests.builders.operating import a_bench, a_press, a_scene, of_setup

ANYTHING: Any = None


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))


async def executed(books: Any, plan: Any) -> int:
    """Execute a plan in a session that cannot get further than to the executor."""
    session: Any = SimpleNamespace(
        books=books, gate=None, unusable=StateUnavailable("the executor was asked")
    )
    return await execute_plans(session, ANYTHING, [plan], world=paper_world(), words=ANYTHING)


@pytest.mark.parametrize("kind", [CommandKind.REJECT, CommandKind.TOOK])
async def test_what_a_person_rejected_or_trades_by_hand_is_not_executed(tmp_path, capsys, kind):
    clock = DeskClock()
    with open_books(load_settings()[0], account_id="practice", clock=clock) as books:
        async with a_scene(books, a_bench(tmp_path), clock) as scene:
            plan = scene.tell()
            with pytest.raises(StateUnavailable, match="the executor was asked"):
                await executed(books, plan)
            answer = await scene.desk.submit(a_press(kind, plan.plan_id))
            assert answer.state is CommandState.DONE, answer.sentence
            for one in (plan, of_setup(plan, "later")):
                assert await executed(books, one) == 0
            said = capsys.readouterr().err
    assert said.count("a person rejected it, or trades it by hand") == 2
    assert f"snipersight trade {plan.plan_id}" in said.replace("\n", " ")


@pytest.mark.parametrize(
    "said",
    [
        {"mode": "live", "confirm": None, "follow": None},
        {"mode": "dry-run", "confirm": "main", "follow": None},
        {"mode": "dry-run", "confirm": None, "follow": True},
    ],
)
def test_what_is_said_of_orders_is_refused_where_none_are_sent(said):
    with pytest.raises(ConfigInvalid, match="without --execute"):
        require_execute(**said)
    require_execute(mode="dry-run", confirm=None, follow=None)
