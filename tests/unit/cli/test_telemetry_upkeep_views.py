"""What `snipersight db` does and says about telemetry beside the money."""

import json

import pytest

from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.store import open_store
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.cli.db_views import run_backup, run_prune, run_upgrade, show_check
from snipersight.cli.exits import ExitCode
from snipersight.cli.telemetry_upkeep_views import telemetry_prune_json, telemetry_prune_lines
from snipersight.domain.errors import ConfigInvalid
from snipersight.storage.telemetry.pruning import TelemetryPruned

PRUNED = TelemetryPruned(
    is_dry_run=False,
    events=1_234,
    unsent=5,
    signals=1,
    scans=2,
    bytes_before=9,
    bytes_after=3,
    not_shrunk="another process is reading",
)


def test_what_went_is_told():
    assert list(telemetry_prune_lines(PRUNED)) == [
        "Removed 1,234 old events, 5 of them not sent to everybody",
        "Removed 1 signal and 2 counts of scans: too many",
        "warning: telemetry keeps the space of what went: another process is reading",
    ]


def test_what_would_go_is_told_without_what_stays():
    would = TelemetryPruned(
        is_dry_run=True, events=1, unsent=0, signals=0, scans=0, bytes_before=9, bytes_after=9
    )
    assert list(telemetry_prune_lines(would)) == ["Would remove 1 old event"]
    assert list(telemetry_prune_lines(None)) == []


def test_the_same_is_said_in_json():
    held = json.loads(json.dumps(telemetry_prune_json(PRUNED)))
    assert (held["events"], held["unsent"], held["not_shrunk"]) == (
        1_234,
        5,
        "another process is reading",
    )
    assert telemetry_prune_json(None) is None


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a home whose money is well and whose telemetry is damaged."""
    folder = tmp_path / "home"
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(folder))
    settings, _ = load_settings()
    open_store(settings).close()
    (folder / "telemetry.db").write_bytes(b"no database" * 1_000)
    return folder


def test_damaged_telemetry_keeps_nobody_from_upgrading(home, capsys):
    assert run_upgrade(None) == ExitCode.PARTIAL

    said = capsys.readouterr()
    assert "nothing to do" in said.out
    assert said.err.startswith("warning: telemetry: ")
    assert "move the file away" in said.err


def test_damaged_telemetry_keeps_nobody_from_a_backup_of_the_money(home, tmp_path, capsys):
    assert run_backup(None, tmp_path / "copy.db", as_json=True) == ExitCode.PARTIAL

    assert (tmp_path / "copy.db").exists()
    assert not (tmp_path / "copy-telemetry.db").exists()
    assert json.loads(capsys.readouterr().out)["telemetry"] is None


def test_damaged_telemetry_keeps_nobody_from_pruning(home, capsys):
    assert run_prune(None, dry_run=False, as_json=False) == ExitCode.PARTIAL
    assert "Removed 0 finished items" in capsys.readouterr().out


def test_the_check_tells_of_damaged_telemetry_and_of_sound_money(home, capsys):
    assert show_check(None, as_json=True) == ExitCode.PARTIAL

    held = json.loads(capsys.readouterr().out)
    assert (held["is_usable"], held["telemetry"]["is_usable"]) == (True, False)
    show_check(None, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert f"Telemetry {home / 'telemetry.db'}" in lines


def test_a_backup_of_both_needs_both_names(home, tmp_path):
    (home / "telemetry.db").unlink()
    open_telemetry(load_settings()[0]).close()
    (tmp_path / "copy-telemetry.db").write_text("mine")

    with pytest.raises(ConfigInvalid, match="something of that name"):
        run_backup(None, tmp_path / "copy.db", as_json=False)

    assert not (tmp_path / "copy.db").exists()
    (tmp_path / "copy-telemetry.db").unlink()
    assert run_backup(None, tmp_path / "copy.db", as_json=False) == ExitCode.OK
    assert (tmp_path / "copy-telemetry.db").exists()
