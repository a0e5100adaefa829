"""Runs the exporters side by side: each on a thread of its own, so that none waits for another."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from snipersight.bot.telemetry.exporters.port import Exporter, ExportFailed, ExportRefused
from snipersight.bot.telemetry.exporters.pump import Pump, Pumped
from snipersight.bot.telemetry.masking import mask
from snipersight.domain.errors import SniperSightError
from snipersight.domain.event_log import EventLog

HANGS_AFTER_S: Final = 60.0
LOOK_AGAIN_S: Final = 1.0
LONGEST_PAUSE_S: Final = 300.0
REFUSED_PAUSE_S: Final = 300.0
_FIRST_PAUSE_S: Final = 0.5
_STEEPEST: Final = 10  # doublings


class Exporting:
    """Brings events to several exporters until they have them all, or for as long as it is let.

    It drains or watches; once a watch has ended, another one begins with a new object.

    Args:
        log: where events are.
        exporters: where they go.
        owner: who claims their places: a name that no other process has.
        tell: told what a person should know, once for each failure that lasts.
        chance: a number from 0 to below 1, for the length of pauses.
    """

    def __init__(
        self,
        log: EventLog,
        exporters: Sequence[Exporter],
        *,
        owner: str,
        tell: Callable[[str], None],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._exporters = exporters
        self._stop = threading.Event()
        self._lanes = [
            _Lane(Pump(log, one, owner=owner), self._stop, tell, chance) for one in exporters
        ]

    def drain(
        self,
        patience_s: float,
        *,
        patience_of: Mapping[str, float] | None = None,
        is_in_all: bool = True,
    ) -> tuple[Pumped, ...]:
        """Bring what there is and return how far each exporter came.

        Args:
            patience_s: how long to wait for an exporter; it is left alone then, and what it did
                not take waits for the next time.
            patience_of: another patience for exporters by name.
            is_in_all: count the patience from now on; else from the last batch that was taken.
        """
        for lane in self._lanes:
            patience = (patience_of or {}).get(lane.name, patience_s)
            lane.start(patience_s=patience, is_renewed=not is_in_all, is_watching=False)
        for lane in self._lanes:
            lane.join()
        return tuple(lane.state for lane in self._lanes)

    def watch(
        self, until: threading.Event, *, each: Callable[[], None] = lambda: None
    ) -> tuple[Pumped, ...]:
        """Bring what comes until the event is set; then return how far each exporter came.

        Args:
            until: ends the watch.
            each: called every second.
        """
        for lane in self._lanes:
            lane.start(patience_s=float("inf"), is_renewed=False, is_watching=True)
        while not until.wait(LOOK_AGAIN_S):
            each()
            for lane in self._lanes:
                lane.tell_if_hanging()
        self._stop.set()
        for lane in self._lanes:
            lane.join(LOOK_AGAIN_S)
        return tuple(lane.state for lane in self._lanes)

    def close(self) -> None:
        """Stop, and release what exporters hold; one that hangs is left to the end of the process."""
        self._stop.set()
        for lane, exporter in zip(self._lanes, self._exporters, strict=True):
            if lane.join(0):
                exporter.close()


class _Lane:
    """One exporter and its thread."""

    def __init__(
        self,
        pump: Pump,
        stop: threading.Event,
        tell: Callable[[str], None],
        chance: Callable[[], float],
    ) -> None:
        self._pump = pump
        self._stop = stop
        self._tell = tell
        self._chance = chance
        self._thread: threading.Thread | None = None
        self._until = 0.0
        self._patience_s = 0.0
        self._seen = 0
        self._failures = 0
        self._told = ""
        self._hang_told = 0.0

    @property
    def name(self) -> str:
        return self._pump.name

    @property
    def state(self) -> Pumped:
        return self._pump.state

    def start(self, *, patience_s: float, is_renewed: bool, is_watching: bool) -> None:
        if not self.join(0):
            return  # it still hangs in what it was started for
        self._until = time.monotonic() + patience_s
        self._patience_s = patience_s if is_renewed else 0.0
        self._thread = threading.Thread(
            target=self._run, args=(is_watching,), name=f"events-{self.name}", daemon=True
        )
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Return whether the thread has ended; without a time, wait for as long as it may run."""
        thread = self._thread
        if thread is None:
            return True
        if timeout_s is not None:
            thread.join(timeout_s)
        while timeout_s is None and thread.is_alive() and time.monotonic() < self._until:
            thread.join(min(LOOK_AGAIN_S, max(0.0, self._until - time.monotonic())))
        return not thread.is_alive()

    def tell_if_hanging(self) -> None:
        since = self.state.busy_since
        if since and since != self._hang_told and time.monotonic() - since > HANGS_AFTER_S:
            self._hang_told = since
            self._tell(f"exporter {self.name} hangs; the others go on without it")

    def _run(self, is_watching: bool) -> None:
        while not self._is_over():
            pause_s = self._drain_once()
            if pause_s is None:
                if not is_watching:
                    return
                pause_s = LOOK_AGAIN_S
            if not is_watching and time.monotonic() + pause_s >= self._until:
                return
            self._stop.wait(pause_s)

    def _is_over(self) -> bool:
        if self._patience_s and self.state.exported > self._seen:
            self._seen = self.state.exported
            self._until = time.monotonic() + self._patience_s
        return self._stop.is_set() or time.monotonic() >= self._until

    def _drain_once(self) -> float | None:
        """Bring what there is; return how long to pause before trying again, None: no failure."""
        try:
            self._pump.drain(self._is_over)
        except ExportRefused as error:
            self._fail(error, is_refused=True)
            return REFUSED_PAUSE_S
        except Exception as error:  # noqa: BLE001 - foreign code; its thread lives on
            self._fail(error, is_refused=False)
            asked_s = error.after_s if isinstance(error, ExportFailed) else None
            return self._pause_s() if asked_s is None else max(asked_s, _FIRST_PAUSE_S)
        self._failures, self._told = 0, ""
        return None

    def _fail(self, error: Exception, *, is_refused: bool) -> None:
        self._failures += 1
        known = isinstance(error, SniperSightError)
        problem = mask(str(error) if known else f"{type(error).__name__}: {error}".rstrip(": "))
        self._pump.note_problem(problem, is_refused=is_refused)
        if problem != self._told and not self._stop.is_set():  # nobody waits for it any more
            self._told = problem
            self._tell(f"exporter {self.name}: {problem}")

    def _pause_s(self) -> float:
        # Half of it by chance, so that many processes do not come back at one moment.
        bound_s: float = min(
            LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self._failures - 1, _STEEPEST)
        )
        return bound_s * (0.5 + 0.5 * self._chance())
