"""Where the events of one command go: telemetry's store, or the log alone where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snipersight.bot.telemetry.events import LogSink, NullSink
from snipersight.bot.telemetry.scan_sinks import CountingSink, ScanContextSink
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.ports import EventSink

if TYPE_CHECKING:
    from snipersight.bootstrap.event_flow import EventFlow
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.telemetry import Telemetry

WRITE_S: Final = 2.0  # a command waits no longer for telemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvents:
    """The sink of a command and what stands behind it.

    Args:
        sink: takes the events.
        telemetry: the open store; None where nothing is kept.
        flow: brings events there and on; None where nothing is kept.
        remarks: what the user should be told, one sentence each.
    """

    sink: CountingSink
    telemetry: Telemetry | None = None
    flow: EventFlow | None = None
    remarks: tuple[str, ...] = ()

    def close(self, tell: Callable[[str], None] = lambda _line: None) -> None:
        """Store and export what waits, for a few seconds at most; then close the store.

        Args:
            tell: told where events are being sent, if that is another machine.
        """
        try:
            if self.flow is not None:
                self.flow.close(tell)
        finally:
            if self.telemetry is not None:
                self.telemetry.close()


def open_session_events(surroundings: Surroundings) -> SessionEvents:
    """Return where events go; the caller closes it.

    A store that cannot be used is a remark, and the log gets the events all the same.
    """
    settings = surroundings.settings
    if not settings.analytics_enabled:
        return SessionEvents(sink=_counting(NullSink()))
    try:
        telemetry = _opened(surroundings)
    except SniperSightError as error:
        # What is wrong with the home has been said already.
        why = (f"{error}; no events are kept",) if surroundings.is_writable else ()
        return SessionEvents(sink=_counting(LogSink()), remarks=why)
    from snipersight.bootstrap.event_flow import EventFlow

    logs = surroundings.home.logs() if surroundings.is_writable else None
    flow = EventFlow(telemetry.events, settings, logs=logs)
    return SessionEvents(sink=_counting(flow.sink), telemetry=telemetry, flow=flow)


def _opened(surroundings: Surroundings) -> Telemetry:
    from snipersight.bootstrap.telemetry import open_telemetry

    settings = surroundings.settings
    if not surroundings.is_writable and settings.database_url is None:
        raise StateUnavailable("there is no home", where=str(surroundings.home.path))
    return open_telemetry(settings, timeout_s=WRITE_S)


def _counting(sink: EventSink) -> CountingSink:
    return CountingSink(ScanContextSink(sink))
