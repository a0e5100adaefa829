"""Values under keys, with versions and an end: for small state that has no table of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.storage.schema import KEY_VALUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from snipersight.storage.database import Database

ABSENT: Final = 0  # the version of a key that holds nothing
_LONGEST_KEY: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredValue:
    """What a key holds.

    Args:
        key: its name.
        value: the text.
        version: grows with every change of the key, across its deletion too; never `ABSENT`.
        changed_us: when it was stored, microseconds UTC of the database's clock.
        expires_us: from when on it is absent; None: it stays.
    """

    key: str
    value: str
    version: int
    changed_us: int
    expires_us: int | None


class KeyValueStore:
    """Text under keys of 1 to 256 characters; one whose time is up is absent.

    Every method is one transaction and may raise `StateUnavailable`: the store cannot be read or
    written, and nothing was changed. Times are those of the database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database

    def get(self, key: str) -> StoredValue | None:
        """Return what a key holds; None if it is absent."""
        return self._database.read(
            lambda connection: get_value(connection, key, now_us=self._database.now_us(connection))
        )

    def put(self, key: str, value: str, *, ttl_us: int | None = None) -> int:
        """Store a value, whatever was there, and return its version.

        Args:
            key: its name.
            value: the text.
            ttl_us: microseconds until it is absent again, above 0; None: it stays.
        """
        return self._database.write(
            lambda connection: put_value(
                connection, key, value, ttl_us=ttl_us, now_us=self._database.now_us(connection)
            )
        )

    def compare_and_set(
        self, key: str, value: str, *, expected_version: int, ttl_us: int | None = None
    ) -> int | None:
        """Store a value if the key still has the expected version.

        Args:
            key: its name.
            value: the text.
            expected_version: as read before; `ABSENT` (0) if the key must hold nothing.
            ttl_us: microseconds until it is absent again, above 0; None: it stays.

        Returns:
            The new version; None, and nothing stored, if the key has another one.
        """
        return self._database.write(
            lambda connection: compare_and_set_value(
                connection,
                key,
                value,
                expected_version=expected_version,
                ttl_us=ttl_us,
                now_us=self._database.now_us(connection),
            )
        )

    def delete(self, key: str, *, expected_version: int | None = None) -> bool:
        """Empty a key, if it still has the expected version where one is given.

        Returns:
            False if it was absent or has another version.
        """
        return self._database.write(
            lambda connection: delete_value(
                connection,
                key,
                expected_version=expected_version,
                now_us=self._database.now_us(connection),
            )
        )


def get_value(connection: Connection, key: str, *, now_us: int) -> StoredValue | None:
    """Return what a key holds at a moment."""
    _require_key(key)
    found = select(KEY_VALUE).where(KEY_VALUE.c.key == key, _is_present(now_us))
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else StoredValue(**row)


def put_value(
    connection: Connection, key: str, value: str, *, ttl_us: int | None, now_us: int
) -> int:
    """Store a value and return its version."""
    stored = _upsert(connection, key, value, ttl_us=ttl_us, now_us=now_us, only_where=None)
    if stored is None:
        raise RuntimeError(f"{key!r} was neither inserted nor replaced")
    return stored


def compare_and_set_value(
    connection: Connection,
    key: str,
    value: str,
    *,
    expected_version: int,
    ttl_us: int | None,
    now_us: int,
) -> int | None:
    """Store a value if the key has the expected version, and return the new one."""
    if expected_version == ABSENT:
        is_absent = KEY_VALUE.c.expires_us <= now_us
        return _upsert(connection, key, value, ttl_us=ttl_us, now_us=now_us, only_where=is_absent)
    changed = connection.execute(
        update(KEY_VALUE)
        .where(KEY_VALUE.c.key == key, KEY_VALUE.c.version == expected_version)
        .where(_is_present(now_us))
        .values(
            value=value,
            version=expected_version + 1,
            changed_us=now_us,
            expires_us=_end(ttl_us, now_us),
        )
    )
    return expected_version + 1 if changed.rowcount == 1 else None


def delete_value(
    connection: Connection, key: str, *, expected_version: int | None, now_us: int
) -> bool:
    """Empty a key and return whether it held something of the expected version.

    The row stays, expired, until retention removes it: with its version forgotten at once, whoever
    compares could mistake a key that was deleted and stored again for an unchanged one.
    """
    has_version = () if expected_version is None else (KEY_VALUE.c.version == expected_version,)
    emptied = connection.execute(
        update(KEY_VALUE)
        .where(KEY_VALUE.c.key == key, _is_present(now_us), *has_version)
        .values(value="", version=KEY_VALUE.c.version + 1, changed_us=now_us, expires_us=now_us)
    )
    return emptied.rowcount == 1


def _upsert(
    connection: Connection,
    key: str,
    value: str,
    *,
    ttl_us: int | None,
    now_us: int,
    only_where: ColumnElement[bool] | None,
) -> int | None:
    _require_key(key)
    row = {
        "key": key,
        "value": value,
        # Begun from the clock, not from 1: the versions of an earlier life, which retention
        # may have forgotten, are all smaller.
        "version": max(now_us, ABSENT + 1),
        "changed_us": now_us,
        "expires_us": _end(ttl_us, now_us),
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(KEY_VALUE)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "value": new.value,
            "version": KEY_VALUE.c.version + 1,
            "changed_us": new.changed_us,
            "expires_us": new.expires_us,
        },
        where=only_where,
    )
    return connection.execute(statement.returning(KEY_VALUE.c.version), row).scalar_one_or_none()


def _is_present(now_us: int) -> ColumnElement[bool]:
    return or_(KEY_VALUE.c.expires_us.is_(None), KEY_VALUE.c.expires_us > now_us)


def _end(ttl_us: int | None, now_us: int) -> int | None:
    if ttl_us is None:
        return None
    if ttl_us < 1:
        raise ValueError(f"a value cannot be kept for {ttl_us} µs")
    return now_us + ttl_us


def _require_key(key: str) -> None:
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ValueError(f"a key must have 1 to {_LONGEST_KEY} characters: {key[:80]!r}")
