"""A home in which something of everything has happened that is measured."""

from __future__ import annotations

from pathlib import Path

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.derived_events import pump_events
from snipersight.bootstrap.executing import execute_plan
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bootstrap.store import Store
from snipersight.bootstrap.telemetry import Telemetry, open_telemetry
from snipersight.domain.evidence import Outcome, OutcomeStatus, SignalRecord
from snipersight.domain.outbox import DeliveryDraft
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_rows import insert_deliveries
from tests.builders.evidence import a_refusal, a_scan, a_signal, an_outcome
from tests.builders.execution_desk import DeskClock, a_paper_plan, paper_execution
from tests.builders.paper import PaperBench

_DAY_MINUTES = 1_440  # signals of the builder are a minute apart
CLOSED = 60
DAYS = 12


async def fill_home(folder: Path) -> Settings:
    """Trade on paper, keep evidence, tell and fail to tell messages; return the settings.

    The account `practice` holds three working entries and is halted. 60 approved signals are
    closed on 12 days, two of three with +1 R, the others with −1 R; one is refused.
    """
    settings = load_settings()[0]
    with open_books(settings, account_id="practice", clock=DeskClock()) as books:
        bench = PaperBench(folder=folder / "unused", rows=[(100, 100.5, 99.5, 100)])
        async with paper_execution(books, bench, DeskClock()) as execution:
            await execute_plan(execution, a_paper_plan())
        halt_entries(books.ports, reason="a pause", actor="cli")
        _send_messages(books.store)
        with open_telemetry(settings) as telemetry:
            _keep_evidence(telemetry)
            store = books.store
            pump_events(telemetry.events, store.decisions, store.database, clock=store.clock)
            telemetry.events.claim("jsonl", "tests", for_us=1_000_000)
    return settings


def _keep_evidence(telemetry: Telemetry) -> None:
    signals, outcomes = closed_signals(CLOSED)
    funnel = {"approved": CLOSED, "no_setup": 40, "rejected:max_total": 1, "gated:min_score": 7}
    telemetry.evidence.record(a_scan(1, funnel=funnel), [*signals, a_refusal(9_999_999)])
    telemetry.evidence.save_outcomes(outcomes)


def closed_signals(count: int) -> tuple[list[SignalRecord], list[Outcome]]:
    """Return approved signals of tiers A and B on 12 days, with their closed outcomes."""
    numbers = [(number % DAYS) * _DAY_MINUTES + number // DAYS for number in range(count)]
    signals = [a_signal(it, tier="AB"[at // DAYS % 2]) for at, it in enumerate(numbers)]
    outcomes = [
        an_outcome(it, status=OutcomeStatus.CLOSED, net_r=-1.0 if at % 3 == 2 else 1.0)
        for at, it in enumerate(numbers)
    ]
    return signals, outcomes


def _send_messages(store: Store) -> None:
    outbox = SqlOutbox(store.database)
    now_us = outbox.now_us()
    drafts = [
        DeliveryDraft(key=f"k{chat}", channel="telegram", address=str(chat), body={"text": "x"})
        for chat in range(3)
    ]
    store.database.write(lambda connection: insert_deliveries(connection, drafts, now_us=now_us))
    sent, failed = outbox.claim_deliveries("tests", limit=2, for_us=60_000_000)
    outbox.delivered(sent, message_id="1")
    outbox.bury(failed, error="the chat is gone")
