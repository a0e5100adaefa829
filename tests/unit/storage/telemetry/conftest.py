"""A telemetry database of each kind, empty and with today's tables."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.tables import TELEMETRY


@pytest.fixture
def telemetry(database_url):
    """Return an open database of each kind with the tables of telemetry."""
    with connect_database(database_url) as opened:
        migrate(opened, TELEMETRY)
        yield opened


@pytest.fixture
def small_files():
    """Return a context in which no file of this process can grow beyond a size, as on a full disk."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

    return limited
