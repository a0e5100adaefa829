"""A database in a file: who may read it, and what goes wrong with files."""

import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.domain.store import QueueDraft
from snipersight.domain.units import Currency
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.file_lock import FileLock
from snipersight.storage.schema import LEASE
from snipersight.storage.sqlite import SIDE_FILES, side_file
from tests.unit.storage.processes import ready, result_of, worker

USDT = Currency("USDT")


def add(name: str) -> Callable[[Connection], object]:
    row = {"name": name, "owner": "me", "token": 1, "expires_us": 1}
    return lambda connection: connection.execute(insert(LEASE), row)


def names(connection: Connection) -> Sequence[str]:
    return connection.scalars(select(LEASE.c.name).order_by(LEASE.c.name)).all()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "snipersight.db"


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def test_the_file_and_those_beside_it_are_their_owners_alone(path, url):
    before = os.umask(0)
    try:
        with open_database(url) as database:
            database.write(add("a"))
            database.read(names)
            files = [path, *(side_file(path, suffix) for suffix in SIDE_FILES)]

            assert [mode(file) for file in files] == [0o600] * 4
    finally:
        os.umask(before)


def test_a_file_that_others_could_read_is_closed_to_them(path, url):
    open_database(url).close()
    path.chmod(0o644)

    with open_database(url) as database:
        database.write(add("a"))

        assert mode(path) == mode(side_file(path, "-wal")) == 0o600


def test_a_commit_waits_for_the_disk_and_keys_are_checked(url):
    def settings(connection):
        return [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    with open_database(url) as database:
        assert database.write(settings) == ["wal", 2, 1]  # 2 is FULL


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StateUnavailable, match="folder of the database does not exist") as refused:
        open_database(f"sqlite:///{tmp_path}/absent/snipersight.db")

    assert refused.value.where == str(tmp_path / "absent")


def test_a_folder_is_no_database(tmp_path):
    with pytest.raises(StateUnavailable, match="is a directory"):
        open_database(f"sqlite:///{tmp_path}")


def test_a_text_file_is_no_database_and_stays_as_it_is(path, url):
    path.write_text("The quick brown fox jumps over the lazy dog.\n" * 100)
    path.chmod(0o644)
    before = path.read_bytes()

    with pytest.raises(StateUnavailable, match="damaged, or is no database at all"):
        open_database(url)

    assert path.read_bytes() == before
    assert mode(path) == 0o644


def test_the_database_of_another_program_is_refused_and_stays_as_it_is(path, url):
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE trades (x)")
    path.chmod(0o644)
    before = path.read_bytes()

    with pytest.raises(StateUnavailable, match="tables of another program: trades"):
        open_database(url)

    assert path.read_bytes() == before
    assert mode(path) == 0o644


def test_a_damaged_page_is_reported(path, url):
    with open_database(url) as database:
        store = SqlDecisionStore(database, clock=lambda: 1)
        store.create_account("main", USDT, Decimal(1), at_us=1)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))

    with pytest.raises(StateUnavailable, match="damaged"), connect_database(url) as database:
        SqlDecisionStore(database, clock=lambda: 1).accounts()


