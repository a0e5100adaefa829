"""A command's events reach the store and the exporters, and never change how it ends."""

import asyncio
import json
import logging
import resource
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from snipersight.bootstrap.event_exporters import open_exporters
from snipersight.bootstrap.event_flow import EventFlow
from snipersight.bootstrap.event_sending import open_sending, places
from snipersight.bootstrap.session import Surroundings, open_surroundings
from snipersight.bootstrap.session_events import open_session_events
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from tests.fakes.memory_event_log import MemoryEventLog
from tests.fakes.scripted_http import Reply, ScriptedHttp

SECRET = "a-secret-of-some-length"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return a home of its own, with logging left as it was found."""
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    logger.remove()
    logger.configure(patcher=lambda _record: None)
    logging.getLogger().handlers.clear()


@pytest.fixture
def surroundings(home) -> Surroundings:
    return open_surroundings()


def lines(home: Path, name: str = "events.jsonl") -> list[dict[str, Any]]:
    """Return the JSON lines of a file of the log folder."""
    return [json.loads(line) for line in (home / "logs" / name).read_text().splitlines()]


def test_events_are_stored_logged_and_in_the_file_when_a_command_ends(home, surroundings):
    events = open_session_events(surroundings)
    events.sink.emit("kill", {"account": "main"})
    events.sink.emit("candle_gap", {"symbol": "BTC/USDT"})
    events.close()
    assert [(line["seq"], line["event"]) for line in lines(home)] == [
        (1, "kill"),
        (2, "candle_gap"),
    ]
    assert [line["message"] for line in lines(home, "snipersight.jsonl")] == ["kill", "candle_gap"]
    assert events.sink.counts == {"kill": 1, "candle_gap": 1}
    with open_telemetry(load_settings()[0]) as telemetry:
        assert telemetry.events.cursor("jsonl") == 2


def test_two_commands_write_one_file(home, surroundings):
    for _ in range(2):
        events = open_session_events(surroundings)
        events.sink.emit("kill", {})
        events.close()
    assert [line["seq"] for line in lines(home)] == [1, 2]


def test_without_analytics_nothing_is_stored(home, monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    events = open_session_events(open_surroundings())
    events.sink.emit("kill", {})
    events.close()
    assert (events.telemetry, events.remarks) == (None, ())
    assert not (home / "telemetry.db").exists()
    assert not (home / "logs" / "events.jsonl").exists()


def test_a_store_that_cannot_be_used_is_one_remark_and_the_log_gets_the_events(home, surroundings):
    home.mkdir(exist_ok=True)
    (home / "telemetry.db").write_bytes(b"no database, but long enough to be looked at" * 50)
    events = open_session_events(surroundings)
    events.sink.emit("kill", {})
    events.close()
    (remark,) = events.remarks
    assert "telemetry.db" in remark
    assert remark.endswith("no events are kept")
    assert [line["message"] for line in lines(home, "snipersight.jsonl")] == ["kill"]


def test_a_store_that_fails_on_the_way_ends_the_command_in_time_and_says_so(home, surroundings):
    class Failing(MemoryEventLog):
        def append(self, events):
            raise StateUnavailable("the disk is full", where="telemetry.db")

    flow = EventFlow(Failing(), surroundings.settings, logs=home / "logs")
    flow.sink.emit("kill", {})
    started = time.monotonic()
    flow.close()
    assert time.monotonic() - started < 5
    warnings = [line for line in lines(home, "snipersight.jsonl") if line["level"] == "WARNING"]
    assert [line["message"] for line in warnings] == [
        "1 event was not stored: telemetry.db: the disk is full"
    ]


async def test_a_web_address_gets_the_events_and_its_sending_is_told(home, monkeypatch):
    async with ScriptedHttp(Reply()) as server:
        monkeypatch.setenv("EVENT_EXPORTERS", "jsonl,webhook")
        monkeypatch.setenv("EVENTS_WEBHOOK_URL", f"{server.url}/hook")
        monkeypatch.setenv("EVENTS_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("EVENTS_WEBHOOK_ALLOW_PRIVATE", "true")
        told: list[str] = []
        events = open_session_events(open_surroundings())
        events.sink.emit("kill", {"account": "main"})
        await asyncio.to_thread(events.close, told.append)
    assert told == ["Sending events to webhook …"]
    (asked,) = server.asked
    (event,) = json.loads(asked.body)["events"]
    assert (event["seq"], event["event"], event["account"]) == (1, "kill", "main")
    assert [line["seq"] for line in lines(home)] == [1]


async def test_an_address_that_hangs_holds_the_end_for_two_seconds_and_the_file_not_at_all(
    home, monkeypatch
):
    async with ScriptedHttp(Reply(after_s=8)) as server:
        monkeypatch.setenv("EVENT_EXPORTERS", "webhook,jsonl")
        monkeypatch.setenv("EVENTS_WEBHOOK_URL", f"{server.url}/hook")
        monkeypatch.setenv("EVENTS_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("EVENTS_WEBHOOK_ALLOW_PRIVATE", "true")
        events = open_session_events(open_surroundings())
        events.sink.emit("kill", {})
        started = time.monotonic()
        await asyncio.to_thread(events.close)
        assert time.monotonic() - started < 5
    assert [line["seq"] for line in lines(home)] == [1]
    told = [line["message"] for line in lines(home, "snipersight.jsonl")]
    assert "webhook did not take all events in time; `snipersight events send` goes on" in told


def test_an_exporter_that_cannot_be_built_leaves_the_others_alone(home, surroundings):
    found = open_exporters(surroundings.settings, logs=home, names=["pager", "jsonl", "webhook"])
    assert [one.name for one in found.exporters] == ["jsonl"]
    assert [problem.next_step for problem in found.problems] == [
        "install or mend its package, or take its name out",
        "set EVENTS_WEBHOOK_URL and EVENTS_WEBHOOK_SECRET",
    ]


def test_places_tell_how_far_exporters_are_and_disturb_no_claim():
    log = MemoryEventLog()
    assert log.claim("webhook", "another", for_us=60_000_000)
    log.confirm("webhook", "another", 3)
    found = places(log, ["jsonl", "webhook"])
    assert [(one.name, one.cursor, one.is_claimed) for one in found] == [
        ("jsonl", 0, False),
        ("webhook", 3, True),
    ]
    assert log.confirm("webhook", "another", 4)  # still its own


def test_looking_at_places_writes_nothing(home):
    with open_telemetry(load_settings()[0]) as telemetry:
        before = telemetry.database.commits
        assert [one.is_claimed for one in places(telemetry.events, ["jsonl", "webhook"])] == [
            False,
            False,
        ]
        assert telemetry.database.commits == before


def test_a_full_disk_loses_nothing_that_finds_room_again(home):
    said: list[str] = []
    with open_telemetry(load_settings()[0], timeout_s=1.0) as telemetry:
        queue = EventQueue(telemetry.events, warn=said.append)
        queue.emit("kill", {"number": 1})
        assert queue.flush(20)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
        try:
            queue.emit("kill", {"number": 2})
            assert not queue.flush(0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert queue.flush(20)
        assert (queue.close(20), said) == (0, [])
        bodies = [json.loads(event.body) for event in telemetry.events.after(0, limit=10)]
    assert [body["number"] for body in bodies] == [1, 2]


def test_a_store_that_somebody_else_holds_does_not_hold_the_command(home, surroundings):
    events = open_session_events(surroundings)
    holder = sqlite3.connect(home / "telemetry.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    events.sink.emit("kill", {})
    events.close()
    assert time.monotonic() - started < 8
    holder.close()
    told = [line["message"] for line in lines(home, "snipersight.jsonl")]
    assert told[0] == "kill"
    (warning,) = [line for line in told if line.startswith("1 event was not stored")]
    assert "somebody else has been writing" in warning


def test_a_fault_of_an_exporter_is_one_warning_and_no_exception(home, surroundings, monkeypatch):
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("snipersight.bot.telemetry.exporters.exporting._Lane.start", broken)
    flow = EventFlow(MemoryEventLog(), surroundings.settings, logs=home / "logs")
    flow.close()
    (line,) = lines(home, "snipersight.jsonl")
    assert line["message"].startswith("events were not exported: RuntimeError")


def test_without_analytics_nothing_is_sent_either(home, monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    sending = open_sending(load_settings()[0], logs=home, names=["jsonl"], tell=lambda _text: None)
    with pytest.raises(ConfigInvalid, match="switched off"), sending:
        pass
    assert not (home / "telemetry.db").exists()
