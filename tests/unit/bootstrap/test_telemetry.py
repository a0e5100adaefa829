"""The store of telemetry that the settings name."""

import stat

import pytest
from sqlalchemy import text

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import open_store
from snipersight.bootstrap.telemetry import open_telemetry, telemetry_url
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import StoredEvent
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.builders.evidence import a_scan, a_signal


def test_telemetry_lies_in_a_file_of_its_own_for_its_owner_alone(tmp_path):
    settings, _ = load_settings()
    with open_telemetry(settings) as telemetry:
        telemetry.evidence.record(a_scan(), [a_signal()])
        telemetry.events.append([StoredEvent(seq=0, event_type="tested", at_us=1, body="{}")])
        home = tmp_path / "home"
        files = sorted(file.name for file in home.iterdir())

        assert files == [f"telemetry.db{end}" for end in ("", "-shm", "-wal", ".lock")]
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in home.iterdir())
    with open_telemetry(settings) as telemetry:
        assert telemetry.evidence.signal(a_signal().key) == a_signal()
        assert telemetry.events.newest() == 1


def test_it_stays_in_the_home_wherever_another_file_holds_the_money(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")

    open_telemetry(load_settings()[0]).close()

    assert (tmp_path / "home" / "telemetry.db").exists()
    assert not (tmp_path / "other.db").exists()


def test_a_server_holds_both_sets_of_tables(postgres_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    settings, _ = load_settings()
    assert telemetry_url(settings) == postgres_url
    with connect_database(postgres_url) as database:
        migrate(database)
    with pytest.raises(StateUnavailable) as refused:
        open_telemetry(settings)
    assert refused.value.next_step == "run `snipersight db upgrade`"
    with connect_database(postgres_url) as database:
        migrate(database, TELEMETRY)

    with open_store(settings), open_telemetry(settings) as telemetry:
        assert telemetry.evidence.record(a_scan(), [a_signal()]) == 1
    assert not (tmp_path / "home" / "telemetry.db").exists()


def test_a_damaged_file_is_told_with_what_to_do(tmp_path):
    settings, _ = load_settings()
    open_telemetry(settings).close()
    (tmp_path / "home" / "telemetry.db").write_bytes(b"no database" * 1_000)

    with pytest.raises(StateUnavailable, match="damaged") as refused:
        open_telemetry(settings)

    assert "move the file away" in refused.value.next_step
    assert refused.value.where.endswith("telemetry.db")


def test_a_newer_file_is_refused(tmp_path):
    settings, _ = load_settings()
    with open_telemetry(settings) as telemetry:
        telemetry.database.write(
            lambda it: it.execute(
                text("UPDATE snipersight_telemetry_version SET version_num = '9999'")
            )
        )

    with pytest.raises(StateUnavailable, match="newer SniperSight"):
        open_telemetry(settings)


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")

    with pytest.raises(StateUnavailable, match="home folder"):
        open_telemetry(load_settings()[0])
