"""Emits numbered events until it is killed, and prints each number once its event is durable.

usage: events_worker.py HOME FIRST [drain]

With `drain` another thread brings the file of events what is stored, all the while.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.events import EventType, TelemetryEvent
from snipersight.bot.telemetry.exporters.exporting import Exporting
from snipersight.bot.telemetry.exporters.jsonl import JsonlExporter
from snipersight.bot.telemetry.log_archive import Keeping

KEEPING = Keeping(files=1_000)
AHEAD = 200  # events told before the first of them is waited for


def main(home: str, first: int, *, drains: bool) -> None:
    """Emit for ever."""
    os.environ["SNIPERSIGHT_HOME"] = home
    telemetry = open_telemetry(load_settings()[0])
    queue = EventQueue(telemetry.events)
    if drains:
        exporter = JsonlExporter(Path(home) / "logs", most_bytes=100_000, keeping=KEEPING)
        exporting = Exporting(telemetry.events, [exporter], owner=f"{os.getpid()}", tell=print)
        drain = threading.Thread(target=_drain_for_ever, args=(exporting,), daemon=True)
        drain.start()
    number = first
    while True:
        tickets = []
        for _ in range(AHEAD):
            event = TelemetryEvent(
                event_type=EventType.DATA_QUALITY, at=datetime.now(UTC), fields={"number": number}
            )
            tickets.append((number, queue.submit(event)))
            number += 1
        for told, ticket in tickets:
            if ticket.wait(30):
                print(told, flush=True)


def _drain_for_ever(exporting: Exporting) -> None:
    while True:
        exporting.drain(30)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), drains="drain" in sys.argv)
