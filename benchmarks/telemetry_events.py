"""What events cost: the caller's side, durability, a million of them, and a kill in between."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.harness import Figure, at_most, median, progress
from benchmarks.scan_commands import MEGABYTE, run_measured
from benchmarks.telemetry_events_child import fields_of
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import Telemetry, open_telemetry
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.bot.telemetry.exporters.exporting import Exporting
from snipersight.bot.telemetry.exporters.jsonl import JsonlExporter

CHILD: Final = Path(__file__).with_name("telemetry_events_child.py")
_ROUNDS: Final = 5
_BURST: Final = 500  # what a large scan tells at once
_BURSTS: Final = 40
_ACKNOWLEDGED: Final = 300  # a round
_APART: Final = 10_000_000
_NANO: Final = 1e-3  # microseconds


def event_figures(scratch: Path, *, is_short: bool = False) -> list[Figure]:
    """Return the figures of events.

    Args:
        scratch: folder for everything temporary.
        is_short: a tenth of the million, and fewer kills.
    """
    count, kills = (100_000, 3) if is_short else (1_000_000, 10)
    progress("events: the caller's side, and until they are durable")
    with _opened(scratch / "emit") as telemetry:
        emit, acknowledgement = emit_figure(telemetry), acknowledgement_figure(telemetry)
    progress(f"{count:,} events to a file")
    memory, lost = million_figure(scratch, count)
    progress(f"{kills} kills while events are emitted")
    return [emit, acknowledgement, memory, lost_figure(scratch, kills, lost)]


def emit_figure(telemetry: Telemetry) -> Figure:
    """Return what `emit` costs its caller, into a real store, in bursts as a scan tells them."""
    queue = EventQueue(telemetry.events)
    rounds = [_emit_round(queue) for _ in range(_ROUNDS)]
    queue.close(60)
    p99 = median([statistics.quantiles(one, n=100)[98] for one in rounds])
    note = (
        f"median of {_ROUNDS} rounds of {_BURSTS * _BURST:,} calls in bursts of {_BURST}; "
        f"p99 {p99:.1f} µs"
    )
    value = median([statistics.median(one) for one in rounds])
    return Figure(name="event_emit_us", value=value, unit="µs", target=at_most(20), note=note)


def acknowledgement_figure(telemetry: Telemetry) -> Figure:
    """Return how long one event takes until it is durable, beside a caller that emits steadily."""
    queue, end = EventQueue(telemetry.events), threading.Event()
    beside = threading.Thread(target=_emit_steadily, args=(queue, end))
    beside.start()
    times = [_acknowledged_ms(queue) for _ in range(_ROUNDS * _ACKNOWLEDGED)]
    end.set()
    beside.join()
    queue.close(60)
    cuts = statistics.quantiles(times, n=100)
    note = (
        f"of {len(times):,}, one at a time beside 1,000 others a second; "
        f"median {statistics.median(times):.1f} ms"
    )
    return Figure(
        name="event_ack_p99_ms", value=cuts[98], unit="ms", target=at_most(100), note=note
    )


def million_figure(scratch: Path, count: int) -> tuple[Figure, int]:
    """Return the memory of many events on their way to the file, and how many did not arrive."""
    home = _fresh(scratch / "million")
    command = [sys.executable, str(CHILD), "million", str(home), str(count)]
    run = run_measured(command, home=home, scratch=scratch)
    lost = lost_of(home, set(range(count)))
    size = sum(path.stat().st_size for path in (home / "logs").iterdir())
    note = (
        f"{count:,} events in {run.seconds:.0f} s, {count / run.seconds:,.0f}/s, "
        f"{size / MEGABYTE:,.0f} MB of lines; peak of the process"
    )
    figure = Figure(
        name="events_million_mb",
        value=run.peak_bytes / MEGABYTE,
        unit="MB",
        target=at_most(200),
        note=note,
    )
    return figure, lost


def lost_figure(scratch: Path, kills: int, lost_before: int) -> Figure:
    """Return how many acknowledged events are not in the file exactly once after kills."""
    home, acknowledged = _fresh(scratch / "killed"), set[int]()
    for number in range(kills):
        acknowledged |= _killed(home, number * _APART, after_s=0.1 + 0.15 * number)
    os.environ["SNIPERSIGHT_HOME"] = str(home)
    with open_telemetry(load_settings()[0]) as telemetry:
        exporter = JsonlExporter(home / "logs")
        _drain_once_free(telemetry, exporter)
    lost = lost_of(home, acknowledged) + lost_before
    note = (
        f"missing or doubled, of {len(acknowledged):,} acknowledged by {kills} processes that "
        "were killed, and of those above"
    )
    return Figure(name="events_lost", value=lost, unit="events", target=at_most(0), note=note)


def lost_of(home: Path, expected: set[int]) -> int:
    """Return how many of these numbers are not in the file, and how many lines are one too many."""
    seen, doubled = set[int](), 0
    for number in _numbers(home):
        doubled += number in seen
        seen.add(number)
    return len(expected - seen) + doubled


def _emit_round(queue: EventQueue) -> list[float]:
    """Return what each call cost, microseconds."""
    clock, costs = time.perf_counter_ns, list[float]()
    for burst in range(_BURSTS):
        for number in range(burst * _BURST, (burst + 1) * _BURST):
            fields = fields_of(number)
            started = clock()
            queue.emit("signal_rejected", fields)
            costs.append((clock() - started) * _NANO)
        queue.flush(60)
    return costs


def _acknowledged_ms(queue: EventQueue) -> float:
    event = TelemetryEvent(event_type=EventType.KILL, at=datetime.now(UTC), fields={})
    started = time.perf_counter()
    if not queue.submit(event).wait(60):
        raise SystemExit("an event was not stored within a minute")
    return (time.perf_counter() - started) * 1e3


def _emit_steadily(queue: EventQueue, end: threading.Event) -> None:
    number = 0
    while not end.wait(0.01):
        for _ in range(10):
            queue.emit("signal_rejected", fields_of(number))
            number += 1


def _killed(home: Path, first: int, *, after_s: float) -> set[int]:
    command = [sys.executable, str(CHILD), "endless", str(home), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        seen = [child.stdout.readline()]
        time.sleep(after_s)
        child.kill()
        seen += child.stdout.readlines()
    return {int(line) for line in seen if line.endswith("\n") and line.strip().isdigit()}


def _drain_once_free(telemetry: Telemetry, exporter: JsonlExporter) -> None:
    """Bring the file what it lacks, once the claim of the last that was killed has run out."""
    for _ in range(60):
        exporting = Exporting(telemetry.events, [exporter], owner="figures", tell=progress)
        (state,) = exporting.drain(60)
        if state.is_done:
            return
        time.sleep(1)
    raise SystemExit("the file of events was not served within a minute")


def _numbers(home: Path) -> Iterator[int]:
    for path in (home / "logs").glob("events*.jsonl"):
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield int(json.loads(line)["number"])


def _opened(home: Path) -> Telemetry:
    os.environ["SNIPERSIGHT_HOME"] = str(_fresh(home))
    return open_telemetry(load_settings()[0])


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "logs").mkdir()
    return folder
