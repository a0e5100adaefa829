"""Fills that arrive after a reservation has ended are facts, and count."""

from decimal import Decimal

import pytest

from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.plan import SetupId
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import (
    FIRST,
    HOUR_US,
    NOW,
    a_manager,
    entry_of,
    kinds,
    rebuilt,
)
from tests.builders.ledger import an_entry
from tests.fakes.memory_store import MemoryDecisionStore


@pytest.mark.parametrize("end", ["released", "expired"])
def test_a_fill_after_the_end_is_a_fact_beyond_every_limit(
    store: MemoryDecisionStore, manager: ExposureManager, end: str
) -> None:
    manager.reserve(an_entry(pending="50"))
    later = a_manager(store, now_us=NOW + HOUR_US)
    if end == "released":
        later.release(FIRST, reason="cancelled")
    else:
        later.expire_due()
    other = an_entry(entry_id="b", pending="50", expires_us=NOW + 2 * HOUR_US)
    assert later.reserve(other)
    assert later.confirm(FIRST, size=50, price=99, at_us=NOW + 5)
    entry = entry_of(store)
    assert (entry.state, entry.open_size, entry.pending_size) == (
        EntryState.OPEN,
        Decimal(50),
        Decimal(0),
    )
    assert (entry.fill_price, entry.opened_us, entry.ended_us) == (Decimal(99), NOW + 5, None)
    assert kinds(store) == ["reserved", end, "reserved", "filled"]
    assert rebuilt(store.records("main"))[FIRST] == entry
    assert later.get_available_capacity() == 1000 - 500 - 450
    assert later.get_available_capacity("BTC/USDT") == 0
    assert later.close(FIRST, price=99, cost=0).code == "closed"
    assert later.confirm(FIRST, size=1, price=99).code == "impossible_change"


def test_a_fill_after_the_end_counts_though_its_setup_was_taken_anew(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    same = SetupId("same")
    manager.reserve(an_entry(setup_id=same))
    manager.release(FIRST, reason="cancelled")
    assert manager.reserve(an_entry(entry_id="b", setup_id=same))
    assert manager.confirm(FIRST, size=10, price=100)
    assert entry_of(store).setup_id is None
    assert entry_of(store, EntryId("b")).setup_id == same
    assert len(live_entries_of(store)) == 2


def test_a_fill_after_the_end_keeps_a_setup_that_is_free(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(setup_id=SetupId("same")))
    manager.release(FIRST, reason="cancelled")
    assert manager.confirm(FIRST, size=10, price=100)
    assert manager.reserve(an_entry(entry_id="b", setup_id=SetupId("same"))).code == "already_live"


def test_time_alone_gives_nothing_back_that_may_still_be_filled(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="50", origin=Origin.EXECUTED))
    later = a_manager(store, now_us=NOW + 100 * HOUR_US)
    assert later.expire_due() == ()
    assert later.get_available_capacity("BTC/USDT") == 0
    assert later.reserve(an_entry(entry_id="b", expires_us=None)).code == "stale_plan"
    fresh = an_entry(entry_id="b", pending="1", expires_us=NOW + 200 * HOUR_US)
    assert later.reserve(fresh).code == "max_per_asset"
    assert later.confirm(FIRST, size=20, price=100)
    assert later.release(FIRST, reason="cancelled")
    assert later.get_available_capacity() == 800


def test_what_is_over_is_not_reserved_for_the_executor_either(manager: ExposureManager) -> None:
    over = an_entry(expires_us=NOW, origin=Origin.EXECUTED)
    assert manager.reserve(over).code == "stale_plan"


def live_entries_of(store: MemoryDecisionStore) -> tuple[LedgerEntry, ...]:
    return store.view("main", lambda unit: unit.live_entries())
