"""Transactions that write and snapshots that read, on both kinds of database."""

import os
import threading
import time
import warnings
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection, event, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.schema import LEASE
from snipersight.storage.writer import Job


def add(name: str) -> Callable[[Connection], object]:
    row = {"name": name, "owner": "me", "token": 1, "expires_us": 1}
    return lambda connection: connection.execute(insert(LEASE), row)


def names(connection: Connection) -> Sequence[str]:
    return connection.scalars(select(LEASE.c.name).order_by(LEASE.c.name)).all()


@pytest.fixture
def hasty(database_url):
    """Return a database that gives up after 0.3 seconds."""
    with connect_database(database_url) as patient:
        migrate(patient)
    with connect_database(database_url, timeout_s=0.3) as opened:
        yield opened


def test_what_is_written_is_read_and_each_transaction_is_one_commit(database):
    before = database.commits
    database.write(add("a"))
    database.write(lambda connection: [add("b")(connection), add("c")(connection)])

    assert database.read(names) == ["a", "b", "c"]
    assert database.commits - before == 2


def test_an_error_in_the_work_leaves_nothing_and_is_passed_on(database):
    def work(connection):
        add("a")(connection)
        raise KeyError("mine")

    before = database.commits
    with pytest.raises(KeyError, match="mine"):
        database.write(work)

    assert database.read(names) == []
    assert database.commits == before


def test_a_change_that_the_database_refuses_leaves_nothing_and_the_next_one_works(database):
    database.write(add("a"))

    def work(connection):
        add("b")(connection)
        add("a")(connection)

    with pytest.raises(StateUnavailable, match="contradicts what it holds") as refused:
        database.write(work)
    database.write(add("c"))

    assert database.read(names) == ["a", "c"]
    assert refused.value.where == database.place


def test_a_reader_sees_one_state_while_others_write(database):
    def read(connection):
        before = names(connection)
        database.write(add("new"))
        return before, names(connection)

    assert database.read(read) == ([], [])
    assert database.read(names) == ["new"]


def test_a_reader_cannot_write(database):
    with pytest.raises(StateUnavailable, match="read-only"):
        database.read(add("a"))

    assert database.read(names) == []


def test_a_reader_is_not_held_up_by_a_writer(database):
    def write(connection):
        add("a")(connection)
        thread = threading.Thread(target=lambda: seen.append(database.read(names)))
        thread.start()
        thread.join(5)

    seen: list[Sequence[str]] = []
    database.write(write)

    assert seen == [[]]


def test_a_transaction_within_another_is_refused_at_once(database):
    with pytest.raises(RuntimeError, match="within another"):
        database.write(lambda _connection: database.write(add("a")))


def test_a_write_that_takes_too_long_is_certainly_not_stored_later(hasty):
    release = threading.Event()

    def slow(connection):
        add("late")(connection)
        release.wait(30)

    with pytest.raises(StateUnavailable, match=r"locked.*nothing was stored") as gave_up:
        hasty.write(slow)
    release.set()
    hasty.write(add("next"), timeout_s=10)  # comes after the slow one on the same thread

    assert not isinstance(gave_up.value, OutcomeUnknown)
    assert hasty.read(names) == ["next"]


def test_a_write_that_waits_too_long_in_line_never_runs(hasty):
    release, started = threading.Event(), threading.Event()

    def slow(_connection):
        started.set()
        release.wait(30)

    first = threading.Thread(target=lambda: hasty.write(slow, timeout_s=30))
    first.start()
    started.wait(5)

    with pytest.raises(StateUnavailable, match=r"busy for 0\.3 s; nothing was stored"):
        hasty.write(add("late"))
    release.set()
    first.join(5)
    hasty.write(add("next"), timeout_s=10)

    assert hasty.read(names) == ["next"]


def stall_commit(release: threading.Event) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        add("stalled")(connection)
        event.listen(connection, "commit", lambda _connection: release.wait(30), once=True)

    return work


def test_a_commit_that_does_not_end_is_reported_as_unknown(hasty):
    release = threading.Event()

    with pytest.raises(OutcomeUnknown, match=r"within 0\.6 s.*unknown whether it will"):
        hasty.write(stall_commit(release))
    assert hasty.read(names) == []
    release.set()
    hasty.write(add("next"), timeout_s=10)

    assert hasty.read(names) == ["next", "stalled"]


def test_a_commit_that_ends_late_is_a_success(hasty):
    release = threading.Event()
    threading.Timer(0.45, release.set).start()

    hasty.write(stall_commit(release))

    assert hasty.read(names) == ["stalled"]


def test_a_caller_who_is_interrupted_leaves_nothing_behind(database, monkeypatch):
    release, started = threading.Event(), threading.Event()

    def slow(connection):
        add("late")(connection)
        started.set()
        release.wait(30)

    def interrupted(_job, _seconds):
        started.wait(5)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Job, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            database.write(slow)
    release.set()
    database.write(add("next"))

    assert database.read(names) == ["next"]


def test_the_databases_clock_is_that_of_this_machine_here(database):
    before = time.time_ns() // 1000
    told = database.read(database.now_us)

    assert before - 2_000 <= told <= time.time_ns() // 1000 + 2_000


def test_a_closed_database_says_so(database):
    database.write(add("a"))
    database.close()
    database.close()

    with pytest.raises(StateUnavailable, match="closed"):
        database.write(add("b"))
    with pytest.raises(StateUnavailable, match="closed"):
        database.read(names)


def test_a_forked_child_may_not_use_its_parents_connections(database):
    database.write(add("a"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # later Pythons warn of forking with threads
        child = os.fork()
    if child == 0:
        refused = 0
        for use in (database.write, database.read):
            try:
                use(names)
            except RuntimeError:
                refused += 1
        os._exit(refused)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert database.read(names) == ["a"]


def test_errors_of_sqlalchemy_itself_do_not_escape(database):
    for use in (database.read, database.write):
        with pytest.raises(StateUnavailable) as refused:
            use(lambda connection: connection.execute(text("SELECT * FROM absent")))
        assert isinstance(refused.value.__cause__, SQLAlchemyError)
        assert "missing in the database" in refused.value.what


def test_the_values_of_a_statement_are_in_no_message(database):
    database.write(add("a"))

    with pytest.raises(StateUnavailable) as refused:
        database.write(
            lambda connection: connection.execute(
                insert(LEASE), {"name": "a", "owner": "s3cret", "token": 1, "expires_us": 1}
            )
        )

    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in str(refused.value.__cause__)


def test_a_write_may_have_a_limit_of_its_own(hasty):
    def slow(connection):
        time.sleep(0.5)
        add("a")(connection)

    hasty.write(slow, timeout_s=10)

    assert hasty.read(names) == ["a"]


def test_every_write_of_many_threads_is_kept(database):
    threads = [
        threading.Thread(target=lambda n=n: [database.write(add(f"{n}-{i}")) for i in range(10)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    count = database.read(lambda it: it.scalar(select(func.count()).select_from(LEASE)))
    assert count == 80
