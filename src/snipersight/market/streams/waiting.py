"""Waiting until bars have come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from snipersight.market.streams.bars import StreamKey


class Arrivals:
    """Wakes who waits for bars as soon as the last of them is there."""

    def __init__(self) -> None:
        self._waits: set[_Wait] = set()

    def note(self, key: StreamKey, until_ms: int) -> None:
        """Take note that bars are known up to a moment, milliseconds UTC."""
        for wait in self._waits:
            wait.note(key, until_ms)

    async def wait(self, missing: Mapping[StreamKey, int], *, timeout_s: float) -> None:
        """Return when all is known that is missing, or after real seconds.

        Args:
            missing: up to which moment each is waited for; nothing missing, no waiting.
            timeout_s: longest wait; 0 or less waits not at all.
        """
        if not missing or timeout_s <= 0:
            return
        wait = _Wait(missing)
        self._waits.add(wait)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await wait.is_over.wait()
        finally:
            self._waits.discard(wait)


class _Wait:
    def __init__(self, missing: Mapping[StreamKey, int]) -> None:
        self._missing = dict(missing)
        self.is_over = asyncio.Event()

    def note(self, key: StreamKey, until_ms: int) -> None:
        if key in self._missing and until_ms >= self._missing[key]:
            del self._missing[key]
            if not self._missing:
                self.is_over.set()
