"""How real an account's orders are: by the word of whoever executes, never by our own settings."""

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.domain.execution import Mode
from snipersight.storage.executor_lease import SqlExecutorLease, record_mode
from snipersight.storage.leases import Leases
from tests.builders.candles import rows
from tests.builders.execution_desk import DeskClock, paper_execution
from tests.builders.paper import PaperBench


@pytest.fixture
def settings(monkeypatch, tmp_path):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    return load_settings()[0]


@pytest.fixture
def reader(settings):
    with DashboardReader(settings) as opened:
        yield opened


@pytest.mark.parametrize("mode", [Mode.PAPER, Mode.LIVE])
def test_the_mode_is_what_the_executor_has_said(settings, reader, mode):
    with open_books(settings, account_id="main") as books:
        lease = SqlExecutorLease(books.store.database, "main", owner="there:1:a")
        assert lease.keep()
        record_mode(books.store.database, "main", owner="there:1:a", mode=mode)
        assert reader.overview().mode == mode.value


def test_what_an_earlier_executor_said_is_not_taken_for_the_word_of_this_one(settings, reader):
    with open_books(settings, account_id="main") as books:
        database = books.store.database
        record_mode(database, "main", owner="there:1:a", mode=Mode.LIVE)
        assert reader.overview().mode == ""  # nobody executes
        assert SqlExecutorLease(database, "main", owner="there:2:b").keep()
        assert reader.overview().engine.executor_mode is None
        assert reader.overview().mode == Mode.PAPER.value


def test_a_process_that_executes_nothing_is_a_dry_run(settings, reader):
    with open_books(settings, account_id="main") as books:
        Leases(books.store.database).acquire("worker:a:b", owner="here:1:a", for_us=9_000_000)
        assert reader.overview().mode == Mode.DRY_RUN.value


async def test_whoever_begins_to_execute_says_how_real_it_is(settings, reader, tmp_path):
    bench, clock = PaperBench(folder=tmp_path, rows=rows("100 101 99 100")), DeskClock()
    with open_books(settings, account_id="practice", clock=clock) as books:
        async with paper_execution(books, bench, clock):
            assert reader.overview().engine.executor_mode is Mode.PAPER
