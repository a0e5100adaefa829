"""`snipersight kill` of every account: all of them end their entries before any is waited for."""

import asyncio
from typing import Any

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.settings import load_settings
from snipersight.cli import killing
from snipersight.cli.exits import ExitCode
from snipersight.cli.killing import perform_kill
from snipersight.domain.errors import StateUnavailable
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.operating import a_bench


@pytest.fixture(autouse=True)
def accounts(monkeypatch, tmp_path):
    """Two accounts, of which the first has entries that work."""
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    asyncio.run(entries_on_practice(tmp_path))
    with open_books(load_settings()[0], account_id="zeta"):
        pass


async def entries_on_practice(tmp_path: Any) -> None:
    clock = DeskClock()
    with open_books(load_settings()[0], account_id="practice", clock=clock) as books:
        async with paper_execution(books, a_bench(tmp_path), clock) as execution:
            assert (await execute_plan(execution, a_paper_plan())).trade is not None


def is_pulled(opened: Any, account: str) -> bool:
    decisions = opened.books.store.decisions
    return decisions.view(account, lambda unit: unit.book.kill_switch()) is not None


def test_every_account_is_stopped_before_one_is_waited_for(monkeypatch):
    seen: list[bool] = []

    async def carry_out(opened: Any) -> None:
        seen.append(is_pulled(opened, "zeta"))

    monkeypatch.setattr(killing, "carry_out", carry_out)
    code = perform_kill(None, account=None, flatten=False, reason="", as_json=False)
    assert (seen, code) == ([True], ExitCode.PARTIAL)


def test_an_account_that_cannot_be_seen_to_keeps_no_other_one_trading(monkeypatch, capsys):
    async def carry_out(_opened: Any) -> None:
        raise StateUnavailable("the store went away")

    monkeypatch.setattr(killing, "carry_out", carry_out)
    with pytest.raises(StateUnavailable, match="went away"):
        perform_kill(None, account=None, flatten=False, reason="", as_json=False)
    assert "Account zeta: entries are killed" in capsys.readouterr().out
