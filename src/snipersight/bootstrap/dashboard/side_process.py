"""Work that takes more memory and time than a page may cost, done in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from snipersight.domain.errors import StateUnavailable

if TYPE_CHECKING:
    from pathlib import Path

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE_S: Final = 180.0  # the first work after an update compiles the detectors
_IDLE_S: Final = 300.0
_STEP: Final = "try again in a moment"


class SideProcess:
    """Calls functions one after the other in a process that ends when nobody asks any more.

    It ends with this one, too, even if that is killed.

    Args:
        home: where compiled detectors are kept.
        what: it does, for messages: `charts`.
        idle_s: after so many seconds without a call the process ends.
    """

    def __init__(self, home: Path, *, what: str, idle_s: float = _IDLE_S) -> None:
        self._home: Final = home
        self._what: Final = what
        self._idle_s: Final = idle_s
        self._lock: Final = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._timer: threading.Timer | None = None

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function of a module returns there; it blocks until it does.

        Raises:
            SniperSightError: what the function raises.
            StateUnavailable: the process died or took too long; the next call starts another one.
        """
        with self._lock:
            asked = self._submit(work, *args, **kwargs)
        try:
            return asked.result(_PATIENCE_S)
        except TooLate as error:
            self.close()
            raise StateUnavailable(
                f"the {self._what} took longer than {_PATIENCE_S:g} s", next_step=_STEP
            ) from error
        except BrokenProcessPool as error:
            self.close()
            raise self._died() from error

    def close(self) -> None:
        """End the process; a later call starts another one."""
        with self._lock:
            self._end()

    def _submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        self._wait_anew()
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=get_context("spawn"), initializer=_prepare, initargs=(self._home,)
            )
        try:
            return self._pool.submit(work, *args, **kwargs)
        except BrokenProcessPool:
            self._end()
            raise self._died() from None

    def _wait_anew(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._idle_s, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _died(self) -> StateUnavailable:
        return StateUnavailable(f"the process that reads {self._what} has died", next_step=_STEP)

    def _end(self) -> None:
        pool, timer = self._pool, self._timer
        self._pool = self._timer = None
        if timer is not None:
            timer.cancel()
        if pool is not None:
            # An executor has no public way to end a process that hangs.
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=False, cancel_futures=True)


def _prepare(home: Path) -> None:
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.engine.parent_watch import end_with_parent

    end_with_parent()
    configure_compile_cache(home)
