"""`snipersight events` as a user runs it, on a home with events in it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry.event_queue import EventQueue
from tests.fakes.scripted_http import Reply, ScriptedHttp

SECRET = "a-secret-of-some-length"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    tell("kill", "candle_gap", "kill")
    return tmp_path


def tell(*names: str) -> None:
    """Store events as a command does."""
    with open_telemetry(load_settings()[0]) as telemetry:
        queue = EventQueue(telemetry.events)
        for name in names:
            queue.emit(name, {"symbol": "BTC/USDT"})
        assert queue.close(30) == 0


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "snipersight", "events", *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, **variables},
    )


def test_events_are_listed_sent_and_told_how_far(home):
    listed = run("--type", "kill", "--json")
    events = json.loads(listed.stdout)["events"]
    assert [(one["seq"], one["event"]) for one in events] == [(1, "kill"), (3, "kill")]
    assert "3 behind" in run("status").stdout
    sent = run("send")
    assert (sent.returncode, sent.stdout) == (0, "jsonl: 3 events.\n")
    lines = (home / "logs" / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3]
    assert json.loads(run("status", "--json").stdout)["exporters"][0]["behind"] == 0
    assert run("send").stdout == "jsonl: 0 events.\n"


def test_mistakes_are_told_with_what_to_do(home):
    assert "is no type of event" in run("--type", "dance").stderr
    ended = run("send", "--exporter", "pager")
    assert ended.returncode == 2
    assert "'pager' is not installed" in ended.stderr


async def test_a_watch_sends_what_comes_until_it_is_ended(home):
    async with ScriptedHttp(Reply(status=503), Reply()) as server:
        variables = {
            "EVENT_EXPORTERS": "webhook",
            "EVENTS_WEBHOOK_URL": f"{server.url}/hook",
            "EVENTS_WEBHOOK_SECRET": SECRET,
            "EVENTS_WEBHOOK_ALLOW_PRIVATE": "true",
        }
        watch = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "snipersight", "events", "send", "--watch"),
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        await until(lambda: seqs(server) >= {1, 2, 3})
        await asyncio.to_thread(tell, "scan_started")
        await until(lambda: 4 in seqs(server))
        watch.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(watch.communicate(), 30)
    assert out.decode() == "webhook: 4 events.\n"
    assert err.decode().count("answered 503") == 1
    assert watch.returncode == 0


def seqs(server: ScriptedHttp) -> set[int]:
    """Return the places of all events that the server was sent."""
    bodies = [json.loads(asked.body) for asked in server.asked]
    return {event["seq"] for body in bodies for event in body["events"]}


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something, a minute at most."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
