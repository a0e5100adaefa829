"""A database on a server: who may not in, who waits too long, and a server that goes away."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from tests.unit.storage.processes import ready, worker

PASSWORD = "hunter2-öß"


@pytest.fixture
def database(postgres_url):
    with connect_database(postgres_url, timeout_s=0.5) as opened:
        migrate(opened)
        yield opened


def trouble_with(url: str) -> StateUnavailable:
    """Return the error of the first use of a URL; its whole chain of causes is free of secrets."""
    with connect_database(url, timeout_s=2) as database, pytest.raises(StateUnavailable) as raised:
        database.read(lambda connection: connection.execute(text("SELECT 1")))
    error: BaseException | None = raised.value
    while error is not None:
        assert "hunter2" not in str(error)
        error = error.__cause__
    return raised.value


def socket_folder(url: str) -> str:
    host = make_url(url).query["host"]
    assert isinstance(host, str)
    return host


def test_an_unknown_user_is_refused_without_showing_the_password(postgres_url):
    url = f"postgresql://nobody:{PASSWORD}@/postgres?host={socket_folder(postgres_url)}"

    trouble = trouble_with(url)

    assert "refuses this user or password" in trouble.what
    assert "DATABASE_URL" in trouble.next_step


def test_an_unknown_database_is_named(postgres_url):
    url = f"postgresql://postgres@/absent?host={socket_folder(postgres_url)}"

    trouble = trouble_with(url)

    assert "no such database" in trouble.what
    assert trouble.where.endswith("/absent")


@pytest.mark.parametrize(
    "place", ["127.0.0.1:1/x", "server.invalid/x", "127.0.0.1:1/x?invented=1", "%20/x"]
)
def test_a_server_that_cannot_be_reached_is_named_without_the_password(place):
    trouble = trouble_with(f"postgresql://bot:{PASSWORD}@{place}")

    assert "cannot be reached" in trouble.what
    assert trouble.where.startswith("postgresql://")


def test_a_transaction_reads_what_is_committed_and_a_view_one_state(database):
    isolation = text("SELECT current_setting('transaction_isolation')")
    read_only = text("SELECT current_setting('transaction_read_only')")

    assert database.write(lambda it: it.scalar(isolation)) == "read committed"
    assert database.read(lambda it: (it.scalar(isolation), it.scalar(read_only))) == (
        "repeatable read",
        "on",
    )


def test_a_row_that_another_process_keeps_locked_is_reported(database, postgres_url):
    insert = text(
        "INSERT INTO account (account_id, currency, standing, last_us, head_hash, base_hash)"
        " VALUES ('main', 'USDT', '', 0, '', '')"
    )
    database.write(lambda it: it.execute(insert))
    update = text("UPDATE account SET last_us = 7")

    with worker("hold", postgres_url) as holder:
        assert ready(holder) == "ready"
        with pytest.raises(StateUnavailable, match="locked") as refused:
            database.write(lambda it: it.execute(update))
        assert not isinstance(refused.value, OutcomeUnknown)
    database.write(lambda it: it.execute(update), timeout_s=10)

    assert database.read(lambda it: it.scalar(text("SELECT last_us FROM account"))) == 7


def end_connections(postgres_url: str) -> None:
    """End every other connection, as a server that starts again does."""
    with connect_database(postgres_url) as other:
        other.write(
            lambda it: it.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        )


ONE = text("SELECT 1")


def test_a_connection_that_broke_while_it_lay_idle_is_opened_again_unnoticed(
    database, postgres_url, monkeypatch
):
    assert database.write(lambda it: it.scalar(ONE)) == 1
    assert database.read(lambda it: it.scalar(ONE)) == 1
    end_connections(postgres_url)
    monkeypatch.setattr("snipersight.storage.database._IDLE_S", 0.0)
    time.sleep(0.01)

    assert database.write(lambda it: it.scalar(ONE)) == 1
    assert database.read(lambda it: it.scalar(ONE)) == 1


def test_a_connection_that_breaks_in_its_transaction_fails_it_and_the_next_one_works(
    database, postgres_url
):
    def work(connection):
        connection.execute(text("CREATE TABLE lost (x INTEGER)"))
        end_connections(postgres_url)
        connection.execute(ONE)

    with pytest.raises(StateUnavailable, match="cannot be reached") as refused:
        database.write(work, timeout_s=10)

    assert not isinstance(refused.value, OutcomeUnknown)
    assert database.write(lambda it: it.scalar(text("SELECT to_regclass('lost')"))) is None


def test_a_connection_that_breaks_at_the_commit_leaves_the_outcome_unknown(database, postgres_url):
    def work(connection):
        connection.execute(text("CREATE TABLE doubtful (x INTEGER)"))
        end_connections(postgres_url)

    with pytest.raises(OutcomeUnknown, match="unknown whether it did"):
        database.write(work, timeout_s=10)


def test_a_commit_that_the_server_refuses_is_certainly_not_stored(database):
    def work(connection):
        connection.execute(text("CREATE TABLE parent (x INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE child (x INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        )
        connection.execute(text("INSERT INTO child VALUES (1)"))

    with pytest.raises(StateUnavailable, match="contradicts") as refused:
        database.write(work)

    assert not isinstance(refused.value, OutcomeUnknown)
    assert database.read(lambda it: it.scalar(text("SELECT to_regclass('child')"))) is None
