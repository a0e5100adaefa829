"""The turns of answers: a person waits, so they leave before what is queued, within the limits."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from snipersight.bot.notifications.sending.limits import LONGEST_ASKED_S, SECOND_US
from snipersight.bot.notifications.sending.rates import RateLimiter

PATIENCE_S: Final = 60.0  # the longest window: after it there is room, unless more was asked for
_GLANCE_S: Final = 0.05  # how soon the end of something under way is noticed
# Deliveries that are being claimed may be for the same chat. A store that takes longer than half a
# second to hand them out is away, and no person waits for that.
_BLINK_S: Final = 0.005
_BLINKS: Final = 100


class AnswerTurns:
    """Lets answers to people leave over one channel, in each chat in the order they come.

    Args:
        limiter: shared with whatever else of this process sends over the channel.
        channel: its name.
        monotonic: seconds of the limiter's clock.
        sleep: waits so many seconds.
        patience_s: how long an answer waits at most.
    """

    def __init__(
        self,
        limiter: RateLimiter,
        channel: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience_s: float = PATIENCE_S,
    ) -> None:
        limiter.keep_room_for_answers(channel)
        self._limiter: Final = limiter
        self._channel: Final = channel
        self._monotonic: Final = monotonic
        self._sleep: Final = sleep
        self._patience_s: Final = patience_s
        # As many as there are chats that the bot may speak in.
        self._queues: Final[defaultdict[str, asyncio.Lock]] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[bool]:
        """Wait for the turn of an answer in a chat, and count it while it is under way.

        Yields:
            Whether it may leave; False once the patience is over.
        """
        may_leave = await self._begun(address)
        try:
            yield may_leave
        finally:
            if may_leave:
                at_us = self._now_us()
                self._limiter.end(self._channel, address, at_us=at_us, is_answer=True)

    def hold(self, address: str, *, for_s: float) -> None:
        """Let nothing leave to a chat for a time, as the channel asked."""
        if not math.isfinite(for_s):
            return  # nothing was asked that anybody could keep
        until_us = self._now_us() + int(min(for_s, LONGEST_ASKED_S) * SECOND_US)
        self._limiter.hold(self._channel, address, until_us=until_us)

    async def _begun(self, address: str) -> bool:
        until_s = self._monotonic() + self._patience_s
        with self._limiter.asked(self._channel, address):
            async with self._queues[address]:
                blinks = _BLINKS
                while (wait_s := self._wait_s(address)) or (self._limiter.is_claimed and blinks):
                    if self._monotonic() + wait_s > until_s:
                        return False
                    blinks -= not wait_s
                    await self._sleep(wait_s or _BLINK_S)
                self._limiter.begin(self._channel, address, is_answer=True)
        return True

    def _wait_s(self, address: str) -> float:
        """Return how long to wait before the next look; 0: an answer may leave."""
        free_us = self._limiter.answer_us(self._channel, address)
        return _GLANCE_S if free_us is None else max(0.0, (free_us - self._now_us()) / SECOND_US)

    def _now_us(self) -> int:
        return int(self._monotonic() * SECOND_US)
