"""Rate limits: given the attempts so far, when may the next message to a chat leave.

A channel counts a message when it arrives there: some time after the request left, and before its
answer came back. So an attempt counts from the moment it begins, stays in every window while it is
under way, and leaves a window that length after it ended. Whatever the network does in between, no
window of that length by the channel's clock can hold more than the limit.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

SECOND_US: Final = 1_000_000
# Two clocks run apart, and a channel may count its windows a little longer than it says.
_MARGIN_SHARE: Final = 0.02
_MARGIN_US: Final = 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """At most so many messages in any such time.

    Args:
        most: messages, at least 1.
        seconds: length of the window.
    """

    most: int
    seconds: float

    @property
    def length_us(self) -> int:
        """Return the length with its margin, microseconds."""
        return int(self.seconds * SECOND_US * (1 + _MARGIN_SHARE)) + _MARGIN_US


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLimits:
    """What a channel allows.

    Args:
        overall: over all chats together.
        per_chat: in each chat.
        per_group: in each group besides; its address begins with `-` or `@`.
    """

    overall: tuple[Window, ...] = ()
    per_chat: tuple[Window, ...] = ()
    per_group: tuple[Window, ...] = ()

    def of(self, address: str) -> tuple[Window, ...]:
        """Return the windows of one chat."""
        return self.per_chat + (self.per_group if address.startswith(("-", "@")) else ())


# Telegram's FAQ for bots; channels behave like groups.
TELEGRAM_LIMITS: Final = ChannelLimits(
    overall=(Window(30, 1),), per_chat=(Window(1, 1),), per_group=(Window(20, 60),)
)
# What services that are not known by name stand well: the strictest webhooks take 30 a minute.
OTHER_LIMITS: Final = ChannelLimits(
    overall=(Window(10, 1),), per_chat=(Window(1, 1), Window(30, 60))
)
LIMITS: Final[Mapping[str, ChannelLimits]] = {"telegram": TELEGRAM_LIMITS}
LONGEST_WINDOW_US: Final = Window(1, 60).length_us


@dataclass(slots=True)
class _Lane:
    """The attempts that windows are counted over: of one chat, or of a whole channel."""

    windows: tuple[Window, ...]
    under_way: int = 0
    ended_us: list[int] = field(default_factory=list)  # in order
    held_until_us: int = 0

    def room(self, now_us: int) -> int | None:
        """Return how many more may leave now; None: no limit."""
        if now_us < self.held_until_us:
            return 0
        rooms = (one.most - self.under_way - self._within(one, now_us) for one in self.windows)
        return min((max(0, room) for room in rooms), default=None)

    def free_us(self) -> int | None:
        """Return when one more may leave; None: not before one that is under way has ended."""
        frees = [self.held_until_us]
        for window in self.windows:
            in_way = window.most - self.under_way
            if in_way < 1:
                return None
            if len(self.ended_us) >= in_way:
                frees.append(self.ended_us[-in_way] + window.length_us)
        return max(frees)

    def forget_before(self, now_us: int) -> None:
        longest_us = max((window.length_us for window in self.windows), default=0)
        self.ended_us = [at_us for at_us in self.ended_us if at_us + longest_us > now_us]

    def is_idle(self, now_us: int) -> bool:
        return not (self.under_way or self.ended_us) and self.held_until_us <= now_us

    def _within(self, window: Window, now_us: int) -> int:
        return sum(at_us + window.length_us > now_us for at_us in self.ended_us)


class RateLimiter:
    """Counts attempts and says what may leave. It reads no clock: times come with each question.

    All times are microseconds of one clock, any one that does not go back.

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
        self._lanes: Final[dict[tuple[str, str], _Lane]] = {}

    def restart(self) -> None:
        """Forget the attempts, as a sender does that learns them from the store; holds stay."""
        for lane in self._lanes.values():
            lane.under_way = 0
            lane.ended_us.clear()

    def begin(self, channel: str, address: str) -> None:
        """Count an attempt that is under way from now on; `end` or `withdraw` has to follow."""
        for lane in self._both(channel, address):
            lane.under_way += 1

    def end(self, channel: str, address: str, *, at_us: int) -> None:
        """Say that an attempt has its answer, or will get none."""
        for lane in self._both(channel, address):
            lane.under_way -= 1
            insort(lane.ended_us, at_us)

    def withdraw(self, channel: str, address: str) -> None:
        """Say that an attempt never left."""
        for lane in self._both(channel, address):
            lane.under_way -= 1

    def note(self, channel: str, address: str, *, at_us: int) -> None:
        """Count an attempt of the past, whoever made it."""
        for lane in self._both(channel, address):
            insort(lane.ended_us, at_us)

    def hold(self, channel: str, address: str, *, until_us: int) -> None:
        """Let nothing leave to a chat, or with an empty address over a channel, until a moment."""
        lane = self._lane(channel, address)
        lane.held_until_us = max(lane.held_until_us, until_us)

    def at_limit(self, now_us: int) -> frozenset[tuple[str, str]]:
        """Return the chats nothing may go to now; with an empty address, whole channels."""
        self._forget(now_us)
        return frozenset(place for place, lane in self._lanes.items() if lane.room(now_us) == 0)

    def room(self, channels: Iterable[str], *, now_us: int, most: int) -> int:
        """Return how many messages may leave now, whichever channels with any room they go over.

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

    def _both(self, channel: str, address: str) -> Iterator[_Lane]:
        yield self._lane(channel, "")
        yield self._lane(channel, address)

    def _lane(self, channel: str, address: str) -> _Lane:
        found = self._lanes.get((channel, address))
        if found is None:
            limits = self._limits.get(channel, self._other)
            windows = limits.of(address) if address else limits.overall
            found = self._lanes[channel, address] = _Lane(windows)
        return found

    def _forget(self, now_us: int) -> None:
        for place, lane in list(self._lanes.items()):
            lane.forget_before(now_us)
            if lane.is_idle(now_us):
                del self._lanes[place]
