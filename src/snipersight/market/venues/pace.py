"""How fast a venue may be asked: its own limits, kept before it has to say so."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

_BAN_S: Final = 120.0  # Binance bans for two minutes at least
_FREQUENT_S: Final = 600.0  # Bybit's refusal of an address; whatever is sent meanwhile prolongs it
_FREQUENT: Final = "access too frequent"
_SHORTEST_S: Final = 0.001  # no pause is worth less
_WAITED_OUT_S: Final = 1.5  # a longer limit is told instead: what waits might be out of date
_BANNED_UNTIL: Final = re.compile(r"until (\d{13})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a venue allows.

    Args:
        changes_per_s, changes_burst: of each kind of request that changes something.
        questions_per_s, questions_burst: everything else.
        weight_per_minute: budget of which answers tell the used part; None where they do not.
        pause_s: how long nothing is sent after a refusal that does not say how long.
    """

    changes_per_s: float
    changes_burst: int
    questions_per_s: float
    questions_burst: int
    weight_per_minute: int | None = None
    pause_s: float = 60.0


class Bucket:
    """Lets `burst` through at once and `per_s` a second after that.

    Args:
        per_s, burst: above 0.
        monotonic: seconds, never set back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        per_s: float,
        burst: int,
        *,
        monotonic: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._step_s = 1 / per_s
        self._depth_s = burst / per_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._free_at_s = float("-inf")

    async def take(self) -> None:
        """Wait for a turn; turns are given in the order of asking."""
        now_s = self._monotonic()
        self._free_at_s = max(self._free_at_s, now_s - self._depth_s) + self._step_s
        wait_s = self._free_at_s - now_s
        if wait_s > _SHORTEST_S:
            await self._sleep(wait_s)


class Pace:
    """Keeps a venue's limits.

    Questions wait while the budget is nearly used; what protects a position never waits for them.

    Args:
        limits: of the venue.
        clock_ms: the venue's time, to read the end of a ban.
        monotonic: seconds, never set back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        clock_ms: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._clock_ms = clock_ms
        self._monotonic = monotonic
        self._changes: dict[str, Bucket] = {}
        self._sleep = sleep
        self._questions = self._bucket(limits.questions_per_s, limits.questions_burst)
        self._banned_until_s = float("-inf")
        self._limited_until_s = float("-inf")
        self._saving_until_s = float("-inf")

    @property
    def banned_s(self) -> float:
        """Return for how long nothing at all may be sent; 0 or less: at once."""
        return self._banned_until_s - self._monotonic()

    @property
    def limited_s(self) -> float:
        """Return for how long requests would be turned away; 0 or less: not at all."""
        return self._limited_until_s - self._monotonic()

    @property
    def saving_s(self) -> float:
        """Return for how long questions should be held back; 0 or less: not at all."""
        return max(self.limited_s, self._saving_until_s - self._monotonic())

    async def wait_out_limit(self) -> None:
        """Wait until our rate is limited no more, where that is soon; return at once otherwise."""
        while _SHORTEST_S < (wait_s := self.limited_s) <= _WAITED_OUT_S:
            await self._sleep(wait_s)

    async def turn_of_change(self, call: str) -> None:
        """Wait until the next such request may go: cancels and orders have limits of their own."""
        if call not in self._changes:
            self._changes[call] = self._bucket(
                self._limits.changes_per_s, self._limits.changes_burst
            )
        await self._changes[call].take()

    async def turn_of_question(self) -> None:
        """Wait until the next question may go."""
        await self._questions.take()

    def _bucket(self, per_s: float, burst: int) -> Bucket:
        return Bucket(per_s, burst, monotonic=self._monotonic, sleep=self._sleep)

    def note(self, status: int | None, headers: Mapping[str, str], body: str) -> None:
        """Learn from an answer: a ban, a limit, how much of the budget is used.

        Args:
            status: HTTP status; None where no answer came.
            headers: names in lower case.
            body: of the answer.
        """
        now_s = self._monotonic()
        if status == 418:
            wait_s = retry_after_s(headers) or self._ban_s(body)
            self._banned_until_s = max(self._banned_until_s, now_s + wait_s)
        elif status == 403 and _FREQUENT in body.lower():
            self._banned_until_s = max(self._banned_until_s, now_s + _FREQUENT_S)
        elif status == 429:
            wait_s = retry_after_s(headers) or self._limits.pause_s
            self._limited_until_s = max(self._limited_until_s, now_s + wait_s)
        used, most = headers.get("x-mbx-used-weight-1m", ""), self._limits.weight_per_minute
        if most is not None and used.isdigit() and int(used) > most * 0.9:
            rest_of_minute_s = 60 - self._clock_ms() / 1000 % 60
            self._saving_until_s = now_s + rest_of_minute_s

    def _ban_s(self, body: str) -> float:
        named = _BANNED_UNTIL.search(body)
        if named is None:
            return _BAN_S
        return max(_BAN_S, (int(named.group(1)) - self._clock_ms()) / 1000)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return what the header asks for, seconds; None without it, or where it holds a date."""
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isdigit() else None
