"""Fills, funding and dust in the ledger: each once, exactly, with its record, or not at all."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.execution import BookedFill, Leg, TradeId
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, plain
from snipersight.risk.audit.query import body_of
from snipersight.risk.ledger import execution_work
from snipersight.risk.ledger.work import Clerk
from snipersight.risk.policy import RiskPolicy
from tests.builders.exposure_managers import rebuilt
from tests.builders.ledger import DECIDED_AT_US, an_entry
from tests.builders.trades import a_booked_fill, a_payment, a_trade
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

ID = EntryId("trade-1")
NOW = DECIDED_AT_US + 1
EXIT = Leg.TARGET


@pytest.fixture
def store() -> MemoryDecisionStore:
    """Return a store with a reservation of 10 at 100, and its staged trade."""
    opened = a_memory_store()
    entry = an_entry(entry_id=ID, origin=Origin.EXECUTED)

    def work(unit: UnitOfWork) -> None:
        unit.save_entry(entry)
        unit.book.save_trade(a_trade())

    opened.transact("main", work)
    return opened


def clerk() -> Clerk:
    return Clerk(now_us=NOW, actor="executor", policy=RiskPolicy())


def book(store: MemoryDecisionStore, booked: BookedFill) -> Any:
    is_entry = booked.leg is Leg.ENTRY
    work = execution_work.book_entry_fill if is_entry else execution_work.book_exit_fill
    return store.transact("main", lambda unit: work(unit, clerk(), booked))


def pay(store: MemoryDecisionStore, **payment: Any) -> Any:
    made = a_payment(**payment)
    return store.transact(
        "main", lambda unit: execution_work.book_funding(unit, clerk(), TradeId(ID), made)
    )


def entry_of(store: MemoryDecisionStore) -> LedgerEntry:
    found = store.view("main", lambda unit: unit.entry(ID))
    assert found is not None
    return found


def sizes(entry: LedgerEntry) -> tuple[str, str]:
    """Return what is open and what is pending."""
    return plain(entry.open_size), plain(entry.pending_size)


def realised(store: MemoryDecisionStore) -> Decimal:
    return store.view("main", lambda unit: unit.account.standing.realised)


def test_a_fill_moves_the_entry_stores_itself_and_is_recorded(store: MemoryDecisionStore) -> None:
    check = book(store, a_booked_fill("7", size="4", price="99.5", fee="0.08", at_us=NOW - 5))
    assert (bool(check), check.code) == (True, "filled")
    entry = entry_of(store)
    assert sizes(entry) == ("4", "6")
    assert entry.fill_price == Decimal("99.5")
    assert entry.opened_us == NOW - 5
    body = body_of(store.records("main")[-1])
    told = {name: body[name] for name in ("fill_id", "size", "price", "fee", "fee_currency")}
    assert told == {
        "fill_id": "7",
        "size": "4",
        "price": "99.5",
        "fee": "0.08",
        "fee_currency": "USDT",
    }
    assert len(store.view("main", lambda unit: unit.book.fills(TradeId(ID)))) == 1


@pytest.mark.parametrize("leg", [Leg.ENTRY, Leg.STOP])
def test_a_fill_that_is_told_again_changes_nothing(store: MemoryDecisionStore, leg: Leg) -> None:
    book(store, a_booked_fill("1"))
    booked = a_booked_fill("2", leg=leg, size="10")
    book(store, booked)
    before = entry_of(store), realised(store), store.records("main"), store.queue
    again = book(store, booked)
    assert (bool(again), again.code) == (False, "known_fill")
    assert (entry_of(store), realised(store), store.records("main"), store.queue) == before


def test_a_spot_buy_that_paid_in_base_holds_less_and_owes_nothing(
    store: MemoryDecisionStore,
) -> None:
    book(store, a_booked_fill(size="10", price="100", fee="0.01", net="9.99"))
    entry = entry_of(store)
    assert sizes(entry) == ("9.99", "0")
    # 1000 ÷ 9.99, up in the last of 28 digits
    assert entry.fill_price == Decimal("100.1001001001001001001001002")
    book(store, a_booked_fill("2", leg=EXIT, size="9.99", price="110", fee="1.0989"))
    # 1098.9 − 1.0989 − 1000
    assert entry_of(store).realised == realised(store) == Decimal("97.8011")


def test_a_part_costs_its_own_fee_and_its_share_of_the_entry_s(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", size="6", price="100", fee="0.6"))
    book(store, a_booked_fill("2", size="4", price="99", fee="0.3"))
    check = book(store, a_booked_fill("3", leg=EXIT, size="5", price="110", fee="0.55"))
    # average 99.6: 5 × 10.4 − 0.9 ÷ 2 − 0.55
    assert (check.code, check.measured) == ("reduced", Decimal("51"))
    check = book(store, a_booked_fill("4", leg=Leg.STOP, size="5", price="90", fee="0.45"))
    # 5 × −9.6 − 0.45 − 0.45
    assert (check.code, check.measured) == ("closed", Decimal("-48.9"))
    assert entry_of(store).realised == realised(store) == Decimal("2.1")


def test_thirds_are_made_good_by_the_last_fill(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", size="3", price="100", fee="0.1"))
    book(store, a_booked_fill("2", size="4", price="100.1", fee="0.1"))
    for number, size in enumerate(("1", "2", "3", "1")):
        book(store, a_booked_fill(f"x{number}", leg=EXIT, size=size, price="101.7", fee="0.01"))
    # 7 × 101.7 − 300 − 400.4 − 0.2 − 0.04
    assert entry_of(store).realised == realised(store) == Decimal("11.26")


def test_an_entry_filled_after_a_first_target_pays_its_own_fee(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", size="4", price="100", fee="4"))
    book(store, a_booked_fill("2", leg=EXIT, size="2", price="110"))
    book(store, a_booked_fill("3", size="6", price="99", fee="1"))
    book(store, a_booked_fill("4", leg=EXIT, size="8", price="110"))
    assert entry_of(store).realised == Decimal(1100 - 400 - 594 - 5)


def test_only_a_stop_begins_a_cooldown(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1"))
    book(store, a_booked_fill("2", leg=EXIT, size="5", price="90"))
    assert not store.view("main", lambda unit: unit.account.standing.cooldowns)
    book(store, a_booked_fill("3", leg=Leg.STOP, size="5", price="90"))
    assert len(store.view("main", lambda unit: unit.account.standing.cooldowns)) == 1


@pytest.mark.parametrize("end", [EntryState.RELEASED, EntryState.CLOSED])
def test_a_fill_after_the_end_opens_the_entry_again(
    store: MemoryDecisionStore, end: EntryState
) -> None:
    ended = replace(
        entry_of(store),
        state=end,
        pending_size=entry_of(store).open_size,
        fill_price=None if end is EntryState.RELEASED else entry_of(store).entry_price,
        ended_us=NOW,
    )
    store.transact("main", lambda unit: unit.save_entry(ended))
    assert book(store, a_booked_fill("9", size="3", price="98", at_us=NOW))
    entry = entry_of(store)
    assert (entry.state, entry.ended_us) == (EntryState.OPEN, None)
    assert entry.open_size == 3
    assert entry.fill_price == 98
    assert rebuilt(store.records("main"))[ID] == entry


def test_more_than_is_pending_is_a_fact_too(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", size="8"))
    book(store, a_booked_fill("2", size="5"))
    assert sizes(entry_of(store)) == ("13", "0")


def test_an_exit_of_more_than_is_open_is_refused_whole(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", size="4"))
    before = entry_of(store), store.records("main")
    check = book(store, a_booked_fill("2", leg=EXIT, size="5"))
    assert (bool(check), check.code) == (False, "impossible_change")
    assert (entry_of(store), store.records("main")) == before
    assert len(store.view("main", lambda unit: unit.book.fills(TradeId(ID)))) == 1
    book(store, a_booked_fill("3", size="1"))
    assert book(store, a_booked_fill("2", leg=EXIT, size="5"))


def test_an_exit_before_any_entry_is_refused(store: MemoryDecisionStore) -> None:
    assert book(store, a_booked_fill("2", leg=EXIT, size="5")).code == "impossible_change"


def test_a_fill_without_an_entry_in_the_ledger_is_refused(store: MemoryDecisionStore) -> None:
    for leg in (Leg.ENTRY, Leg.STOP):
        check = book(store, a_booked_fill("1", leg=leg, trade_id="nobody"))
        assert (bool(check), check.code) == (False, "unknown_entry")


def test_dust_is_lost_and_recorded_as_dust(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1", fee="0.01", net="9.99"))
    book(store, a_booked_fill("2", leg=EXIT, size="9.9", price="101", fee="1"))
    check = store.transact("main", lambda unit: execution_work.write_off_dust(unit, clerk(), ID))
    assert check.code == "closed"
    entry = entry_of(store)
    # 9.9 × 101 − 1 − 1000: the money that is there
    assert entry.realised == realised(store) == Decimal("-1.1")
    body = body_of(store.records("main")[-1])
    assert (body["dust"], body["by_stop"]) == ("0.09", False)
    assert rebuilt(store.records("main"))[ID] == entry
    again = store.transact("main", lambda unit: execution_work.write_off_dust(unit, clerk(), ID))
    assert (bool(again), again.code) == (False, "impossible_change")


def test_funding_moves_entry_and_account_once_and_no_result_twice(
    store: MemoryDecisionStore,
) -> None:
    book(store, a_booked_fill("1"))
    check = pay(store, amount="-1.5")
    assert (check.code, check.measured) == ("funding", Decimal("-1.5"))
    assert pay(store, amount="-1.5").code == "known_funding"
    assert entry_of(store).realised == realised(store) == Decimal("-1.5")
    queue = store.queue
    book(store, a_booked_fill("2", leg=EXIT, size="10", price="110"))
    assert entry_of(store).realised == realised(store) == Decimal("98.5")
    assert len(store.queue) == len(queue) + 1  # of funding nobody is told
    assert rebuilt(store.records("main"))[ID] == entry_of(store)


def test_funding_after_the_close_is_added_to_it(store: MemoryDecisionStore) -> None:
    book(store, a_booked_fill("1"))
    book(store, a_booked_fill("2", leg=EXIT, size="10", price="110"))
    assert pay(store, amount="2")
    entry = entry_of(store)
    assert entry.state is EntryState.CLOSED
    assert entry.realised == realised(store) == 102


def test_funding_in_a_currency_that_nobody_can_value_is_refused(
    store: MemoryDecisionStore,
) -> None:
    book(store, a_booked_fill("1"))
    check = pay(store, currency=Currency("BNB"))
    assert (bool(check), check.code) == (False, "unknown_rate")
    assert entry_of(store).realised == realised(store) == 0
    assert not store.view("main", lambda unit: unit.book.funding(TradeId(ID)))
