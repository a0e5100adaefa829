"""Which version the tables of a database have, and how they come to the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, MetaData, String, column, inspect, select, table, text

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.schema import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

    from snipersight.storage.database import Database

_MIGRATION_TIMEOUT_S: Final = 300.0
_ADVISORY_LOCK: Final = 0x534E_4950  # any number, the same in all processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Tables that have one version together, and the steps that lead to it.

    Args:
        head: newest step; revisions are numbers that sort.
        tables: as the code has them.
        steps: package of the steps, as Alembic names it: `snipersight.storage:folder`.
        version_table: where a database notes which step it has reached.
    """

    head: str
    tables: MetaData
    steps: str
    version_table: str


HEAD: Final = "0004"  # newest step in `migrations/versions`
DECISIONS: Final = Schema(
    head=HEAD,
    tables=METADATA,
    steps="snipersight.storage:migrations/versions",
    version_table="snipersight_version",
)


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The version of a database's tables.

    Args:
        current: as the database says; None without tables of ours.
        head: what this version of SniperSight needs.
    """

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Return whether nothing needs to be done."""
        return self.current == self.head

    @property
    def is_newer(self) -> bool:
        """Return whether a newer SniperSight has written the database."""
        return self.current is not None and self.current > self.head


def ensure_current(database: Database, schema: Schema = DECISIONS) -> None:
    """Make sure that the tables fit this version of SniperSight.

    A SQLite file is created and brought up to date by itself, also when several processes do so
    at once. On a server that several machines share, only `snipersight db upgrade` does it.

    Args:
        database: where.
        schema: which tables; those of decisions if not given.

    Raises:
        StateUnavailable: the database cannot be reached or written, is damaged, belongs to
            another program, was written by a newer version, or needs an upgrade.
    """
    state = schema_state(database, schema)
    if state.is_current:
        return
    if database.dialect == "sqlite":
        migrate(database, schema)
        return
    raise _is_newer(database, state) if state.is_newer else _needs_upgrade(database, state)


def schema_state(database: Database, schema: Schema = DECISIONS) -> SchemaState:
    """Return which version the tables have and which they should have.

    Raises:
        StateUnavailable: the database cannot be read, or holds another program's tables.
    """
    current = database.read(lambda it: _current(it, database, schema))
    return SchemaState(current=current, head=schema.head)


def migrate(database: Database, schema: Schema = DECISIONS) -> SchemaState:
    """Bring the tables to the newest version in one transaction, and return the state before.

    Raises:
        StateUnavailable: it cannot be done, or a newer version has written the database; nothing
            was changed.
    """
    return database.write(
        lambda connection: _upgrade(connection, database, schema), timeout_s=_MIGRATION_TIMEOUT_S
    )


def _upgrade(connection: Connection, database: Database, schema: Schema) -> SchemaState:
    if database.dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    # Another process may have been first: only what is read under the lock counts.
    state = SchemaState(current=_current(connection, database, schema), head=schema.head)
    if state.is_current:
        return state
    if state.is_newer:
        raise _is_newer(database, state)
    from alembic import command

    command.upgrade(alembic_config(connection, schema), "head")
    return state


def alembic_config(connection: Connection, schema: Schema = DECISIONS) -> Config:
    """Return what Alembic needs to work on an open connection, without a configuration file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "snipersight.storage:migrations")
    config.set_main_option("version_locations", schema.steps)
    config.set_main_option("path_separator", "newline")  # a colon parts package and folder
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    return config


def _current(connection: Connection, database: Database, schema: Schema) -> str | None:
    names = set(inspect(connection).get_table_names())
    if schema.version_table in names:
        version = table(schema.version_table, column("version_num", String))
        return connection.scalars(select(version.c.version_num)).first()
    # A file is ours alone; on a server, tables of others do no harm unless they take our names.
    foreign = names if database.dialect == "sqlite" else names & set(schema.tables.tables)
    if foreign:
        raise StateUnavailable(
            "the database holds tables of another program: " + ", ".join(sorted(foreign)[:5]),
            where=database.place,
            next_step="name a database of its own for SniperSight",
        )
    return None


def _needs_upgrade(database: Database, state: SchemaState) -> StateUnavailable:
    found = f"is of version {state.current}" if state.current else "has no tables yet"
    return StateUnavailable(
        f"the database {found}, this SniperSight needs version {state.head}",
        where=database.place,
        next_step="run `snipersight db upgrade`",
    )


def _is_newer(database: Database, state: SchemaState) -> StateUnavailable:
    return StateUnavailable(
        f"a newer SniperSight has written the database: it is of version {state.current}, "
        f"this one knows {state.head}",
        where=database.place,
        next_step="install the newer SniperSight again, or restore a backup from before it",
    )
