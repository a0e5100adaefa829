import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from snipersight.domain.errors import ConfigInvalid
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.database_check import DatabaseCheck, check_database
from snipersight.storage.queue import DurableQueue


@pytest.fixture
def file(tmp_path, sqlite_url):
    """Return the path of a sound database with one item to deliver."""
    with open_database(sqlite_url) as database:
        DurableQueue(database, "message").put("1", {})
    return tmp_path / "snipersight.db"


def run(file: Path, *statements: str) -> None:
    """Change the file without going through the store."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def said(found: DatabaseCheck) -> str:
    return "; ".join(trouble.what for trouble in found.troubles)


def test_a_sound_database_of_each_kind_is_described(database, database_url):
    queue = DurableQueue(database, "message")
    queue.put("1", {})
    found = check_database(database_url)
    assert found.troubles == ()
    assert found.is_usable
    assert (found.place, found.dialect) == (database.place, database.dialect)
    assert found.schema is not None
    assert found.schema.is_current
    assert dict(found.tables)["queue"] == 1
    assert found.size_bytes is not None
    assert found.size_bytes > 50_000
    assert found.queue == queue.counts()


def test_a_file_that_is_missing_is_not_created(sqlite_url, tmp_path):
    found = check_database(sqlite_url)
    assert not found.exists
    assert found.is_usable
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_can_read_is_told_and_left_as_it_is(file, sqlite_url):
    file.chmod(0o644)
    found = check_database(sqlite_url)
    assert "others than its owner can use snipersight.db (mode 0644)" in said(found)
    assert found.is_usable
    assert file.stat().st_mode & 0o777 == 0o644
    open_database(sqlite_url).close()
    assert check_database(sqlite_url).troubles == ()


def test_something_that_is_no_database_is_told(file, sqlite_url):
    file.write_bytes(b"no database" * 500)
    found = check_database(sqlite_url)
    assert not found.is_usable
    assert "no database at all" in said(found)
    assert len(found.troubles) == 1


def test_a_damaged_page_is_told(file, sqlite_url):
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_queue_due'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as damaged:
        damaged.seek((page - 1) * size)
        damaged.write(b"\xff" * size)
    found = check_database(sqlite_url)
    assert not found.is_usable
    assert "damaged" in said(found)


def test_a_page_that_belongs_to_nothing_is_told(file, sqlite_url):
    lost = "DELETE FROM sqlite_master WHERE name = 'ix_queue_due'"
    run(file, "PRAGMA writable_schema=ON", lost)
    found = check_database(sqlite_url)
    assert not found.is_usable
    assert "the file is damaged: " in said(found)
    assert "never used" in said(found)


def test_rows_that_belong_to_nobody_are_told(file, sqlite_url):
    record = "('nobody', 1, 1, 'x', '', '', '{}', '', '')"
    run(file, f"INSERT INTO audit VALUES {record}")
    found = check_database(sqlite_url)
    assert said(found) == "audit holds rows that belong to no row of account: 1"
    assert not found.is_usable


def test_a_missing_table_is_told(file, sqlite_url):
    run(file, "DROP TABLE queue")
    found = check_database(sqlite_url)
    assert "the table queue is missing" in said(found)
    assert found.queue is None


def test_a_newer_schema_is_told(database, database_url):
    newer = text("UPDATE snipersight_version SET version_num = '9999'")
    database.write(lambda connection: connection.execute(newer))
    found = check_database(database_url)
    assert "a newer SniperSight has written it: version 9999" in said(found)
    assert not found.is_usable


def test_an_empty_file_is_fine_and_an_empty_server_needs_the_upgrade(database_url):
    connect_database(database_url).close()
    found = check_database(database_url)
    if found.exists:
        (trouble,) = found.troubles
        assert "it has no tables" in trouble.what
        assert "db upgrade" in trouble.next_step
        assert found.is_usable == (found.dialect == "sqlite")


def test_tables_of_another_program_are_told(tmp_path, sqlite_url):
    run(tmp_path / "snipersight.db", "CREATE TABLE invoices (number integer)")
    found = check_database(sqlite_url)
    assert "another program: invoices" in said(found)
    assert not found.is_usable


def test_a_server_that_does_not_answer_is_told_without_the_password():
    found = check_database("postgresql://me:hidden@127.0.0.1:1/desk")
    assert not found.is_usable
    assert "cannot be reached" in said(found)
    assert "hidden" not in f"{found}"


def test_an_impossible_url_is_an_error():
    with pytest.raises(ConfigInvalid):
        check_database("mysql://host/desk")
