"""The end of a process that runs on: in order, but soon; and at once where somebody insists."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say

LONGEST_S: Final = 10.0  # a service manager waits little longer
_NAMES: Final = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Ends a process in order at the first signal, and at once at the second or ten seconds later.

    Whatever is cut short then was stored before it was done, and the next start goes on from
    there. A context manager around the whole event loop: threads are waited for after it, too.
    """

    def __init__(self) -> None:
        self._last: threading.Timer | None = None

    def __enter__(self) -> Ending:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._last is not None:
            self._last.cancel()

    @contextmanager
    def on_signals(self) -> Iterator[asyncio.Event]:
        """Yield an event that the first SIGINT or SIGTERM sets; use it inside the event loop."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for name in _NAMES:
            loop.add_signal_handler(name, self._ask, stop)
        try:
            yield stop
        finally:
            for name in _NAMES:
                loop.remove_signal_handler(name)

    def _ask(self, stop: asyncio.Event) -> None:
        if self._last is not None:
            _end("Ended at once.")
        stop.set()
        say("Ending; a second signal ends it at once.")
        self._last = threading.Timer(
            LONGEST_S, _end, ["It took too long to end, and was cut short."]
        )
        self._last.daemon = True
        self._last.start()


def end_now(code: ExitCode) -> NoReturn:
    """End the process without waiting for any thread; everything it said is on its way."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _end(sentence: str) -> None:
    say(sentence)
    end_now(ExitCode.INTERRUPTED)
