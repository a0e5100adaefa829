"""Programs that the figures of events start, measure and kill.

usage: telemetry_events_child.py million HOME COUNT
       telemetry_events_child.py endless HOME FIRST
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import Telemetry, open_telemetry
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.bot.telemetry.exporters.exporting import Exporting
from snipersight.bot.telemetry.exporters.jsonl import JsonlExporter
from snipersight.bot.telemetry.log_archive import Keeping

KEEPING: Final = Keeping(files=1_000_000, quiet_s=86_400.0)  # every line is counted afterwards
_AHEAD: Final = 500


def main(mode: str, home: str, number: int) -> None:
    """Do what the mode says."""
    os.environ["SNIPERSIGHT_HOME"] = home
    telemetry = open_telemetry(load_settings()[0])
    logs = Path(home) / "logs"
    logs.mkdir(exist_ok=True)
    exporter = JsonlExporter(logs, keeping=KEEPING)
    if mode == "million":
        emit_all(telemetry, exporter, number)
    else:
        emit_until_killed(telemetry, exporter, number)


def emit_all(telemetry: Telemetry, exporter: JsonlExporter, count: int) -> None:
    """Emit so many events as fast as the queue takes them, exported all the while."""
    queue, end = EventQueue(telemetry.events), threading.Event()
    watch = threading.Thread(target=lambda: exporting(telemetry, exporter).watch(end))
    watch.start()
    for number in range(count):
        queue.emit("signal_rejected", fields_of(number))
    missing = queue.close(60)
    end.set()
    watch.join()
    (state,) = exporting(telemetry, exporter).drain(600, is_in_all=False)
    telemetry.close()
    if missing or not state.is_done:
        raise SystemExit(f"{missing} were not stored; {state}")


def emit_until_killed(telemetry: Telemetry, exporter: JsonlExporter, first: int) -> None:
    """Emit for ever, and print each number once its event is durable."""
    queue = EventQueue(telemetry.events)
    end = threading.Event()
    threading.Thread(target=lambda: exporting(telemetry, exporter).watch(end), daemon=True).start()
    while True:
        tickets = []
        for number in range(first, first + _AHEAD):
            at, fields = datetime.now(UTC), fields_of(number)
            event = TelemetryEvent(event_type=EventType.SIGNAL_REJECTED, at=at, fields=fields)
            tickets.append((number, queue.submit(event)))
        for number, ticket in tickets:
            if ticket.wait(30):
                print(number, flush=True)
        first += _AHEAD


def exporting(telemetry: Telemetry, exporter: JsonlExporter) -> Exporting:
    """Return what brings the file its events, under one name for this process."""
    return Exporting(telemetry.events, [exporter], owner=str(os.getpid()), tell=print)


def fields_of(number: int) -> dict[str, object]:
    """Return what an event of a scan carries."""
    return {
        "number": number,
        "symbol": "BTC/USDT",
        "reason": "gated:target_touched",
        "setup_id": f"{number:016x}",
        "at_ms": 1_717_639_200_000 + number,
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
