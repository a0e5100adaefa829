"""What keeps the database in order, for the database and the files that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from snipersight.bootstrap.audit_files import archive_folder, audit_key_file
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.signing import sign_audit
from snipersight.bootstrap.store import system_us
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.backup import BackupReport, backup_sqlite, refuse_postgres
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.database_check import DatabaseCheck, check_database
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.home import make_private_folder
from snipersight.storage.migrating import SchemaState, migrate
from snipersight.storage.retention import PruneReport, RetentionLimits, prune
from snipersight.storage.signing import existing_key_id


def check(settings: Settings) -> DatabaseCheck:
    """Look the database over; a SQLite file that is missing is not created."""
    return check_database(database_url(settings))


def upgrade(settings: Settings) -> tuple[SchemaState, str]:
    """Bring the tables to the newest version; return the state before, and where it is.

    Raises:
        StateUnavailable: it cannot be done, or a newer version has written the database.
    """
    if settings.database_url is None:
        make_private_folder(settings.snipersight_home)
    with connect_database(database_url(settings)) as database:
        return migrate(database), database.place


def backup(settings: Settings, target: Path) -> BackupReport:
    """Copy the database into a new file.

    Raises:
        ConfigInvalid: the target cannot be, or the database is PostgreSQL.
        StateUnavailable: there is no database, it is damaged, or the disk is full.
    """
    address = parse_database_url(database_url(settings))
    if not isinstance(address, SqliteAddress):
        raise refuse_postgres(address, target)
    return backup_sqlite(address.path, target)


def prune_old(
    settings: Settings, *, dry_run: bool, warn: Callable[[str], object] | None = None
) -> PruneReport:
    """Remove what is older than its limit and shrink the file.

    Args:
        settings: which database.
        dry_run: only count.
        warn: told that the audit's head kept outside was gone.

    Raises:
        StateUnavailable: there is no database, it cannot be written, or the archive cannot.
    """
    url = database_url(settings)
    address = parse_database_url(url)
    if isinstance(address, SqliteAddress) and not address.path.exists():
        raise StateUnavailable(
            "there is no database yet", where=address.place, next_step="a scan creates it"
        )
    key_id = existing_key_id(audit_key_file(settings))
    limits = RetentionLimits(
        audit_days=settings.audit_retention_days, queue_days=settings.queue_retention_days
    )
    with open_database(url) as database:
        report = prune(
            database,
            limits,
            archives=archive_folder(settings),
            trusted=() if key_id is None else (key_id,),
            dry_run=dry_run,
        )
        # The record that tells of it, and with it the new beginning, is signed at once.
        if any(audit.archive is not None for audit in report.audits):
            sign_audit(settings, database, at_us=system_us(), warn=warn)
    return report
