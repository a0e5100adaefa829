"""What every test shares: a home of the suite's own, chosen before anything reads the user's."""

import gc
import os
import tempfile
from collections.abc import Iterator
from decimal import localcontext

import pytest
from hypothesis import HealthCheck, settings

from snipersight.bootstrap.compile_cache import configure_compile_cache
from tests.dealing import dealt
from tests.fakes.compiling import KERNELS

# Offers `postgres_url`, and databases of either kind.
pytest_plugins = ["tests.fakes.postgres", "tests.fakes.databases"]

# A busy machine is no bug; pytest's own timeout ends what hangs.
settings.register_profile(
    "suite", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

configure_compile_cache(KERNELS)

# The developer's settings, watch-lists and profiles must decide no test, and no test may write
# among them.
_home = tempfile.TemporaryDirectory(prefix="snipersight-tests-")
os.environ["SNIPERSIGHT_HOME"] = _home.name


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect the tests without a search for garbage, and leave them out of every later one.

    All of them are kept to the end: the search went through them again and again, which took half
    of the time of collecting.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the tests to the workers; a run without workers keeps their order."""
    workers: dict[str, int] = getattr(config, "workerinput", {})
    if workers:
        items[:] = dealt(items, workers["workercount"])


@pytest.fixture(autouse=True)
def own_decimals() -> Iterator[None]:
    """Give each test decimals of its own: ccxt's rounding changes the context that it finds."""
    with localcontext():
        yield


def pytest_unconfigure():
    """Remove the home; a worker process ends without running exit handlers."""
    _home.cleanup()
