"""`snipersight db`: upgrade, check, back up and prune the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

app = typer.Typer(rich_markup_mode="rich")

_HEAD = "\n[bold]Examples[/bold]\n\n"
UPGRADE_EXAMPLES = f"{_HEAD}  snipersight db upgrade\n"
CHECK_EXAMPLES = f"{_HEAD}  snipersight db check\n  snipersight db check --json\n"
BACKUP_EXAMPLES = f"""{_HEAD}  snipersight db backup /media/stick/snipersight.db
  snipersight db backup "backup-$(date +%F).db" --json
"""
PRUNE_EXAMPLES = f"{_HEAD}  snipersight db prune --dry-run\n  snipersight db prune --json\n"


@app.command(epilog=UPGRADE_EXAMPLES)
@reported
def upgrade(*, env: options.EnvFile = None, debug: options.Debug = False) -> ExitCode:
    """Create the tables, or bring them to the version that this SniperSight needs.

    A SQLite file does that by itself at its first use. On a PostgreSQL
    server, which several machines share, only this command does. The exit
    code is 3 if only the tables of telemetry could not be brought there.
    """
    from snipersight.cli.db_views import run_upgrade

    return run_upgrade(env)


@app.command(epilog=CHECK_EXAMPLES)
@reported
def check(
    *, as_json: options.AsJson = False, env: options.EnvFile = None, debug: options.Debug = False
) -> ExitCode:
    """Look the database over: version, integrity, file modes, size, rows, undelivered messages.

    The exit code is 0 if all is well, 3 if something is wrong that does
    not keep it from being used, or only telemetry is damaged, and 4 if it
    cannot be used.
    """
    from snipersight.cli.db_views import show_check

    return show_check(env, as_json=as_json)


@app.command(epilog=BACKUP_EXAMPLES)
@reported
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file to make.")],
    *,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Copy a SQLite database into a new file, while others go on using it.

    The copy is checked before it gets its name, and only its owner can
    read it. To restore it, end every SniperSight and put it in the place
    of the database, without the -wal and -shm files of the old one. Keys
    are not in it: keep the folder `keys` elsewhere, too. Telemetry gets a
    file beside it, FILE-telemetry; the exit code is 3 if only that failed.
    """
    from snipersight.cli.db_views import run_backup

    return run_backup(env, file, as_json=as_json)


@app.command(epilog=PRUNE_EXAMPLES)
@reported
def prune(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go; change nothing.")
    ] = False,
    as_json: options.AsJson = False,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Remove what is old and shrink the file.

    Messages that were delivered or given up go after QUEUE_RETENTION_DAYS,
    ended entries of the ledger after AUDIT_RETENTION_DAYS. So do records
    of the audit, into SNIPERSIGHT_HOME/archive, and only as far as they
    are signed. Of telemetry, events go a week after every exporter has
    them, and after a month in any case. The exit code is 3 if old records
    had to stay, or only telemetry could not be pruned.
    """
    from snipersight.cli.db_views import run_prune

    return run_prune(env, dry_run=dry_run, as_json=as_json)
