"""A process of its own for tests of the store: `python store_worker.py COMMAND URL ARGUMENTS…`.

It prints `ready` when the interesting moment has come, and then obeys its command.
"""

import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.direction import Direction
from snipersight.domain.errors import SniperSightError
from snipersight.domain.instrument import MarketKind
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.store import QueueDraft, UnitOfWork
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.storage.database import Database, connect_database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.file_lock import FileLock


def a_store(database: Database) -> SqlDecisionStore:
    return SqlDecisionStore(database, clock=lambda: time.time_ns() // 1000)


def an_entry(entry_id: str) -> LedgerEntry:
    return LedgerEntry(
        entry_id=EntryId(entry_id),
        account_id="main",
        origin=Origin.EXECUTED,
        state=EntryState.RESERVED,
        plan_id=PlanId(f"plan-{entry_id}"),
        setup_id=SetupId(f"setup-{entry_id}"),
        venue="sandbox",
        symbol=Symbol("BTC/USDT"),
        market=MarketKind.SPOT,
        underlying=Currency("BTC"),
        direction=Direction.LONG,
        pending_size=Size(Decimal(1)),
        open_size=Size(Decimal(0)),
        entry_price=Price(Decimal(100)),
        fill_price=None,
        stop_price=Price(Decimal(90)),
        cost_per_unit=Decimal(0),
        leverage=Decimal(1),
        quote_rate=Decimal(1),
        reserved_us=1,
        expires_us=None,
    )


def decide(unit: UnitOfWork, name: str, *, cap: int) -> bool:
    """Record an attempt and take a place if one of `cap` is left; both or neither is kept."""
    is_taken = len(unit.live_entries()) < cap
    unit.append(
        AuditDraft(
            kind=AuditKind.DECISION,
            subject=name,
            actor="test",
            at_us=1,
            body={"taken": is_taken},
        )
    )
    if is_taken:
        unit.save_entry(an_entry(name))
        unit.enqueue(QueueDraft(topic="message", key=name))
    return is_taken


def race(url: str, cap: str, attempts: str, threads: str) -> None:
    """Compete for places on several threads; print how many this process won."""
    won: list[str] = []
    with connect_database(url, timeout_s=60) as database:
        store = a_store(database)

        def run(number: int) -> None:
            for attempt in range(int(attempts)):
                name = f"{os.getpid()}-{number}-{attempt}"
                if store.transact("main", partial(decide, name=name, cap=int(cap))):
                    won.append(name)

        running = [threading.Thread(target=run, args=(n,)) for n in range(int(threads))]
        print("ready", flush=True)
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    print(len(won))


def decide_for_ever(url: str) -> None:
    """Decide until somebody kills the process; print each decision once it is durable."""
    with connect_database(url, timeout_s=60) as database:
        store = a_store(database)
        for attempt in range(1_000_000):
            name = f"{os.getpid()}-{attempt}"
            store.transact("main", partial(decide, name=name, cap=10**9))
            os.write(1, f"{name}\n".encode())  # whole lines only, whenever it is killed


def die_in_transaction(url: str) -> None:
    """Change everything, then die before the commit."""
    database = connect_database(url)

    def work(unit: UnitOfWork) -> None:
        decide(unit, "lost", cap=10)
        os.kill(os.getpid(), signal.SIGKILL)

    a_store(database).transact("main", work)


def hold(url: str) -> None:
    """Hold a transaction until the standard input closes."""
    with connect_database(url, timeout_s=60) as database:

        def work(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE account SET last_us = last_us")
            print("ready", flush=True)
            sys.stdin.read()

        database.write(work)


def open_it(url: str) -> None:
    """Open a database, which may create it; print its trouble, if there is any."""
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        open_database(url, timeout_s=60).close()
    except SniperSightError as error:
        print(error)


def write_as_nobody(url: str) -> None:
    """Write as a user without rights; print the trouble."""
    with tempfile.TemporaryDirectory() as folder:  # loads every module while that is allowed
        open_database(f"sqlite:///{folder}/x.db").close()
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        with connect_database(url) as database:
            database.write(lambda connection: connection.exec_driver_sql("DELETE FROM lease"))
    except SniperSightError as error:
        print(error)


def write_beyond_quota(url: str) -> None:
    """Write more than the process may; print the trouble, and what is there afterwards."""
    with open_database(url) as database:
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 * 1024, resource.RLIM_INFINITY))
        store = a_store(database)

        def work(unit: UnitOfWork) -> None:
            body = {"text": "x" * 2_000_000}
            unit.append(
                AuditDraft(kind=AuditKind.DECISION, subject="", actor="test", at_us=1, body=body)
            )

        try:
            store.transact("main", work)
        except SniperSightError as error:
            print(f"{type(error).__name__}: {error}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        print(store.view("main", lambda unit: unit.account.head.seq))
        store.transact("main", partial(decide, name="next", cap=1))
        print(store.view("main", lambda unit: unit.account.head.seq))


def lock_and_fork(path: str) -> None:
    """Take the lock file, leave a child behind that lives on, and wait to be killed."""
    with FileLock(Path(path)).held():
        child = os.fork()
        if child == 0:
            os.close(1)
            sys.stdin.read()
            os._exit(0)
        print(child, flush=True)
        sys.stdin.read()


COMMANDS: dict[str, Callable[..., None]] = {
    command.__name__: command
    for command in (
        race,
        decide_for_ever,
        die_in_transaction,
        hold,
        open_it,
        write_as_nobody,
        write_beyond_quota,
        lock_and_fork,
    )
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
