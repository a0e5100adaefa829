"""A press on Approve to orders on the wire: the real client, the sandbox that answers for an exchange."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import IO, Any

import pytest

from snipersight.bootstrap.accounts import load_accounts
from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.execution import Opening, open_execution
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.operating.desk import OperatingDesk
from snipersight.bootstrap.operating.markets import SourceMarket
from snipersight.bootstrap.operating.opening import open_desk
from snipersight.bootstrap.operating.records import note_command
from snipersight.bootstrap.operating.trading import ExecutionTrading
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.sources import SourceChoice, open_source, stand_in_of
from snipersight.bootstrap.store import system_us
from snipersight.bootstrap.worlds import choose_world
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.commands import Command, CommandKind, CommandState
from snipersight.domain.decision import Approved
from snipersight.domain.execution import Mode
from snipersight.domain.observations import MarketFacts, Observations, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Price, Symbol
from snipersight.risk.telling import Telling
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from tests.builders.plans import a_plan
from tests.builders.profiles import a_profile

BTC = Symbol("BTC/USDT:USDT")
VENUE = "binanceusdm"
ACCOUNT = "main"


@pytest.fixture
async def sandbox(monkeypatch, tmp_path):
    """A sandbox that the settings point at."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    account = SandboxAccount()
    market = SyntheticMarket(7, clock=lambda: system_us() // 1000)
    async with ExchangeSandbox(accounts=[account], markets=market) as server:
        for name, value in {
            "SNIPERSIGHT_HOME": str(tmp_path / "home"),
            "EXECUTION_ENVIRONMENT": "demo",
            "EXCHANGE_GATEWAY": f"127.0.0.1:{server.port}",
            "EXCHANGE_GATEWAY_CA": str(server.ca_pem),
            "BINANCE_API_KEY": account.api_key,
            "BINANCE_API_SECRET": account.secret,
        }.items():
            monkeypatch.setenv(name, value)
        yield server


class Wire:
    """The account `main` at the sandbox's demo, with people who decide."""

    def __init__(self, books: Books, desk: OperatingDesk, source: Any, execution: Any) -> None:
        self.books, self.desk = books, desk
        self.source, self.execution = source, execution

    async def tell(self) -> TradePlan:
        """Judge and tell a long just below the price."""
        now_ms = await self.source.now_ms()
        reference = await self.source.reference_price(BTC, at_ms=now_ms)
        listed = await self.source.instruments()
        plan = a_long(reference.price)
        facts = MarketFacts(
            instrument=listed[BTC],
            quote_rate=Decimal(1),
            reference=ReferencePrice(price=Price(reference.price), at_ms=now_ms),
            quote_volume=Decimal(10) ** 9,
        )
        gate = LedgerGate(self.books.ports, telling=Telling(offers=True))
        gate.observe(Observations(venue=VENUE, as_of_ms=now_ms, markets={BTC: facts}))
        verdict = gate.validate_plan(plan)
        assert isinstance(verdict, Approved), verdict
        return plan


def a_long(price: Decimal) -> TradePlan:
    """Return a plan some way below a price, made a moment ago."""
    created = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=5)

    def at(share: str) -> str:
        return str((price * Decimal(share)).quantize(Decimal("0.1")))

    return a_plan(
        symbol=BTC,
        near=at("0.998"),
        far=at("0.996"),
        stop=at("0.98"),
        targets=(at("1.03"), at("1.05")),
        cost="50",
        venue=VENUE,
        created_at=created,
        valid_until=created + timedelta(hours=4),
    )


@asynccontextmanager
async def at_the_wire() -> AsyncIterator[Wire]:
    settings = load_settings()[0]
    choice = SourceChoice(exchange=VENUE)
    source = open_source(
        choice,
        cache=None,
        clock=lambda: system_us() // 1000,
        as_of_ms=None,
        events=NullSink(),
        stand_in=stand_in_of(settings),
    )
    world = choose_world(
        settings, load_accounts(settings)[ACCOUNT], VENUE, mode=Mode.PAPER, held={}
    )
    with open_books(settings, account_id=ACCOUNT) as books:
        opening = Opening(world=world, books=books, clock=system_us, lease_wait_s=0)
        execution = await open_execution(opening)
        await execution.executor.start()
        trading = ExecutionTrading(lambda: execution, account_id=ACCOUNT, mode=Mode.PAPER)
        market = SourceMarket(source, books, profile_of=lambda _: a_profile())
        desk = open_desk(books, trading=trading, market=market)
        stop = asyncio.Event()
        running = asyncio.create_task(desk.run(stop))
        try:
            yield Wire(books, desk, source, execution)
        finally:
            stop.set()
            await running
            await execution.close()
            await source.close()


def a_press(plan_id: str, by: str = "Ann", kind: CommandKind = CommandKind.APPROVE) -> Command:
    return Command(
        key=f"{by} {kind}",
        kind=kind,
        account_id=ACCOUNT,
        subject=plan_id,
        actor=f"telegram:{by}",
        name=by,
        at_us=system_us(),
    )


async def test_of_people_who_press_at_once_one_is_first_and_orders_leave_once(sandbox):
    async with at_the_wire() as wire:
        plan = await wire.tell()
        answers = await asyncio.gather(
            wire.desk.submit(a_press(plan.plan_id, "Ann")),
            wire.desk.submit(a_press(plan.plan_id, "Bob", CommandKind.REJECT)),
            wire.desk.submit(a_press(plan.plan_id, "Cid")),
        )
        [first] = [one for one in answers if one.is_first]
        orders = await wire.execution.venue.open_orders()
        assert first.state is CommandState.DONE, first.sentence
        assert len(orders) == (3 if first.command.kind is CommandKind.APPROVE else 0)


async def test_people_in_other_processes_are_heard_and_the_first_counts(sandbox):
    async with at_the_wire() as wire:
        plan = await wire.tell()
        said = await asyncio.to_thread(_at_once, plan.plan_id, ("Ann", "Bob", "Cid"))
        assert sorted(said) == ["first", "late", "late"]
        answer = await wire.desk.submit(a_press(plan.plan_id, "Dan"))
        assert not answer.is_first
        assert answer.state is CommandState.DONE, answer.sentence
        assert f"{answer.command.name} approved it at " in answer.sentence
        assert len(await wire.execution.venue.open_orders()) == 3


_WORKER = (sys.executable, "-m", "tests.fakes.press_worker")


def _at_once(plan_id: str, names: Sequence[str]) -> list[str]:
    """Let everybody press at the same moment, each in a process; return what each was told."""
    workers = [
        subprocess.Popen(
            [*_WORKER, ACCOUNT, plan_id, "approve", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    assert [_line(one.stdout) for one in workers] == ["ready\n"] * len(workers)
    for one in workers:
        assert one.stdin is not None
        one.stdin.write("now\n")
        one.stdin.flush()
    return [one.communicate(timeout=30)[0].strip() for one in workers]


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


async def test_a_run_that_was_killed_between_store_and_orders_does_it_at_its_next_start(sandbox):
    async with at_the_wire() as wire:
        plan = await wire.tell()
    with open_books(load_settings()[0], account_id=ACCOUNT) as books:
        press = a_press(plan.plan_id)
        note_command(books.store.decisions, press, clock=system_us)  # and no more
    async with at_the_wire() as wire:
        answer = await wire.desk.submit(press)
        assert (answer.is_first, answer.state) == (True, CommandState.DONE), answer.sentence
        assert len(await wire.execution.venue.open_orders()) == 3
