import sqlite3
from contextlib import closing

from snipersight.storage.database import Database, connect_database, open_database
from snipersight.storage.key_value import KeyValueStore
from snipersight.storage.schema import KEY_VALUE
from snipersight.storage.shrinking import shrink, size_bytes


def fill_and_empty(database: Database) -> None:
    store = KeyValueStore(database)
    for number in range(50):
        store.put(str(number), "x" * 20_000)
    database.write(lambda connection: connection.execute(KEY_VALUE.delete()))


def test_the_file_gives_its_space_back(sqlite_url, tmp_path):
    with open_database(sqlite_url) as database:
        empty = size_bytes(database)
        fill_and_empty(database)
        assert size_bytes(database) > 1_000_000
        assert shrink(database) == ""
        assert size_bytes(database) <= empty
        assert (tmp_path / "snipersight.db").stat().st_mode & 0o777 == 0o600
        assert KeyValueStore(database).put("still", "there") > 0


def test_a_reader_keeps_the_space_and_that_is_said(sqlite_url, tmp_path):
    with open_database(sqlite_url) as database:
        fill_and_empty(database)
        with closing(sqlite3.connect(tmp_path / "snipersight.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM key_value").fetchone()
            assert "another process is reading" in shrink(database)
        assert shrink(database) == ""


def test_a_server_shrinks_by_itself(postgres_url):
    with connect_database(postgres_url) as database:
        assert shrink(database) == ""
        assert size_bytes(database) > 1_000_000
