"""One question to the store a moment for all open pages: what has changed since the last one?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

from snipersight.bootstrap.dashboard.views import Changes, Topic
from snipersight.domain.errors import SniperSightError

EVERY_S: Final = 0.05
RETRY_S: Final = 1.0
SILENT_S: Final = 2.0  # the death of a process changes nothing in the store: only asking shows it
EVERYTHING: Final = frozenset(Topic)

Listener = Callable[[frozenset[Topic]], None]


class Marks(Protocol):
    """Whoever knows what has changed."""

    def changes(self) -> Changes:
        """Return a mark for each topic; asked in a thread."""
        ...


class ChangeFeed:
    """Tells listeners which topics have changed; asks nothing while nobody listens.

    Args:
        marks: is asked.
    """

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._listeners: set[Listener] = set()
        self._asking: asyncio.Task[None] | None = None

    def add(self, listener: Listener) -> None:
        """Call a listener from now on."""
        self._listeners.add(listener)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="changes of the store")

    def drop(self, listener: Listener) -> None:
        """Do not call a listener any more."""
        self._listeners.discard(listener)

    async def _ask(self) -> None:
        before: Changes | None = None
        looked_s = time.monotonic()
        while self._listeners:
            try:
                now = await asyncio.to_thread(self._marks.changes)
            except SniperSightError:
                before = None  # what it was then says nothing once the store is back
                self._tell(EVERYTHING)
                await asyncio.sleep(RETRY_S)
                continue
            changed = now.since(before) if before is not None else EVERYTHING
            before = now
            if Topic.SYSTEM not in changed and time.monotonic() - looked_s >= SILENT_S:
                changed |= {Topic.SYSTEM}
            if Topic.SYSTEM in changed:
                looked_s = time.monotonic()
            if changed:
                self._tell(changed)
            await asyncio.sleep(EVERY_S)

    def _tell(self, topics: frozenset[Topic]) -> None:
        for listener in tuple(self._listeners):
            listener(topics)
