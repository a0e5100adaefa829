"""What a database's errors mean for the user: what is wrong, where, what to do."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from snipersight.domain.errors import OutcomeUnknown, StateUnavailable


class _Meaning(NamedTuple):
    what: str
    next_step: str


LOCKED: Final = _Meaning(
    "the database is locked: somebody else has been writing for too long",
    "end the other program, or wait and try again",
)
_FULL: Final = _Meaning("the disk is full", "free some space and try again")
_READ_ONLY: Final = _Meaning(
    "the database is read-only", "give yourself the right to write it, its folder included"
)
_CORRUPT: Final = _Meaning(
    "the database is damaged, or is no database at all",
    "restore a backup, or move the file away to begin with an empty one",
)
_CANNOT_OPEN: Final = _Meaning(
    "the database cannot be opened", "check that the file and its folder exist and are yours"
)
_DISK: Final = _Meaning(
    "the disk cannot be read or written", "check the disk, its quota and the limits of the process"
)
_CONTRADICTS: Final = _Meaning(
    "the database refused a change that contradicts what it holds", "nothing was changed"
)
_NO_TABLES: Final = _Meaning(
    "a table or column is missing in the database", "run `snipersight db check`"
)
_BAD_LOGIN: Final = _Meaning(
    "the database refuses this user or password", "correct the user and password in DATABASE_URL"
)
_NO_RIGHT: Final = _Meaning(
    "the database refuses this user the right to do that",
    "grant it the rights on the tables (GRANT), or connect as the user who owns them",
)
_NO_DATABASE: Final = _Meaning(
    "the server has no such database", "create it, or correct the name in DATABASE_URL"
)
_UNREACHABLE: Final = _Meaning(
    "the database server cannot be reached", "start it, or correct host and port in DATABASE_URL"
)
_CONFLICT: Final = _Meaning("two transactions were in each other's way", "try again")
_OTHER: Final = _Meaning("the database refused", "run `snipersight db check`")

# Primary result codes of SQLite.
_SQLITE: Final = {
    3: _READ_ONLY,
    5: LOCKED,
    6: LOCKED,
    8: _READ_ONLY,
    10: _DISK,
    11: _CORRUPT,
    13: _FULL,
    14: _CANNOT_OPEN,
    19: _CONTRADICTS,
    26: _CORRUPT,
}
# SQLSTATE, by code or by class.
_POSTGRES: Final = {
    "55P03": LOCKED,
    "57014": LOCKED,
    "40": _CONFLICT,
    "28": _BAD_LOGIN,
    "3D": _NO_DATABASE,
    "42501": _NO_RIGHT,
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "25006": _READ_ONLY,
    "23": _CONTRADICTS,
    "53100": _FULL,
    "58": _DISK,
    "XX001": _CORRUPT,
    "XX002": _CORRUPT,
    "08": _UNREACHABLE,
    "57": _UNREACHABLE,
    "53": _UNREACHABLE,
}
# The frames may have reached the disk although the call that makes them durable failed.
_SQLITE_DOUBTFUL: Final = ("SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC")


def translate(
    error: SQLAlchemyError, *, place: str, secret: str | None, committing: bool = False
) -> StateUnavailable:
    """Return what a database's error means.

    Args:
        error: as SQLAlchemy raised it.
        place: file or server, for the message.
        secret: a password to keep out of the message, should the driver repeat it.
        committing: the error came from the commit itself, so it may be unknown what counts.
    """
    driver = error.orig if isinstance(error, DBAPIError) else None
    detail = _detail(_sentence(error), secret)
    if committing and driver is not None and _is_doubtful(driver):
        return OutcomeUnknown(
            f"the database broke off while it was storing ({detail}): it is unknown whether it did",
            where=place,
            next_step="look before you repeat it",
        )
    meaning = _meaning(driver)
    what = f"{meaning.what} ({detail})" if detail else meaning.what
    return StateUnavailable(what, where=place, next_step=meaning.next_step)


def _meaning(driver: BaseException | None) -> _Meaning:
    number = getattr(driver, "sqlite_errorcode", None)
    if number is not None:
        if number & 0xFF == 1 and "no such" in str(driver):
            return _NO_TABLES
        return _SQLITE.get(number & 0xFF, _OTHER)
    if driver is None or not hasattr(driver, "sqlstate"):
        return _OTHER
    state = driver.sqlstate
    if state is None:
        return _login_meaning(str(driver))
    return _POSTGRES.get(state) or _POSTGRES.get(state[:2], _OTHER)


def _login_meaning(text: str) -> _Meaning:
    """Tell apart why a connection failed: the driver has only the server's sentence then."""
    if "authentication failed" in text or "no password supplied" in text:
        return _BAD_LOGIN
    if "role " in text and "does not exist" in text:
        return _BAD_LOGIN
    if "database " in text and "does not exist" in text:
        return _NO_DATABASE
    return _UNREACHABLE


def _is_doubtful(driver: BaseException) -> bool:
    if hasattr(driver, "sqlite_errorname"):
        return driver.sqlite_errorname in _SQLITE_DOUBTFUL
    state = getattr(driver, "sqlstate", None)
    return state is None or state[:2] in ("08", "57")


def _sentence(error: SQLAlchemyError) -> str:
    """Return what went wrong in the driver's words; never the statement, which holds the data."""
    if isinstance(error, StatementError) and error.orig is not None:
        return str(error.orig)
    return str(error.args[0]) if error.args else type(error).__name__


def _detail(sentence: str, secret: str | None) -> str:
    """Return a sentence on one line, without the password."""
    text = " ".join(sentence.split())
    return text.replace(secret, "***") if secret else text
