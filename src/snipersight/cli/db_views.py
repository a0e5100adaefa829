"""What `snipersight db` prints."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from snipersight.bootstrap import telemetry_upkeep, upkeep
from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.session import open_surroundings
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.telemetry_upkeep_views import telemetry_prune_json, telemetry_prune_lines
from snipersight.domain import wording as texts
from snipersight.domain.errors import StateUnavailable

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings
    from snipersight.storage.audit_pruning import AuditPruned
    from snipersight.storage.backup import BackupReport
    from snipersight.storage.database_check import DatabaseCheck
    from snipersight.storage.migrating import SchemaState
    from snipersight.storage.queue_rows import QueueCounts
    from snipersight.storage.retention import PruneReport

T = TypeVar("T")


def run_upgrade(env_file: Path | None) -> ExitCode:
    """Bring the tables to the newest version and say from which.

    Returns:
        0, or 3 if only those of telemetry could not be brought there.
    """
    settings = _settings(env_file)
    print(_upgraded(*upkeep.upgrade(settings)))
    telemetry, code = _beside(lambda: telemetry_upkeep.upgrade_telemetry(settings))
    if telemetry is not None:
        print(f"Telemetry: {_upgraded(*telemetry)}")
    return code


def show_check(env_file: Path | None, *, as_json: bool) -> ExitCode:
    """Print what the database is like, and that of telemetry.

    Returns:
        0 if all is well, 3 if something is wrong that it works in spite of, 4 if it cannot be used.
    """
    settings = _settings(env_file)
    found, telemetry = upkeep.check(settings), telemetry_upkeep.check_telemetry(settings)
    if as_json:
        _print(check_json(found, telemetry))
    else:
        _print(check_lines(found))
        print()
        _print(check_lines(telemetry, name="Telemetry"))
    if not found.is_usable:
        return ExitCode.NO_SOURCE
    return ExitCode.PARTIAL if found.troubles or telemetry.troubles else ExitCode.OK


def run_backup(env_file: Path | None, target: Path, *, as_json: bool) -> ExitCode:
    """Make a backup, with one of telemetry beside it, and say what they hold.

    Returns:
        0, or 3 if only telemetry could not be copied.
    """
    settings, target = _settings(env_file), absolute(target)
    telemetry_upkeep.require_backup_name(settings, target)
    report = upkeep.backup(settings, target)
    telemetry, code = _beside(lambda: telemetry_upkeep.backup_telemetry(settings, target))
    if as_json:
        _print(backup_json(report, telemetry))
        return code
    _print(backup_lines(report))
    if telemetry is not None:
        _print(backup_lines(telemetry))
    return code


def run_prune(env_file: Path | None, *, dry_run: bool, as_json: bool) -> ExitCode:
    """Prune and say what went.

    Returns:
        3 if records of the audit are too old and had to stay, or only telemetry could not be
        pruned; else 0.
    """
    settings = _settings(env_file)
    report = upkeep.prune_old(settings, dry_run=dry_run, warn=lambda text: say(f"warning: {text}"))
    telemetry, code = _beside(
        lambda: telemetry_upkeep.prune_old_telemetry(settings, dry_run=dry_run)
    )
    if as_json:
        _print(prune_json(report) | {"telemetry": telemetry_prune_json(telemetry)})
    else:
        _print(prune_lines(report))
        _print(telemetry_prune_lines(telemetry))
    has_kept = any(audit.kept_because for audit in report.audits)
    return ExitCode.PARTIAL if has_kept else code


def _upgraded(before: SchemaState, place: str) -> str:
    if before.is_current:
        return f"{place} is of version {before.head}: nothing to do."
    if before.current is None:
        return f"{place} has its tables now, version {before.head}."
    return f"{place} was of version {before.current} and is of version {before.head} now."


def _beside(work: Callable[[], T]) -> tuple[T | None, ExitCode]:
    """Return what was done to telemetry; a fault of it is a warning, for money is safe by then."""
    try:
        return work(), ExitCode.OK
    except StateUnavailable as error:
        say(f"warning: telemetry: {error}")
        return None, ExitCode.PARTIAL


def check_lines(found: DatabaseCheck, *, name: str = "Database") -> Iterator[str]:
    """Yield what a database is like, a line each."""
    yield f"{name:<9} {found.place}"
    if not found.exists:
        yield "          there is none yet; a scan creates it"
        return
    if found.schema is not None:
        state = "current" if found.schema.is_current else f"version {found.schema.head} is needed"
        yield f"Tables    version {found.schema.current or 'none'}, {state}"
    if found.size_bytes is not None:
        yield f"Size      {bytes_text(found.size_bytes)}"
    if found.tables:
        rows = ", ".join(f"{name} {count:,}" for name, count in found.tables)
        yield f"Rows      {rows}"
    if found.queue is not None:
        yield f"Queue     {_queue_text(found.queue)}"
    for trouble in found.troubles:
        word = "error" if trouble.is_fatal else "warning"
        yield f"{word}: {trouble.what}" + (f"; {trouble.next_step}" if trouble.next_step else "")
    if not found.troubles:
        yield "Nothing is wrong with it."


def check_json(found: DatabaseCheck, telemetry: DatabaseCheck) -> dict[str, Any]:
    """Return what both databases are like as JSON values; times are ISO 8601 UTC."""
    return {
        "schema": "snipersight.db-check/1",
        **_check_values(found),
        "telemetry": _check_values(telemetry),
    }


def _check_values(found: DatabaseCheck) -> dict[str, Any]:
    queue, schema = found.queue, found.schema
    return {
        "database": found.place,
        "dialect": found.dialect,
        "exists": found.exists,
        "is_usable": found.is_usable,
        "version": None
        if schema is None
        else {"current": schema.current, "needed": schema.head, "is_current": schema.is_current},
        "size_bytes": found.size_bytes,
        "rows": dict(found.tables),
        "queue": None
        if queue is None
        else {
            "pending": queue.pending,
            "claimed": queue.claimed,
            "done": queue.done,
            "dead": queue.dead,
            "oldest_undelivered": None
            if queue.oldest_us is None
            else texts.iso_of(queue.oldest_us // 1000),
        },
        "troubles": [dataclasses.asdict(trouble) for trouble in found.troubles],
    }


def backup_lines(report: BackupReport) -> Iterator[str]:
    """Yield what a backup holds, a line each."""
    yield f"Wrote {report.path}, {bytes_text(report.size_bytes)}, checked"
    yield ", ".join(f"{name} {count:,}" for name, count in report.tables.items())


def backup_json(report: BackupReport, telemetry: BackupReport | None) -> dict[str, Any]:
    """Return what a backup holds as JSON values, and that of telemetry."""
    return {
        "schema": "snipersight.db-backup/1",
        **_backup_values(report),
        "telemetry": None if telemetry is None else _backup_values(telemetry),
    }


def _backup_values(report: BackupReport) -> dict[str, Any]:
    return {"file": str(report.path), "size_bytes": report.size_bytes, "rows": report.tables}


def prune_lines(report: PruneReport) -> Iterator[str]:
    """Yield what went, or would go, a line each."""
    verb = "Would remove" if report.is_dry_run else "Removed"
    yield f"{verb} {texts.counted(report.queue_items, 'finished item')} of the queue"
    yield f"{verb} {texts.counted(report.send_attempts, 'old attempt')} to send something"
    yield f"{verb} {texts.counted(report.sent_messages, 'old message')} that updates reply to"
    yield f"{verb} {texts.counted(report.expired_keys, 'expired key')}"
    yield f"{verb} {_entries(report.ledger_entries)} of the ledger"
    yield f"{verb} {texts.counted(report.trades, 'ended trade')} with orders and fills"
    for audit in report.audits:
        yield from _audit_lines(audit, verb)
    if report.is_dry_run:
        yield f"Nothing was changed; the database takes {bytes_text(report.bytes_before)}."
        return
    yield f"The database took {bytes_text(report.bytes_before)}, now {bytes_text(report.bytes_after)}"
    if report.not_shrunk:
        yield f"warning: it keeps the space of what went: {report.not_shrunk}"


def prune_json(report: PruneReport) -> dict[str, Any]:
    """Return what went, or would go, as JSON values."""
    return {
        "schema": "snipersight.db-prune/1",
        "is_dry_run": report.is_dry_run,
        "queue_items": report.queue_items,
        "send_attempts": report.send_attempts,
        "sent_messages": report.sent_messages,
        "expired_keys": report.expired_keys,
        "ledger_entries": report.ledger_entries,
        "trades": report.trades,
        "audits": [
            {
                "account": audit.account_id,
                "old_records": audit.old_records,
                "records": audit.records,
                "archive": None if audit.archive is None else str(audit.archive),
                "kept_because": audit.kept_because or None,
            }
            for audit in report.audits
        ],
        "bytes_before": report.bytes_before,
        "bytes_after": report.bytes_after,
        "not_shrunk": report.not_shrunk or None,
    }


def bytes_text(size: int) -> str:
    """Return a size on the disk: `512 bytes`, `1.5 kB`, `2.0 MB`, in powers of a thousand."""
    if size < 1000:
        return f"{size} bytes"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} TB"


def _audit_lines(audit: AuditPruned, verb: str) -> Iterator[str]:
    records = texts.counted(audit.records, "record")
    place = f", archived in {audit.archive}" if audit.archive is not None else ""
    yield f"{verb} {records} of the audit of {audit.account_id}{place}"
    kept = audit.old_records - audit.records
    if audit.kept_because:
        old = texts.counted(kept, "old record")
        yield f"warning: {old} of the audit of {audit.account_id} had to stay: {audit.kept_because}"


def _queue_text(queue: QueueCounts) -> str:
    counts = f"{queue.pending:,} pending, {queue.claimed:,} claimed, {queue.done:,} done"
    dead = f", {queue.dead:,} given up" if queue.dead else ""
    if queue.oldest_us is None:
        return f"{counts}{dead}; everything is delivered"
    since = texts.minute_of(queue.oldest_us // 1000)
    return f"{counts}{dead}; the oldest undelivered is of {since} UTC"


def _entries(count: int) -> str:
    return "1 ended entry" if count == 1 else f"{count:,} ended entries"


def _print(shown: Mapping[str, Any] | Iterator[str]) -> None:
    if isinstance(shown, Mapping):
        print(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for line in shown:
        print(line)


def _settings(env_file: Path | None) -> Settings:
    surroundings = open_surroundings(env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    return surroundings.settings
