"""What the record of a change tells beside the entry."""

from decimal import Decimal

import pytest

from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import (
    FIRST,
    NOW,
    a_manager,
    bodies,
    entry_of,
    standing_of,
)
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)


def test_every_record_of_an_entry_carries_its_format(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry())
    manager.confirm(FIRST, size=4, price=100)
    manager.release(FIRST, reason="void")
    manager.close(FIRST, price=100)
    assert [set(body) - {"entry"} for body in bodies(store)] == [
        {"format"},
        {"format", "size", "price"},
        {"format", "reason"},
        {"format", "size", "price", "realised", "by_stop"},
    ]
    assert {body["format"] for body in bodies(store)} == {1}


def test_a_part_that_was_closed_is_recorded_with_its_own_size(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="10"))
    manager.close(FIRST, price=105, size=4, cost=0)
    manager.close(FIRST, price=95, size=Decimal("2.50"), cost=0)
    manager.close(FIRST, price=100, cost=0)
    assert [(body["size"], body["realised"]) for body in bodies(store)[1:]] == [
        ("4", "20"),
        ("2.5", "-12.5"),
        ("3.5", "0"),
    ]


def test_a_close_that_names_no_stop_begins_no_cooldown(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="10"))
    manager.close(FIRST, price=95, cost=0)
    assert bodies(store)[-1]["by_stop"] is False
    assert standing_of(store).cooldowns == ()
    assert manager.reserve(an_entry(entry_id="b"))


def test_a_fill_that_names_no_time_is_of_now(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry())
    manager.confirm(FIRST, size=1, price=100)
    assert entry_of(store).opened_us == NOW


def test_an_alert_names_the_account_that_must_not_enter(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_loss_streak=1))
    manager.take(an_entry(filled="10"))
    manager.close(FIRST, price=95)
    draft = store.queue[-1]
    assert (draft.payload["kind"], draft.payload["account"]) == ("breaker", "main")
    assert set(draft.payload) == {"kind", "account", "breaker"}


def test_that_stops_cover_a_position_is_recorded_and_no_news(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry())
    manager.confirm(FIRST, size=10, price=100)
    told = store.queue
    manager.note_protection(FIRST, is_covered=False)
    manager.note_protection(FIRST, is_covered=True)
    assert store.queue == told
    assert [body["is_covered"] for body in bodies(store)[-2:]] == [False, True]
    manager.move_stop(FIRST, price=101)
    assert len(store.queue) == len(told) + 1
