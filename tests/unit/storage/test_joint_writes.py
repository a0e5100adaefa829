"""What is written in one statement is what was asked for, on both kinds of database."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, select

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding
from snipersight.domain.store import QueueDraft, UnitOfWork
from snipersight.domain.units import Currency, Money
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.schema import QUEUE
from tests.builders.ledger import an_entry

USDT = Currency("USDT")
NOW_US = 1_800_000_000_000_000
MESSAGE = QueueDraft(topic="message", key="k", payload={"a": "é"}, lane="chat", priority=3)


@pytest.fixture
def store(database: Database) -> SqlDecisionStore:
    """Return a store with the accounts `main` and `other`."""
    opened = SqlDecisionStore(database, clock=lambda: NOW_US)
    for name in ("main", "other"):
        opened.create_account(name, USDT, Decimal(10_000), at_us=5)
    return opened


def a_draft(number: int = 1) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.DECISION, subject=f"plan-{number}", actor="test", at_us=10, body={"x": "é"}
    )


def saved(store: SqlDecisionStore) -> tuple[LedgerEntry, ...]:
    # Through another store: this one has kept the entries that it saved itself.
    fresh = SqlDecisionStore(store._database, clock=lambda: NOW_US)
    return fresh.view("main", lambda unit: unit.live_entries())


def messages(database: Database) -> list[tuple[object, ...]]:
    columns = (QUEUE.c.topic, QUEUE.c.key, QUEUE.c.payload, QUEUE.c.lane, QUEUE.c.priority)
    return database.read(lambda it: [tuple(row) for row in it.execute(select(*columns))])


def test_an_entry_and_its_message_are_stored_together(store, database):
    def work(unit: UnitOfWork) -> bool:
        unit.save_entry(an_entry())
        return unit.enqueue(MESSAGE)

    assert store.transact("main", work)
    assert saved(store) == (an_entry(),)
    assert messages(database) == [("message", "k", '{"a":"é"}', "chat", 3)]


def test_a_message_that_was_stored_before_keeps_no_entry_from_being_saved(store, database):
    changed = an_entry(pending="0.7")

    def work(unit: UnitOfWork) -> bool:
        unit.save_entry(changed)
        return unit.enqueue(MESSAGE)

    store.transact("main", lambda unit: unit.save_entry(an_entry()))
    store.transact("main", lambda unit: unit.enqueue(MESSAGE))
    assert not store.transact("main", work)
    assert saved(store) == (changed,)
    assert len(messages(database)) == 1


def _enqueue(unit: UnitOfWork) -> object:
    return unit.enqueue(MESSAGE)


def _save_another(unit: UnitOfWork) -> object:
    unit.save_entry(an_entry(entry_id="mine", account_id="other", setup_id="s2"))
    return None


@pytest.mark.parametrize(
    "then",
    [
        lambda _: None,
        _enqueue,
        _save_another,
        lambda unit: unit.entry("e"),
        lambda unit: unit.entries_of_plan("p"),
    ],
    ids=["end", "enqueue", "save", "entry", "entries_of_plan"],
)
def test_an_id_of_another_account_is_refused_whatever_is_done_next(
    store: SqlDecisionStore, database: Database, then: Callable[[UnitOfWork], object]
) -> None:
    store.transact("main", lambda unit: unit.save_entry(an_entry()))

    def work(unit: UnitOfWork) -> None:
        unit.append(a_draft())
        unit.save_entry(an_entry(account_id="other", setup_id="s1"))
        then(unit)

    with pytest.raises(ValueError, match="belongs to another account"):
        store.transact("other", work)
    assert saved(store) == (an_entry(),)
    assert (messages(database), list(AuditLog(database).records("other"))) == ([], [])


def test_an_entry_is_saved_although_its_message_was_refused(store, database):
    def work(unit: UnitOfWork) -> None:
        unit.save_entry(an_entry())
        with pytest.raises(ValueError, match="key must have"):
            unit.enqueue(QueueDraft(topic="message", key=""))

    store.transact("main", work)
    assert saved(store) == (an_entry(),)
    assert messages(database) == []


def test_what_was_saved_last_counts(store):
    first, last = an_entry(pending="0.1"), an_entry(pending="0.3")

    def work(unit: UnitOfWork) -> None:
        unit.save_entry(first)
        assert unit.entry(first.entry_id) == first
        unit.save_entry(first)
        unit.save_entry(last)
        assert unit.entries_of_plan(PlanId(str(last.plan_id))) == (last,)

    store.transact("main", work)
    assert saved(store) == (last,)


@pytest.mark.parametrize("records", range(7))
def test_any_number_of_records_continues_the_chain(store, database, records):
    def work(unit: UnitOfWork) -> None:
        unit.append(a_draft(0))
        for number in range(records):
            unit.append(a_draft(number))
        unit.note_policy("p")

    store.transact("main", lambda unit: unit.append(a_draft()))
    store.transact("main", work)
    log = AuditLog(database)
    assert [one.seq for one in log.records("main")] == list(range(1, records + 3))
    assert not log.verify("main").findings
    row = store.view("main", lambda unit: unit.account)
    assert (row.head.seq, row.policy_hash, row.last_us) == (records + 2, "p", 10)


@pytest.mark.parametrize("marked", [False, True])
def test_a_decision_is_three_statements_on_a_server(store, database, marked):
    def work(unit: UnitOfWork) -> None:
        unit.append(a_draft(1))
        unit.save_entry(an_entry())
        unit.append(a_draft(2))
        unit.enqueue(MESSAGE)
        if marked:
            unit.save_standing(AccountStanding(starting_balance=Money(Decimal(7))))

    store.view("main", lambda unit: unit.live_entries())
    store.transact("main", lambda unit: unit.live_entries())
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        store.transact("main", work)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    own = [one for one in sent if not one.startswith("BEGIN")]
    assert len(own) == {"sqlite": 5, "postgresql": 3}[database.dialect]
    assert store.view("main", lambda unit: unit.account.standing.starting_balance) == (
        7 if marked else 10_000
    )
