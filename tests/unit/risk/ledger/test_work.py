"""What happened is recorded, whatever the limits say."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.ledger import EntryId, EntryState, Origin
from snipersight.domain.plan import SetupId
from snipersight.risk.audit.codec import decode_entry
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import (
    FIRST,
    HOUR_US,
    NOW,
    a_manager,
    bodies,
    entry_of,
    kinds,
    rebuilt,
    standing_of,
)
from tests.builders.ledger import a_policy, an_entry
from tests.fakes.memory_store import MemoryDecisionStore

SHORT = Direction.SHORT


def test_a_life_of_a_trade_is_told_record_by_record(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="10"))
    manager.confirm(FIRST, size=4, price=99, at_us=NOW + 1)
    manager.move_stop(FIRST, price=95.5)
    manager.note_protection(FIRST, is_covered=False)
    manager.note_protection(FIRST, is_covered=True)
    manager.release(FIRST, reason="void")
    manager.close(FIRST, price=101, size=1, cost=0)
    manager.close(FIRST, price=95.5, cost=0, by_stop=True)
    assert kinds(store) == [
        "reserved", "filled", "stop_moved", "stop_moved", "stop_moved", "released", "reduced",
        "closed",
    ]  # fmt: skip
    told = bodies(store)
    assert (told[1]["size"], told[1]["price"]) == ("4", "99")
    assert told[2]["price"] == "95.5"
    assert [told[3]["is_covered"], told[4]["is_covered"]] == [False, True]
    assert decode_entry(told[3]["entry"]).unprotected_since_us == NOW
    assert told[5]["reason"] == "void"
    result = {name: told[7][name] for name in ("size", "price", "realised", "by_stop")}
    assert result == {"size": "3", "price": "95.5", "realised": "-10.5", "by_stop": True}
    assert decode_entry(told[7]["entry"]) == entry_of(store)
    assert entry_of(store).opened_us == NOW + 1


def test_replaying_the_records_rebuilds_the_ledger(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="10"))
    manager.reserve(an_entry("ETH/USDT", entry_id="eth", pending="10"))
    manager.confirm(FIRST, size=10, price=99)
    manager.release(EntryId("eth"), reason="void")
    assert rebuilt(store.records("main")) == {
        entry.entry_id: entry for entry in store.entries("main")
    }


def test_capacity_comes_back_exactly(manager: ExposureManager) -> None:
    before = manager.get_available_capacity()
    entry = an_entry(pending="3.33333333", entry="7.77777777", stop="6.66666666", cost="0.001")
    manager.reserve(entry)
    assert manager.get_available_capacity() == before - entry.amounts.risk
    manager.release(FIRST, reason="void")
    assert manager.get_available_capacity() == before


def test_a_gain_raises_the_balance_and_ends_a_streak(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="10"))
    check = manager.close(FIRST, price=105, cost=Decimal("2"))
    assert (check.code, check.measured) == ("closed", Decimal(48))
    assert standing_of(store).balance == 10_048
    assert standing_of(store).loss_streak == 0


def test_a_trade_is_lost_or_won_as_a_whole(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="10"))
    assert manager.close(FIRST, price=120, size=5, cost=0).code == "reduced"
    assert (standing_of(store).realised, standing_of(store).loss_streak) == (Decimal(100), 0)
    manager.close(FIRST, price=95, cost=0)  # the runner loses 25, the trade earned 75
    assert (standing_of(store).realised, standing_of(store).loss_streak) == (Decimal(75), 0)
    manager.take(an_entry(entry_id="b", filled="10"))
    manager.close(EntryId("b"), price=99, size=5, cost=0)
    assert standing_of(store).loss_streak == 0
    manager.close(EntryId("b"), price=99, cost=0)
    assert (standing_of(store).realised, standing_of(store).loss_streak) == (Decimal(65), 1)


@pytest.mark.parametrize("size", [None, 5])
def test_a_stop_begins_a_cooldown_in_its_direction(
    store: MemoryDecisionStore, manager: ExposureManager, size: int | None
) -> None:
    manager.take(an_entry(filled="10", direction=SHORT))
    manager.close(FIRST, price=110, size=size, by_stop=True)
    (cooldown,) = standing_of(store).cooldowns
    assert (cooldown.symbol, cooldown.direction) == ("BTC/USDT:USDT", SHORT)
    assert cooldown.until_us == NOW + a_policy().cooldown_us


def test_a_streak_that_trips_is_recorded_and_told(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_loss_streak=1))
    manager.take(an_entry(filled="10"))
    manager.close(FIRST, price=95)
    assert kinds(store) == ["filled", "closed", "breaker"]
    assert [draft.key.partition(":")[0] for draft in store.queue] == ["update", "update", "breaker"]
    assert manager.reserve(an_entry(entry_id="b")).code == "loss_streak"


def test_a_trade_taken_by_hand_is_recorded_beyond_the_limits(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    entry = an_entry(filled="60", origin=Origin.BY_HAND)
    breached = manager.take(entry)
    assert [check.code for check in breached] == ["max_per_asset"]
    assert entry_of(store) == entry
    assert kinds(store) == ["filled"]
    assert bodies(store)[0]["origin"] == "by_hand"
    assert manager.take(entry) == breached
    assert kinds(store) == ["filled"]


def test_a_trade_within_the_limits_breaches_none(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    assert manager.take(an_entry(pending="10")) == ()
    assert kinds(store) == ["reserved"]


@pytest.mark.parametrize("change", [{"entry_id": "other"}, {"filled": "11"}])
def test_a_trade_is_not_recorded_twice(
    store: MemoryDecisionStore, manager: ExposureManager, change: dict[str, Any]
) -> None:
    manager.take(an_entry(filled="10", setup_id=SetupId("same")))
    with pytest.raises(ConfigInvalid, match="as entry entry-1, open"):
        manager.take(an_entry(**({"filled": "10", "setup_id": SetupId("same")} | change)))
    assert len(store.entries("main")) == 1


@pytest.mark.parametrize("kind", ["account", "state"])
def test_what_is_no_trade_of_the_account_cannot_be_taken(
    manager: ExposureManager, kind: str
) -> None:
    ended = an_entry(pending="0", state=EntryState.RELEASED, ended_us=1)
    wrong = ended if kind == "state" else an_entry(account_id="other")
    with pytest.raises(ValueError, match="ledger entry entry-1"):
        manager.take(wrong)


def test_what_reached_its_end_is_given_back(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="10"))
    manager.reserve(an_entry(entry_id="b", pending="10", expires_us=NOW + 2 * HOUR_US))
    manager.confirm(FIRST, size=4, price=100)
    assert manager.expire_due() == ()
    (expired,) = a_manager(store, now_us=NOW + HOUR_US).expire_due()
    assert (expired.state, expired.open_size, expired.pending_size) == (
        EntryState.OPEN,
        Decimal(4),
        Decimal(0),
    )
    assert kinds(store)[-1] == "expired"


def test_facts_are_recorded_while_the_clock_is_set_back(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="10"))
    assert a_manager(store, now_us=NOW - HOUR_US).confirm(FIRST, size=10, price=100)
    assert [record.at_us for record in store.records("main")] == [NOW, NOW]


CHANGES: list[Callable[[ExposureManager], Check]] = [
    lambda it: it.confirm(FIRST, size=1, price=100),
    lambda it: it.close(FIRST, price=100),
    lambda it: it.release(FIRST, reason="void"),
    lambda it: it.move_stop(FIRST, price=95),
    lambda it: it.note_protection(FIRST, is_covered=True),
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_unknown_entry_changes_nothing(
    store: MemoryDecisionStore, manager: ExposureManager, change: Any
) -> None:
    assert change(manager).code == "unknown_entry"
    assert kinds(store) == []


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_closed_changes_no_more(
    store: MemoryDecisionStore, manager: ExposureManager, change: Any
) -> None:
    manager.take(an_entry(filled="1"))
    manager.close(FIRST, price=100)
    check = change(manager)
    assert (check.code, check.passed) == ("impossible_change", False)
    assert kinds(store) == ["filled", "closed"]


@pytest.mark.parametrize("change", CHANGES[1:])
def test_what_was_given_back_can_only_be_filled(
    store: MemoryDecisionStore, manager: ExposureManager, change: Any
) -> None:
    manager.reserve(an_entry())
    manager.release(FIRST, reason="void")
    check = change(manager)
    assert (check.code, check.passed) == ("impossible_change", False)
    assert kinds(store) == ["reserved", "released"]


@pytest.mark.parametrize(
    "numbers", [{"size": float("nan")}, {"price": float("inf")}, {"size": 0}, {"cost": "x"}]
)
def test_impossible_numbers_change_nothing(
    store: MemoryDecisionStore, manager: ExposureManager, numbers: dict[str, Any]
) -> None:
    manager.take(an_entry(filled="10"))
    arguments: dict[str, Any] = {"price": 100} | numbers
    assert manager.close(FIRST, **arguments).code == "impossible_change"
    assert standing_of(store).realised == 0


@pytest.mark.parametrize("change", CHANGES)
def test_a_fact_that_cannot_be_recorded_is_an_error(
    store: MemoryDecisionStore, manager: ExposureManager, change: Any
) -> None:
    manager.reserve(an_entry())
    store.error = StateUnavailable("read-only")
    with pytest.raises(StateUnavailable, match="read-only"):
        change(manager)


def test_a_trade_that_is_known_already_says_as_what(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="0.5"))
    assert kinds(store) == ["filled"]
    with pytest.raises(ConfigInvalid) as error:
        manager.take(an_entry(filled="0.6", setup_id=SetupId("another")))
    assert str(error.value) == (
        "BTC/USDT:USDT: the trade is in the ledger already, as entry entry-1, open — "
        "record what happened to that entry instead"
    )


def test_a_foreign_position_has_no_setup_that_could_be_live(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    for name in ("a", "b"):
        manager.take(an_entry(entry_id=name, filled="1", setup_id=None, plan_id=None))
    assert len(store.entries("main")) == 2


def test_taking_a_trade_gives_back_what_is_due_first(store: MemoryDecisionStore) -> None:
    a_manager(store).reserve(an_entry(pending="50"))
    later = a_manager(store, now_us=NOW + HOUR_US)
    assert later.take(an_entry(entry_id="b", filled="50")) == ()
    expired = store.records("main")[1]
    assert (expired.kind, expired.at_us, expired.actor) == ("expired", NOW + HOUR_US, "cli")


def test_an_unknown_entry_is_named(manager: ExposureManager) -> None:
    check = manager.close(FIRST, price=100)
    assert check.sentence == "the ledger holds no entry 'entry-1'"


def test_a_change_tells_what_is_open_and_pending(manager: ExposureManager) -> None:
    def said(check: Check) -> tuple[str, bool, object, str]:
        return check.code, check.passed, check.measured, check.sentence

    told = [
        manager.reserve(an_entry(pending="10")),
        manager.confirm(FIRST, size=4, price=100),
        manager.move_stop(FIRST, price=95),
        manager.release(FIRST, reason="void"),
        manager.close(FIRST, price=101, size=1, cost=0),
        manager.close(FIRST, price=101, cost=0),
        manager.close(FIRST, price=101, cost=0),
    ]
    assert [said(check) for check in told] == [
        ("reserved", True, None, "entry entry-1 is reserved: 0 open, 10 pending"),
        ("filled", True, None, "entry entry-1 is open: 4 open, 6 pending"),
        ("stop_moved", True, None, "entry entry-1 is open: 4 open, 6 pending"),
        ("released", True, None, "entry entry-1 is open: 4 open, 0 pending"),
        ("reduced", True, 1, "entry entry-1 is open: 3 open, 0 pending"),
        ("closed", True, 3, "entry entry-1 is closed: 0 open, 0 pending"),
        (
            "impossible_change",
            False,
            None,
            "ledger entry entry-1: it is closed and cannot be closed",
        ),
    ]


def test_a_stop_that_is_no_number_is_told_as_the_price(manager: ExposureManager) -> None:
    manager.take(an_entry(filled="10"))
    check = manager.move_stop(FIRST, price=float("nan"))
    assert (check.code, check.sentence) == (
        "impossible_change",
        "price is nan, no finite number",
    )
