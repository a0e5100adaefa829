"""The sender: takes deliveries from the outbox, within the limits, each chat in order."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Final

from snipersight.bot.notifications.sending.lease_keeper import LeaseKeeper
from snipersight.bot.notifications.sending.limits import LONGEST_WINDOW_US
from snipersight.bot.notifications.sending.precedence import Precedence
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.bot.notifications.sending.send_report import SendCounts, SendReport
from snipersight.bot.notifications.sending.settling import TOO_OLD, OnStopped, Settler
from snipersight.bot.notifications.sending.store_calls import InThread, StoreCalls
from snipersight.domain.channels import Notifier, SendOutcome, TryAgain
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.outbox import Delivery, Outbox, SenderLease, Waiting

CONCURRENCY: Final = 8
REQUEST_S: Final = 70.0  # longer than any notifier waits by itself
_POLL_US: Final = 250_000  # others store deliveries too
_RARELY: Final = 20  # times as long as counting took, before it is done again
_SHORTEST_PAUSE_US: Final = 10_000
_CLAIM_SLACK: Final = 2.0  # a claim lasts so many times as long as a request may
_LAST_WORDS_S: Final = 30.0  # for what a channel said, when the time is over and the store is away


class Sender:
    """Sends what is in an outbox; one at a time for each store, whoever holds the lease.

    Several chats are sent to at the same time, each in its order: a chat's next delivery is
    claimed when the one before it is finished. A delivery is claimed when it may leave at once, so
    that the durable claim is the attempt: whoever comes after a sender that was killed knows of
    every request that may have left. While the store is away it waits; what a channel said is kept
    until it is recorded.

    Args:
        outbox: what to send. Its claims must need the same lease.
        notifiers: the channels by name; deliveries of any other stop that channel.
        lease: the right to send.
        limiter: counts what else this process sends over the same channels too, by the same
            clock; None: nothing else does.
        precedence: says what waits while new signals are expected; None: nothing does.
        on_stopped: told of every chat and channel that takes nothing: once when it stops, and
            again whenever a sender starts, for the one before may have died in between. Whoever
            tells it on does so once by its `since_us`. It must not raise.
        on_progress: called after every outcome with the counts so far.
        concurrency: most requests at the same time.
        request_s: longest time of a request, for a notifier that would wait for ever.
        monotonic: seconds of a clock that does not go back.
        sleep: waits so many seconds.
        chance: a number from 0 to below 1, for backoff.
        in_thread: runs the store's calls, which block.
    """

    def __init__(
        self,
        outbox: Outbox,
        notifiers: Mapping[str, Notifier],
        *,
        lease: SenderLease,
        limiter: RateLimiter | None = None,
        precedence: Precedence | None = None,
        on_stopped: OnStopped | None = None,
        on_progress: Callable[[SendCounts], None] | None = None,
        concurrency: int = CONCURRENCY,
        request_s: float = REQUEST_S,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        in_thread: InThread = asyncio.to_thread,
    ) -> None:
        self._outbox: Final = outbox
        self._notifiers: Final = notifiers
        self._owner: Final = lease.owner
        self._concurrency: Final = concurrency
        self._request_s: Final = request_s
        self._monotonic: Final = monotonic
        self._sleep: Final = sleep
        self._on_progress: Final = on_progress
        self._limiter: Final = RateLimiter() if limiter is None else limiter
        self._precedence: Final = precedence or Precedence()
        self._calls: Final = StoreCalls(in_thread=in_thread, chance=chance, sleep=sleep)
        self._lease_us: Final = lease.for_us
        self._keeper: Final = LeaseKeeper(
            lease, calls=self._calls, now_us=self._now_us, sleep=sleep
        )
        self._settler: Final = Settler(
            outbox,
            calls=self._calls,
            limiter=self._limiter,
            chance=chance,
            now_us=self._now_us,
            on_stopped=on_stopped,
        )
        self._clock_us = 0  # of the database when ours shows zero, or a little less
        self._ask_again_us = 0
        self._bug: BaseException | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._stop: Final = asyncio.Event()
        self._changed: Final = asyncio.Event()

    def wake(self) -> None:
        """Look at once for what may leave, instead of a moment later."""
        self._changed.set()

    def request_stop(self) -> None:
        """Let what is under way end, hand back the rest and return from `drain`.

        From a signal handler, call it through `loop.add_signal_handler`.
        """
        self._stop.set()
        self._changed.set()
        self._calls.give_up()

    async def drain(self, *, until_empty: bool, deadline_s: float | None = None) -> SendReport:
        """Send until nothing is left, the time is over, or a stop is requested.

        Args:
            until_empty: return when nothing is left but what is stopped, or nothing of it may
                leave before the deadline, and no notice is still to be worded; False: wait for
                more.
            deadline_s: begin nothing new after so many seconds; None: take the time it takes.

        Returns:
            What was done. While another process sends from the store, this one waits for as long
            as one that was killed could hold the lease; with `until_empty` False, for as long as
            it may.

        Raises:
            StateUnavailable: the store was away when the stop was requested, or half a minute
                after the time was over. What was sent and could not be recorded is ambiguous.
        """
        self._settler.counts = SendCounts()
        end_us = None if deadline_s is None else self._now_us() + int(deadline_s * 1e6)
        giving_up = asyncio.create_task(self._give_up_after(deadline_s))
        try:
            return await self._drain(until_empty=until_empty, end_us=end_us)
        finally:
            giving_up.cancel()

    async def _drain(self, *, until_empty: bool, end_us: int | None) -> SendReport:
        if not await self._keeper.take(for_us=self._patience_us(until_empty, end_us)):
            return await self._report(is_elsewhere=True)
        keeping = asyncio.create_task(self._keeper.keep_on())
        try:
            await self._settler.tell_stopped()
            await self._learn_attempts()
            await self._work(until_empty=until_empty, end_us=end_us)
        finally:
            await self._finish()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            is_elsewhere = self._keeper.is_lost
            await self._keeper.give_back()
        return await self._report(is_elsewhere=is_elsewhere)

    async def _give_up_after(self, deadline_s: float | None) -> None:
        """Wait for no store without end: whoever set a time has something else to do."""
        if deadline_s is not None:
            await self._sleep(deadline_s + _LAST_WORDS_S)
            self._calls.give_up()

    def _patience_us(self, until_empty: bool, end_us: int | None) -> int:
        most_us = self._lease_us + self._lease_us // 5 if until_empty else 2**62
        return most_us if end_us is None else max(0, min(most_us, end_us - self._now_us()))

    async def _learn_attempts(self) -> None:
        """Count what senders before this one sent, and learn the database's time."""
        db_us = (await self._calls.until_done(self._outbox.now_us)).answer
        self._clock_us = db_us - self._now_us()
        since_us = db_us - LONGEST_WINDOW_US - int(self._request_s * 1e6)
        told = await self._calls.until_done(lambda: self._outbox.attempts_since(since_us))
        latest_us = self._now_us()
        self._limiter.restart()
        for channel, address, at_us in told.answer:
            counted_us = min(at_us - self._clock_us, latest_us)
            self._limiter.note(channel, address, at_us=counted_us)

    async def _work(self, *, until_empty: bool, end_us: int | None) -> None:
        while not self._stop.is_set() and (end_us is None or self._now_us() < end_us):
            self._changed.clear()
            if self._bug is not None:
                raise self._bug
            if not self._keeper.is_held() and not await self._keeper.keep():
                return
            claimed = await self._claim()
            for delivery in claimed:
                self._begin(delivery)
            if claimed:
                continue
            waiting = None if self._running else await self._glance()
            if until_empty and waiting is not None and not self._has_work(waiting, end_us):
                return
            await self._pause(waiting, end_us)

    async def _claim(self) -> tuple[Delivery, ...]:
        """Claim what may leave now; nothing while the store is away."""
        now_us = self._now_us()
        free = self._concurrency - len(self._running)
        but_not = self._limiter.at_limit(now_us)
        if free < 1:
            return ()
        limit = self._limiter.room(self._notifiers, now_us=now_us, most=free)
        for_us, at_least = int(self._request_s * _CLAIM_SLACK * 1e6), self._precedence.least
        try:
            with self._limiter.claiming():
                claimed = await self._calls.once(
                    lambda: self._outbox.claim_deliveries(
                        self._owner, limit=limit, for_us=for_us, but_not=but_not, at_least=at_least
                    )
                )
        except LeaseLost:
            await self._keeper.keep()  # it ran out unnoticed, or another one has it
            return ()
        except StateUnavailable:
            return ()
        if claimed:
            self._clock_us = claimed[0].claimed_us - self._now_us()
        return claimed

    def _begin(self, delivery: Delivery) -> None:
        self._limiter.begin(delivery.draft.channel, delivery.draft.address)
        task = asyncio.create_task(self._deliver(delivery))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            self._bug = self._bug or task.exception()
        self._changed.set()

    async def _deliver(self, delivery: Delivery) -> None:
        """Make one attempt and record what came of it."""
        draft = delivery.draft
        outcome = await self._outcome(delivery)
        if outcome is None:
            self._limiter.withdraw(draft.channel, draft.address)
        else:
            self._limiter.end(draft.channel, draft.address, at_us=self._now_us())
        with suppress(StateUnavailable):  # given up: the claim runs out, and the outbox says so
            if outcome is None:
                await self._not_sent(delivery)
            else:
                await self._settler.settle(delivery, outcome, clock_us=self._clock_us)
        if self._on_progress is not None:
            self._on_progress(self._settler.counts)

    async def _outcome(self, delivery: Delivery) -> SendOutcome | None:
        """Send one delivery; None if it must not or cannot leave."""
        draft = delivery.draft
        notifier = self._notifiers.get(draft.channel)
        if notifier is None or _is_too_old(delivery) or not self._keeper.is_held():
            return None
        try:
            async with asyncio.timeout(self._request_s):
                return await notifier.send(
                    draft.address, draft.body, key=draft.key, reply_to=delivery.reply_to
                )
        except TimeoutError:
            return TryAgain(error=f"no answer within {self._request_s:g} s", is_ambiguous=True)
        except Exception as bug:  # noqa: BLE001  a plug-in's; its text may hold a secret
            name = type(bug).__name__
            return TryAgain(error=f"the notifier broke off with {name}", is_ambiguous=True)

    async def _not_sent(self, delivery: Delivery) -> None:
        channel = delivery.draft.channel
        if _is_too_old(delivery):
            await self._settler.bury(delivery, TOO_OLD)
            return
        if channel not in self._notifiers:
            await self._settler.stop(channel, "", f"no channel named {channel} is set up")
        await self._settler.hand_back(delivery, "it was not sent")

    def _has_work(self, waiting: Waiting, end_us: int | None) -> bool:
        """Return whether something may leave before the time is over."""
        if waiting.unworded or not waiting.sendable or end_us is None:
            return bool(waiting.unworded or waiting.sendable)
        now_us = self._now_us()
        due_us = now_us if waiting.next_us is None else waiting.next_us - self._clock_us
        at_limit = self._limiter.at_limit(now_us)
        if all((channel, "") in at_limit for channel in self._notifiers):
            due_us = max(due_us, self._limiter.next_us(now_us) or now_us)
        return due_us < end_us

    async def _glance(self) -> Waiting | None:
        """Return what waits, None if that was asked just now: a long queue is slow to count."""
        asked_us = self._now_us()
        if asked_us < self._ask_again_us:
            return None
        waiting = await self._waiting()
        now_us = self._now_us()
        self._ask_again_us = now_us + _RARELY * (now_us - asked_us)
        return waiting

    async def _waiting(self) -> Waiting | None:
        try:
            return await self._calls.once(self._outbox.waiting)
        except StateUnavailable:
            return None

    async def _pause(self, waiting: Waiting | None, end_us: int | None) -> None:
        """Wait until something has ended, or may leave, or may have come in."""
        now_us = self._now_us()
        moments = [now_us + _POLL_US, self._limiter.next_us(now_us), end_us]
        if waiting is not None and waiting.next_us is not None:
            due_us = waiting.next_us - self._clock_us
            moments.append(due_us if due_us > now_us else None)
        until_us = min(moment for moment in moments if moment is not None)
        pause_us = max(_SHORTEST_PAUSE_US, until_us - now_us)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_us / 1e6):
                await self._changed.wait()

    async def _finish(self) -> None:
        """Let what is under way end; a request takes no longer than its limit."""
        while self._running:
            await asyncio.wait(self._running)

    async def _report(self, *, is_elsewhere: bool) -> SendReport:
        waiting = await self._waiting()
        return SendReport(
            **asdict(self._settler.counts),
            waiting=None if waiting is None else waiting.sendable + waiting.stopped,
            is_elsewhere=is_elsewhere,
        )

    def _now_us(self) -> int:
        return int(self._monotonic() * 1e6)


def _is_too_old(delivery: Delivery) -> bool:
    expires_us = delivery.draft.expires_us
    return expires_us is not None and delivery.claimed_us >= expires_us
