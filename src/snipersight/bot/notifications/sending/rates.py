"""Rate limits: given the attempts so far, when may the next message to a chat leave.

A channel counts a message when it arrives there: some time after the request left, and before its
answer came back. So an attempt counts from the moment it begins, stays in every window while it is
under way, and leaves a window that length after it ended. Whatever the network does in between, no
window of that length by the channel's clock can hold more than the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from snipersight.bot.notifications.sending.lanes import Lane
from snipersight.bot.notifications.sending.limits import LIMITS, OTHER_LIMITS, ChannelLimits

SPARE: Final = 3  # places of each wide window that people's answers find free


class RateLimiter:
    """Counts attempts and says what may leave. It reads no clock: times come with each question.

    One limiter serves everything in a process that writes to the same channels: the sender of the
    outbox, and whoever answers people. All times are microseconds of one clock, any one that does
    not go back. It belongs to one event loop.

    Args:
        limits: by the name of the channel.
        other: of channels that are not named.
    """

    def __init__(
        self,
        limits: Mapping[str, ChannelLimits] = LIMITS,
        *,
        other: ChannelLimits = OTHER_LIMITS,
    ) -> None:
        self._limits: Final = limits
        self._other: Final = other
        self._lanes: Final[dict[tuple[str, str], Lane]] = {}
        self._answering: Final[set[str]] = set()
        self._claims = 0

    def keep_room_for_answers(self, channel: str) -> None:
        """Leave some places of a channel's wide windows to answers, from now on."""
        self._answering.add(channel)
        for (name, _), lane in self._lanes.items():
            lane.spare = SPARE if name in self._answering else 0

    def restart(self) -> None:
        """Forget the deliveries, as a sender does that learns them from the store; holds stay."""
        for lane in self._lanes.values():
            lane.forget_deliveries()

    def begin(self, channel: str, address: str, *, is_answer: bool = False) -> None:
        """Count an attempt that is under way from now on; `end` or `withdraw` has to follow."""
        for lane in self._both(channel, address):
            lane.begin(is_answer=is_answer)

    def end(self, channel: str, address: str, *, at_us: int, is_answer: bool = False) -> None:
        """Say that an attempt has its answer, or will get none."""
        for lane in self._both(channel, address):
            lane.end(at_us, is_answer=is_answer)

    def withdraw(self, channel: str, address: str) -> None:
        """Say that a delivery never left."""
        for lane in self._both(channel, address):
            lane.withdraw(is_answer=False)

    def note(self, channel: str, address: str, *, at_us: int) -> None:
        """Count a delivery of the past, whoever made it."""
        for lane in self._both(channel, address):
            lane.note(at_us)

    def hold(self, channel: str, address: str, *, until_us: int) -> None:
        """Let nothing leave to a chat, or with an empty address over a channel, until a moment."""
        lane = self._lane(channel, address)
        lane.held_until_us = max(lane.held_until_us, until_us)

    @contextmanager
    def claiming(self) -> Iterator[None]:
        """Say that deliveries are being claimed by what `at_limit` told: no answer may leave."""
        self._claims += 1
        try:
            yield
        finally:
            self._claims -= 1

    @property
    def is_claimed(self) -> bool:
        """Return whether deliveries are being claimed now."""
        return self._claims > 0

    @contextmanager
    def asked(self, channel: str, address: str) -> Iterator[None]:
        """Keep the next place in a chat for an answer that waits."""
        lanes = tuple(self._both(channel, address))
        for lane in lanes:
            lane.asked += 1
        try:
            yield
        finally:
            for lane in lanes:
                lane.asked -= 1

    def answer_us(self, channel: str, address: str) -> int | None:
        """Return when an answer may leave; None: not before something under way has ended."""
        latest_us = 0
        for lane in self._both(channel, address):
            free_us = lane.answer_us()
            if free_us is None:
                return None
            latest_us = max(latest_us, free_us)
        return latest_us

    def at_limit(self, now_us: int) -> frozenset[tuple[str, str]]:
        """Return the chats no delivery may go to now; with an empty address, whole channels."""
        self._forget(now_us)
        return frozenset(place for place, lane in self._lanes.items() if lane.room(now_us) == 0)

    def room(self, channels: Iterable[str], *, now_us: int, most: int) -> int:
        """Return how many deliveries may leave now, whichever channels with any room they go over.

        Args:
            channels: that messages may go over.
            now_us: now.
            most: never more than this.
        """
        rooms = (self._lane(channel, "").room(now_us) for channel in channels)
        return min([most, *(room for room in rooms if room)])

    def next_us(self, now_us: int) -> int | None:
        """Return when the first of what is at its limit now may go on; None: not by time alone."""
        frees = (lane.free_us() for lane in self._lanes.values() if lane.room(now_us) == 0)
        return min((free for free in frees if free is not None), default=None)

    def _both(self, channel: str, address: str) -> Iterator[Lane]:
        yield self._lane(channel, "")
        yield self._lane(channel, address)

    def _lane(self, channel: str, address: str) -> Lane:
        found = self._lanes.get((channel, address))
        if found is None:
            limits = self._limits.get(channel, self._other)
            windows = limits.of(address) if address else limits.overall
            spare = SPARE if channel in self._answering else 0
            found = self._lanes[channel, address] = Lane(windows, spare=spare)
        return found

    def _forget(self, now_us: int) -> None:
        for place, lane in list(self._lanes.items()):
            lane.forget_before(now_us)
            if lane.is_idle(now_us):
                del self._lanes[place]
