"""Events brought to their exporters by a command of their own, at leisure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.event_exporters import claim_owner, open_exporters
from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.event_log import EventLog

if TYPE_CHECKING:
    from snipersight.bot.telemetry.exporters.exporting import Exporting
    from snipersight.bot.telemetry.exporters.pump import Pumped

PATIENCE_S: Final = 30.0  # since the last batch that was taken
DERIVE_EVERY_S: Final = 5.0
_DERIVE_S: Final = 2.0  # whoever wants to end a watch waits for no more


@dataclass(frozen=True, slots=True, kw_only=True)
class ExporterPlace:
    """Where one exporter stands.

    Args:
        name: of it.
        cursor: place of the newest event it has.
        behind: places to the newest event, gaps counted.
        is_claimed: a process is bringing it events now.
    """

    name: str
    cursor: int
    behind: int
    is_claimed: bool


class EventSending:
    """Brings stored events to the exporters of the settings, and those that are derived first.

    Args:
        log: where events are.
        exporting: where they go.
        derive: stores what happened to orders and messages and was not told yet, for so many
            seconds; None: all of it.
    """

    def __init__(
        self, log: EventLog, exporting: Exporting, *, derive: Callable[[float | None], None]
    ) -> None:
        self._log = log
        self._exporting = exporting
        self._derive = derive
        self._derived_at = float("-inf")

    def send(self) -> tuple[Pumped, ...]:
        """Bring all there is; an exporter that takes nothing for half a minute is left alone."""
        self._derive(None)
        return self._exporting.drain(PATIENCE_S, is_in_all=False)

    def watch(self, until: threading.Event) -> tuple[Pumped, ...]:
        """Bring what comes until the event is set."""
        return self._exporting.watch(until, each=self._derive_now_and_then)

    def _derive_now_and_then(self) -> None:
        if time.monotonic() - self._derived_at >= DERIVE_EVERY_S:
            self._derive(_DERIVE_S)
            self._derived_at = time.monotonic()


@contextmanager
def open_sending(
    settings: Settings,
    *,
    logs: Path | None,
    names: Sequence[str] | None,
    tell: Callable[[str], None],
) -> Iterator[EventSending]:
    """Yield what brings events to exporters.

    Args:
        settings: which exporters, and which database.
        logs: folder of the file of events; None where no file can be kept.
        names: only of these exporters; None: of those of the settings.
        tell: told what a person should know.

    Raises:
        ConfigInvalid: telemetry is switched off, or one of the exporters cannot be used.
        StateUnavailable: the database of telemetry cannot be used.
    """
    from snipersight.bootstrap.telemetry import open_telemetry
    from snipersight.bot.telemetry.exporters.exporting import Exporting

    if not settings.analytics_enabled:
        raise ConfigInvalid(
            "telemetry is switched off: nothing is sent anywhere",
            where="ANALYTICS_ENABLED=false",
            next_step="set ANALYTICS_ENABLED=true to send what was stored",
        )
    found = open_exporters(settings, logs=logs, names=names)
    if found.problems:
        raise found.problems[0]
    telemetry = open_telemetry(settings)
    try:
        exporting = Exporting(telemetry.events, found.exporters, owner=claim_owner(), tell=tell)
        try:
            yield EventSending(
                telemetry.events, exporting, derive=_derivation(settings, telemetry.events, tell)
            )
        finally:
            exporting.close()
    finally:
        telemetry.close()


def places(log: EventLog, names: Sequence[str]) -> list[ExporterPlace]:
    """Return where exporters stand.

    Raises:
        StateUnavailable: the log cannot be used.
    """
    newest = log.newest()
    return [_place(log, name, newest) for name in names]


def _place(log: EventLog, name: str, newest: int) -> ExporterPlace:
    cursor = log.cursor(name)
    return ExporterPlace(
        name=name,
        cursor=cursor,
        behind=max(0, newest - cursor),
        is_claimed=log.is_claimed(name),
    )


def _derivation(
    settings: Settings, log: EventLog, tell: Callable[[str], None]
) -> Callable[[float | None], None]:
    """Return what stores the events of orders and messages that nobody has told yet."""
    from snipersight.bootstrap.derived_events import pump_events
    from snipersight.bootstrap.notifying import open_outbox_database
    from snipersight.bootstrap.store import system_us
    from snipersight.storage.decision_store import SqlDecisionStore

    said: set[str] = set()

    def derive(seconds: float | None) -> None:
        try:
            with open_outbox_database(settings) as database:
                decisions = SqlDecisionStore(database, clock=system_us)
                pump_events(log, decisions, database, seconds=seconds)
        except StateUnavailable as error:  # those that are stored can be sent all the same
            if str(error) not in said:
                said.add(str(error))
                tell(f"events of orders and messages cannot be read: {error}")

    return derive
