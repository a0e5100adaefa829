"""Who carries out the runs of a sweep: processes of this machine, or whatever computes elsewhere."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Crew(Protocol):
    """Carries out tasks beside one another."""

    @property
    def width(self) -> int:
        """Return how many tasks it takes at a time."""
        ...

    def submit(self, work: Callable[[T], R], task: T) -> Future[R]:
        """Begin a task; at most `width` are under way."""
        ...

    def release(self, future: Future[Any]) -> None:
        """Take note that a task ended, however it did."""
        ...

    def is_death(self, error: BaseException) -> bool:
        """Return whether a task failed because the process that carried it out is gone."""
        ...

    def absent_s(self) -> float:
        """Return for how many seconds nobody has been there to work; 0 while somebody is.

        Raises:
            StateUnavailable: that has lasted longer than it is waited for.
        """
        ...

    def close(self) -> None:
        """End everything, also what is under way."""
        ...


@dataclass(slots=True)
class _Lane:
    """One worker process, and what it calls itself once it has begun."""

    executor: ProcessPoolExecutor
    pid: Future[int] = field(init=False)

    def __post_init__(self) -> None:
        self.pid = self.executor.submit(os.getpid)

    def end(self) -> None:
        # An executor waits for what is under way, which may be minutes.
        if self.pid.done() and self.pid.exception() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid.result(), signal.SIGKILL)
        self.executor.shutdown(cancel_futures=True)


class LocalCrew:
    """Processes of this machine, each with an executor of its own.

    An executor whose process dies gives up every task it holds and cannot say which one was to
    blame. With one process each, a death costs one task.

    Args:
        workers: how many, at least 1.
        preload: modules that processes share instead of loading them one by one, where the system
            can do that.
    """

    def __init__(self, workers: int, *, preload: Sequence[str] = ()) -> None:
        self._workers = workers
        self._context = _context(preload)
        self._idle: list[_Lane] = []
        self._busy: dict[Future[Any], _Lane] = {}

    @property
    def width(self) -> int:
        """Return how many processes there are."""
        return self._workers

    def submit(self, work: Callable[[T], R], task: T) -> Future[R]:
        """Begin a task on a process that is free, a new one where there is none."""
        lane = self._idle.pop() if self._idle else self._new_lane()
        future = lane.executor.submit(work, task)
        self._busy[future] = lane
        return future

    def release(self, future: Future[Any]) -> None:
        """Keep the process for the next task, or let go of one that died."""
        lane = self._busy.pop(future)
        error = future.exception()
        if error is not None and self.is_death(error):
            lane.end()
        else:
            self._idle.append(lane)

    def is_death(self, error: BaseException) -> bool:
        """Return whether the process was ended from outside, or ran out of memory."""
        return isinstance(error, (BrokenExecutor, MemoryError))

    def absent_s(self) -> float:
        """Return 0: a process that is gone is replaced by the next task."""
        return 0.0

    def close(self) -> None:
        """End every process."""
        for lane in (*self._idle, *self._busy.values()):
            lane.end()
        self._idle.clear()
        self._busy.clear()

    def _new_lane(self) -> _Lane:
        return _Lane(ProcessPoolExecutor(1, mp_context=self._context, initializer=_begin))


class Presence(Protocol):
    """Who is there to work."""

    @property
    def threads(self) -> int:
        """Return how many threads there were when last asked."""
        ...

    def absent_s(self) -> float:
        """Return for how many seconds there have been none; 0 while there is one.

        Raises:
            StateUnavailable: that has lasted longer than it is waited for.
        """
        ...


@dataclass(frozen=True, slots=True)
class AlwaysThere:
    """Threads that never go.

    Args:
        threads: how many, at least 1.
    """

    threads: int

    def absent_s(self) -> float:
        """Return 0."""
        return 0.0


class ExecutorCrew:
    """Any `concurrent.futures.Executor`, such as that of a Dask cluster.

    Args:
        executor: computes; it stays open.
        presence: who works for it; as a number, so many threads that never go.
        ahead: tasks it shall hold at a time for each thread, at least 1.
        deaths: what it raises where a worker died, besides `BrokenExecutor`.
    """

    def __init__(
        self,
        executor: Executor,
        presence: Presence | int,
        *,
        ahead: int = 1,
        deaths: tuple[type[Exception], ...] = (),
    ) -> None:
        self._executor, self._ahead = executor, ahead
        self._presence = AlwaysThere(presence) if isinstance(presence, int) else presence
        self._deaths: tuple[type[Exception], ...] = (BrokenExecutor, MemoryError, *deaths)
        self._busy: set[Future[Any]] = set()

    @property
    def width(self) -> int:
        """Return how many tasks it holds at a time; one at least, for whoever comes next."""
        return self._ahead * max(1, self._presence.threads)

    def submit(self, work: Callable[[T], R], task: T) -> Future[R]:
        """Begin a task."""
        future = self._executor.submit(work, task)
        self._busy.add(future)
        return future

    def release(self, future: Future[Any]) -> None:
        """Forget a task that ended."""
        self._busy.discard(future)

    def is_death(self, error: BaseException) -> bool:
        """Return whether a worker was lost with the task."""
        return isinstance(error, self._deaths)

    def absent_s(self) -> float:
        """Return for how long nobody has been there.

        Raises:
            StateUnavailable: that has lasted longer than it is waited for.
        """
        return self._presence.absent_s()

    def close(self) -> None:
        """Give up what is under way."""
        for future in self._busy:
            future.cancel()
        self._busy.clear()


def _context(preload: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Return how processes begin: never as a copy of this one, in which other threads hold locks."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preload))
    return context


def _begin() -> None:
    # Who interrupts the program ends its workers, without a word from each.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    # A worker that waits for its next task would wait for ever where nobody is left to give it one.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
