"""Reserving is asking and taking in one transaction."""

import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.plan import SetupId
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.risk.audit.codec import decode_entry
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import FIRST, HOUR_US, NOW, a_manager, bodies, entry_of, kinds
from tests.builders.ledger import a_policy, an_entry, correlations
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

SHORT = Direction.SHORT


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)


def test_a_reservation_takes_budget_and_is_recorded_whole(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    entry = an_entry(pending="10")
    assert manager.reserve(entry)
    assert entry_of(store) == entry
    (body,) = bodies(store)
    assert kinds(store) == ["reserved"]
    assert decode_entry(body["entry"]) == entry
    assert (store.records("main")[0].subject, store.records("main")[0].actor) == (
        "entry-1",
        "cli",
    )
    assert store.commits == 1


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("max_per_asset", {"max_per_asset": "0.0299"}),
        ("max_cluster", {"max_cluster": "0.0299"}),
        ("max_margin", {"max_margin": "0.2999"}),
    ],
)  # fmt: skip
def test_each_limit_refuses_alone_and_takes_nothing(
    store: MemoryDecisionStore,
    code: str,
    limits: dict[str, str],
    direction: Direction,
) -> None:
    manager = a_manager(store, policy=a_policy(**limits))
    check = manager.reserve(an_entry(pending="30", direction=direction))
    assert (check.code, check.passed) == (code, False)
    assert store.entries("main") == ()
    assert kinds(store) == []
    assert a_manager(store).reserve(an_entry(pending="30", direction=direction))


def test_the_total_refuses_alone(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_total="0.05", max_cluster="0.05"))
    apart = correlations(BTC_ETH="0")
    assert manager.reserve(an_entry(pending="30"), correlations=apart)
    other = an_entry("ETH/USDT:USDT", entry_id="eth", pending="20.01")
    assert manager.reserve(other, correlations=apart).code == "max_total"
    fits = an_entry("ETH/USDT:USDT", entry_id="eth", pending="20")
    assert manager.reserve(fits, correlations=apart)


def test_gross_notional_refuses_alone(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_leverage="2"))
    check = manager.reserve(an_entry(pending="200.01", stop="99", leverage="10"))
    assert check.code == "max_gross_notional"
    assert manager.reserve(an_entry(pending="200", stop="99", leverage="10"))


def test_the_number_of_positions_refuses_alone(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_positions=1))
    assert manager.reserve(an_entry(pending="1"))
    assert manager.reserve(an_entry(entry_id="b", pending="1")).code == "max_positions"


def test_known_correlations_free_what_unknown_ones_hold(manager: ExposureManager) -> None:
    assert manager.reserve(an_entry(pending="45"))
    other = an_entry("ETH/USDT", entry_id="eth", pending="45")
    assert manager.reserve(other).code == "max_cluster"
    assert manager.reserve(other, correlations=correlations(BTC_ETH="0.5"))


def test_asking_again_with_the_same_entry_takes_nothing_more(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    entry = an_entry(pending="30", expires_us=None)
    assert manager.reserve(entry)
    assert manager.reserve(entry)
    assert kinds(store) == ["reserved"]
    assert manager.get_available_capacity() == 700
    other = an_entry(pending="5")
    assert manager.reserve(other).code == "entry_id_taken"


def test_a_reservation_without_an_end_gets_the_policys(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(reservation_us=2 * HOUR_US))
    manager.reserve(an_entry(expires_us=None))
    assert entry_of(store).expires_us == NOW + 2 * HOUR_US


def test_a_setup_is_live_once(manager: ExposureManager) -> None:
    manager.reserve(an_entry(setup_id=SetupId("same")))
    again = an_entry("ETH/USDT", entry_id="again", setup_id=SetupId("same"))
    assert manager.reserve(again).code == "already_live"
    manager.release(FIRST, reason="void")
    assert manager.reserve(again)


def test_reservations_without_a_setup_do_not_exclude_each_other(manager: ExposureManager) -> None:
    assert manager.reserve(an_entry(setup_id=None))
    assert manager.reserve(an_entry(entry_id="other", setup_id=None))


def test_what_is_over_already_is_not_reserved(manager: ExposureManager) -> None:
    assert manager.reserve(an_entry(expires_us=NOW)).code == "stale_plan"
    assert manager.reserve(an_entry(expires_us=NOW + 1))


def test_a_clock_set_back_reserves_nothing(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry())
    behind = a_manager(store, now_us=NOW - 1_000_001)
    assert behind.reserve(an_entry(entry_id="b")).code == "clock_backwards"
    assert a_manager(store, now_us=NOW - 1_000_000).reserve(an_entry(entry_id="b"))


def test_what_is_due_makes_room_in_the_same_transaction(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="50"))
    later = a_manager(store, now_us=NOW + HOUR_US)
    new = an_entry(entry_id="new", pending="50", expires_us=NOW + 2 * HOUR_US)
    assert later.reserve(new)
    assert kinds(store) == ["reserved", "expired", "reserved"]
    assert store.commits == 2


