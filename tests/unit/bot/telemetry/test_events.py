import ast
import contextvars
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

import snipersight
from snipersight.bot.telemetry import (
    CountingSink,
    EventType,
    LogSink,
    NullSink,
    ScanContextSink,
    TelemetryEvent,
)
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.events import log_event
from snipersight.bot.telemetry.logging import LOG_FILE
from snipersight.domain.ports import EventSink
from tests.fakes.memory_event_log import MemoryEventLog

NOON = datetime(2024, 6, 7, 12, tzinfo=UTC)


def test_an_event_needs_a_zoned_time():
    with pytest.raises(ValueError, match="no zone"):
        TelemetryEvent(event_type=EventType.SCAN_STARTED, at=NOON.replace(tzinfo=None))


def test_an_event_is_one_json_line_and_cannot_be_renamed_by_a_field():
    event = TelemetryEvent(
        event_type=EventType.SIGNAL_GENERATED,
        at=NOON,
        fields={"symbol": "BTC/USDT", "event": "forged", "at": "never", "note": "a\nb"},
    )
    assert json.loads(event.to_json()) == {
        "event": "signal_generated",
        "at": "2024-06-07T12:00:00.000Z",
        "symbol": "BTC/USDT",
        "note": "a\nb",
    }
    assert "\n" not in event.to_json()


def test_an_event_holds_no_secrets_and_no_number_that_json_lacks():
    fields = {"what": "GET /?apiKey=abc failed", "value": float("inf")}
    event = TelemetryEvent(event_type=EventType.DATA_QUALITY, at=NOON, fields=fields)
    told = json.loads(event.to_json())
    assert (told["what"], told["value"]) == ("GET /?apiKey=*** failed", "inf")


def test_the_log_gets_events_by_their_name(logs, lines):
    event = TelemetryEvent(event_type=EventType.KILL, at=NOON, fields={"account": "main"})
    log_event(event)
    LogSink().emit("candle_gap", {"symbol": "BTC/USDT"})
    told = [
        (line["message"], line.get("account"), line.get("symbol"))
        for line in lines(logs / LOG_FILE)
    ]
    assert told == [("kill", "main", None), ("candle_gap", None, "BTC/USDT")]


def test_a_scan_that_starts_names_itself_in_every_later_event():
    log = MemoryEventLog()
    queue = EventQueue(log)

    def scan() -> None:
        outer = ScanContextSink(queue)
        outer.emit("scan_started", {"context_id": "scan_9"})
        outer.emit("signal_rejected", {"symbol": "BTC/USDT"})

    contextvars.copy_context().run(scan)  # as in a task of its own
    queue.close()
    ids = [json.loads(stored.body)["context_id"] for stored in log.events]
    assert ids == ["scan_9", "scan_9"]


def test_counting_counts_and_hands_over():
    inner = CountingSink(NullSink())
    outer = CountingSink(inner)
    for name in ("candle_gap", "candle_gap", "scan_started"):
        outer.emit(name, {})
    assert outer.counts == inner.counts == {"candle_gap": 2, "scan_started": 1}


def test_every_sink_is_a_sink():
    queue, null = EventQueue(MemoryEventLog()), NullSink()
    sinks: list[EventSink] = [queue, null, LogSink(), CountingSink(null), ScanContextSink(null)]
    assert len(sinks) == 5


def test_every_event_that_the_source_tells_has_a_type():
    told = set()
    for path in Path(snipersight.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("emit", "_emit") and isinstance(node.args[0], ast.Constant):
                told.add(node.args[0].value)
    assert {"scan_started", "cache_corrupt"} <= told
    assert told - {kind.value for kind in EventType} == set()
