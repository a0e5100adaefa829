"""The fallback journal as one process uses it, beside others that may write to it too."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final

from snipersight.bot.executor.desk import Desk


class KeptRecords:
    """Appends to the journal, sees what others appended, and clears only what is known.

    A kill that a second process could write nowhere else must not be cleared unread.

    Args:
        desk: whose journal.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._lock: Final = asyncio.Lock()  # nothing is appended between asking and clearing
        self._known: Final[set[str]] = set()
        self._lines = 0

    async def append(self, record: Mapping[str, object]) -> None:
        """Add a record; it is on the disk when this returns.

        Raises:
            StateUnavailable: it could not be written.
        """
        async with self._lock:
            await self._desk.in_thread(self._desk.journal.append, record)
            self._known.add(_text(record))
            self._lines += 1

    async def news(self) -> tuple[Mapping[str, object], ...]:
        """Return the records that are new here: of an earlier process, or of another one.

        Raises:
            StateUnavailable: the journal cannot be read.
        """
        async with self._lock:
            records = await self._desk.in_thread(self._desk.journal.pending)
            new = tuple(one for one in records if _text(one) not in self._known)
            self._known.update(map(_text, new))
            self._lines = len(records)
            return new

    async def clear(self, *, unless: Callable[[], bool]) -> None:
        """Forget every record: the store has them.

        Args:
            unless: something is still waiting for the store; asked once nobody can append.

        Raises:
            StateUnavailable: the journal could not be written; it is cleared another time.
        """
        async with self._lock:
            if not self._lines or unless():
                return
            if await self._desk.in_thread(self._desk.journal.clear, self._lines):
                self._known.clear()
                self._lines = 0


def _text(record: Mapping[str, object]) -> str:
    return json.dumps(record, sort_keys=True)
