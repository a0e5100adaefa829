"""The attempts that limits are counted over: those of one chat, or of a whole channel.

Two kinds leave through a lane: deliveries of the outbox, and answers to people who wait. An answer
that waits goes before deliveries; after a few answers in series the lane is the outbox's for a
moment, so that neither starves.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field
from typing import Final

from snipersight.bot.notifications.sending.limits import Window

IN_SERIES: Final = 3  # answers, before the outbox has its turn
# A sender that has something looks for it every quarter of a second.
TURN_US: Final = 400_000
_WIDE: Final = 10  # messages of a window in which places can be kept free


@dataclass(slots=True)
class Lane:
    """Counts what leaves to a chat, or over a channel; all times are microseconds of one clock.

    Args:
        windows: its limits.
        spare: places of each wide window that deliveries leave to answers.
    """

    windows: tuple[Window, ...]
    spare: int = 0
    under_way: int = field(default=0, init=False)  # deliveries
    answering: int = field(default=0, init=False)  # answers under way
    asked: int = field(default=0, init=False)  # answers that wait
    series: int = field(default=0, init=False)  # answers since the last delivery
    held_until_us: int = field(default=0, init=False)
    _ended: list[tuple[int, bool]] = field(default_factory=list, init=False)  # in order

    def begin(self, *, is_answer: bool) -> None:
        """Count an attempt that is under way from now on."""
        self.under_way += not is_answer
        self.answering += is_answer
        self.series = self.series + 1 if is_answer else 0

    def withdraw(self, *, is_answer: bool) -> None:
        """Count no longer what never left."""
        self.under_way -= not is_answer
        self.answering -= is_answer

    def end(self, at_us: int, *, is_answer: bool) -> None:
        """Count an attempt as ended."""
        self.withdraw(is_answer=is_answer)
        self.note(at_us, is_answer=is_answer)

    def note(self, at_us: int, *, is_answer: bool = False) -> None:
        """Count an attempt of the past."""
        insort(self._ended, (at_us, is_answer))

    def forget_deliveries(self) -> None:
        """Count answers only."""
        self.under_way = 0
        self._ended = [one for one in self._ended if one[1]]

    def room(self, now_us: int) -> int | None:
        """Return how many more deliveries may leave now; None: no limit."""
        if now_us < self.held_until_us:
            return 0
        rooms = (
            one.most - self._kept(one) - self._under_way - self._within(one, now_us)
            for one in self.windows
        )
        return min((max(0, room) for room in rooms), default=None)

    def free_us(self) -> int | None:
        """Return when one more delivery may leave; None: not by time alone."""
        return self._free_us(keeps=True)

    def answer_us(self) -> int | None:
        """Return when one more answer may leave; None: not before what is under way has ended."""
        free_us = self._free_us(keeps=False)
        return free_us + TURN_US if free_us is not None and self._is_outbox_turn else free_us

    def forget_before(self, now_us: int) -> None:
        """Drop what no window holds any more."""
        longest_us = max((window.length_us for window in self.windows), default=0)
        self._ended = [one for one in self._ended if one[0] + longest_us > now_us]

    def is_idle(self, now_us: int) -> bool:
        """Return whether there is nothing to remember."""
        busy = self._under_way or self.asked or self._ended
        return not busy and self.held_until_us <= now_us

    @property
    def _under_way(self) -> int:
        return self.under_way + self.answering

    @property
    def _is_outbox_turn(self) -> bool:
        return self.series >= IN_SERIES

    def _kept(self, window: Window) -> int:
        """Return how many places of a window deliveries leave to answers now."""
        if self._is_outbox_turn:
            return 0
        spare = self.spare if window.most >= _WIDE else 0
        return min(max(self.asked, spare), max(1, window.most // 2))

    def _free_us(self, *, keeps: bool) -> int | None:
        frees = [self.held_until_us]
        for window in self.windows:
            in_way = window.most - self._under_way - (self._kept(window) if keeps else 0)
            if in_way < 1:
                return None
            if len(self._ended) >= in_way:
                frees.append(self._ended[-in_way][0] + window.length_us)
        return max(frees)

    def _within(self, window: Window, now_us: int) -> int:
        return sum(at_us + window.length_us > now_us for at_us, _ in self._ended)
