"""`snipersight health` as a script and a person meet it."""

import json

import pytest
from typer.testing import CliRunner

from snipersight.bootstrap.running.vital_keeping import keep_vitals
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.cli.app import app


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """Yield the vitals of a running bot that the settings lead to."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUN_LISTEN", "127.0.0.1:0")
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    with keep_vitals(load_settings()[0], environ={}) as opened:
        monkeypatch.setenv("RUN_LISTEN", (opened.address or "").removeprefix("http://"))
        yield opened


def asked(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["health", *words], env={"COLUMNS": "120"})
    return done.exit_code, done.output


def test_a_bot_that_is_well_is_code_0_and_its_parts_are_listed(kept):
    kept.vitals.ready()
    kept.vitals.scanned(1_737_296_700_000, duration_s=0.42)
    kept.vitals.trouble("sender", "Telegram does not answer")
    kept.vitals.restarted("sender")
    code, shown = asked()
    assert code == 0
    assert "well  scanned 2025-01-19T14:25:00Z in 0.42 s" in shown
    assert "1 restart" in shown
    assert "Telegram does not answer" in shown


def test_a_bot_that_hangs_is_code_1(kept):
    kept.vitals.ready()
    kept.vitals.expect("loop", within_s=1e-9)
    code, shown = asked()
    assert code == 1
    assert "HANGS" in shown
    assert "late  loop" in shown  # though its age is told as 0.0 seconds


def test_a_bot_that_starts_is_well_and_not_ready(kept):
    assert asked()[0] == 0
    assert asked("--ready")[0] == 1
    kept.vitals.ready()
    assert asked("--ready")[0] == 0


def test_programs_get_the_whole_answer(kept):
    kept.vitals.ready()
    code, shown = asked("--json")
    assert (code, json.loads(shown)["schema"]) == (0, "snipersight.health/1")


def test_nobody_there_is_code_4_and_nothing_to_ask_code_2(monkeypatch, tmp_path):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("RUN_LISTEN", "127.0.0.1:1")
    assert asked()[0] == 4
    monkeypatch.setenv("RUN_LISTEN", "none")
    assert asked()[0] == 2