def test_a_full_disk_keeps_nothing_of_the_transaction(url):
    def fill(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 60")
        for number in range(10_000):
            add(f"{number:0>60}")(connection)

    with open_database(url) as database:
        database.write(add("before"))
        with pytest.raises(StateUnavailable, match="the disk is full") as refused:
            database.write(fill)
        database.write(add("next"))

        assert database.read(names) == ["before", "next"]
        assert not isinstance(refused.value, OutcomeUnknown)


def test_a_write_beyond_the_quota_keeps_nothing_and_the_next_one_works(url):
    with open_database(url) as database:
        SqlDecisionStore(database, clock=lambda: 1).create_account(
            "main", USDT, Decimal(1), at_us=1
        )

    with worker("write_beyond_quota", url) as process:
        trouble, after, next_seq = result_of(process)

    assert trouble.startswith("StateUnavailable")
    assert "the disk cannot be read or written" in trouble
    assert (after, next_seq) == ("0", "1")


@pytest.fixture
def open_folder():
    """Return a folder that any user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="snipersight-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_read_only_folder_is_reported(open_folder):
    url = f"sqlite:///{open_folder}/snipersight.db"
    open_database(url).close()
    open_folder.chmod(0o555)

    with worker("write_as_nobody", url) as process:
        (trouble,) = result_of(process)
    open_folder.chmod(0o755)

    assert "cannot be opened for writing: permission denied" in trouble
    assert "give yourself the right" in trouble


def test_a_read_only_file_is_reported(open_folder):
    path = open_folder / "snipersight.db"
    open_database(f"sqlite:///{path}").close()
    side_file(path, ".lock").unlink()
    path.chmod(0o444)
    open_folder.chmod(0o777)

    with worker("write_as_nobody", f"sqlite:///{path}") as process:
        (trouble,) = result_of(process)

    assert "the database is read-only" in trouble


def test_a_database_that_another_program_keeps_locked_is_reported(path, url):
    with (
        open_database(url, timeout_s=0.2) as database,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateUnavailable, match="locked"):
            database.write(add("late"))
        other.execute("ROLLBACK")
        database.write(add("next"))

        assert database.read(names) == ["next"]


def test_a_transaction_holds_the_right_to_write_from_its_begin(path, url):
    def work(_connection):
        with (
            closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")

    with open_database(url) as database:
        database.write(work)


def test_a_process_that_holds_its_transaction_keeps_us_waiting_not_for_ever(url):
    with open_database(url, timeout_s=0.2) as database, worker("hold", url) as holder:
        assert ready(holder) == "ready"
        with pytest.raises(StateUnavailable, match="locked") as refused:
            database.write(add("late"))
        assert database.read(names) == []
        holder.kill()
        holder.wait()
        database.write(add("next"), timeout_s=10)

        assert database.read(names) == ["next"]
        assert "end the other program" in refused.value.next_step


def test_a_process_that_is_killed_in_its_transaction_leaves_nothing(url):
    with open_database(url) as database:
        store = SqlDecisionStore(database, clock=lambda: 1)
        store.create_account("main", USDT, Decimal(1), at_us=1)

        with worker("die_in_transaction", url) as process:
            assert process.wait(30) == -signal.SIGKILL

        assert store.view("main", lambda unit: unit.account.head.seq) == 0
        assert store.view("main", lambda unit: unit.live_entries()) == ()
        assert store.transact(
            "main", lambda unit: unit.enqueue(QueueDraft(topic="message", key="lost"))
        )


@pytest.mark.parametrize("replace", [False, True])
def test_a_file_that_was_removed_or_replaced_is_not_written_any_more(path, url, replace):
    with open_database(url) as database:
        database.write(add("a"))
        path.rename(path.with_name("moved.db"))
        if replace:
            path.touch()

        with pytest.raises(StateUnavailable, match="removed or replaced while it was open"):
            database.write(add("b"))
        with pytest.raises(StateUnavailable, match="removed or replaced while it was open"):
            database.read(names)


def test_two_databases_of_one_process_on_one_file_do_not_disturb_each_other(url):
    with open_database(url) as one:
        one.write(add("a"))
        with open_database(url) as other:
            other.write(add("b"))
        one.write(add("c"))

        assert one.read(names) == ["a", "b", "c"]


def test_the_lock_of_a_killed_process_is_free_although_its_child_lives_on(tmp_path):
    path = tmp_path / "x.lock"
    with worker("lock_and_fork", path) as process:
        child = int(ready(process))
        process.kill()
        process.wait()
        os.kill(child, 0)  # it lives

        lock = FileLock(path)
        with lock.held():
            pass
        lock.close()
        lock.close()
        os.kill(child, signal.SIGKILL)


def test_nothing_more_is_opened_for_reading_however_busy_a_process_becomes(url, path):
    """Two dozen at once, before anybody has read: a bot's handles must not grow hours after its start."""
    with open_database(url) as database:
        database.open_readers()
        before = handles(path)

        def read(connection: Connection) -> None:
            names(connection)
            time.sleep(0.02)

        with ThreadPoolExecutor(24) as pool:
            list(pool.map(lambda _: database.read(read), range(48)))
        assert handles(path) == before


def test_whoever_reads_beyond_all_connections_waits_for_one(url):
    with open_database(url) as database, ThreadPoolExecutor(24) as pool:
        everybody = list(pool.map(lambda _: database.read(names), range(240)))
    assert everybody == [everybody[0]] * 240


def handles(path: Path) -> int:
    """Return how many files this process has open beside a database."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("only Linux lists what is open")
    found = [file.readlink() for file in folder.iterdir() if file.is_symlink()]
    return sum(one.parent == path.parent for one in found)
