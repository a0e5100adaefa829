"""What errors of drivers mean, where the real thing cannot be had in a test."""

import sqlite3

import psycopg
import pytest
from sqlalchemy import exc
from sqlalchemy.exc import DBAPIError

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable
from snipersight.storage.database_errors import translate


def sqlite_error(code: int, name: str, text: str = "the driver's words") -> DBAPIError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    error.sqlite_errorname = name
    return DBAPIError(None, None, error)


def postgres_error(state: str | None, text: str = "the server's words") -> DBAPIError:
    class Raised(psycopg.Error):
        sqlstate = state

    return DBAPIError(None, None, Raised(text))


def meaning(error: DBAPIError, **more: bool) -> StateUnavailable:
    return translate(error, place="there", secret="hunter2", **more)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "locked"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked"),
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "read-only"),
        (sqlite3.SQLITE_IOERR_SHORT_READ, "disk cannot be read or written"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "damaged"),
        (sqlite3.SQLITE_NOTADB, "damaged"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "contradicts"),
        (sqlite3.SQLITE_MISUSE, "refused"),
    ],
)
def test_codes_of_sqlite_with_their_subcodes(code, words):
    told = meaning(sqlite_error(code, "SQLITE_X"))

    assert words in told.what
    assert "the driver's words" in told.what
    assert told.where == "there"
    assert told.next_step


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("55P03", "locked"),
        ("40001", "in each other's way"),
        ("40P01", "in each other's way"),
        ("28P01", "user or password"),
        ("42501", "refuses this user the right"),
        ("3D000", "no such database"),
        ("53100", "disk is full"),
        ("53300", "cannot be reached"),
        ("57P01", "cannot be reached"),
        ("25006", "read-only"),
        ("XX001", "damaged"),
        ("XX000", "refused"),
        (None, "cannot be reached"),
    ],
)
def test_states_of_postgresql(state, words):
    assert words in meaning(postgres_error(state)).what


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"),
        postgres_error(None),
        postgres_error("57P01"),
        postgres_error("08006"),
    ],
)
def test_an_error_that_leaves_the_commit_in_doubt_says_so(error):
    assert isinstance(meaning(error, committing=True), OutcomeUnknown)
    assert not isinstance(meaning(error), OutcomeUnknown)


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_FULL, "SQLITE_FULL"),
        sqlite_error(sqlite3.SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"),
        postgres_error("40001"),
        postgres_error("23503"),
    ],
)
def test_an_error_that_ends_the_commit_leaves_no_doubt(error):
    assert not isinstance(meaning(error, committing=True), OutcomeUnknown)


def test_a_password_that_the_driver_repeats_is_hidden():
    told = meaning(postgres_error(None, "cannot connect as bot:hunter2\n  at all"))

    assert "(cannot connect as bot:*** at all)" in told.what


def test_an_error_of_sqlalchemy_itself_is_told():
    told = translate(exc.TimeoutError("no connection free"), place="there", secret=None)

    assert "refused (no connection free)" in told.what


def test_neither_the_statement_nor_its_values_are_told():
    error = exc.StatementError("cannot bind it", "INSERT INTO audit", {"body": "a secret"}, None)

    told = translate(error, place="there", secret=None)

    assert "cannot bind it" in told.what
    assert "INSERT" not in told.what
    assert "a secret" not in told.what
