"""The one thread that writes: jobs in order, each whole or not at all, none for ever."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class Stage(Enum):
    """How far a job has come."""

    WAITING = auto()  # for the thread
    RUNNING = auto()  # until the commit begins, waiting for the database's lock included
    COMMITTING = auto()  # nobody can stop it any more
    DONE = auto()
    ABANDONED = auto()  # its caller has gone; it must not commit


class Abandoned(Exception):
    """The job's caller has given up: roll back."""


class Job(Generic[T]):
    """One transaction on its way through the writer thread.

    Either the caller abandons it before the commit begins, and it never commits; or the commit
    begins first, and the caller learns how it ended. A lock decides which of the two came first.
    """

    def __init__(self, perform: Callable[[Job[T]], T]) -> None:
        self._perform = perform
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.stage = Stage.WAITING

    def run(self) -> None:
        """Do the work on the calling thread and tell the waiting one."""
        if not self._advance(Stage.RUNNING):
            return
        try:
            self._result.append(self._perform(self))
        except BaseException as error:  # noqa: BLE001  (it is raised again where it was caused)
            self._error = error
        with self._lock:
            if self.stage is not Stage.ABANDONED:
                self.stage = Stage.DONE
        self._finished.set()

    def begin_commit(self) -> None:
        """Take the last step that can be stopped.

        Raises:
            Abandoned: the caller has given up.
        """
        if not self._advance(Stage.COMMITTING):
            raise Abandoned

    def check(self) -> None:
        """Stop early if nobody wants the result any more.

        Raises:
            Abandoned: the caller has given up.
        """
        if self.stage is Stage.ABANDONED:
            raise Abandoned

    def abandon(self) -> Stage:
        """Give up and return how far the job had come.

        After WAITING or RUNNING it is certain that it does not commit.
        """
        with self._lock:
            reached = self.stage
            if reached in (Stage.WAITING, Stage.RUNNING):
                self.stage = Stage.ABANDONED
            return reached

    def wait(self, seconds: float) -> bool:
        """Wait for the end; False if it has not come in time."""
        return self._finished.wait(seconds)

    def outcome(self) -> T:
        """Return the result of a finished job, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _advance(self, stage: Stage) -> bool:
        with self._lock:
            if self.stage is Stage.ABANDONED:
                return False
            self.stage = stage
            return True


class WriterThread:
    """Runs jobs one after another on a thread of its own, which starts with the first.

    Args:
        name: of the thread.
        at_end: called on the thread when it stops: closes what belongs to it.
    """

    def __init__(self, name: str, *, at_end: Callable[[], None]) -> None:
        self._name: Final = name
        self._at_end: Final = at_end
        self._jobs: Final[queue.SimpleQueue[Callable[[], None] | None]] = queue.SimpleQueue()
        self._lock: Final = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, run: Callable[[], None]) -> bool:
        """Put a job at the end of the line; False once the thread was told to stop."""
        with self._lock:
            if self._is_closed:
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._jobs.put(run)
            return True

    def is_current(self) -> bool:
        """Return whether the caller runs on this thread."""
        return threading.current_thread() is self._thread

    def close(self, seconds: float) -> bool:
        """Let the jobs in line end, stop, and return whether that happened in time."""
        with self._lock:
            first = not self._is_closed
            self._is_closed = True
            thread = self._thread
        if thread is None:
            return True
        if first:
            self._jobs.put(None)
        thread.join(seconds)
        return not thread.is_alive()

    def _work(self) -> None:
        try:
            while (run := self._jobs.get()) is not None:
                run()
        finally:
            self._at_end()
