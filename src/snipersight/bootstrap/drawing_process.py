"""Starts, asks and ends the process that draws charts for a running bot."""

from __future__ import annotations

import os
import pickle  # between two processes of ours, over pipes that nobody else holds
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from snipersight.bot.hooks.process import cleaned_environment
from snipersight.charts.errors import ChartUnavailable
from snipersight.domain.errors import SniperSightError

if TYPE_CHECKING:
    from pathlib import Path

    from snipersight.domain.annotations import PlanPicture

_WORDS: Final = (sys.executable, "-m", "snipersight.bootstrap.drawing_child")
# Where the drawing library keeps what it knows of fonts, if that is said.
_FONTS: Final = "MPLCONFIGDIR"
_PATIENCE_S: Final = 10.0  # of a start and a chart, together: a second or so
_ENDS_S: Final = 1.0
_TRIES: Final = 2


class _Running(NamedTuple):
    """A process, and our ends of its pipes."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]


class ChartProcess:
    """Draws charts in a process of its own, which waits for them with everything loaded.

    One that has died, or hangs, is replaced at the next chart. It ends with the process that
    started it, however that ends. `stop` and `kill` may be called from any thread, everything
    else by one.

    Args:
        words: of the command that answers as `drawing_child` does.
        patience_s: a process that takes longer for a chart is killed.
    """

    def __init__(self, words: Sequence[str] = _WORDS, *, patience_s: float = _PATIENCE_S) -> None:
        self._words: Final = words
        self._patience_s: Final = patience_s
        self._running: _Running | None = None
        self._is_stopped = False

    @property
    def pid(self) -> int | None:
        """Return the process id; None while there is no process."""
        running = self._running
        return None if running is None else running.process.pid

    def draw(self, picture: PlanPicture, path: Path) -> None:
        """Draw a plan into a file; a process that dies of it is replaced and asked once more.

        Raises:
            ChartUnavailable: the file cannot be written, or no process can draw it.
            DataInvalid: there is no candle, or the candles are not those of the plan.
        """
        request = pickle.dumps((picture, path))
        why = ""
        for _ in range(_TRIES):
            try:
                problem = self._answer(request)
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                why = self.end() or str(error)
                continue
            if problem is not None:
                raise problem
            return
        raise ChartUnavailable(f"no process can draw it: {why}", where=str(path))

    def start(self) -> None:
        """Let a process run from now on, if none does.

        Raises:
            OSError: none can be started, or nothing more is to be drawn.
        """
        self._process()

    def end(self) -> str:
        """End the process, if one runs, and return how it ended: empty if it was in order."""
        running, self._running = self._running, None
        if running is None:
            return ""
        for pipe in (running.requests, running.answers):
            with suppress(OSError):  # what it was to read is lost with it
                pipe.close()
        try:
            code = running.process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            running.process.kill()
            code = running.process.wait()
        return f"it ended with {code}" if code else ""

    def stop(self) -> None:
        """Let nothing more be drawn, but what is being drawn."""
        self._is_stopped = True

    def kill(self) -> None:
        """End what is being drawn as well."""
        running = self._running
        if running is not None:
            running.process.kill()

    def _answer(self, request: bytes) -> SniperSightError | None:
        """Return what was wrong with a chart.

        Raises:
            EOFError, OSError, pickle.UnpicklingError: the process ended instead.
        """
        running = self._process()
        # Killed, it lets go of the pipes, and nothing waits for it any longer.
        patience = threading.Timer(self._patience_s, running.process.kill)
        patience.start()
        try:
            running.requests.write(request)
            running.requests.flush()
            problem: SniperSightError | None = pickle.load(running.answers)  # noqa: S301 - ours
        finally:
            patience.cancel()
        return problem

    def _process(self) -> _Running:
        if self._is_stopped:
            raise OSError("nothing more is to be drawn")
        if self._running is None:
            self._running = _started(self._words)
        return self._running


def _started(words: Sequence[str]) -> _Running:
    kept = {name: os.environ[name] for name in (_FONTS,) if name in os.environ}
    process = subprocess.Popen(  # noqa: S603 - our own module
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**cleaned_environment(os.environ), **kept},
        process_group=0,  # what a terminal sends is for the bot, which then ends this
    )
    # Both are there, since both were asked for.
    requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    return _Running(process, requests, answers)
