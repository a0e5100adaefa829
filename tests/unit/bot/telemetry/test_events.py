import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import snipersight
from snipersight.bot.telemetry import (
    CountingSink,
    EventType,
    JsonlSink,
    NullSink,
    ScanContextSink,
    TelemetryEvent,
    log_context,
)
from snipersight.bot.telemetry.events import EVENTS_FILE
from snipersight.bot.telemetry.logging import LOG_FILE
from snipersight.domain.ports import EventSink

NOON = datetime(2024, 6, 7, 12, tzinfo=UTC)


@pytest.fixture
def sink(logs):
    return JsonlSink(logs, clock_ms=lambda: int(NOON.timestamp() * 1000))


def test_an_event_needs_a_zoned_time():
    with pytest.raises(ValueError, match="no zone"):
        TelemetryEvent(event_type=EventType.SCAN_STARTED, at=NOON.replace(tzinfo=None))


def test_an_event_is_one_json_line_and_cannot_be_renamed_by_a_field(logs, sink, lines):
    sink.emit("signal_generated", {"symbol": "BTC/USDT", "event": "forged", "at": "never"})
    assert lines(logs / EVENTS_FILE) == [
        {"event": "signal_generated", "at": "2024-06-07T12:00:00.000Z", "symbol": "BTC/USDT"}
    ]


def test_events_carry_the_context_and_no_secrets(logs, sink, lines):
    with log_context("scan_1"):
        sink.emit("data_quality", {"what": "GET /?apiKey=abc failed", "value": float("inf")})
    (line,) = lines(logs / EVENTS_FILE)
    assert line["context_id"] == "scan_1"
    assert line["what"] == "GET /?apiKey=*** failed"
    assert line["value"] == "inf"


def test_the_log_gets_events_too_but_the_events_file_gets_no_log_lines(logs, sink, lines):
    from snipersight.bot.telemetry import log_structured

    log_structured("ordinary")
    sink.emit("scan_started", {"symbols": "top20"})
    assert [line["event"] for line in lines(logs / EVENTS_FILE)] == ["scan_started"]
    assert [line["message"] for line in lines(logs / LOG_FILE)] == ["ordinary", "scan_started"]


def test_an_unknown_name_is_kept_in_the_log_as_an_error(logs, sink, lines):
    sink.emit("no_such_event", {"symbol": "BTC/USDT"})
    (line,) = lines(logs / LOG_FILE)
    assert line["level"] == "ERROR"
    assert "no_such_event" in line["message"]
    assert line["symbol"] == "BTC/USDT"
    assert not (logs / EVENTS_FILE).exists()


def test_two_sinks_do_not_write_into_each_other(logs, sink, tmp_path, lines):
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = JsonlSink(other_folder, clock_ms=lambda: 0)
    sink.emit("scan_started", {})
    other.emit("scan_finished", {})
    assert [line["event"] for line in lines(logs / EVENTS_FILE)] == ["scan_started"]
    assert [line["event"] for line in lines(other_folder / EVENTS_FILE)] == ["scan_finished"]


def test_a_disk_that_refuses_never_stops_the_caller(logs, capfd):
    (logs / "gone").mkdir()
    sink = JsonlSink(logs / "gone", clock_ms=lambda: 0)
    (logs / "gone" / EVENTS_FILE).mkdir()  # opening the file fails from now on
    sink.emit("scan_started", {})
    told = "warning: the log cannot be written: Is a directory; this run goes on without it\n"
    assert capfd.readouterr().err == told


def test_a_closed_sink_drops_events(logs, sink):
    sink.close()
    sink.emit("scan_started", {})
    assert not (logs / EVENTS_FILE).exists()


def test_a_scan_that_starts_names_itself_on_every_later_line(logs, sink, lines):
    import contextvars

    def scan() -> None:
        outer = ScanContextSink(sink)
        outer.emit("scan_started", {"context_id": "scan_9"})
        outer.emit("signal_rejected", {"symbol": "BTC/USDT"})

    contextvars.copy_context().run(scan)  # as in a task of its own
    assert [line["context_id"] for line in lines(logs / EVENTS_FILE)] == ["scan_9", "scan_9"]


def test_counting_counts_and_hands_over():
    inner = CountingSink(NullSink())
    outer = CountingSink(inner)
    for name in ("candle_gap", "candle_gap", "scan_started"):
        outer.emit(name, {})
    assert outer.counts == inner.counts == {"candle_gap": 2, "scan_started": 1}


def test_every_sink_is_a_sink(sink):
    sinks: list[EventSink] = [sink, NullSink(), CountingSink(NullSink()), ScanContextSink(sink)]
    assert len(sinks) == 4


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
