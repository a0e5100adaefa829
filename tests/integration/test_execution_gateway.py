"""A plan executed over the wire, on the sandbox that answers for an exchange, and followed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from snipersight.bootstrap.accounts import load_accounts
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.executing import execute_plan, require_ready
from snipersight.bootstrap.execution import Execution, Opening, open_execution, open_world_venue
from snipersight.bootstrap.following import Follower
from snipersight.bootstrap.narrating import Narrator
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.trade_views import TradeView, trades_of, views_of
from snipersight.bootstrap.worlds import choose_world
from snipersight.cli.app import app
from snipersight.domain.execution import Mode, TradeState
from snipersight.domain.observations import MarketFacts, Observations, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price, Symbol
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from tests.builders.plans import a_plan
from tests.fakes.moving_world import MovingWorld

BTC = Symbol("BTC/USDT:USDT")
PRICE = Decimal(50_000)
BNB = "BNB/USDT:USDT"
SCANNED = datetime(2025, 7, 19, 0, 5, tzinfo=UTC)


@pytest.fixture(params=["binanceusdm", "bybit"])
def venue(request) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def sandbox(monkeypatch, tmp_path, venue):
    """A sandbox that the settings point at, with one price."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    account = SandboxAccount()
    async with ExchangeSandbox(accounts=[account]) as server:
        prefix = "BYBIT" if venue == "bybit" else "BINANCE"
        for name, value in {
            "SNIPERSIGHT_HOME": str(tmp_path / "home"),
            "EXECUTION_ENVIRONMENT": "demo",
            "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
            "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
            f"{prefix}_API_KEY": account.api_key,
            f"{prefix}_API_SECRET": account.secret,
        }.items():
            monkeypatch.setenv(name, value)
        server.world(venue).print(BTC, str(PRICE))
        yield server


def a_long(venue: str) -> TradePlan:
    created = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)  # of the bar before
    return a_plan(
        symbol=BTC,
        near="49900",
        far="49800",
        stop="49000",
        targets=("51500", "52500"),
        cost="50",
        venue=venue,
        created_at=created,
        valid_until=created + timedelta(hours=4),
    )


async def opening_of(venue: str, books) -> Opening:
    """Return the account `main` at the demo that the settings name, its market observed."""
    settings = load_settings()[0]
    world = choose_world(settings, load_accounts(settings)["main"], venue, mode=Mode.PAPER, held={})
    opening = Opening(world=world, books=books, clock=system_us, lease_wait_s=0)
    outside = await open_world_venue(opening)
    try:
        listed = await outside.instruments()
    finally:
        await outside.close()
    at_ms = system_us() // 1000
    facts = MarketFacts(
        instrument=listed[BTC],
        quote_rate=Decimal(1),
        reference=ReferencePrice(price=Price(PRICE), at_ms=at_ms),
        quote_volume=Decimal(10) ** 9,
    )
    seen = Observations(venue=venue, as_of_ms=at_ms, markets={BTC: facts})
    return replace(opening, observations=seen)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")


async def test_a_plan_is_sent_protected_and_followed_over_the_wire(sandbox, venue):
    told: list[str] = []
    with open_books(load_settings()[0], account_id="main") as books:

        def views() -> tuple[TradeView, ...]:
            return books.store.decisions.view(
                "main",
                lambda unit: views_of(unit, trades_of(unit, everything=True, limit=5), {}, {}),
            )

        execution: Execution = await open_execution(await opening_of(venue, books))
        try:
            await require_ready(execution, [BTC])
            await execution.executor.start()
            narrator = Narrator(execution.desk, told.append)
            await narrator.begin()
            executed = await execute_plan(execution, a_long(venue))
            assert executed.trade is not None, executed.refused
            follower = Follower(
                execution, narrator, stop=asyncio.Event(), now_ms=lambda: system_us() // 1000
            )
            following = asyncio.create_task(follower.follow())
            world = sandbox.world(venue)
            world.print(BTC, "49700")
            await until(lambda: views()[0].protection == "protected")
            world.print(BTC, "51600")
            await until(lambda: views()[0].targets_hit == 1)
            world.print(BTC, "52600")
            await asyncio.wait_for(following, 30)
        finally:
            await execution.close()
        [view] = views()
    assert view.trade.state is TradeState.DONE
    assert view.realised > 0
    assert sum("entry" in line and "filled: buy" in line for line in told) == 3
    assert "closed: +" in told[-1]


class Terminal:
    """The command line of this process, on a home of its own."""

    def run(self, *words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run(*words))
        return told


@pytest.fixture
def moving_world(monkeypatch, tmp_path) -> Iterator[MovingWorld]:
    """The built-in market behind the wire, at a moment whose scan is known."""
    world = MovingWorld(SCANNED)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with world.running():
        account = next(iter(world.server.accounts.by_name.values()))
        for name, value in {
            "SNIPERSIGHT_HOME": str(tmp_path / "home"),
            "EXECUTION_ENVIRONMENT": "demo",
            "EXCHANGE_GATEWAY": f"127.0.0.1:{world.server.port}",
            "EXCHANGE_GATEWAY_CA": str(world.server.ca_pem),
            "BINANCE_API_KEY": account.api_key,
            "BINANCE_API_SECRET": account.secret,
            "DEFAULT_ACCOUNT_BALANCE": "10000",
        }.items():
            monkeypatch.setenv(name, value)
        yield world


@pytest.mark.slow
def test_a_scanned_plan_is_executed_over_the_wire_and_followed_to_its_end(moving_world):
    terminal, words = Terminal(), ("scan", "--symbols", BNB, "--format", "json")
    [offline] = terminal.json(*words)["plans"]
    with moving_world.moving("binanceusdm"):
        scanned = terminal.json(*words, "--exchange", "binanceusdm", "--execute", "--mode", "paper")
    [plan] = scanned["plans"]
    for part in ("symbol", "direction", "timeframe", "entry", "stop", "targets", "valid_until"):
        assert plan[part] == offline[part]
    assert terminal.json("orders", "--json")["orders"] == []
    [trade] = terminal.json("positions", "--all", "--json")["trades"]
    assert (trade["plan_id"], trade["state"], trade["note"]) == (plan["plan_id"], "done", "")
    assert (trade["environment"], trade["targets_hit"]) == ("demo", 3)
    assert trade["ended_at"].startswith("2025-07-21T14:")
    assert 150 < Decimal(trade["realised"]) < 160
    assert moving_world.naked_s < 5
    audit = terminal.run("audit", "show", plan["plan_id"])
    for step in ("approved", "filled", "stop_moved", "reduced", "closed"):
        assert step in audit
