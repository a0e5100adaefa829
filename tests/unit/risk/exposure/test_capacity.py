"""What is left for a further trade, on the policy's basis."""

from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.risk.breakers.standing import mark
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import HOUR_US, NOW, a_manager, kinds
from tests.builders.ledger import a_policy, an_entry, correlations
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

SHORT = Direction.SHORT


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)


def test_it_is_the_least_that_any_limit_leaves(manager: ExposureManager) -> None:
    assert manager.get_available_capacity() == 1000  # 10 % of all
    assert manager.get_available_capacity("BTC/USDT") == 500  # 5 % in one asset
    manager.reserve(an_entry(pending="40"))
    assert manager.get_available_capacity() == 600
    assert manager.get_available_capacity("BTC/USDC") == 100
    # 7.5 % in one cluster, and what was never measured is in it
    assert manager.get_available_capacity("ETH/USDT") == 350
    apart = correlations(BTC_ETH="0.1")
    assert manager.get_available_capacity("ETH/USDT", correlations=apart) == 500


@pytest.mark.parametrize(
    ("basis", "limits", "left"),
    [
        # 5 × 10,000 gross notional bind before 6 × 10,000 in all trades
        ("notional", {"max_per_asset": "6", "max_total": "6"}, "46000"),
        ("notional", {"max_per_asset": "2", "max_total": "3"}, "26000"),
        ("margin", {"max_per_asset": "2", "max_total": "2", "max_margin": "0.5"}, "3000"),
    ],
)
def test_limits_of_the_same_basis_count(
    store: MemoryDecisionStore, basis: str, limits: dict[str, str], left: str
) -> None:
    manager = a_manager(store, policy=a_policy(basis=basis, **limits))
    assert manager.reserve(an_entry(pending="40", stop="99", leverage="2"))
    assert manager.get_available_capacity() == Decimal(left)


def test_no_further_position_is_no_capacity(store: MemoryDecisionStore) -> None:
    manager = a_manager(store, policy=a_policy(max_positions=1))
    assert manager.get_available_capacity() == 1000
    manager.reserve(an_entry(pending="1"))
    assert manager.get_available_capacity() == 0


def test_it_follows_the_marked_equity(store: MemoryDecisionStore) -> None:
    def note(unit: Any) -> None:
        marked = mark(unit.account.standing, equity=Decimal(9_900), at_us=NOW, policy=a_policy())
        unit.save_standing(marked)

    store.transact("main", note)
    assert a_manager(store).get_available_capacity() == 990


def test_what_has_run_out_of_time_is_free_before_anybody_sweeps(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.reserve(an_entry(pending="40"))
    later = a_manager(store, now_us=NOW + HOUR_US)
    assert later.get_available_capacity() == 1000
    assert later.check_total_exposure().measured == 0
    assert kinds(store) == ["reserved"]


def test_what_is_held_is_told_beside_what_may_be_held(
    store: MemoryDecisionStore, manager: ExposureManager
) -> None:
    manager.take(an_entry(filled="50"))
    manager.take(an_entry("ETH/USDT", entry_id="b", filled="50"))
    check = manager.check_total_exposure()  # exactly at the limit
    assert check
    assert (check.code, check.measured, check.limit) == ("max_total", 1000, 1000)
    assert check.sentence == "risk of all trades is 1000.00, at most 1000.00"
    manager.take(an_entry("SOL/USDT", entry_id="c", filled="1"))
    check = manager.check_total_exposure()
    assert not check
    assert check.sentence == "risk of all trades is 1010.00, at most 1000.00"


@pytest.mark.parametrize(("balance", "passes"), [("0", False), ("5", True)])
def test_nothing_held_keeps_any_limit_but_that_of_no_equity(balance: str, passes: bool) -> None:
    check = a_manager(a_memory_store(balance)).check_total_exposure()
    assert check.passed is passes
