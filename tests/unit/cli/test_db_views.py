import json
from pathlib import Path

import pytest

from snipersight.cli.db_views import (
    backup_json,
    backup_lines,
    bytes_text,
    check_json,
    check_lines,
    prune_json,
    prune_lines,
)
from snipersight.storage.audit_pruning import AuditPruned
from snipersight.storage.backup import BackupReport
from snipersight.storage.database_check import DatabaseCheck, Trouble
from snipersight.storage.migrating import SchemaState
from snipersight.storage.queue_rows import QueueCounts
from snipersight.storage.retention import PruneReport

FOUND = DatabaseCheck(
    place="/home/me/snipersight.db",
    dialect="sqlite",
    schema=SchemaState("0001", "0001"),
    size_bytes=1_234_567,
    tables=(("account", 1), ("audit", 12_345)),
    queue=QueueCounts(pending=3, claimed=1, done=20, dead=2, oldest_us=1_717_761_600_000_000),
)
PRUNED = PruneReport(
    is_dry_run=False,
    queue_items=1,
    send_attempts=1234,
    sent_messages=1,
    expired_keys=2,
    ledger_entries=1,
    trades=3,
    audits=(
        AuditPruned(account_id="desk", old_records=4, kept_because="no key is known"),
        AuditPruned(
            account_id="main",
            old_records=5,
            records=5,
            archive=Path("/archive/audit-main-1-5.jsonl"),
        ),
    ),
    bytes_before=2_000_000,
    bytes_after=900,
    not_shrunk="another process is reading",
)


def test_a_sound_database_is_described_in_lines():
    assert list(check_lines(FOUND)) == [
        "Database  /home/me/snipersight.db",
        "Tables    version 0001, current",
        "Size      1.2 MB",
        "Rows      account 1, audit 12,345",
        (
            "Queue     3 pending, 1 claimed, 20 done, 2 given up; "
            "the oldest undelivered is of 2024-06-07 12:00 UTC"
        ),
        "Nothing is wrong with it.",
    ]


def test_troubles_are_told_with_what_to_do():
    lines = check_lines(
        DatabaseCheck(
            place="x",
            dialect="sqlite",
            schema=SchemaState(None, "0001"),
            troubles=(
                Trouble(what="it is damaged", next_step="restore a backup", is_fatal=True),
                Trouble(what="others can use it"),
            ),
        )
    )
    assert list(lines) == [
        "Database  x",
        "Tables    version none, version 0001 is needed",
        "error: it is damaged; restore a backup",
        "warning: others can use it",
    ]


def test_the_same_is_said_in_json():
    held = json.loads(json.dumps(check_json(FOUND, FOUND)))
    assert held["version"] == {"current": "0001", "needed": "0001", "is_current": True}
    assert held["rows"] == {"account": 1, "audit": 12_345}
    assert held["queue"]["oldest_undelivered"] == "2024-06-07T12:00:00Z"
    assert (held["is_usable"], held["troubles"]) == (True, [])
    assert held["telemetry"]["rows"] == held["rows"]
    none = DatabaseCheck(place="x", dialect="sqlite", exists=False)
    bare = check_json(none, none)
    assert (bare["version"], bare["queue"], bare["size_bytes"]) == (None, None, None)


def test_what_was_pruned_is_told_with_what_had_to_stay():
    assert list(prune_lines(PRUNED)) == [
        "Removed 1 finished item of the queue",
        "Removed 1,234 old attempts to send something",
        "Removed 1 old message that updates reply to",
        "Removed 2 expired keys",
        "Removed 1 ended entry of the ledger",
        "Removed 3 ended trades with orders and fills",
        "Removed 0 records of the audit of desk",
        "warning: 4 old records of the audit of desk had to stay: no key is known",
        "Removed 5 records of the audit of main, archived in /archive/audit-main-1-5.jsonl",
        "The database took 2.0 MB, now 900 bytes",
        "warning: it keeps the space of what went: another process is reading",
    ]


def test_pruning_in_json_names_the_archive_and_the_reason():
    held = json.loads(json.dumps(prune_json(PRUNED)))
    assert [audit["kept_because"] for audit in held["audits"]] == ["no key is known", None]
    assert held["audits"][1]["archive"] == "/archive/audit-main-1-5.jsonl"
    assert (held["bytes_before"], held["bytes_after"]) == (2_000_000, 900)


def test_pruning_in_json_counts_what_went_of_each_kind():
    held = prune_json(PRUNED)
    assert (held["queue_items"], held["send_attempts"], held["sent_messages"]) == (1, 1234, 1)
    assert (held["expired_keys"], held["ledger_entries"], held["trades"]) == (2, 1, 3)


def test_a_backup_is_told_with_what_it_holds():
    report = BackupReport(
        path=Path("/b.db"), size_bytes=102_400, tables={"account": 1, "audit": 1234}
    )
    assert list(backup_lines(report)) == [
        "Wrote /b.db, 102.4 kB, checked",
        "account 1, audit 1,234",
    ]
    assert backup_json(report, None)["rows"] == {"account": 1, "audit": 1234}
    assert backup_json(report, None)["telemetry"] is None
    assert backup_json(report, report)["telemetry"]["file"] == "/b.db"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_940, "999.9 kB"),
        (999_960, "1.0 MB"),
        (2_500_000_000, "2.5 GB"),
        (3_000_000_000_000, "3.0 TB"),
    ],
)
def test_sizes_are_read_in_powers_of_a_thousand(size, text):
    assert bytes_text(size) == text