# What the ledger says itself of unprotected positions is asked anew each time.
@pytest.mark.parametrize("name", [one for one in BreakerName if one != BreakerName.UNPROTECTED])
def test_every_breaker_that_holds_refuses_by_its_own_code(
    store: MemoryDecisionStore, name: BreakerName
) -> None:
    tripped = TrippedBreaker(
        name=name,
        state=TradingState.REDUCING,
        tripped_us=NOW,
        until_us=NOW + 10,
        sentence="it holds",
    )
    store.transact(
        "main",
        lambda unit: unit.save_standing(replace(unit.account.standing, tripped=(tripped,))),
    )
    check = a_manager(store).reserve(an_entry())
    code = "halted" if name is BreakerName.OPERATOR else name.value
    assert (check.code, check.sentence) == (code, "it holds")
    assert store.entries("main") == ()
    assert a_manager(store, now_us=NOW + 10).reserve(an_entry())


@pytest.mark.parametrize("kind", ["account", "state"])
def test_what_is_no_reservation_of_the_account_is_an_error(
    manager: ExposureManager, kind: str
) -> None:
    wrong = an_entry(filled="1") if kind == "state" else an_entry(account_id="other")
    with pytest.raises(ValueError, match="ledger entry entry-1"):
        manager.reserve(wrong)


def test_a_store_that_cannot_be_written_reserves_nothing(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    store.lost_commits = True
    check = manager.reserve(an_entry())
    assert (check.code, check.passed) == ("ledger_unavailable", False)
    store.lost_commits = False
    assert manager.get_available_capacity() == 1000


def test_two_threads_cannot_both_take_the_last_of_the_budget(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    gate, answers = threading.Barrier(4), list[Check]()

    def race(number: int) -> None:
        gate.wait()
        answers.append(manager.reserve(an_entry(entry_id=f"e{number}", pending="30")))

    threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(check.code for check in answers) == ["max_per_asset"] * 3 + ["reserved"]


def test_a_refused_reservation_says_why(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(setup_id=SetupId("same")))
    behind = a_manager(store, now_us=NOW - 2_000_000)
    told = {
        "clock_backwards": behind.reserve(an_entry(entry_id="b")),
        "stale_plan": manager.reserve(an_entry(entry_id="b", expires_us=NOW)),
        "already_live": manager.reserve(an_entry(entry_id="b", setup_id=SetupId("same"))),
        "entry_id_taken": manager.reserve(an_entry(pending="1")),
    }
    assert {code: check.code for code, check in told.items()} == {code: code for code in told}
    assert [check.sentence for check in told.values()] == [
        f"the clock says {NOW - 2_000_000} µs, but {NOW} µs were recorded before",
        "the reservation would have ended already",
        "its setup is live as entry entry-1",
        "another entry of this id is in the ledger, reserved in BTC/USDT:USDT",
    ]


def test_a_breaker_that_holds_is_told_with_its_numbers(store: MemoryDecisionStore) -> None:
    tripped = TrippedBreaker(
        name=BreakerName.DAILY_LOSS,
        state=TradingState.REDUCING,
        tripped_us=NOW,
        until_us=NOW + 10,
        measured=Decimal("0.04"),
        limit=Decimal("0.03"),
        sentence="it holds",
    )
    store.transact(
        "main",
        lambda unit: unit.save_standing(replace(unit.account.standing, tripped=(tripped,))),
    )
    assert a_manager(store).reserve(an_entry()) == Check(
        code="daily_loss",
        passed=False,
        measured=Decimal("0.04"),
        limit=Decimal("0.03"),
        sentence="it holds",
    )


def test_a_store_that_fails_says_why_nothing_is_reserved(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    store.lost_commits = True
    assert manager.reserve(an_entry()).sentence == "the commit failed — try again"
