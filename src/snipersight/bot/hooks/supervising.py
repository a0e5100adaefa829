"""Keeps one plug-in going on a thread of its own: starts it, starts it over, gives it up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Final

from snipersight.bot.hooks.doorbell import Doorbell
from snipersight.bot.hooks.life import End, HookLife
from snipersight.bot.hooks.output import PrintedOutput
from snipersight.bot.hooks.process import HookLimits, HookProcess
from snipersight.bot.hooks.restarts import MOST_AN_HOUR, Restarts
from snipersight.bot.hooks.states import HookState, HookStatus, HookTrouble, TroubleKind
from snipersight.bot.hooks.waiting import WaitingEvents
from snipersight.domain.hooks import HookEvent

Report = Callable[[HookTrouble], None]

_OUTPUT: Final = "output.log"
_OVER: Final = (HookStatus.REFUSED, HookStatus.OFF, HookStatus.CLOSED)
_JOIN_S: Final = 4.0  # for its process to leave, beyond what it is given to take what waits


class HookSupervisor:
    """One plug-in: what it is told, and how it is doing.

    Args:
        point: its entry point.
        limits: what it may take.
        folder: where it works and what it prints is kept; it exists.
        report: told of each trouble once, on the plug-in's thread; must not raise.
        restarts: when it may start over.
    """

    def __init__(
        self,
        point: EntryPoint,
        limits: HookLimits,
        *,
        folder: Path,
        report: Report,
        restarts: Restarts | None = None,
    ) -> None:
        self._point = point
        self._limits = limits
        self._folder = folder
        self._report = report
        self._restarts = restarts or Restarts()
        self._state = HookState(name=point.name, status=HookStatus.STARTING)
        self._waiting = WaitingEvents(limits.waiting)
        self._bell = Doorbell()
        self._stopping = threading.Event()
        self._leave_at_s: float | None = None
        self._reported: set[tuple[str, ...]] = set()
        self._next_dropped = 1
        self._thread = threading.Thread(target=self._run, name=f"hook-{point.name}", daemon=True)
        self._thread.start()

    def offer(self, event: HookEvent) -> None:
        """Let an event wait for the plug-in if it may want it; never waits, never raises."""
        if self.wants(event.name):
            self._waiting.put(event)
            self._bell.ring()

    def wants(self, name: str) -> bool:
        """Return whether the plug-in takes events of that name, as far as is known yet."""
        state = self._state
        if state.status in _OVER:
            return False
        return not state.events or name in state.events

    def state(self) -> HookState:
        """Return how the plug-in is doing."""
        return replace(self._state, dropped=self._waiting.dropped)

    def stop(self, *, within_s: float) -> None:
        """Ask it to take what waits within some seconds and to end; does not wait for that."""
        self._leave_at_s = time.monotonic() + within_s
        self._stopping.set()
        self._bell.ring()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join(max(0.0, (self._leave_at_s or 0.0) - time.monotonic()) + _JOIN_S)

    # What a life tells, on the plug-in's thread.

    def ready(self, events: tuple[str, ...]) -> None:
        """Note that it was loaded."""
        self._state = replace(self._state, status=HookStatus.READY, events=events)

    def done(self) -> None:
        """Note that it was called."""
        self._state = replace(self._state, done=self._state.done + 1)
        self._tell_dropped()

    def raised(self, event: HookEvent, text: str) -> None:
        """Note that it raised; each kind of exception at an event is reported once."""
        self._state = replace(self._state, raised=self._state.raised + 1)
        sentence = f"raised at {event.name}: {text}"
        self._tell(TroubleKind.RAISED, sentence, event.name, text.partition(":")[0])

    def untellable(self, event: HookEvent, text: str) -> None:
        """Note that an event could not be told."""
        self._state = replace(self._state, lost=self._state.lost + 1)
        self._tell(TroubleKind.UNTELLABLE, text, event.name)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                end = self._live()
                if end is None or not self._starts_over(end):
                    break
        finally:
            if self._state.status not in _OVER:
                self._state = replace(self._state, status=HookStatus.CLOSED)
            self._waiting.clear()
            self._bell.close()

    def _live(self) -> End | None:
        try:
            process = HookProcess(self._point, self._limits, folder=self._folder)
        except OSError as error:
            return End(kind=TroubleKind.ENDED, sentence=f"cannot be started: {error}")
        return HookLife(
            process,
            self._waiting,
            PrintedOutput(self._folder / _OUTPUT),
            bell=self._bell,
            listener=self,
            timeout_s=self._limits.timeout_s,
            leave_at=lambda: self._leave_at_s,
        ).run()

    def _starts_over(self, end: End) -> bool:
        """Note an end, wait for the next start, and return whether there is one."""
        self._state = replace(self._state, lost=self._state.lost + end.lost)
        self._tell_dropped()
        if end.kind is TroubleKind.REFUSED:
            self._tell(end.kind, end.sentence, status=HookStatus.REFUSED)
            return False
        pause_s = self._restarts.pause_s(time.monotonic())
        if pause_s is None:
            sentence = (
                f"{end.sentence}; it ended {MOST_AN_HOUR + 1} times within an hour and stays off"
            )
            self._tell(TroubleKind.OFF, sentence, status=HookStatus.OFF)
            return False
        restarts = self._state.restarts + 1
        self._state = replace(self._state, restarts=restarts)
        self._tell(end.kind, end.sentence, str(restarts), status=HookStatus.PAUSED)
        self._stopping.wait(pause_s)
        return True

    def _tell_dropped(self) -> None:
        """Report dropped events at the first one, and each time there are ten times as many."""
        dropped = self._waiting.dropped
        if dropped < self._next_dropped:
            return
        while self._next_dropped <= dropped:
            self._next_dropped *= 10
        sentence = f"takes events more slowly than they come; {dropped} were dropped so far"
        self._tell(TroubleKind.DROPPED, sentence, str(dropped))

    def _tell(
        self, kind: TroubleKind, sentence: str, *key: str, status: HookStatus | None = None
    ) -> None:
        self._state = replace(self._state, sentence=sentence, status=status or self._state.status)
        if (kind.value, *key) in self._reported:
            return
        self._reported.add((kind.value, *key))
        self._report(HookTrouble(name=self._point.name, kind=kind, sentence=sentence))
