"""What everything in `risk` relies on, asked of the store in memory and of the real one alike."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.ledger import EntryId, EntryState
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.store import DecisionStore, QueueDraft, UnitOfWork
from snipersight.domain.units import Currency
from snipersight.storage.database import open_database
from snipersight.storage.decision_store import SqlDecisionStore
from tests.builders.ledger import an_entry
from tests.fakes.memory_store import MemoryDecisionStore

USDT = Currency("USDT")
DRAFT = AuditDraft(kind=AuditKind.OPERATOR, subject="", actor="cli", at_us=7, body={"a": "1"})
Store = MemoryDecisionStore | SqlDecisionStore


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        opened: Store = MemoryDecisionStore()
        opened.create_account("main", USDT, Decimal(100), at_us=1)
        yield opened
        return
    with open_database(f"sqlite:///{tmp_path / 'snipersight.db'}") as database:
        opened = SqlDecisionStore(database, clock=lambda: 1)
        opened.create_account("main", USDT, Decimal(100), at_us=1)
        yield opened


def live(store: DecisionStore) -> tuple[object, ...]:
    return store.view("main", lambda unit: unit.live_entries())


def save(store: DecisionStore, **entry: object) -> None:
    made = an_entry(**entry)  # type: ignore[arg-type]
    store.transact("main", lambda unit: unit.save_entry(made))


def test_work_that_raises_leaves_nothing(store: Store) -> None:
    save(store)
    before = live(store)

    def work(unit: UnitOfWork) -> None:
        unit.save_entry(an_entry(entry_id="lost"))
        unit.append(DRAFT)
        unit.note_policy("x")
        unit.enqueue(QueueDraft(topic="message", key="k"))
        assert len(unit.live_entries()) == 2
        raise KeyError("crash")

    with pytest.raises(KeyError, match="crash"):
        store.transact("main", work)
    assert live(store) is before
    account = store.view("main", lambda unit: unit.account)
    assert (account.head.seq, account.policy_hash, account.last_us) == (0, "", 1)
    assert store.transact("main", lambda unit: unit.enqueue(QueueDraft(topic="message", key="k")))


def test_live_entries_are_the_same_object_until_the_ledger_changes(store: Store) -> None:
    save(store, entry_id="b", reserved_us=5)
    first = live(store)
    store.transact("main", lambda unit: unit.append(DRAFT))
    assert live(store) is first
    save(store, entry_id="a", reserved_us=5)
    save(store, entry_id="c", reserved_us=4)
    entries = store.view("main", lambda unit: unit.live_entries())
    assert [entry.entry_id for entry in entries] == ["c", "a", "b"]
    assert entries[2] is first[0]
    save(store, entry_id="b", pending="0", state=EntryState.RELEASED, ended_us=6)
    assert len(live(store)) == 2
    ended = store.view("main", lambda unit: unit.entry(EntryId("b")))
    assert ended is not None
    assert ended.state is EntryState.RELEASED


def test_a_setup_is_live_once_whatever_a_process_believed(store: Store) -> None:
    save(store, setup_id=SetupId("same"))
    with pytest.raises(Exception, match=r"(?i)setup|unique"):
        save(store, entry_id="other", setup_id=SetupId("same"))
    assert len(live(store)) == 1


def test_entries_are_found_by_plan_oldest_first(store: Store) -> None:
    save(store, entry_id="new", plan_id=PlanId("p"), reserved_us=9)
    save(store, entry_id="old", plan_id=PlanId("p"), reserved_us=8)
    found = store.view("main", lambda unit: unit.entries_of_plan(PlanId("p")))
    assert [entry.entry_id for entry in found] == ["old", "new"]


def test_records_continue_the_chain_and_time_never_runs_back(store: Store) -> None:
    first = store.transact("main", lambda unit: unit.append(DRAFT))
    second = store.transact("main", lambda unit: unit.append(DRAFT))
    assert (first.seq, second.seq, second.prev_hash) == (1, 2, first.hash)
    account = store.view("main", lambda unit: unit.account)
    assert (account.head.seq, account.head.hash, account.last_us) == (2, second.hash, 7)


def test_a_message_is_stored_once_for_good(store: Store) -> None:
    draft = QueueDraft(topic="message", key="k", payload={"a": 1})
    assert store.transact("main", lambda unit: unit.enqueue(draft)) is True
    assert store.transact("main", lambda unit: unit.enqueue(draft)) is False


def test_a_view_changes_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError, match="only reads"):
        store.view("main", lambda unit: unit.save_entry(an_entry()))
    assert live(store) == ()


def test_a_unit_of_work_is_of_no_use_afterwards(store: Store) -> None:
    unit = store.transact("main", lambda unit: unit)
    with pytest.raises(RuntimeError, match="has ended"):
        unit.live_entries()


def test_an_unknown_account_is_an_error(store: Store) -> None:
    for run in (store.transact, store.view):
        with pytest.raises(StateUnavailable, match="no account 'other'"):
            run("other", lambda unit: unit.account)


def test_an_account_is_created_once_in_one_currency(store: Store) -> None:
    assert store.create_account("main", USDT, Decimal(5), at_us=9) is False
    with pytest.raises(ConfigInvalid, match="kept in USDT, not in EUR"):
        store.create_account("main", Currency("EUR"), Decimal(5), at_us=9)
    (account,) = store.accounts()
    assert account.standing.starting_balance == 100
