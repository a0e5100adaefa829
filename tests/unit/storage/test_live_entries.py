"""Decoded entries are kept as long as nothing changed, and never longer."""

from decimal import Decimal

import pytest

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.units import Currency, Size
from snipersight.storage.database import connect_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.ledger import an_entry


def a_store(database) -> SqlDecisionStore:
    return SqlDecisionStore(database, clock=lambda: 1)


@pytest.fixture
def store(database):
    opened = a_store(database)
    opened.create_account("main", Currency("USDT"), Decimal(1), at_us=1)
    return opened


@pytest.fixture
def elsewhere(store, database_url):
    """Return the same store as another process sees it."""
    with connect_database(database_url) as opened:
        yield a_store(opened)


def live(store: SqlDecisionStore) -> tuple[LedgerEntry, ...]:
    return store.transact("main", lambda unit: unit.live_entries())


def save(store: SqlDecisionStore, entry: LedgerEntry) -> None:
    store.transact("main", lambda unit: unit.save_entry(entry))


def note(store: SqlDecisionStore) -> None:
    draft = AuditDraft(kind=AuditKind.DECISION, subject="", actor="test", at_us=1)
    store.transact("main", lambda unit: unit.append(draft))


def test_the_same_object_comes_back_while_nothing_changes(store):
    save(store, an_entry())
    first = live(store)
    note(store)

    assert live(store) is first
    assert store.view("main", lambda unit: unit.live_entries()) is first
    assert first == (an_entry(),)


def test_an_own_change_is_seen_by_the_next_transaction(store):
    save(store, an_entry(entry_id="b"))
    before = live(store)
    save(store, an_entry(entry_id="a"))

    assert [entry.entry_id for entry in live(store)] == ["a", "b"]
    assert [entry.entry_id for entry in before] == ["b"]


def test_what_was_kept_is_what_a_fresh_reader_finds(store, elsewhere):
    save(store, an_entry(entry_id="c", reserved_us=3))
    save(store, an_entry(entry_id="a", reserved_us=3))
    save(store, an_entry(entry_id="b", reserved_us=1))
    save(store, an_entry(entry_id="c", reserved_us=2))
    ended = an_entry(
        entry_id="a", state=EntryState.RELEASED, pending_size=Size(Decimal(0)), ended_us=1
    )
    save(store, ended)

    assert live(store) == live(elsewhere)
    assert [entry.entry_id for entry in live(store)] == ["b", "c"]


def test_a_rollback_leaves_what_was_before(store):
    save(store, an_entry(entry_id="a"))
    before = live(store)

    def fail(unit):
        unit.save_entry(an_entry(entry_id="b"))
        assert len(unit.live_entries()) == 2
        raise KeyError

    with pytest.raises(KeyError):
        store.transact("main", fail)

    assert live(store) is before


def test_the_revision_of_a_rollback_may_be_used_by_another_process(store, elsewhere):
    def fail(unit):
        unit.live_entries()
        unit.save_entry(an_entry(entry_id="mine"))
        raise KeyError

    with pytest.raises(KeyError):
        store.transact("main", fail)
    save(elsewhere, an_entry(entry_id="theirs"))

    assert [entry.entry_id for entry in live(store)] == ["theirs"]


def test_a_change_of_another_process_is_seen(store, elsewhere):
    save(store, an_entry(entry_id="a"))
    live(store)
    save(elsewhere, an_entry(entry_id="b"))

    assert [entry.entry_id for entry in live(store)] == ["a", "b"]
    save(store, an_entry(entry_id="c"))
    assert [entry.entry_id for entry in live(elsewhere)] == ["a", "b", "c"]


def test_an_older_snapshot_does_not_replace_what_is_newer(store):
    save(store, an_entry(entry_id="a"))

    def read(unit):
        save(store, an_entry(entry_id="b"))
        new = live(store)
        return unit.live_entries(), new

    old, new = store.view("main", read)

    assert [entry.entry_id for entry in old] == ["a"]
    assert [entry.entry_id for entry in new] == ["a", "b"]
    assert live(store) is new


def test_each_account_has_its_own(store):
    store.create_account("other", Currency("USDT"), Decimal(1), at_us=1)
    save(store, an_entry(entry_id="a"))
    live(store)

    assert store.view("other", lambda unit: unit.live_entries()) == ()
