"""A process of its own for tests of execution's state: `-m … COMMAND ARGUMENTS…`.

It prints `ready` when the interesting moment has come, and then obeys its command.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, event

from snipersight.domain.direction import Direction
from snipersight.domain.execution import Leg
from snipersight.domain.ledger import EntryId, Origin
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency
from snipersight.risk.ledger.execution_work import book_entry_fill, book_exit_fill
from snipersight.risk.ledger.order_records import record_intent
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.policy import RiskPolicy
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.order_journal import OrderJournal
from snipersight.storage.recent_signals import SqlRecentSignals
from tests.builders.ledger import DECIDED_AT_US, an_entry
from tests.builders.trades import a_booked_fill, a_trade, an_intent

SIGNALS = 20


def stage(store: SqlDecisionStore) -> None:
    """Create the account `main` with a staged trade of 10 whose reservation is in the ledger."""
    store.create_account("main", Currency("USDT"), Decimal(10_000), at_us=1)

    def work(unit: UnitOfWork) -> None:
        unit.save_entry(an_entry(entry_id=EntryId("trade-1"), origin=Origin.EXECUTED))
        unit.book.save_trade(a_trade())

    store.transact("main", work)


def book_everything(unit: UnitOfWork) -> None:
    """Journal an order, book its fill and that of the stop, all at once."""
    clerk = Clerk(now_us=DECIDED_AT_US, actor="executor", policy=RiskPolicy())
    unit.book.save_intent(an_intent())
    record_intent(unit, an_intent(), at_us=DECIDED_AT_US, actor="executor")
    book_entry_fill(unit, clerk, a_booked_fill("1"))
    book_exit_fill(unit, clerk, a_booked_fill("2", leg=Leg.STOP, size="4", price="90"))


def die_at_statement(url: str, number: str) -> None:
    """Book everything, and die once so many statements of it were sent; say so if there are fewer."""
    with connect_database(url) as database:
        store = SqlDecisionStore(database, clock=lambda: time.time_ns() // 1000)
        sent = 0

        @event.listens_for(Engine, "after_cursor_execute")
        def _count(*_arguments: object) -> None:
            nonlocal sent
            sent += 1
            if sent == int(number):
                os.kill(os.getpid(), signal.SIGKILL)

        store.transact("main", book_everything)
    print(sent)


def append_for_ever(path: str) -> None:
    """Append to a journal until somebody kills the process; print what is confirmed."""
    journal = OrderJournal(Path(path))
    print("ready", flush=True)
    for number in range(1_000_000):
        journal.append({"n": number})
        os.write(1, f"{number}\n".encode())


def fire(url: str) -> None:
    """Claim signals in a race with another process; print how many were won."""
    with connect_database(url, timeout_s=60) as database:
        signals = SqlRecentSignals(database)
        print("ready", flush=True)
        sys.stdin.readline()
        won = [
            signals.claim("main", f"S{number}/USDT", Direction.LONG, window_us=10**9, by="me")
            for number in range(SIGNALS)
        ]
    print(sum(won))


COMMANDS: dict[str, Callable[..., None]] = {
    command.__name__: command for command in (die_at_statement, append_for_ever, fire)
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
