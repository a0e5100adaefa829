"""What was heard and is being answered: each person in order, nobody waiting for anybody else.

A chat that is full may make an answer wait; a `/pause` waits for nothing that only looks, for what
was done before it but not for the answer to that, and a kill waits for nothing at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from snipersight.bot.operator.updates import ButtonPress, Said, Unread, Update


class Urgency(Enum):
    """What an update of a person waits for."""

    LOOKS = auto()  # for everything before to be done: it shows what came of it
    ACTS = auto()  # for what changes something to be done
    KILLS = auto()  # for nothing: whatever was said before must not make it late


_AFTER: Final[Mapping[Urgency, tuple[Urgency, ...]]] = {
    Urgency.LOOKS: (Urgency.LOOKS, Urgency.ACTS, Urgency.KILLS),
    Urgency.ACTS: (Urgency.ACTS, Urgency.KILLS),
    Urgency.KILLS: (),
}
Converse = Callable[[Said | ButtonPress], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Heard:
    """What became of an update: it was done, so that only its answer has to leave; it is over."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)


_HEARD: ContextVar[_Heard | None] = ContextVar("heard", default=None)


def begin_to_answer() -> None:
    """Let what the same person wants done next begin: this was done, and is only told now."""
    heard = _HEARD.get()
    if heard is not None:
        heard.done.set()


class Hearing:
    """Has updates answered, each once, and knows which may be confirmed.

    Args:
        urgency_of: what an update waits for.
    """

    def __init__(self, urgency_of: Callable[[Said | ButtonPress], Urgency]) -> None:
        self._urgency_of: Final = urgency_of
        self._tasks: Final[dict[int, asyncio.Task[None]]] = {}
        self._last: Final[dict[tuple[str, Urgency], _Heard]] = {}
        self._next = 0
        self._fault: BaseException | None = None

    @property
    def offset(self) -> int:
        """Return the first update that is not answered yet; 0 where none was heard."""
        return min(self._tasks, default=self._next)

    @property
    def is_busy(self) -> bool:
        """Return whether something is being answered."""
        return bool(self._tasks)

    def begin_anew(self) -> None:
        """Hear everything again that nobody has confirmed, but what is being answered."""
        self._next = 0

    def take(self, updates: Iterable[Update], converse: Converse) -> None:
        """Begin to answer what was not heard before.

        Args:
            updates: oldest first.
            converse: answers one; it must not raise.
        """
        for update in updates:
            if update.update_id < self._next or update.update_id in self._tasks:
                continue
            self._next = update.update_id + 1
            if not isinstance(update, Unread):
                self._begin(update, converse)

    async def settle(self, *, within_s: float) -> None:
        """Wait until nothing is being answered, but not for long.

        Raises:
            BaseException: a fault of the program broke an answer off.
        """
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
        if self._fault is not None:
            raise self._fault

    async def end(self, *, within_s: float) -> None:
        """Let what is being answered end, and cut short what takes longer: it is heard again."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=within_s)
        cut = list(self._tasks.values())
        unanswered = min(self._tasks, default=None)
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        if unanswered is not None:
            self._next = unanswered

    def _begin(self, update: Said | ButtonPress, converse: Converse) -> None:
        who, urgency = update.sender.user_id, self._urgency_of(update)
        heard, place = _Heard(), (who, urgency)
        before = [(kind, self._last.get((who, kind))) for kind in _AFTER[urgency]]
        waits = [_end_of(kind, one) for kind, one in before if one is not None]
        task = asyncio.create_task(_after(waits, converse, update, heard))
        self._tasks[update.update_id], self._last[place] = task, heard

        def ended(task: asyncio.Task[None]) -> None:
            heard.done.set()
            heard.over.set()
            self._ended(update.update_id, task)
            if self._last.get(place) is heard:
                del self._last[place]

        task.add_done_callback(ended)

    def _ended(self, update_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[update_id]
        if not task.cancelled():
            self._fault = self._fault or task.exception()


def _end_of(kind: Urgency, heard: _Heard) -> asyncio.Event:
    """Return what is waited for: answers that only show something come in order."""
    return heard.over if kind is Urgency.LOOKS else heard.done


async def _after(
    before: list[asyncio.Event], converse: Converse, update: Said | ButtonPress, heard: _Heard
) -> None:
    for one in before:
        await one.wait()
    _HEARD.set(heard)
    await converse(update)
