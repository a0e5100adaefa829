"""Units of work: whole or not at all, on both kinds of database."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, LeaseLost, StateUnavailable
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry
from snipersight.domain.plan import PlanId
from snipersight.domain.standing import AccountStanding, EquityMarks
from snipersight.domain.store import DecisionStore, QueueDraft, UnitOfWork
from snipersight.domain.units import Currency, Money, Size
from snipersight.risk.audit.chain import NO_HASH, record_hash
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.schema import ACCOUNT, AUDIT, LEDGER, QUEUE
from tests.builders.ledger import an_entry

USDT = Currency("USDT")
NOW_US = 1_800_000_000_000_000


@pytest.fixture
def store(database):
    """Return a store with the account `main` of 10,000 USDT."""
    opened = SqlDecisionStore(database, clock=lambda: NOW_US)
    opened.create_account("main", USDT, Decimal(10_000), at_us=5)
    return opened


def a_draft(subject: str = "plan-1", *, at_us: int = 10) -> AuditDraft:
    return AuditDraft(
        kind=AuditKind.DECISION, subject=subject, actor="test", at_us=at_us, body={"x": "é"}
    )


def marks(at_us: int) -> EquityMarks:
    one = Decimal(1)
    return EquityMarks(
        units=one,
        unit_value=one,
        high=one,
        day="2026-05-04",
        day_open=one,
        week="2026-05-04",
        week_open=one,
        marked_us=at_us,
    )


def live(store: DecisionStore, account_id: str = "main") -> tuple[LedgerEntry, ...]:
    return store.view(account_id, lambda unit: unit.live_entries())


def test_it_is_a_decision_store(store):
    port: DecisionStore = store

    assert port.view("main", lambda unit: unit.account.account_id) == "main"


def test_a_new_account_is_empty(store):
    row = store.view("main", lambda unit: unit.account)

    assert (row.currency, row.last_us, row.policy_hash) == ("USDT", 5, "")
    assert row.standing == AccountStanding(starting_balance=Money(Decimal(10_000)))
    assert (row.head.account_id, row.head.seq, row.head.hash) == ("main", 0, NO_HASH)


def test_an_account_that_exists_stays_as_it_is(store, database):
    store.transact("main", lambda unit: unit.append(a_draft()))
    before = database.commits

    assert store.create_account("main", USDT, Decimal(5), at_us=9) is False
    assert store.create_account("other", USDT, Decimal(5), at_us=9) is True

    assert [(row.account_id, row.standing.balance) for row in store.accounts()] == [
        ("main", Decimal(10_000)),
        ("other", Decimal(5)),
    ]
    assert database.commits - before == 1


def test_an_account_keeps_its_currency(store):
    with pytest.raises(ConfigInvalid, match="kept in USDT, not in EUR"):
        store.create_account("main", Currency("EUR"), Decimal(10_000), at_us=5)


@pytest.mark.parametrize("balance", ["-0.01", "NaN", "Infinity"])
def test_an_account_begins_with_a_possible_balance(store, balance):
    with pytest.raises(ValueError, match="cannot begin with"):
        store.create_account("bad", USDT, Decimal(balance), at_us=5)


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_an_account_has_a_name_that_fits(store, name):
    with pytest.raises(ValueError, match="cannot be called"):
        store.create_account(name, USDT, Decimal(1), at_us=5)


def test_an_account_that_does_not_exist_is_an_error(store):
    for run in (store.transact, store.view):
        with pytest.raises(StateUnavailable, match="no account 'absent'"):
            run("absent", lambda unit: unit.account)


def test_everything_of_a_decision_is_kept_in_one_commit(store, database):
    def work(unit: UnitOfWork):
        unit.save_entry(an_entry())
        unit.save_standing(AccountStanding(starting_balance=Money(Decimal(1)), loss_streak=2))
        unit.note_policy("p" * 64)
        record = unit.append(a_draft())
        assert unit.enqueue(QueueDraft(topic="message", key="k", payload={"a": 1}))
        return record

    before = database.commits
    record = store.transact("main", work)
    row = store.view("main", lambda unit: unit.account)

    assert database.commits - before == 1
    assert live(store) == (an_entry(),)
    assert (row.standing.loss_streak, row.policy_hash) == (2, "p" * 64)
    assert (row.head.seq, row.head.hash) == (1, record.hash)
    assert database.read(lambda it: it.execute(select(QUEUE.c.key, QUEUE.c.payload)).all()) == [
        ("k", '{"a":1}')
    ]


def test_nothing_of_a_decision_is_kept_if_it_fails(store, database):
    def work(unit: UnitOfWork):
        unit.save_entry(an_entry())
        unit.save_standing(AccountStanding(starting_balance=Money(Decimal(1))))
        unit.note_policy("p" * 64)
        unit.append(a_draft())
        unit.enqueue(QueueDraft(topic="message", key="k"))
        raise KeyError("mine")

    before = store.view("main", lambda unit: unit.account)
    with pytest.raises(KeyError, match="mine"):
        store.transact("main", work)

    assert store.view("main", lambda unit: unit.account) == before
    assert live(store) == ()
    assert database.read(lambda it: it.execute(select(AUDIT)).all()) == []
    assert database.read(lambda it: it.execute(select(QUEUE)).all()) == []


def test_a_unit_shows_its_own_changes(store):
    def work(unit: UnitOfWork):
        unit.save_entry(an_entry(entry_id="a", reserved_us=2))
        unit.save_entry(an_entry(entry_id="b", reserved_us=1))
        unit.append(a_draft())
        found = unit.entry(EntryId("a"))
        assert found is not None
        assert unit.entries_of_plan(PlanId("plan-a")) == (found,)
        assert unit.entry(EntryId("absent")) is None
        return [entry.entry_id for entry in unit.live_entries()], unit.account.head.seq

    assert store.transact("main", work) == (["b", "a"], 1)


def test_an_entry_that_ends_leaves_the_live_ones_and_can_still_be_found(store):
    ended = an_entry(
        state=EntryState.RELEASED, pending_size=Size(Decimal(0)), ended_us=9, realised=Decimal("-1")
    )
    store.transact("main", lambda unit: unit.save_entry(an_entry()))
    store.transact("main", lambda unit: unit.save_entry(ended))

    assert live(store) == ()
    assert store.view("main", lambda unit: unit.entry(EntryId("entry-1"))) == ended
    assert store.view("main", lambda unit: unit.entries_of_plan(PlanId("plan-entry-1"))) == (ended,)


def test_one_setup_is_live_only_once_whatever_its_caller_believes(store):
    store.transact("main", lambda unit: unit.save_entry(an_entry(setup_id="s")))

    with pytest.raises(StateUnavailable, match="contradicts"):
        store.transact("main", lambda unit: unit.save_entry(an_entry(entry_id="b", setup_id="s")))

    assert [entry.entry_id for entry in live(store)] == ["entry-1"]


def test_an_account_sees_and_changes_only_what_is_its_own(store):
    store.create_account("other", USDT, Decimal(1), at_us=5)
    store.transact("main", lambda unit: unit.save_entry(an_entry()))

    with pytest.raises(ValueError, match="belongs to account main"):
        store.transact("other", lambda unit: unit.save_entry(an_entry()))
    with pytest.raises(ValueError, match="belongs to another account"):
        store.transact("other", lambda unit: unit.save_entry(an_entry(account_id="other")))

    assert live(store, "other") == ()
    assert store.view("other", lambda unit: unit.entry(EntryId("entry-1"))) is None
    assert store.view("other", lambda unit: unit.entries_of_plan(PlanId("plan-entry-1"))) == ()
    assert live(store) == (an_entry(),)


def test_records_are_chained_across_transactions(store, database):
    for number in range(3):
        store.transact("main", lambda unit, n=number: unit.append(a_draft(f"plan-{n}")))

    rows = database.read(
        lambda it: it.execute(select(AUDIT).order_by(AUDIT.c.seq)).mappings().all()
    )

    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert [row["prev_hash"] for row in rows] == [NO_HASH, rows[0]["hash"], rows[1]["hash"]]
    for row in rows:
        assert record_hash(**{key: row[key] for key in row if key != "hash"}) == row["hash"]
    assert store.view("main", lambda unit: unit.account.head.hash) == rows[2]["hash"]


def test_the_newest_time_written_is_remembered_and_never_runs_back(store):
    def last(change: Callable[[UnitOfWork], object]) -> int:
        store.transact("main", change)
        return int(store.view("main", lambda unit: unit.account.last_us))

    def mark(at_us: int) -> Callable[[UnitOfWork], object]:
        standing = AccountStanding(starting_balance=Money(Decimal(1)), marks=marks(at_us))
        return lambda unit: unit.save_standing(standing)

    assert last(lambda unit: unit.append(a_draft(at_us=30))) == 30
    assert last(lambda unit: unit.append(a_draft(at_us=20))) == 30
    assert last(mark(40)) == 40
    assert last(mark(35)) == 40


def test_a_message_is_stored_once_for_good_and_due_by_any_clock(store, database):
    draft = QueueDraft(topic="message", key="k")

    assert store.transact("main", lambda unit: unit.enqueue(draft)) is True
    assert store.transact("main", lambda unit: unit.enqueue(draft)) is False
    later = QueueDraft(topic="message", key="later", available_us=77)
    assert store.transact("main", lambda unit: unit.enqueue(later)) is True

    columns = select(QUEUE.c.key, QUEUE.c.available_us, QUEUE.c.created_us).order_by(QUEUE.c.key)
    assert database.read(lambda it: it.execute(columns).all()) == [
        ("k", 0, NOW_US),
        ("later", 77, NOW_US),
    ]


def test_a_view_changes_nothing(store):
    changes = (
        lambda unit: unit.save_entry(an_entry()),
        lambda unit: unit.save_standing(unit.account.standing),
        lambda unit: unit.note_policy(""),
        lambda unit: unit.append(a_draft()),
        lambda unit: unit.enqueue(QueueDraft(topic="message", key="k")),
    )
    for change in changes:
        with pytest.raises(RuntimeError, match="only reads"):
            store.view("main", change)

    assert store.view("main", lambda unit: unit.account.head.seq) == 0


def test_a_unit_is_of_no_use_after_its_transaction(store):
    uses: tuple[Callable[[UnitOfWork], object], ...] = (
        lambda unit: unit.account,
        lambda unit: unit.live_entries(),
        lambda unit: unit.entry(EntryId("x")),
        lambda unit: unit.entries_of_plan(PlanId("x")),
        lambda unit: unit.append(a_draft()),
    )
    for run in (store.transact, store.view):
        unit = run("main", lambda unit: unit)
        for use in uses:
            with pytest.raises(RuntimeError, match="has ended"):
                use(unit)


def test_a_unit_is_of_no_use_after_a_failed_transaction_either(store):
    kept: list[UnitOfWork] = []

    def fail(unit):
        kept.append(unit)
        raise KeyError

    for run in (store.transact, store.view):
        with pytest.raises(KeyError):
            run("main", fail)
    for unit in kept:
        with pytest.raises(RuntimeError, match="has ended"):
            unit.live_entries()


def test_a_guard_runs_first_in_the_same_transaction(store, database):
    def lost(connection):
        connection.execute(update(ACCOUNT).values(last_us=99))
        raise LeaseLost("somebody else has it")

    ran: list[UnitOfWork] = []
    with pytest.raises(LeaseLost):
        store.transact("main", ran.append, guard=lost)
    store.transact("main", lambda unit: unit.append(a_draft()), guard=database.now_us)

    assert ran == []
    assert store.view("main", lambda unit: unit.account.last_us) == 10


def test_a_decision_that_changes_nothing_writes_nothing(store, database):
    before = database.read(lambda it: it.execute(select(ACCOUNT)).all())

    assert store.transact("main", lambda unit: unit.account.currency) == "USDT"

    assert database.read(lambda it: it.execute(select(ACCOUNT)).all()) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE account SET standing = '{}'", "standing of an account"),
        ("UPDATE ledger SET pending_size = 'NaN'", "no finite number"),
        ("UPDATE ledger SET pending_size = '-1'", "pending_size is -1"),
        ("UPDATE ledger SET direction = 'UP'", "UP"),
        ("UPDATE ledger SET state = 'closed', pending_size = '0', ended_us = 3", "is_live"),
    ],
)
def test_a_row_that_makes_no_sense_is_an_error_not_a_guess(store, database, change, told):
    store.transact("main", lambda unit: unit.save_entry(an_entry()))
    database.write(lambda it: it.execute(text(change)))
    fresh = SqlDecisionStore(database, clock=lambda: NOW_US)

    for run in (fresh.transact, fresh.view):
        with pytest.raises(StateUnavailable, match="makes no sense") as refused:
            run("main", lambda unit: unit.live_entries())
        assert told in refused.value.what


def test_an_entry_that_was_switched_off_by_hand_does_not_free_its_budget_unseen(store, database):
    store.transact("main", lambda unit: unit.save_entry(an_entry()))
    database.write(lambda it: it.execute(update(LEDGER).values(is_live=False)))

    with pytest.raises(StateUnavailable, match="is_live False"):
        store.view("main", lambda unit: unit.entry(EntryId("entry-1")))


# Twice the largest size at the largest price stays within the notional that is counted.
exact = st.decimals("0.00000001", 10**7, places=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    near=exact,
    size=exact,
    share=st.integers(0, 2),
    side=st.sampled_from(Direction),
    times=st.lists(st.none() | st.integers(0, 2**60), min_size=3, max_size=3),
    realised=st.decimals(-(10**9), 10**9, places=8),
)
def test_an_entry_reads_back_as_itself(store, near, size, share, side, times, realised):
    filled = size if share else Decimal(0)
    entry = an_entry(
        direction=side,
        entry=str(near),
        stop=str(near / 2 if side is Direction.LONG else near * 2),
        pending="0" if share == 2 else str(size),
        filled=str(filled),
        cost="0.000000001",
        leverage="2.5",
        expires_us=times[0],
        opened_us=times[1],
        unprotected_since_us=times[2],
        realised=realised,
        plan_id=None if share else PlanId("plan"),
    )

    store.transact("main", lambda unit: unit.save_entry(entry))

    assert store.view("main", lambda unit: unit.entry(entry.entry_id)) == entry


def test_a_standing_that_did_not_change_is_not_written_again(store, database):
    found = select(ACCOUNT.c.standing).where(ACCOUNT.c.account_id == "main")
    before = database.read(lambda it: it.scalar(found))
    spaced = update(ACCOUNT).values(standing=f" {before}")
    database.write(lambda it: it.execute(spaced))

    store.transact("main", lambda unit: unit.append(a_draft()))
    assert database.read(lambda it: it.scalar(found)) == f" {before}"

    store.transact("main", lambda unit: unit.save_standing(replace(unit.account.standing)))
    assert database.read(lambda it: it.scalar(found)) == f" {before}"

    lost = replace(store.view("main", lambda unit: unit.account.standing), loss_streak=1)
    store.transact("main", lambda unit: unit.save_standing(lost))
    assert store.view("main", lambda unit: unit.account.standing) == lost
