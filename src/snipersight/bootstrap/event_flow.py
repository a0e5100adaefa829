"""The way of a command's events: into the queue while it runs, out to the exporters at its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.event_exporters import LOCAL, claim_owner, open_exporters
from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.event_queue import EventQueue
from snipersight.bot.telemetry.events import log_event
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.errors import SniperSightError
from snipersight.domain.event_log import EventLog
from snipersight.domain.ports import EventSink

if TYPE_CHECKING:
    from snipersight.bot.telemetry.exporters import Exporter

STORE_S: Final = 2.5  # longer than a write may take, so that its error can be told
LOCAL_S: Final = 1.0
REMOTE_S: Final = 2.0


class EventFlow:
    """The queue of one command and what is done with its events when it ends.

    Nothing of it raises or changes how the command ends; what cannot be done is one warning, and
    what was stored is exported by the next command.

    Args:
        log: where events are stored.
        settings: which exporters there are.
        logs: folder of the file of events; None where no file can be kept.
    """

    def __init__(self, log: EventLog, settings: Settings, *, logs: Path | None) -> None:
        self._log = log
        self._settings = settings
        self._logs = logs
        self._queue = EventQueue(log, echo=log_event)

    @property
    def sink(self) -> EventSink:
        """Return what takes the events."""
        return self._queue

    def close(self, tell: Callable[[str], None] = lambda _line: None) -> None:
        """Store what waits, and bring exporters what they lack: the file for a second, others two.

        Args:
            tell: told where events are being sent, if that is another machine.
        """
        try:
            if self._queue.close(STORE_S):
                return  # what is missing is told already; what cannot be written cannot be read
            self._export(tell)
        except Exception as error:  # noqa: BLE001 - what telemetry stumbles over changes no command
            why = str(error) if isinstance(error, SniperSightError) else repr(error)
            log_structured(f"events were not exported: {why}", level="WARNING", stage="telemetry")

    def _export(self, tell: Callable[[str], None]) -> None:
        names = [name for name in self._settings.event_exporters if name != LOCAL or self._logs]
        found = open_exporters(self._settings, logs=self._logs, names=names)
        for problem in found.problems:
            log_structured(str(problem), level="WARNING", stage="telemetry")
        remote = [one.name for one in found.exporters if one.name != LOCAL]
        if remote:
            tell(f"Sending events to {', '.join(remote)} …")
        if found.exporters:
            self._drain(found.exporters)

    def _drain(self, exporters: tuple[Exporter, ...]) -> None:
        from snipersight.bot.telemetry.exporters.exporting import Exporting

        exporting = Exporting(self._log, exporters, owner=claim_owner(), tell=_warn)
        try:
            states = exporting.drain(REMOTE_S, patience_of={LOCAL: LOCAL_S})
        finally:
            exporting.close()
        late = [one.name for one in states if not (one.is_done or one.is_elsewhere or one.problem)]
        if late:
            names = ", ".join(late)
            _warn(f"{names} did not take all events in time; `snipersight events send` goes on")


def _warn(text: str) -> None:
    log_structured(text, level="WARNING", stage="telemetry")
