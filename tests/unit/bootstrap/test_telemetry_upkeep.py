"""Check, upgrade, backup and prune of the store of telemetry."""

import pytest

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bootstrap.telemetry_upkeep import (
    backup_telemetry,
    check_telemetry,
    prune_old_telemetry,
    require_backup_name,
    telemetry_backup,
    upgrade_telemetry,
)
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent
from snipersight.storage.migrating import SchemaState
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.builders.evidence import a_scan, a_signal


@pytest.fixture
def used():
    """Return settings whose store of telemetry holds a signal and two old events."""
    settings, _ = load_settings()
    with open_telemetry(settings) as telemetry:
        telemetry.evidence.record(a_scan(), [a_signal()])
        old = StoredEvent(seq=0, event_type="tested", at_us=1, body="{}")
        telemetry.events.append([old, old])
    return settings


def test_a_missing_file_is_not_created_by_looking(tmp_path):
    settings, _ = load_settings()

    found = check_telemetry(settings)

    assert (found.exists, found.troubles) == (False, ())
    assert prune_old_telemetry(settings, dry_run=False) is None
    assert backup_telemetry(settings, tmp_path / "b.db") is None
    require_backup_name(settings, tmp_path / "b.db")
    assert not (tmp_path / "home").exists()


def test_the_check_counts_the_rows(used):
    found = check_telemetry(used)

    assert (found.is_usable, found.troubles, found.queue) == (True, (), None)
    assert found.schema == SchemaState(TELEMETRY.head, TELEMETRY.head)
    rows = dict(found.tables)
    assert (rows["event"], rows["signal"], rows["outcome"]) == (2, 1, 0)


def test_the_check_tells_of_a_file_that_others_can_read(used, tmp_path):
    (tmp_path / "home" / "telemetry.db").chmod(0o644)

    (trouble,) = check_telemetry(used).troubles

    assert "telemetry.db (mode 0644)" in trouble.what


def test_an_upgrade_creates_the_tables_once(tmp_path):
    settings, _ = load_settings()

    first, second = upgrade_telemetry(settings), upgrade_telemetry(settings)

    place = str(tmp_path / "home" / "telemetry.db")
    assert first == (SchemaState(None, TELEMETRY.head), place)
    assert second == (SchemaState(TELEMETRY.head, TELEMETRY.head), place)


def test_an_upgrade_makes_no_file_where_telemetry_is_turned_off(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")

    assert upgrade_telemetry(load_settings()[0]) is None
    assert not (tmp_path / "home" / "telemetry.db").exists()


def test_a_backup_lies_beside_that_of_the_money(used, tmp_path):
    target = tmp_path / "copy.db"
    assert telemetry_backup(target) == tmp_path / "copy-telemetry.db"

    report = backup_telemetry(used, target)

    assert report is not None
    assert report.path == tmp_path / "copy-telemetry.db"
    assert report.path.exists()
    assert (report.tables["signal"], report.tables["event"]) == (1, 2)
    with pytest.raises(ConfigInvalid, match="something of that name"):
        require_backup_name(used, target)


def test_pruning_removes_old_events_and_keeps_signals(used):
    would = prune_old_telemetry(used, dry_run=True)
    did = prune_old_telemetry(used, dry_run=False)

    assert would is not None
    assert did is not None
    assert (would.events, did.events, did.signals) == (1, 1, 0)
    with open_telemetry(used) as telemetry:
        assert telemetry.evidence.signal(a_signal().key) is not None
        assert len(telemetry.events.after(0, limit=9)) == 1
