"""A process that dies between any two statements of a booking leaves all of it or nothing."""

import pytest

from snipersight.domain.execution import TradeId
from snipersight.domain.ledger import EntryId
from snipersight.domain.store import UnitOfWork
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.migrating import migrate
from tests.unit.storage.execution_worker import book_everything, stage
from tests.unit.storage.processes import rest, worker

MODULE = "tests.unit.storage.execution_worker"
MOST = 40


@pytest.fixture
def url(sqlite_url: str) -> str:
    with connect_database(sqlite_url) as database:
        migrate(database)
        stage(SqlDecisionStore(database, clock=lambda: 1))
    return sqlite_url


def seen(url: str) -> tuple[int, str, int, int, int]:
    """Return fills, open size, orders, records and what waits in the queue."""
    with connect_database(url) as database:
        store = SqlDecisionStore(database, clock=lambda: 1)

        def look(unit: UnitOfWork) -> tuple[int, str, int, int]:
            entry = unit.entry(EntryId("trade-1"))
            assert entry is not None
            fills, orders = unit.book.fills(TradeId("trade-1")), unit.book.open_intents()
            return len(fills), str(entry.open_size), len(orders), unit.account.head.seq

        told = database.read(
            lambda it: it.exec_driver_sql("SELECT count(*) FROM queue").scalar_one()
        )
        assert AuditLog(database).verify("main")
        return (*store.view("main", look), told)


def test_a_kill_at_any_statement_leaves_all_or_nothing(url: str) -> None:
    nothing = seen(url)
    died = 0
    for number in range(1, MOST):
        with worker("die_at_statement", url, number, module=MODULE) as process:
            told = rest(process)
        if told:
            break
        assert seen(url) == nothing, f"killed at statement {number}"
        died += 1
    assert died >= 10
    fills, open_size, orders, records, queued = seen(url)
    assert (fills, open_size, orders, records) == (2, "6", 1, 3)
    assert queued > 0
    with connect_database(url) as database:
        again = SqlDecisionStore(database, clock=lambda: 1)
        again.transact("main", book_everything)
    assert seen(url)[:2] == (2, "6")
