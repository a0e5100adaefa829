"""A copy of the SQLite file, taken while others go on writing, and verified before it has its name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError

from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.storage.database_errors import translate
from snipersight.storage.database_url import PostgresAddress
from snipersight.storage.migrating import DECISIONS, Schema
from snipersight.storage.new_files import give_name, written_whole

_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """A finished backup.

    Args:
        path: the file; its owner alone can read it.
        size_bytes: of the file.
        tables: rows by table, as the copy has them.
    """

    path: Path
    size_bytes: int
    tables: dict[str, int]


def backup_sqlite(source: Path, target: Path, schema: Schema = DECISIONS) -> BackupReport:
    """Copy a database into a new file, check the copy, and return what it holds.

    The copy shows one moment of the database; whoever writes meanwhile is not held up. Only a copy
    that is whole, sound and on the disk gets the name `target`; nothing is ever replaced.

    Args:
        source: the database's file.
        target: the file to make, in a folder that exists.
        schema: whose tables are counted; those of decisions if not given.

    Raises:
        ConfigInvalid: the target exists, or its folder does not.
        StateUnavailable: there is no database, it is damaged, or the disk is full.
    """
    if not source.exists():
        raise StateUnavailable(
            "there is no database yet", where=str(source), next_step="a scan creates it"
        )
    require_new(target)
    try:
        with written_whole(target.parent, prefix=".backup-") as copy, _translated(source):
            _copy(source, copy)
            tables = _checked(copy, source, schema)
            give_name(copy, target)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise StateUnavailable(
            f"the backup cannot be written: {reason}",
            where=str(target),
            next_step="name a file in a folder you can write to, on a disk with enough space",
        ) from error
    return BackupReport(path=target, size_bytes=target.stat().st_size, tables=tables)


def refuse_postgres(address: PostgresAddress, target: Path) -> ConfigInvalid:
    """Return why a server is not copied here, with the command that does it; no password in it."""
    user = f"{quote(address.user, safe='')}@" if address.user else ""
    port = f":{address.port}" if address.port is not None else ""
    is_socket = address.host.startswith("/")
    host = "" if is_socket else f"{address.host}{port}"
    socket = f"?host={address.host}" if is_socket else ""
    url = f"postgresql://{user}{host}/{quote(address.database, safe='')}{socket}"
    return ConfigInvalid(
        "a PostgreSQL database is backed up by its own tools",
        where=address.place,
        next_step=f"run pg_dump --format=custom --file='{target}' '{url}'",
    )


def _copy(source: Path, copy: Path) -> None:
    with (
        closing(_read_only(source)) as original,
        closing(sqlite3.connect(copy, isolation_level=None)) as written,
    ):
        original.backup(written)
        # One file, without a log beside it: that is what is carried about and put back.
        written.execute("PRAGMA journal_mode=DELETE")


def _checked(copy: Path, source: Path, schema: Schema) -> dict[str, int]:
    """Open the copy as a reader does and return its rows by table."""
    with closing(_read_only(copy)) as opened:
        faults = [row[0] for row in opened.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise StateUnavailable(
                f"the database is damaged and its copy was removed: {faults[0]}",
                where=str(source),
                next_step="restore an earlier backup; `snipersight db check` says more",
            )
        held = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
        return {
            name: opened.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 (ours)
            for name in schema.tables.tables
            if name in held
        }


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=_TIMEOUT_S, isolation_level=None)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(DBAPIError(None, None, error), place=str(path), secret=None) from error


def require_new(target: Path) -> None:
    """Make sure that a backup can have this name.

    Raises:
        ConfigInvalid: it exists, or its folder does not.
    """
    if not target.parent.is_dir():
        raise ConfigInvalid(
            "the folder of the backup does not exist",
            where=str(target.parent),
            next_step="create it, or name a file elsewhere",
        )
    if target.exists() or target.is_symlink():
        raise _exists(target)


def _exists(target: Path) -> ConfigInvalid:
    return ConfigInvalid(
        "there is something of that name already",
        where=str(target),
        next_step="name another file; a backup never replaces one",
    )
