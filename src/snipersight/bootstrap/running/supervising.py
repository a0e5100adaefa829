"""Keeps the parts of a running bot at work: one that fails is started again, and that is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from snipersight.bootstrap.running.vitals import Vitals
from snipersight.domain.errors import SniperSightError

_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_WELL_S: Final = 5.0  # at work for so long after a failure, and longer than the pause before

Tell = Callable[[str, str], object]  # which part, and what of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that goes on beside the scans.

    Args:
        name: for people, and for metrics: `sender`.
        work: goes on until it has nothing more to do, or is cancelled; a `SniperSightError` is
            what can go wrong outside, and has it begun again.
    """

    name: str
    work: Callable[[], Awaitable[object]]


class Supervisor:
    """Runs parts, each in a task of its own.

    An error that nobody expects is a fault of the program: it is kept, and everything comes to
    its end, so that whoever started the process starts it anew.

    Args:
        vitals: told of trouble and restarts.
        tell: told once that a part is in trouble, and once that it is well again.
        stop: set by whoever has seen enough, and by a fault.
    """

    def __init__(self, vitals: Vitals, *, tell: Tell, stop: asyncio.Event) -> None:
        self._vitals: Final = vitals
        self._tell: Final = tell
        self._stop: Final = stop
        self._tasks: Final[dict[str, asyncio.Task[None]]] = {}
        self._troubled: Final[set[str]] = set()
        self.fault: BaseException | None = None

    def start(self, part: Part) -> None:
        """Let a part begin; it goes on until the end of everything, or its own."""
        task = asyncio.create_task(self._keep(part), name=part.name)
        self._tasks[part.name] = task
        task.add_done_callback(self._ended)

    async def end(self, *, within_s: float) -> tuple[str, ...]:
        """Wait for the parts to come to their end, cancel those that do not, and name these."""
        running = [task for task in self._tasks.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=within_s)
        late = [task for task in running if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return tuple(task.get_name() for task in late)

    async def _keep(self, part: Part) -> None:
        pauses = Pauses()
        while not self._stop.is_set():
            began_s = time.monotonic()
            watching = asyncio.create_task(self._see_it_well(part, after_s=pauses.well_s))
            try:
                await part.work()
                pauses.begin_anew()
            except SniperSightError as error:
                if time.monotonic() - began_s >= pauses.well_s:
                    pauses.begin_anew()
                self.trouble(part.name, str(error))
                self._vitals.restarted(part.name)
            finally:
                watching.cancel()
            await pause(pauses.next_s(), stop=self._stop)

    async def _see_it_well(self, part: Part, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.well(part.name)

    def trouble(self, name: str, sentence: str) -> None:
        """Say that a part is in trouble, if that is news."""
        if name not in self._troubled:
            self._tell(name, f"{name}: {sentence}")
        self._troubled.add(name)
        self._vitals.trouble(name, sentence)

    def well(self, name: str) -> None:
        """Say that a part is well again, if trouble was said of it here before."""
        if name in self._troubled:
            self._troubled.remove(name)
            self._vitals.well(name)
            self._tell(name, f"{name} is well again")

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        self.fault = self.fault or task.exception()
        self._stop.set()


class Pauses:
    """Growing pauses between attempts: 1 s, 2 s, 4 s … a minute."""

    def __init__(self) -> None:
        self._next_s = _FIRST_PAUSE_S

    @property
    def well_s(self) -> float:
        """Return after how long at work something counts as well."""
        return max(_WELL_S, self._next_s)

    def next_s(self) -> float:
        """Return the pause before the next attempt, and let the one after it be longer."""
        now_s, self._next_s = self._next_s, min(self._next_s * 2, _LONGEST_PAUSE_S)
        return now_s

    def begin_anew(self) -> None:
        """Begin with short pauses again."""
        self._next_s = _FIRST_PAUSE_S


async def pause(seconds: float, *, stop: asyncio.Event) -> None:
    """Wait real seconds, or until it is stopped."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def first_of(
    news: asyncio.Event, *, stop: asyncio.Event, within_s: float | None = None
) -> bool:
    """Wait for an event, or until it is stopped, or for a while.

    Returns:
        Whether the event has come, and it was not stopped.
    """
    waiting = [asyncio.create_task(one.wait()) for one in (news, stop)]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return news.is_set() and not stop.is_set()


async def ended(task: asyncio.Task[None]) -> bool:
    """Wait for a task, and return whether it came to its own end; its error is raised.

    Args:
        task: ends soon, or was cancelled by the caller.
    """
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


async def both(one: Coroutine[Any, Any, object], other: Coroutine[Any, Any, object]) -> None:
    """Do two things beside each other, each to its end also where the other one fails.

    Raises:
        BaseException: what either of them raised, the first one's before the other's.
    """
    ends = await asyncio.gather(one, other, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
