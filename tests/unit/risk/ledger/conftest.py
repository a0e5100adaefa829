"""A ledger in memory and its manager."""

import pytest

from snipersight.risk.exposure_limits import ExposureManager
from tests.builders.exposure_managers import a_manager
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store


@pytest.fixture
def store() -> MemoryDecisionStore:
    return a_memory_store("10000")


@pytest.fixture
def manager(store: MemoryDecisionStore) -> ExposureManager:
    return a_manager(store)
