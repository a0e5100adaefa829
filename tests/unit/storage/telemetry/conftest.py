"""A telemetry database of each kind, empty and with today's tables."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.fakes.memory_event_log import MemoryEventLog
from tests.fakes.memory_evidence import MemoryEvidence


@pytest.fixture
def telemetry(database_url):
    """Return an open database of each kind with the tables of telemetry."""
    with connect_database(database_url) as opened:
        migrate(opened, TELEMETRY)
        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def kept(request, tmp_path):
    """Return where telemetry is kept: None for memory, else an open database with its tables."""
    if request.param == "memory":
        yield None
        return
    url = (
        f"sqlite:///{tmp_path / 'telemetry.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    with connect_database(url) as database:
        migrate(database, TELEMETRY)
        yield database


@pytest.fixture
def store(kept):
    """Return a store of evidence of each kind."""
    return MemoryEvidence() if kept is None else SqlEvidenceStore(kept)


@pytest.fixture
def log(kept):
    """Return a log of events of each kind."""
    return MemoryEventLog() if kept is None else SqlEventLog(kept)


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
