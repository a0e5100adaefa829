"""Updates for the bot: kept until confirmed, handed out by long polling to one at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from snipersight.sandbox.telegram.answers import Answer, Refusal

MAX_UPDATES: Final = 100
_MAX_WAIT_S: Final = 50
_OTHER_POLLER: Final = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
_HAS_WEBHOOK: Final = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook "
    "first"
)


class UpdateQueue:
    """What users did, in order, for the bot to fetch."""

    def __init__(self) -> None:
        self.has_webhook = False
        self._updates: deque[tuple[int, Answer]] = deque()
        self._next_id = 1
        self._changed = asyncio.Event()
        self._poll = 0

    def __len__(self) -> int:
        return len(self._updates)

    def put(self, kind: str, content: Answer) -> int:
        """Add an update and return its id.

        Args:
            kind: name of its field, `message` or `callback_query`.
            content: the object in that field.
        """
        update_id, self._next_id = self._next_id, self._next_id + 1
        self._updates.append((update_id, {"update_id": update_id, kind: content}))
        self._wake()
        return update_id

    def confirm(self, offset: int) -> None:
        """Forget the updates before an offset; below 0: all but that many of the last."""
        if offset < 0:
            while len(self._updates) > -offset:
                self._updates.popleft()
            return
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()

    def clear(self) -> None:
        """Forget all updates."""
        self._updates.clear()

    async def fetch(self, *, offset: int, limit: int, wait_s: int) -> list[Answer]:
        """Return the updates from an offset on, waiting for one if there is none.

        Args:
            offset: id of the first wanted; those before it are confirmed and forgotten.
            limit: most to return, 1 to 100; otherwise 100.
            wait_s: how long to wait, in whole seconds, at most 50.

        Raises:
            Refusal: a webhook is active, or another request came for updates meanwhile.
        """
        if self.has_webhook:
            raise Refusal(409, _HAS_WEBHOOK)
        self._poll += 1
        mine = self._poll
        self._wake()  # whoever waits sees that it is no longer the one
        self.confirm(offset)
        loop = asyncio.get_running_loop()
        until_s = loop.time() + min(max(wait_s, 0), _MAX_WAIT_S)
        while not self._updates and loop.time() < until_s:
            await self._change(until_s - loop.time())
            if mine != self._poll:
                raise Refusal(409, _OTHER_POLLER)
        most = limit if 0 < limit <= MAX_UPDATES else MAX_UPDATES
        return [update for _, update in [*self._updates][:most]]

    async def _change(self, wait_s: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), wait_s)
        except TimeoutError:
            return

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
