"""The sender's lease in memory, beside the outbox that it is for."""

from __future__ import annotations

from tests.fakes.memory_outbox import MemoryOutbox


class MemoryLease:
    """The right to send, in memory: one holder at a time."""

    def __init__(self, outbox: MemoryOutbox, owner: str, *, for_us: int = 15_000_000) -> None:
        self._outbox = outbox
        self.owner = owner
        self.for_us = for_us

    def keep(self) -> bool:
        """Take it, or hold it for its time again."""
        self._outbox.check()
        return self._outbox.keep_lease(self.owner, self.for_us)

    def give_back(self) -> None:
        """Let another one have it."""
        self._outbox.check()
        if self._outbox.holder == self.owner:
            self._outbox.holder_until_us = 0
