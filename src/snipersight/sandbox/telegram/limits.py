"""The flood limits, counted over sliding windows and enforced."""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import Final, NamedTuple

from snipersight.domain.errors import ConfigInvalid

_SECOND: Final = 1.0
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """How many messages pass.

    Args:
        overall_per_s: over all chats in any second.
        chat_per_s: in one chat in any second; Telegram lets short bursts pass, this does not.
        group_per_min: in one group or channel in any minute.
        tolerance_s: how much a window is shortened. Messages sent a second apart arrive a little
            less than a second apart now and then, which is nobody's fault.
    """

    overall_per_s: int = 30
    chat_per_s: int = 1
    group_per_min: int = 20
    tolerance_s: float = 0.05

    def __post_init__(self) -> None:
        if min(self.overall_per_s, self.chat_per_s, self.group_per_min) < 1:
            raise ConfigInvalid("a rate limit lets nothing pass", next_step="use 1 or more")
        if not 0 <= self.tolerance_s < _SECOND:
            raise ConfigInvalid(
                f"a tolerance of {self.tolerance_s} s is impossible", next_step="use 0 to 1"
            )


class Excess(NamedTuple):
    """A message over a limit: which one, and after how many seconds it would pass."""

    limit: str
    retry_after_s: int


class _Window:
    """The times of what passed within the last seconds, and the most there ever were."""

    def __init__(self, length_s: float) -> None:
        self._length_s = length_s
        self._times: deque[float] = deque()
        self.busiest = 0

    def wait_s(self, now_s: float, most: int, tolerance_s: float) -> float:
        """Return how long until one more would pass; 0 if it passes now."""
        length_s = self._length_s - tolerance_s
        while self._times and now_s - self._times[0] >= length_s:
            self._times.popleft()
        return 0.0 if len(self._times) < most else self._times[-most] + length_s - now_s

    def add(self, now_s: float) -> None:
        self._times.append(now_s)
        self.busiest = max(self.busiest, len(self._times))


class FloodGate:
    """Counts the messages that pass and refuses those over a limit."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self.over_limit: Counter[str] = Counter()
        self._overall = _Window(_SECOND)
        self._chats: defaultdict[int, _Window] = defaultdict(lambda: _Window(_SECOND))
        self._groups: defaultdict[int, _Window] = defaultdict(lambda: _Window(_MINUTE))

    @property
    def busiest(self) -> dict[str, int]:
        """Return the most messages that ever passed within one window of each limit."""
        return {
            "overall_per_s": self._overall.busiest,
            "chat_per_s": max((window.busiest for window in self._chats.values()), default=0),
            "group_per_min": max((window.busiest for window in self._groups.values()), default=0),
        }

    def pass_or_refuse(self, chat_id: int, now_s: float, *, is_group: bool) -> Excess | None:
        """Count one message for a chat and return None, or what it exceeds.

        A refused message counts as a violation and towards no limit.

        Args:
            chat_id: where it goes.
            now_s: time of a clock that never goes back.
            is_group: whether the limit per minute counts too.
        """
        limits, windows = self.limits, self._windows_of(chat_id, is_group=is_group)
        most = {
            "overall": limits.overall_per_s,
            "chat": limits.chat_per_s,
            "group": limits.group_per_min,
        }
        waits = {
            name: window.wait_s(now_s, most[name], limits.tolerance_s)
            for name, window in windows.items()
        }
        worst = max(waits, key=lambda name: waits[name])
        if waits[worst] > 0:
            self.over_limit[worst] += 1
            return Excess(worst, max(1, math.ceil(waits[worst])))
        for window in windows.values():
            window.add(now_s)
        return None

    def _windows_of(self, chat_id: int, *, is_group: bool) -> dict[str, _Window]:
        windows = {"overall": self._overall, "chat": self._chats[chat_id]}
        return {**windows, "group": self._groups[chat_id]} if is_group else windows
