"""Where the parts of a running bot say how they are; any thread may say it and ask for it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from snipersight.bootstrap.running.vital_values import Health, LastScan, PartHealth

__all__ = ["LOOP", "Health", "Vitals", "beat_of_loop"]

LOOP: Final = "loop"  # the part that stands for the event loop
_LOOP_WITHIN_S: Final = 20.0
_LOOP_EVERY_S: Final = 1.0


@dataclass(slots=True)
class _Part:
    beat_s: float | None = None
    within_s: float | None = None
    trouble: str = ""
    restarts: int = 0


class Vitals:
    """The state of a running bot, in real time whatever clock the bot lives by.

    Args:
        clock_s: seconds that only grow.
        notify: told `READY=1` and `STOPPING=1`, as a service manager wants them.
    """

    def __init__(
        self,
        *,
        clock_s: Callable[[], float] = time.monotonic,
        notify: Callable[[str], object] = lambda _state: None,
    ) -> None:
        self._clock_s: Final = clock_s
        self._notify: Final = notify
        self._lock: Final = threading.Lock()
        self._parts: Final[dict[str, _Part]] = {}
        self._has_started = False
        self._is_stopping = False
        self._last_scan: LastScan | None = None

    def beat(self, part: str) -> None:
        """Say that a part made progress just now."""
        now_s = self._clock_s()
        with self._lock:
            self._part(part).beat_s = now_s

    def expect(self, part: str, *, within_s: float) -> None:
        """Say how often a part has to make progress; it has the same time for its first beat.

        Args:
            part: its name; the expectation replaces an earlier one and counts as a beat.
            within_s: real seconds, above 0; silent for longer, the bot is not healthy.
        """
        if not within_s > 0:
            raise ValueError(f"{part} cannot beat every {within_s} s")
        now_s = self._clock_s()
        with self._lock:
            held = self._part(part)
            held.beat_s, held.within_s = now_s, within_s

    def forget(self, part: str) -> None:
        """Expect nothing more of a part, which has come to its end."""
        with self._lock:
            self._parts.pop(part, None)

    def trouble(self, part: str, sentence: str) -> None:
        """Say what is wrong with a part, until it is well; the newest sentence counts."""
        with self._lock:
            self._part(part).trouble = sentence

    def well(self, part: str) -> None:
        """Say that nothing is wrong with a part any more."""
        with self._lock:
            self._part(part).trouble = ""

    def restarted(self, part: str) -> None:
        """Count that a part was started again after it failed."""
        with self._lock:
            self._part(part).restarts += 1

    def scanned(self, as_of_ms: int, *, duration_s: float) -> None:
        """Keep what the newest scan was: the moment it spoke about, and real seconds it took."""
        with self._lock:
            self._last_scan = LastScan(as_of_ms=as_of_ms, duration_s=duration_s)

    def ready(self) -> None:
        """Say that the bot does its work from here on; a second call does nothing."""
        with self._lock:
            is_new, self._has_started = not self._has_started, True
        if is_new:
            self._notify("READY=1")

    def stopping(self) -> None:
        """Say that the bot is coming to its end; a second call does nothing."""
        with self._lock:
            is_new, self._is_stopping = not self._is_stopping, True
        if is_new:
            self._notify("STOPPING=1")

    def health(self) -> Health:
        """Return how everything is now."""
        now_s = self._clock_s()
        with self._lock:
            parts = tuple(
                _seen(name, part, now_s=now_s) for name, part in sorted(self._parts.items())
            )
            return Health(
                has_started=self._has_started,
                is_stopping=self._is_stopping,
                parts=parts,
                last_scan=self._last_scan,
            )

    def _part(self, name: str) -> _Part:
        return self._parts.setdefault(name, _Part())


async def beat_of_loop(
    vitals: Vitals, *, every_s: float = _LOOP_EVERY_S, within_s: float = _LOOP_WITHIN_S
) -> None:
    """Beat for the event loop until cancelled: one that hangs runs nothing, this neither.

    Args:
        vitals: told of `LOOP`.
        every_s: pause between beats, real seconds.
        within_s: silent for longer, the loop hangs.
    """
    vitals.expect(LOOP, within_s=within_s)
    try:
        while True:
            await asyncio.sleep(every_s)
            vitals.beat(LOOP)
    finally:
        vitals.forget(LOOP)


def _seen(name: str, part: _Part, *, now_s: float) -> PartHealth:
    return PartHealth(
        name=name,
        age_s=None if part.beat_s is None else max(0.0, now_s - part.beat_s),
        within_s=part.within_s,
        trouble=part.trouble,
        restarts=part.restarts,
    )
