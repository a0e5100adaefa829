"""People who tell a running account what to do, on paper over a table of bars."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.execution import Execution
from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.operating.desk import OperatingDesk
from snipersight.bootstrap.operating.known_markets import RunningScan
from snipersight.bootstrap.operating.markets import SourceMarket
from snipersight.bootstrap.operating.opening import open_desk
from snipersight.bootstrap.operating.trading import ExecutionTrading
from snipersight.domain.audit import AuditKind
from snipersight.domain.commands import Command, CommandKind
from snipersight.domain.decision import Approved
from snipersight.domain.errors import SniperSightError
from snipersight.domain.execution import Mode, Trade
from snipersight.domain.notices import SignalEvent, update_key
from snipersight.domain.observations import Observations
from snipersight.domain.outbox import NOTICES
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import Symbol
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.risk.telling import Telling
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.commands import SqlCommands
from snipersight.storage.schema import QUEUE
from tests.builders.candles import Row
from tests.builders.execution_desk import DeskClock, a_paper_plan, observed, paper_execution
from tests.builders.paper import START_MS, STEP_MS, PaperBench
from tests.builders.profiles import a_profile
from tests.fakes.candle_table import CandleTable

ACCOUNT = "practice"
QUIET: tuple[Row, ...] = ((100.0, 100.0, 100.0, 100.0),) * 24
ANN, BOB = ("telegram:1", "Ann"), ("telegram:2", "Bob")


@dataclass(kw_only=True)
class MovingTable:
    """A source that tells what a table knew at the moment of a clock."""

    bench: PaperBench
    clock: DeskClock
    faults: dict[Symbol, SniperSightError] = field(default_factory=dict)

    @property
    def table(self) -> CandleTable:
        return replace(self.bench.source().cut(self.clock.now_ms), faults=self.faults)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)


@dataclass
class Seat:
    """Where an executor is, or is not."""

    execution: Execution | None


@dataclass(kw_only=True)
class Scene:
    """An account with a told plan, its executor, and the desk that people speak to."""

    books: Books
    clock: DeskClock
    bench: PaperBench
    execution: Execution
    seat: Seat
    trading: ExecutionTrading
    source: MovingTable
    desk: OperatingDesk
    stop: asyncio.Event

    def tell(self, plan: TradePlan | None = None, *, offers: bool = True) -> TradePlan:
        """Judge a plan as a scan does, and tell it."""
        plan = a_paper_plan() if plan is None else plan
        gate = LedgerGate(self.books.ports, telling=Telling(offers=offers))
        gate.observe(self.seen())
        verdict = gate.validate_plan(plan)
        assert isinstance(verdict, Approved), verdict
        return plan

    def seen(self) -> Observations:
        """Return the market as it was when nothing had happened."""
        return observed(self.bench, self.bench.source(), at_ms=self.clock.now_ms)

    def trades(self) -> tuple[Trade, ...]:
        """Return every trade of the account."""
        return self.books.store.decisions.view(ACCOUNT, lambda unit: unit.book.trades())

    def said(self) -> list[dict[str, Any]]:
        """Return what the audit tells of people's commands, oldest first."""
        log = AuditLog(self.books.store.database)
        query = AuditQuery(kinds=(AuditKind.OPERATOR.value,))
        return [{"actor": one.actor, **body_of(one)} for one in log.records(ACCOUNT, query)]

    def waiting(self) -> int:
        """Return how many commands are to be done."""
        return len(SqlCommands(self.books.store.database).waiting(ACCOUNT).commands)


def a_press(
    kind: CommandKind,
    subject: str = "",
    *,
    by: tuple[str, str] = ANN,
    key: str = "",
    at_us: int = START_MS * 1000,
    **fields: Any,
) -> Command:
    """Return what a person says; each call is another press unless a key is given."""
    actor, name = by
    return Command(
        key=key or f"{actor}:{kind}:{subject}:{next(_NUMBERS)}",
        kind=kind,
        account_id=ACCOUNT,
        subject=subject,
        actor=actor,
        name=name,
        at_us=at_us,
        **fields,
    )


@asynccontextmanager
async def a_scene(
    books: Books,
    bench: PaperBench,
    clock: DeskClock,
    *,
    is_running: bool = True,
    asks: bool = False,
    scan: RunningScan | None = None,
    trading_as: type[ExecutionTrading] = ExecutionTrading,
) -> AsyncIterator[Scene]:
    """Yield an account whose executor and desk are at work; end both afterwards."""
    async with paper_execution(books, bench, clock, is_judging=False) as execution:
        await execution.executor.start()  # as a run does before it does anything else
        seat = Seat(execution)
        trading = trading_as(lambda: seat.execution, account_id=ACCOUNT, mode=Mode.PAPER)
        source = MovingTable(bench=bench, clock=clock)
        asked: Any = source
        market = SourceMarket(asked, books, profile_of=lambda _: a_profile(), scan=scan)
        desk = open_desk(books, trading=trading, market=market, asks=asks)
        stop = asyncio.Event()
        running = asyncio.create_task(desk.run(stop)) if is_running else None
        scene = Scene(
            books=books,
            clock=clock,
            bench=bench,
            execution=execution,
            seat=seat,
            trading=trading,
            source=source,
            desk=desk,
            stop=stop,
        )
        try:
            yield scene
        finally:
            stop.set()
            if running is not None:
                await running


def a_bench(tmp_path: Any, table: Sequence[Row] = QUIET) -> PaperBench:
    """Return a table of bars; the paper venue keeps its file in the account's home."""
    return PaperBench(folder=tmp_path / "unused", rows=table)


def after(clock: DeskClock, bars: int) -> None:
    """Let so many bars pass."""
    clock.now_ms = START_MS + bars * STEP_MS


def of_setup(plan: TradePlan, name: str) -> TradePlan:
    """Return a later plan of the same setup."""
    return replace(plan, plan_id=type(plan.plan_id)(f"{plan.setup_id}-{name}"))


def told_decisions(books: Books) -> int:
    """Return how many decisions people are told of."""
    key = update_key(ACCOUNT, "", SignalEvent.DECIDED).split("::")[0]
    found = (
        select(func.count())
        .select_from(QUEUE)
        .where(
            QUEUE.c.topic == NOTICES,
            QUEUE.c.key.startswith(key),
            QUEUE.c.key.contains(f":{SignalEvent.DECIDED.value}:"),
        )
    )
    return int(books.store.database.read(lambda link: link.execute(found).scalar_one()))


def _count() -> Any:
    number = 0
    while True:
        number += 1
        yield number


_NUMBERS = _count()
