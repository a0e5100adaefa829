"""A number that is none is told by the name it was given with, and nothing is recorded."""

from typing import Any

import pytest

from snipersight.domain.ledger import EntryId
from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import FIRST, a_manager, entry_of, kinds, standing_of
from tests.builders.ledger import an_entry
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store

NAN = float("nan")
UNKNOWN = EntryId("nobody")


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)


@pytest.mark.parametrize("name", ["size", "price"])
@pytest.mark.parametrize(
    ("value", "told"), [(NAN, "nan"), (float("inf"), "inf"), ("ten", "'ten'"), (None, "None")]
)
def test_a_fill_names_its_bad_number(
    store: MemoryDecisionStore, manager: ExposureManager, name: str, value: Any, told: str
) -> None:
    manager.reserve(an_entry())
    numbers: dict[str, Any] = {"size": 1, "price": 100} | {name: value}
    check = manager.confirm(FIRST, **numbers)
    assert (check.code, check.sentence) == (
        "impossible_change",
        f"{name} is {told}, no finite number",
    )
    assert kinds(store) == ["reserved"]


@pytest.mark.parametrize("name", ["size", "price", "cost"])
def test_a_close_names_its_bad_number(
    store: MemoryDecisionStore, manager: ExposureManager, name: str
) -> None:
    manager.take(an_entry(filled="10"))
    numbers: dict[str, Any] = {"size": 1, "price": 100, "cost": 0} | {name: NAN}
    check = manager.close(FIRST, **numbers)
    assert (check.code, check.sentence) == (
        "impossible_change",
        f"{name} is nan, no finite number",
    )
    assert kinds(store) == ["filled"]
    assert standing_of(store).realised == 0


@pytest.mark.parametrize("price", [0, -1])
def test_a_price_that_cannot_be_paid_is_told_with_the_entry(
    store: MemoryDecisionStore, manager: ExposureManager, price: int
) -> None:
    manager.reserve(an_entry())
    check = manager.confirm(FIRST, size=1, price=price)
    assert check.sentence == f"ledger entry entry-1: price is {price}"
    assert entry_of(store).open_size == 0


def test_a_change_of_an_unknown_entry_names_it(manager: ExposureManager) -> None:
    check = manager.confirm(UNKNOWN, size=1, price=100)
    assert (check.code, check.sentence) == ("unknown_entry", "the ledger holds no entry 'nobody'")
