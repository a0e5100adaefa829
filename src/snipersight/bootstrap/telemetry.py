"""The store of telemetry that the settings name, opened: evidence and events."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from snipersight.bootstrap.database_place import database_url
from snipersight.storage.database import TIMEOUT_S, Database, open_database
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.home import make_private_folder
from snipersight.storage.telemetry.event_log import SqlEventLog
from snipersight.storage.telemetry.evidence import SqlEvidenceStore

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings

TELEMETRY_FILE: Final = "telemetry.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Everything durable that is measured, never traded by.

    Args:
        database: open, with today's tables of telemetry.
        evidence: signals, outcomes and counts of scans.
        events: what happened, until every exporter has it.
    """

    database: Database
    evidence: SqlEvidenceStore
    events: SqlEventLog

    def close(self) -> None:
        """Let what is being written end, and close the database; a second call does nothing."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def telemetry_url(settings: Settings) -> str:
    """Return where telemetry is kept; may hold a password.

    A file of its own in the home folder; on a PostgreSQL server tables of its own in the same
    database.

    Raises:
        ConfigInvalid: `DATABASE_URL` is unusable.
    """
    url = database_url(settings)
    if isinstance(parse_database_url(url), SqliteAddress):
        return f"sqlite:///{settings.snipersight_home / TELEMETRY_FILE}"
    return url


def open_telemetry(settings: Settings, *, timeout_s: float = TIMEOUT_S) -> Telemetry:
    """Open the store of telemetry; the caller closes it.

    The SQLite file is created and brought up to date by itself. `ANALYTICS_ENABLED` is the
    caller's affair: what was stored before can be read without it.

    Args:
        settings: which database, which home.
        timeout_s: how long a write may take until its caller gets an error.

    Raises:
        ConfigInvalid: `DATABASE_URL` is unusable.
        StateUnavailable: the home or the store cannot be used; the message says what to do.
    """
    from snipersight.storage.telemetry.tables import TELEMETRY

    url = telemetry_url(settings)
    if isinstance(parse_database_url(url), SqliteAddress):
        make_private_folder(settings.snipersight_home)
    database = open_database(url, schema=TELEMETRY, timeout_s=timeout_s)
    return Telemetry(
        database=database, evidence=SqlEvidenceStore(database), events=SqlEventLog(database)
    )
