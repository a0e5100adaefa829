import sqlite3
import stat
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.units import Currency
from snipersight.storage.backup import backup_sqlite, refuse_postgres
from snipersight.storage.database import open_database
from snipersight.storage.database_url import PostgresAddress, parse_database_url
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.key_value import KeyValueStore


@pytest.fixture
def source(tmp_path, sqlite_url):
    """Return the path of a database that holds an account and three keys."""
    with open_database(sqlite_url) as database:
        store = SqlDecisionStore(database, clock=lambda: 1)
        store.create_account("main", Currency("USDT"), Decimal(1), at_us=1)
        for key in "abc":
            KeyValueStore(database).put(key, key * 3)
    return tmp_path / "snipersight.db"


def test_a_backup_is_one_private_file_that_opens_as_a_database(source, tmp_path):
    target = tmp_path / "copy.db"
    report = backup_sqlite(source, target)
    assert report.path == target
    assert report.size_bytes == target.stat().st_size
    assert (report.tables["account"], report.tables["key_value"]) == (1, 3)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    others = {"snipersight.db", "snipersight.db.lock", "copy.db"}
    assert {file.name for file in tmp_path.iterdir()} - {
        "snipersight.db-wal",
        "snipersight.db-shm",
    } == others
    with open_database(f"sqlite:///{target}") as restored:
        held = KeyValueStore(restored).get("b")
        assert held is not None
        assert held.value == "bbb"


def test_what_is_only_in_the_log_is_in_the_backup_too(sqlite_url, source, tmp_path):
    with open_database(sqlite_url) as database:
        KeyValueStore(database).put("new", "x")
        assert (tmp_path / "snipersight.db-wal").stat().st_size > 0
        assert backup_sqlite(source, tmp_path / "copy.db").tables["key_value"] == 4


def test_others_write_while_a_backup_is_taken(sqlite_url, source, tmp_path):
    with open_database(sqlite_url) as database:
        store, is_over = KeyValueStore(database), threading.Event()

        def write() -> None:
            number = 0
            while not is_over.is_set():
                store.put(f"busy-{number}", "x" * 2000)
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            counts = [
                backup_sqlite(source, tmp_path / f"copy-{number}.db").tables["key_value"]
                for number in range(5)
            ]
        finally:
            is_over.set()
            writer.join()
    assert counts == sorted(counts)
    assert counts[-1] > 3


def test_nothing_is_ever_replaced(source, tmp_path):
    (tmp_path / "taken").write_text("precious")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for target in (tmp_path / "taken", tmp_path / "dangling", tmp_path, source):
        with pytest.raises(ConfigInvalid, match="of that name already"):
            backup_sqlite(source, target)
    assert (tmp_path / "taken").read_text() == "precious"


def test_a_missing_folder_or_database_is_told(source, tmp_path):
    with pytest.raises(ConfigInvalid, match="folder of the backup does not exist"):
        backup_sqlite(source, tmp_path / "no" / "copy.db")
    with pytest.raises(StateUnavailable, match="no database yet"):
        backup_sqlite(tmp_path / "no.db", tmp_path / "copy.db")


def damage(source: Path) -> None:
    """Overwrite a page in the middle of a table."""
    with closing(sqlite3.connect(source)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'key_value'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with source.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def lose_a_page(source: Path) -> None:
    """Forget an index, but not the page that holds it: readable throughout, and yet wrong."""
    with closing(sqlite3.connect(source, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_key_value_expires'")


@pytest.mark.parametrize(
    "wreck", [damage, lose_a_page, lambda it: it.write_bytes(b"no database" * 500)]
)
def test_a_damaged_database_gives_no_backup(source, tmp_path, wreck):
    wreck(source)
    with pytest.raises(StateUnavailable, match="damaged") as caught:
        backup_sqlite(source, tmp_path / "copy.db")
    assert caught.value.where == str(source)
    assert "restore" in caught.value.next_step
    assert [
        file.name for file in tmp_path.iterdir() if not file.name.startswith("snipersight")
    ] == []


def test_a_server_is_backed_up_by_its_own_command_without_the_password():
    for url, shown in (
        ("postgresql://me:hidden@host:5433/desk", "postgresql://me@host:5433/desk"),
        ("postgresql://me@/desk?host=/run/pg", "postgresql://me@/desk?host=/run/pg"),
    ):
        address = parse_database_url(url)
        assert isinstance(address, PostgresAddress)
        refusal = refuse_postgres(address, Path("/backups/desk.dump"))
        command = f"pg_dump --format=custom --file='/backups/desk.dump' '{shown}'"
        assert refusal.next_step == f"run {command}"
        assert "hidden" not in str(refusal)
