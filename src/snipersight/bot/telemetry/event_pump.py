"""Brings what the store says happened into the log of events: each thing once, whatever dies.

A source is read from where its cursor stands. Events are stored under keys first and the cursor
moves afterwards: whoever is killed in between tells the same again, under the same keys, and the
log passes it over.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from snipersight.bot.telemetry.event_writer import stored_form
from snipersight.bot.telemetry.events import TelemetryEvent
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import EventLog

_CLAIM_US: Final = 30_000_000  # longer than a page takes
_FAR: Final = 1_000  # records without an event; fewer are cheaper to read again than to pass over


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what a source tells.

    Args:
        events: oldest first, each with a key.
        cursor: where the next page begins.
        is_last: there was no more when it was read.
    """

    events: Sequence[TelemetryEvent]
    cursor: int
    is_last: bool


class EventSource(Protocol):
    """Something durable that events are derived from."""

    @property
    def name(self) -> str:
        """Return the name of its cursor, `audit:main`."""
        ...

    def page(self, cursor: int) -> Page:
        """Return what comes after a cursor, 0 for the beginning; the same again for the same one.

        Raises:
            StateUnavailable: it cannot be read.
        """
        ...


class _SourceFailed(Exception):
    """A source could not be read; the cause says why."""


def pump(
    log: EventLog,
    sources: Iterable[EventSource],
    *,
    owner: str,
    seconds: float | None = None,
    clock_s: Callable[[], float] = time.monotonic,
) -> bool:
    """Store every event that the sources tell and the log lacks; return whether any was new.

    A source that another process is pumping is left to it, and one that cannot be read keeps none
    of the others. Where there is nothing to tell, nothing is written.

    Args:
        log: where events are kept.
        sources: each with a name of its own.
        owner: this process, for claims.
        seconds: no page is begun after them, what is left is for the next time; None: no limit.
        clock_s: seconds that only grow.

    Raises:
        StateUnavailable: a source cannot be read, or the log cannot be used; what was stored
            until then stays.
    """
    before, failed = log.newest(), None
    until_s = float("inf") if seconds is None else clock_s() + seconds
    for source in sources:
        try:
            _pump_new(log, source, owner, lambda: clock_s() >= until_s)
        except _SourceFailed as error:
            failed = failed or error
    if failed is not None:
        raise _unreadable(failed)
    return log.newest() > before


def _pump_new(log: EventLog, source: EventSource, owner: str, is_over: Callable[[], bool]) -> None:
    if is_over():
        return
    cursor = log.cursor(source.name)
    page = _page(source, cursor)
    if page.events or not page.is_last or page.cursor - cursor >= _FAR:
        _pump_one(log, source, owner, is_over)


def _pump_one(log: EventLog, source: EventSource, owner: str, is_over: Callable[[], bool]) -> None:
    if not log.claim(source.name, owner, for_us=_CLAIM_US):
        return
    try:
        cursor, is_last = log.cursor(source.name), False
        while not is_last:
            page = _page(source, cursor)
            if page.events:
                log.append([stored_form(event) for event in page.events])
            if page.cursor != cursor and not _move(log, source.name, owner, cursor, page.cursor):
                break  # we were slow, and somebody else has taken over
            is_last = page.is_last or is_over()
            is_last = is_last or not log.claim(source.name, owner, for_us=_CLAIM_US)
            cursor = page.cursor
    finally:
        log.release(source.name, owner)


def _move(log: EventLog, name: str, owner: str, cursor: int, to: int) -> bool:
    if to < cursor:  # the source was brought back from a backup, and grows past the cursor again
        return log.set_back(name, owner, to)
    return log.confirm(name, owner, to)


def _page(source: EventSource, cursor: int) -> Page:
    try:
        return source.page(cursor)
    except Exception as error:  # what is stored may be damaged in any way
        raise _SourceFailed(source.name) from error


def _unreadable(failed: _SourceFailed) -> StateUnavailable:
    cause = failed.__cause__
    if isinstance(cause, StateUnavailable):
        return cause
    return StateUnavailable(
        f"what is stored cannot be read: {type(cause).__name__}",
        where=str(failed),
        next_step="run `snipersight db check`",
    )
