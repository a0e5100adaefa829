"""Which verdict of the gate stands on a signal that was judged many times."""

from pathlib import Path

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.settings import VARIABLES, load_settings
from tests.builders.candles import rows
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.paper import PaperBench


async def test_the_verdict_that_orders_went_by_stands_though_later_ones_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    settings, plan = load_settings()[0], a_paper_plan()
    clock, bench = DeskClock(), PaperBench(folder=tmp_path, rows=rows("100 101 99 100"))
    with (
        open_books(settings, account_id="practice", clock=clock) as books,
        DashboardReader(settings) as reader,
    ):
        async with paper_execution(books, bench, clock) as execution:
            assert (await execute_plan(execution, plan)).trade is not None
            assert (await execute_plan(execution, plan)).refused
            view = reader.signal(plan.plan_id)
    assert view.verdict is not None
    assert view.verdict.is_approved
    assert view.verdict.is_reserved
    assert any("Refused" in line.sentence for line in view.history)
