"""One look at the store a moment for all open pages and the stream: what has changed since the last?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from snipersight.bootstrap.dashboard.views import Changes, Topic
from snipersight.domain.errors import SniperSightError

EVERY_S: Final = 0.025
RETRY_S: Final = 1.0
SILENT_S: Final = 2.0  # the death of a process changes nothing in the store: only asking shows it
EVERYTHING: Final = frozenset(Topic)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the store told.

    Args:
        changed: topics that are not what they were; all of them once the store is back.
        is_due: how processes are has to be asked again though nothing of it changed.
        trouble: why the store could not be read; None: it could.
    """

    changed: frozenset[Topic]
    is_due: bool = False
    trouble: SniperSightError | None = None

    @property
    def outdated(self) -> frozenset[Topic]:
        """Return what whoever shows figures reads again."""
        return self.changed | {Topic.SYSTEM} if self.is_due else self.changed


Listener = Callable[[Look], None]


class Marks(Protocol):
    """Whoever knows what has changed."""

    def changes(self) -> Changes:
        """Return a mark for each topic; asked in a thread."""
        ...


class ChangeFeed:
    """Tells listeners which topics have changed; asks nothing while nobody listens.

    It belongs to one event loop.

    Args:
        marks: is asked.
    """

    def __init__(self, marks: Marks) -> None:
        self._marks: Final = marks
        self._listeners: Final[set[Listener]] = set()
        self._asking: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._due_s = 0.0

    async def add(self, listener: Listener) -> None:
        """Call a listener from now on: what it reads after this and changes later, it is told."""
        self._listeners.add(listener)
        if self._asking is None or self._asking.done():
            self._looked = asyncio.Event()
            self._asking = asyncio.create_task(self._ask(self._looked), name="changes of the store")
        await self._looked.wait()

    def drop(self, listener: Listener) -> None:
        """Do not call a listener any more."""
        self._listeners.discard(listener)

    async def _ask(self, looked: asyncio.Event) -> None:
        before: Changes | None = None
        is_known = True  # whoever was added reads after the first look
        try:
            while self._listeners:
                try:
                    now = await asyncio.to_thread(self._marks.changes)
                except SniperSightError as trouble:
                    is_known, before = (
                        False,
                        None,
                    )  # what it was says nothing once the store is back
                    self._tell(Look(EVERYTHING, trouble=trouble))
                    looked.set()
                    await asyncio.sleep(RETRY_S)
                    continue
                self._tell(self._look(now, before, is_known=is_known))
                is_known, before = True, now
                looked.set()
                await asyncio.sleep(EVERY_S)
        finally:
            looked.set()  # nobody waits for a look that never comes

    def _look(self, now: Changes, before: Changes | None, *, is_known: bool) -> Look:
        if before is None:
            changed = frozenset[Topic]() if is_known else EVERYTHING
        else:
            changed = now.since(before)
        is_due = before is not None and time.monotonic() >= self._due_s
        if before is None or is_due or Topic.SYSTEM in changed:
            self._due_s = time.monotonic() + SILENT_S
        return Look(changed, is_due=is_due)

    def _tell(self, look: Look) -> None:
        if not look.outdated:
            return
        for listener in tuple(self._listeners):
            listener(look)
