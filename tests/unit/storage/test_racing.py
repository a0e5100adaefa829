"""Many who check and act at once: on both kinds of database, nobody takes what is not there."""

import time
from contextlib import ExitStack
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from snipersight.domain.units import Currency
from snipersight.risk.audit.chain import NO_HASH, record_hash
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.schema import AUDIT, LEDGER, QUEUE
from tests.unit.storage.processes import ready, rest, result_of, worker

CAP = 10


@pytest.fixture
def store(database):
    opened = SqlDecisionStore(database, clock=lambda: 1)
    opened.create_account("main", Currency("USDT"), Decimal(1), at_us=1)
    return opened


def counts(database: Database) -> tuple[int, ...]:
    """Return the rows of audit, ledger and queue."""
    return database.read(
        lambda it: tuple(
            it.scalar(select(func.count()).select_from(table)) or 0
            for table in (AUDIT, LEDGER, QUEUE)
        )
    )


def assert_chain_is_whole(database: Database, seq: int) -> None:
    previous = NO_HASH
    rows = database.read(
        lambda it: it.execute(select(AUDIT).order_by(AUDIT.c.seq)).mappings().all()
    )
    for number, row in enumerate(rows, start=1):
        assert (row["seq"], row["prev_hash"]) == (number, previous)
        assert record_hash(**{key: row[key] for key in row if key != "hash"}) == row["hash"]
        previous = row["hash"]
    assert len(rows) == seq


def test_four_processes_of_eight_threads_take_exactly_what_there_is(store, database, database_url):
    with ExitStack() as stack:
        racers = [stack.enter_context(worker("race", database_url, CAP, 4, 8)) for _ in range(4)]
        won = [int(result_of(racer)[-1]) for racer in racers]

    assert sum(won) == CAP
    assert len(store.view("main", lambda unit: unit.live_entries())) == CAP
    assert counts(database) == (4 * 8 * 4, CAP, CAP)
    assert_chain_is_whole(database, 4 * 8 * 4)


def test_killed_processes_leave_only_whole_decisions(store, database, database_url):
    confirmed = []
    with ExitStack() as stack:
        for delay_s in (0.05, 0.11, 0.17):
            process = stack.enter_context(worker("decide_for_ever", database_url))
            confirmed.append(ready(process))
            time.sleep(delay_s)
            process.kill()
            confirmed += rest(process)

    entries = store.transact("main", lambda unit: unit.live_entries())
    found = {entry.entry_id for entry in entries}
    seq = store.view("main", lambda unit: unit.account.head.seq)
    assert counts(database) == (seq, seq, seq)
    assert_chain_is_whole(database, seq)
    assert set(confirmed) <= found
    assert len(found) - len(confirmed) <= 3  # durable, and killed before it could say so
