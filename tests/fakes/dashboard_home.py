"""A home folder with something of everything that the dashboard shows, and callers who may look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from snipersight.bootstrap.access.commanding import DashboardCommands
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.reader import DashboardReader
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import VARIABLES, Settings, load_settings
from snipersight.bootstrap.taking import HandTrade, take_plan
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.access import Caller, Scope
from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import Ending, Kind, Origin, OutcomeStatus, SignalKey, Verdict
from snipersight.domain.plan import PlanId, SetupId, TradePlan
from snipersight.domain.units import Symbol
from snipersight.risk.manager import RiskManager
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.web.api.router import api_router
from snipersight.web.feed import ChangeFeed
from snipersight.web.security.scopes import put_caller
from snipersight.web.services import DashboardServices
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.candles import rows
from tests.builders.evidence import DECIDED_MS, a_refusal, a_scan, a_signal, an_outcome
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.ledger import observations
from tests.builders.paper import START_MS, STEP_MS, PaperBench

__all__ = [
    "APPROVED",
    "HOSTILE",
    "PAPER",
    "REFUSED",
    "TAKEN",
    "api_app",
    "as_caller",
    "client_of",
    "dashboard_home",
    "services_of",
]

_PATH = rows("100 100.5 97.5 98.5 \n 98.5 105 98.5 104.5")  # fills all entries, then a target
HOSTILE = "<img src=x onerror=alert(1)>'; DROP TABLE signal;--%_"
SIGNALS = 12  # beside the three that have plans


def _numbered(number: int) -> TradePlan:
    setup = SetupId(f"{number:016x}")
    return replace(a_plan(), setup_id=setup, plan_id=PlanId(f"{setup}-00000000"))


APPROVED, TAKEN, REFUSED = _numbered(1), _numbered(2), _numbered(3)
PAPER = a_paper_plan()


@contextmanager
def dashboard_home(folder: Path, *, database: str | None = None) -> Iterator[Settings]:
    """Yield settings whose home holds two accounts, trades, verdicts, evidence, events and a log.

    `main` has an approved plan that waits, one taken by hand, one refused after a halt; `practice`
    has a paper trade that has met its first target. Evidence has these and a dozen more signals.

    Args:
        folder: that becomes the home.
        database: URL of the store, with its tables; None: files of the home.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        patch.setenv("SNIPERSIGHT_HOME", str(folder))
        patch.setenv("RUN_LISTEN", "none")
        if database is not None:
            patch.setenv("DATABASE_URL", database)
        settings, _ = load_settings()
        _main(settings)
        asyncio.run(_practice(settings, folder))
        with open_telemetry(settings) as telemetry:
            _evidence(telemetry.evidence)
            _events(telemetry.events)
        (folder / "logs").mkdir(exist_ok=True)
        line = (
            '{"timestamp":"2026-05-30T04:00:00Z","level":"WARNING","message":"a line","stage":"x"}'
        )
        (folder / "logs" / "snipersight.jsonl").write_text(f"{line}\nno json\n", encoding="utf-8")
        yield settings


def _main(settings: Settings) -> None:
    with open_books(settings, clock=lambda: DECIDED_AT_MS * 1000) as books:
        manager = RiskManager()
        manager.observe(observations(an_instrument(APPROVED.symbol)))
        for plan in (APPROVED, TAKEN):
            assert manager.validate_plan(plan)
        take_plan(books, TAKEN.plan_id, HandTrade(size=Decimal("0.1"), price=Decimal(42200)))
        halt_entries(books.ports, reason=HOSTILE, actor="cli")
        assert not manager.validate_plan(REFUSED)
        assert books.sign() is None


async def _practice(settings: Settings, folder: Path) -> None:
    clock = DeskClock()
    bench = PaperBench(folder=folder, rows=_PATH)
    with open_books(settings, account_id="practice", clock=clock) as books:
        async with paper_execution(books, bench, clock) as execution:
            await execute_plan(execution, PAPER)
            await execution.play(START_MS + 2 * STEP_MS)


def _evidence(store: SqlEvidenceStore) -> None:
    plans = ((APPROVED, "main"), (TAKEN, "main"), (PAPER, "practice"))
    known = [
        a_signal(
            90 + number,
            key=SignalKey(f"{account}:{plan.plan_id}"),
            account_id=account,
            plan_id=plan.plan_id,
            setup_id=plan.setup_id,
            score=50.0 + number,
            origin=Origin.PRACTICE if account == "practice" else Origin.LIVE,
        )
        for number, (plan, account) in enumerate(plans)
    ]
    others = [a_signal(number, score=60.0 + number) for number in range(SIGNALS - 3)]
    refused = a_refusal(20, key=SignalKey(f"main:{REFUSED.plan_id}"), plan_id=REFUSED.plan_id)
    hostile = a_signal(21, symbol=Symbol(HOSTILE), regime=HOSTILE, tier="C")
    gated = a_refusal(22, verdict=Verdict.GATED, reason="gated:min_score")
    store.record(a_scan(funnel={"approved": 9, "gated:min_score": 1}), [*known, *others, hostile])
    store.record(a_scan(2, context_id="scan-2"), [refused, gated])
    store.save_outcomes(
        [
            an_outcome(0, status=OutcomeStatus.CLOSED, ending=Ending.TARGETS, net_r=1.5),
            an_outcome(1, status=OutcomeStatus.OPEN, entered_ms=DECIDED_MS),
            an_outcome(2, status=OutcomeStatus.MISSED),
            an_outcome(2, kind=Kind.ACTUAL, status=OutcomeStatus.CLOSED, net_r=-1.0),
        ]
    )


def _events(log: SqlEventLog) -> None:
    body = f'{{"event":"order_filled","at":"x","subject":"{PAPER.plan_id}-1","what":"%s"}}'
    told = [
        StoredEvent(seq=0, event_type="order_filled", at_us=number, body=body % number)
        for number in range(1, 8)
    ]
    down = '{"event":"stream_down","at":"x","venue":"bybit","what":"gone"}'
    log.append([*told, StoredEvent(seq=0, event_type="stream_down", at_us=9, body=down)])


@contextmanager
def services_of(settings: Settings) -> Iterator[DashboardServices]:
    """Yield what the API works with, over a home as it is."""
    store = DashboardStore(settings)
    reader = DashboardReader(settings)
    commands = DashboardCommands(store, still_valid=lambda _caller: None, answer_s=0.0)
    try:
        yield DashboardServices(settings=settings, reader=reader, commands=commands)
    finally:
        commands.close()
        reader.close()
        store.close()


def as_caller(app: ASGIApp) -> ASGIApp:
    """Return an application that believes who a request says it is: `Authorization: Bearer read`."""

    async def believing(scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = dict(scope["headers"]).get(b"authorization", b"").decode()
            name = named.removeprefix("Bearer ")
            if name in tuple(Scope):
                put_caller(scope, Caller(name=name, scope=Scope(name), token_id=name))
        await app(scope, receive, send)

    return believing


def api_app(services: DashboardServices) -> FastAPI:
    """Return an application with the API and nothing else."""
    app = FastAPI(openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(api_router(services, ChangeFeed(services.reader)))
    return app


def client_of(app: ASGIApp, scope: Scope | None = Scope.READ) -> httpx.AsyncClient:
    """Return a client of an application, with a token of a scope or without any."""
    headers = {} if scope is None else {"Authorization": f"Bearer {scope}"}
    transport = httpx.ASGITransport(app=as_caller(app))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)
