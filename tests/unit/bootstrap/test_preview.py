"""A copy of an account: what is done to it is seen by what comes after, and by nobody else."""

from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.preview import PreviewStore
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.decision import Approved, RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.execution import KillSwitch, TradeId, TradeState
from snipersight.domain.ledger import EntryState
from snipersight.domain.store import DecisionStore, QueueDraft, UnitOfWork
from snipersight.domain.units import Money, Size
from snipersight.risk.registry import RiskPorts
from tests.builders import DECIDED_AT_MS, a_plan
from tests.builders.ledger import DECIDED_AT_US, a_policy, an_entry, observations
from tests.builders.trades import a_booked_fill, a_payment, a_trade, an_intent
from tests.fakes.memory_store import a_memory_store

ENTRY = an_entry()


def change(unit: UnitOfWork) -> None:
    standing = unit.account.standing
    unit.save_standing(replace(standing, realised=Money(Decimal(5))))
    unit.save_entry(ENTRY)
    unit.note_policy("abc")
    unit.append(AuditDraft(kind=AuditKind.POLICY, subject="x", actor="test", at_us=DECIDED_AT_US))
    unit.enqueue(QueueDraft(topic="message", key="k"))


def test_a_change_is_seen_by_later_units_and_not_by_the_store():
    store = a_memory_store()
    preview = PreviewStore(store)
    preview.transact("main", change)
    account = preview.view("main", lambda unit: unit.account)
    assert account.standing.realised == 5
    assert (account.policy_hash, account.head.seq, account.last_us) == ("abc", 1, DECIDED_AT_US)
    assert preview.view("main", lambda unit: unit.entry(ENTRY.entry_id)) == ENTRY
    assert ENTRY.plan_id is not None
    plan_id = ENTRY.plan_id
    assert preview.view("main", lambda unit: unit.entries_of_plan(plan_id)) == (ENTRY,)
    assert store.commits == 0
    assert store.records("main") == ()
    assert store.entries("main") == ()
    assert store.queue == ()


def test_an_entry_that_ends_counts_no_more_and_is_still_found():
    preview = PreviewStore(a_memory_store())
    preview.transact("main", change)
    ended = replace(
        ENTRY, state=EntryState.RELEASED, pending_size=Size(Decimal(0)), ended_us=DECIDED_AT_US
    )
    preview.transact("main", lambda unit: unit.save_entry(ended))
    assert preview.view("main", lambda unit: unit.live_entries()) == ()
    assert preview.view("main", lambda unit: unit.entry(ENTRY.entry_id)) == ended


def test_what_raises_and_what_only_looks_changes_nothing():
    preview = PreviewStore(a_memory_store())

    def fail(unit: UnitOfWork) -> None:
        change(unit)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        preview.transact("main", fail)
    preview.view("main", change)
    assert preview.view("main", lambda unit: unit.live_entries()) == ()


def test_the_live_entries_stay_the_same_object_while_nothing_changes():
    store = a_memory_store()
    store.transact("main", lambda unit: unit.save_entry(ENTRY))
    preview = PreviewStore(store)
    first = preview.transact("main", lambda unit: unit.live_entries())
    assert preview.view("main", lambda unit: unit.live_entries()) is first


def test_a_store_that_cannot_be_read_says_so():
    store = a_memory_store()
    store.error = StateUnavailable("locked")
    with pytest.raises(StateUnavailable, match="locked"):
        PreviewStore(store).view("main", lambda unit: unit.account)


def test_a_gate_on_a_copy_judges_alike_and_leaves_no_trace():
    store = a_memory_store()

    def judged(decisions: DecisionStore) -> RiskDecision:
        ports = RiskPorts(
            account_id="main",
            store=decisions,
            clock=lambda: DECIDED_AT_MS * 1000,
            policy=a_policy(),
        )
        gate = LedgerGate(ports)
        gate.observe(observations())
        return gate.validate_plan(a_plan())

    previewed = judged(PreviewStore(store))
    assert isinstance(previewed, Approved)
    assert store.records("main") == ()
    assert judged(store) == previewed
    assert len(store.records("main")) > 0


def test_trades_are_copied_with_all_that_belongs_to_them_and_changed_apart():
    store = a_memory_store()
    switch = KillSwitch(flatten=False, since_us=1, actor="cli")
    trade, trade_id = a_trade(), TradeId("trade-1")

    def stage(unit: UnitOfWork) -> None:
        unit.book.save_trade(trade)
        unit.book.save_trade(a_trade("done", state=TradeState.DONE, ended_us=2))
        unit.book.save_intent(an_intent())
        unit.book.book_fill(a_booked_fill())
        unit.book.book_funding(trade_id, a_payment())
        unit.book.save_kill_switch(switch)

    def seen(unit: UnitOfWork) -> tuple[object, ...]:
        book = unit.book
        return (
            book.live_trades(),
            book.intents(trade_id),
            book.fills(trade_id),
            book.funding(trade_id),
            book.kill_switch(),
        )

    store.transact("main", stage)
    preview = PreviewStore(store)
    before = store.view("main", seen)
    assert preview.view("main", seen) == before
    preview.transact("main", lambda unit: unit.book.save_kill_switch(None))
    preview.transact("main", lambda unit: unit.book.book_fill(a_booked_fill("2")))
    assert len(preview.view("main", lambda unit: unit.book.fills(trade_id))) == 2
    assert preview.view("main", lambda unit: unit.book.kill_switch()) is None
    assert store.view("main", seen) == before


def test_a_trade_tried_in_vain_or_only_in_a_view_is_not_there_afterwards():
    preview = PreviewStore(a_memory_store())

    def work(unit: UnitOfWork) -> None:
        unit.book.save_trade(a_trade())
        raise KeyError("crash")

    with pytest.raises(KeyError):
        preview.transact("main", work)
    preview.view("main", lambda unit: unit.book.save_trade(a_trade()))
    assert preview.view("main", lambda unit: unit.book.trades()) == ()
