"""Processes that emit and export are killed: what was acknowledged is there, once."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry.exporters.exporting import Exporting
from snipersight.bot.telemetry.exporters.jsonl import JsonlExporter
from snipersight.storage.telemetry.tables import EXPORTER

WORKER = Path(__file__).resolve().parents[1] / "fakes/events_worker.py"
ROUNDS = 4
APART = 1_000_000


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "logs").mkdir()
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    return tmp_path


def killed_while_emitting(home: Path, first: int, *, after_s: float, words: tuple[str, ...] = ()):
    """Return what a worker acknowledged before it was killed; its claims are given back."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, str(WORKER), str(home), str(first), *words]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        assert worker.stdout is not None
        seen = [worker.stdout.readline()]
        time.sleep(after_s)
        worker.kill()
        seen += worker.stdout.readlines()
    forget_claims()
    return [int(line) for line in seen if line.endswith("\n")]


def forget_claims() -> None:
    """Do what else half a minute does: the dead hold nothing any more."""
    with open_telemetry(load_settings()[0]) as telemetry:
        telemetry.database.write(lambda it: it.execute(update(EXPORTER).values(until_us=0)))


def drained(home: Path) -> list[int]:
    """Bring the file of events what it lacks, and return all numbers in it."""
    told: list[str] = []
    with open_telemetry(load_settings()[0]) as telemetry:
        exporter = JsonlExporter(home / "logs")
        (state,) = Exporting(telemetry.events, [exporter], owner="last", tell=told.append).drain(60)
    assert (state.is_done, told) == (True, [])
    files = (home / "logs").glob("events*.jsonl")
    lines = [line for path in files for line in path.read_text().splitlines()]
    return [json.loads(line)["number"] for line in lines]


def stored(home: Path) -> list[int]:
    """Return the numbers of all stored events."""
    numbers: list[int] = []
    with open_telemetry(load_settings()[0]) as telemetry:
        seq = 0
        while page := telemetry.events.after(seq, limit=1_000):
            numbers += [json.loads(event.body)["number"] for event in page]
            seq = page[-1].seq
    return numbers


def test_what_was_acknowledged_before_a_kill_is_stored_once(home):
    acknowledged: list[int] = []
    for number in range(ROUNDS):
        after_s = 0.05 + 0.1 * number
        acknowledged += killed_while_emitting(home, number * APART, after_s=after_s)
    found = stored(home)
    assert len(acknowledged) > ROUNDS
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found))


def test_the_file_holds_every_stored_event_once_however_often_its_writer_was_killed(home):
    acknowledged: list[int] = []
    for number in range(ROUNDS):
        after_s = 0.1 + 0.2 * number
        words = ("drain",)
        acknowledged += killed_while_emitting(home, number * APART, after_s=after_s, words=words)
    assert len(list((home / "logs").glob("events.*.jsonl"))) > 1  # they did write, and put aside
    in_file = drained(home)
    assert len(in_file) == len(set(in_file))
    assert sorted(in_file) == sorted(stored(home))
    assert set(acknowledged) <= set(in_file)
