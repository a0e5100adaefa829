import pytest

from snipersight.bootstrap.account_worlds import world_for, worlds_of
from snipersight.bootstrap.accounts import load_accounts
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.paper import PaperBench

KEYS = {"BINANCE_API_KEY": "binance-key", "BINANCE_API_SECRET": "binance-secret"}
QUIET = [(100.0, 100.5, 99.5, 100.0)] * 3


def test_an_account_with_nothing_on_has_no_world_but_the_one_that_is_named(monkeypatch):
    for name, value in {**KEYS, "EXECUTION_ENVIRONMENT": "demo"}.items():
        monkeypatch.setenv(name, value)
    with open_books(load_settings()[0], account_id="main") as books:
        assert worlds_of(books, {}) == ()
        [world] = worlds_of(books, {}, venue="binanceusdm")
    assert (world.environment, world.mode) == (Environment.DEMO, Mode.PAPER)


async def test_a_live_trade_s_world_is_found_without_being_named(tmp_path):
    clock = DeskClock()
    with open_books(load_settings()[0], account_id="practice", clock=clock) as books:
        bench = PaperBench(folder=tmp_path, rows=QUIET)
        async with paper_execution(books, bench, clock) as execution:
            await execute_plan(execution, a_paper_plan())
        [world] = worlds_of(books, {})
    assert (world.venue, world.environment) == ("sandbox", Environment.SIMULATED)


def test_trades_are_looked_after_with_the_keys_of_their_own_world_only(monkeypatch):
    for name, value in {**KEYS, "EXECUTION_ENVIRONMENT": "demo"}.items():
        monkeypatch.setenv(name, value)
    settings, _ = load_settings()
    account = load_accounts(settings)["main"]
    with pytest.raises(ConfigInvalid, match="trades at binanceusdm live, but its keys are of demo"):
        world_for(settings, account, "binanceusdm", Environment.LIVE, {})


def test_live_trades_are_looked_after_though_nothing_new_may_be_entered(monkeypatch):
    for name, value in {
        **KEYS,
        "EXECUTION_ENVIRONMENT": "live",
        "BINANCE_TESTNET": "false",
    }.items():
        monkeypatch.setenv(name, value)
    settings, _ = load_settings()
    account = load_accounts(settings)["main"]  # LIVE_ACCOUNT does not name it any more
    world = world_for(settings, account, "binanceusdm", Environment.LIVE, {})
    assert (world.mode, world.environment) == (Mode.LIVE, Environment.LIVE)
    assert world.keys is not None
