"""Brings an exporter what it has not had: claims, reads on from its place, exports, confirms."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bot.telemetry.exporters.port import Exporter
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.event_log import EventLog

# Longer than an exporter may take for one call; whoever died is replaced after this.
CLAIM_US: Final = 30_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pumped:
    """How far one exporter has come.

    Args:
        name: of the exporter.
        exported: events it has taken.
        is_done: it had all there was.
        is_elsewhere: another process brings it events.
        busy_since: when the call began that it is in, seconds of a clock that only grows; 0: none.
        problem: what the last failure said; empty if there is none.
        is_refused: a person must look.
    """

    name: str
    exported: int = 0
    is_done: bool = False
    is_elsewhere: bool = False
    busy_since: float = 0.0
    problem: str = ""
    is_refused: bool = False


class Pump:
    """Brings events from the log to one exporter; one thread uses it, others may look at `state`.

    Args:
        log: where events are.
        exporter: where they go.
        owner: who claims the exporter's place: a name that no other process has.
    """

    def __init__(self, log: EventLog, exporter: Exporter, *, owner: str) -> None:
        self._log = log
        self._exporter = exporter
        self._owner = owner
        self.state = Pumped(name=exporter.name)

    @property
    def name(self) -> str:
        """Return the exporter's name."""
        return self._exporter.name

    def drain(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Bring everything that is there, batch by batch.

        Args:
            is_over: asked between batches whether to stop.

        Raises:
            ExportFailed, ExportRefused: from the exporter; what it took before is confirmed.
            StateUnavailable: the log cannot be read or written.
        """
        self._note(is_done=False, is_elsewhere=False)
        try:
            while not is_over():
                if not self._log.claim(self.name, self._owner, for_us=CLAIM_US):
                    return self._note(is_elsewhere=True)
                if not self._bring_batch():
                    return None
            return None
        finally:
            with suppress(StateUnavailable):  # the claim runs out by itself
                self._log.release(self.name, self._owner)

    def _bring_batch(self) -> bool:
        """Return whether there may be more."""
        events = self._log.after(self._log.cursor(self.name), limit=self._exporter.most)
        if not events:
            self._note(is_done=True, problem="", is_refused=False)
            return False
        self._note(busy_since=time.monotonic())
        try:
            self._exporter.export(events)
        finally:
            self._note(busy_since=0.0)
        if not self._log.confirm(self.name, self._owner, events[-1].seq):
            self._note(is_elsewhere=True)
            return False
        count, is_more = self.state.exported + len(events), len(events) == self._exporter.most
        self._note(exported=count, is_done=not is_more, problem="", is_refused=False)
        return is_more

    def note_problem(self, problem: str, *, is_refused: bool) -> None:
        """Remember why the last attempt failed."""
        self._note(problem=problem, is_refused=is_refused)

    def _note(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]  # fields of its own
