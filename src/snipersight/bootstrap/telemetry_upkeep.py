"""What keeps the store of telemetry in order; a fault of it never stands in the way of money."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.telemetry import telemetry_url
from snipersight.storage.backup import BackupReport, backup_sqlite, require_new
from snipersight.storage.database import connect_database, open_database
from snipersight.storage.database_check import DatabaseCheck, check_database
from snipersight.storage.database_url import SqliteAddress, parse_database_url
from snipersight.storage.home import make_private_folder
from snipersight.storage.migrating import SchemaState, migrate
from snipersight.storage.telemetry.pruning import TelemetryPruned, prune_telemetry
from snipersight.storage.telemetry.tables import TELEMETRY

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings


def check_telemetry(settings: Settings) -> DatabaseCheck:
    """Look the store of telemetry over; a SQLite file that is missing is not created."""
    return check_database(telemetry_url(settings), TELEMETRY)


def upgrade_telemetry(settings: Settings) -> tuple[SchemaState, str] | None:
    """Bring the tables of telemetry to the newest version; return the state before, and where.

    None where telemetry is turned off and there is no file of it.

    Raises:
        StateUnavailable: it cannot be done, or a newer version has written the store.
    """
    file = _file(settings)
    if file is not None:
        if not settings.analytics_enabled and not file.exists():
            return None
        make_private_folder(file.parent)
    with connect_database(telemetry_url(settings)) as database:
        return migrate(database, TELEMETRY), database.place


def telemetry_backup(target: Path) -> Path:
    """Return the name that the copy of telemetry has beside a backup."""
    return target.with_name(f"{target.stem}-telemetry{target.suffix}")


def require_backup_name(settings: Settings, target: Path) -> None:
    """Make sure, before anything is copied, that telemetry can have its name beside a backup.

    Raises:
        ConfigInvalid: the name is taken, or there is no such folder.
    """
    file = _file(settings)
    if file is not None and file.exists():
        require_new(telemetry_backup(target))


def backup_telemetry(settings: Settings, target: Path) -> BackupReport | None:
    """Copy the file of telemetry beside a backup; None where there is none of it.

    Args:
        settings: which home.
        target: the backup of the decisions.

    Raises:
        ConfigInvalid: the name is taken.
        StateUnavailable: the file is damaged, or the disk is full.
    """
    file = _file(settings)
    if file is None or not file.exists():
        return None
    return backup_sqlite(file, telemetry_backup(target), TELEMETRY)


def prune_old_telemetry(settings: Settings, *, dry_run: bool) -> TelemetryPruned | None:
    """Remove events that everybody has and what is too much; None where there is no file.

    Raises:
        StateUnavailable: the store cannot be read or written.
    """
    file = _file(settings)
    if file is not None and not file.exists():
        return None
    with open_database(telemetry_url(settings), schema=TELEMETRY) as database:
        return prune_telemetry(database, dry_run=dry_run)


def _file(settings: Settings) -> Path | None:
    address = parse_database_url(telemetry_url(settings))
    return address.path if isinstance(address, SqliteAddress) else None
