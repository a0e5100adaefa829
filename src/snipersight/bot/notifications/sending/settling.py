"""What becomes of a delivery, by the outcome of its attempt."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.sending.backoff import backoff_us
from snipersight.bot.notifications.sending.limits import LONGEST_ASKED_S
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.bot.notifications.sending.send_report import SendCounts
from snipersight.bot.notifications.sending.store_calls import StoreCalls
from snipersight.domain.channels import (
    Delivered,
    Moved,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.outbox import Delivery, Outbox, StoppedLane

_LONGEST_ADDRESS: Final = 256
TOO_OLD: Final = "too old to be sent as new"
OnStopped = Callable[[StoppedLane], Awaitable[None] | None]


@dataclass(slots=True)
class _Away:
    """A channel as a whole: how often it failed in series, and when it is tried again."""

    failures: int = 0
    until_us: int = 0


class Settler:
    """Records outcomes, and makes the limits heed them.

    Args:
        outbox: where they are recorded.
        calls: how the outbox is called.
        limiter: told what a channel asked for.
        chance: a number from 0 to below 1.
        now_us: microseconds of the limiter's clock.
        on_stopped: told what was found to take nothing; see `Sender`.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        calls: StoreCalls,
        limiter: RateLimiter,
        chance: Callable[[], float],
        now_us: Callable[[], int],
        on_stopped: OnStopped | None,
    ) -> None:
        self.counts = SendCounts()
        self._outbox: Final = outbox
        self._calls: Final = calls
        self._limiter: Final = limiter
        self._chance: Final = chance
        self._now_us: Final = now_us
        self._on_stopped: Final = on_stopped
        self._away: Final[dict[str, _Away]] = {}

    async def settle(self, delivery: Delivery, outcome: SendOutcome, *, clock_us: int) -> None:
        """Record an outcome.

        Args:
            delivery: as claimed.
            outcome: of its attempt.
            clock_us: what the database's clock shows when the limiter's shows zero.

        Raises:
            StateUnavailable: the store is away, and was to be given up: the claim runs out, and
                the delivery is ambiguous.
        """
        if not isinstance(outcome, TryAgain):
            self._away.pop(delivery.draft.channel, None)
        match outcome:
            case Delivered():
                await self._delivered(delivery, outcome)
            case TryAgain():
                await self._try_again(delivery, outcome, clock_us=clock_us)
            case Stopped():
                await self._stop(delivery, outcome)
            case Moved():
                await self._move(delivery, outcome, clock_us=clock_us)
            case Unsendable():
                await self.bury(delivery, outcome.error)

    async def bury(self, delivery: Delivery, error: str) -> None:
        """Give a delivery up."""
        if await self._done(lambda: self._outbox.bury(delivery, error=error)):
            self.counts.buried += 1

    async def hand_back(self, delivery: Delivery, error: str) -> None:
        """Let a delivery that was claimed and never left be claimed again."""
        await self._done(
            lambda: self._outbox.retry(delivery, at_us=delivery.claimed_us, error=error)
        )

    async def tell_stopped(self) -> None:
        """Tell again what is stopped: a sender may have died between stopping and telling."""
        told = await self._calls.until_done(self._outbox.stopped)
        for lane in told.answer:
            await self._tell(lane)

    async def stop(self, channel: str, address: str, error: str) -> None:
        """Stop a chat, or with an empty address a channel, and tell it if that is new."""
        told = await self._calls.until_done(
            lambda: self._outbox.stop(channel, address, error=error)
        )
        if not told.answer and not told.was_repeated:
            return
        self.counts.stopped += 1
        lanes = (await self._calls.until_done(self._outbox.stopped)).answer
        for lane in lanes:
            if (lane.channel, lane.address) == (channel, address):
                await self._tell(lane)

    async def _delivered(self, delivery: Delivery, outcome: Delivered) -> None:
        message_id = outcome.message_id
        await self._done(lambda: self._outbox.delivered(delivery, message_id=message_id))
        self.counts.sent += 1

    async def _try_again(self, delivery: Delivery, outcome: TryAgain, *, clock_us: int) -> None:
        wait_us = self._wait_us(delivery, outcome)
        until_us = self._now_us() + wait_us
        if outcome.is_whole_channel:
            self._limiter.hold(delivery.draft.channel, "", until_us=until_us)
        elif outcome.after_s is not None:
            self._limiter.hold(delivery.draft.channel, delivery.draft.address, until_us=until_us)
        await self._retry(
            delivery,
            at_us=clock_us + until_us,
            error=outcome.error,
            is_ambiguous=outcome.is_ambiguous,
        )

    def _wait_us(self, delivery: Delivery, outcome: TryAgain) -> int:
        if outcome.after_s is not None and math.isfinite(outcome.after_s):
            return int(min(max(0.0, outcome.after_s), LONGEST_ASKED_S) * 1e6)
        if outcome.is_whole_channel:
            return self._wait_for_channel_us(delivery.draft.channel)
        return backoff_us(delivery.attempt, chance=self._chance)

    def _wait_for_channel_us(self, channel: str) -> int:
        """Return the wait for a channel that is away; what was under way with it counts once."""
        now_us = self._now_us()
        away = self._away.setdefault(channel, _Away())
        if now_us >= away.until_us:
            away.failures += 1
            away.until_us = now_us + backoff_us(away.failures, chance=self._chance)
        return away.until_us - now_us

    async def _stop(self, delivery: Delivery, outcome: Stopped) -> None:
        draft = delivery.draft
        address = "" if outcome.is_whole_channel else draft.address
        await self.stop(draft.channel, address, outcome.error)
        await self._retry(delivery, at_us=delivery.claimed_us, error=outcome.error)

    async def _move(self, delivery: Delivery, outcome: Moved, *, clock_us: int) -> None:
        draft = delivery.draft
        if outcome.address == draft.address or not 1 <= len(outcome.address) <= _LONGEST_ADDRESS:
            error = f"the chat is said to have moved to {outcome.address[:80]!r}"
            await self._try_again(delivery, TryAgain(error=error), clock_us=clock_us)
            return
        await self._calls.until_done(
            lambda: self._outbox.move(draft.channel, draft.address, outcome.address)
        )
        error = f"the chat has moved to {outcome.address}"
        await self._retry(delivery, at_us=delivery.claimed_us, error=error)

    async def _retry(
        self, delivery: Delivery, *, at_us: int, error: str, is_ambiguous: bool = False
    ) -> None:
        await self._done(
            lambda: self._outbox.retry(
                delivery, at_us=at_us, error=error, is_ambiguous=is_ambiguous
            )
        )
        self.counts.retried += 1
        self.counts.ambiguous += is_ambiguous

    async def _done(self, call: Callable[[], bool]) -> bool:
        told = await self._calls.until_done(call)
        return bool(told.answer) or told.was_repeated

    async def _tell(self, lane: StoppedLane) -> None:
        if self._on_stopped is None:
            return
        on_stopped = self._on_stopped
        with suppress(StateUnavailable):  # told when the next sender starts
            told = await self._calls.once(lambda: on_stopped(lane))
            if inspect.isawaitable(told):
                await told
