"""A telemetry database of each kind, empty and with today's tables."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.fakes.databases import with_tables
from tests.fakes.memory_event_log import MemoryEventLog
from tests.fakes.memory_evidence import MemoryEvidence


@pytest.fixture
def telemetry(database_url, migrated_file):
    """Return an open database of each kind with the tables of telemetry."""
    if database_url.startswith("sqlite"):
        migrated_file(database_url, TELEMETRY)
    with with_tables(database_url, TELEMETRY) as opened:
        yield opened


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def kept(request, tmp_path, migrated_file):
    """Return where telemetry is kept: None for memory, else an open database with its tables."""
    if request.param == "memory":
        yield None
        return
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'telemetry.db'}"
        migrated_file(url, TELEMETRY)
    else:
        url = request.getfixturevalue("postgres_url")
    with with_tables(url, TELEMETRY) as database:
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
