"""Calls of a store from a loop of events: on a thread, and again as long as the store is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from snipersight.bot.notifications.sending.backoff import backoff_us
from snipersight.domain.errors import LeaseLost, StateUnavailable

T = TypeVar("T")

_LONGEST_PAUSE_US: Final = 5_000_000


class InThread(Protocol):
    """Runs a function that may block, as `asyncio.to_thread` does."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any) -> Awaitable[T]:
        """Return what the function returns, without blocking the loop."""
        ...


class Told(NamedTuple):
    """What a store answered in the end.

    Args:
        answer: of the call that got through.
        was_repeated: a call before it may have been carried out as well.
    """

    answer: Any
    was_repeated: bool


class StoreCalls:
    """Calls a store that may be away for a while.

    Args:
        in_thread: runs what may block.
        chance: a number from 0 to below 1, for the pauses between attempts.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        in_thread: InThread,
        chance: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._in_thread: Final = in_thread
        self._chance: Final = chance
        self._sleep: Final = sleep
        self._is_ending = False

    def give_up(self) -> None:
        """Make no call again that fails from now on."""
        self._is_ending = True

    async def once(self, call: Callable[[], T]) -> T:
        """Return what a call returns, or raise what it raises."""
        return await self._in_thread(call)

    async def until_done(self, call: Callable[[], object]) -> Told:
        """Return what a call returns in the end; it must do no harm if it is carried out twice.

        Raises:
            LeaseLost: at once; waiting does not bring it back.
            StateUnavailable: the store is away, and was to be given up.
        """
        failures = 0
        while True:
            try:
                return Told(await self._in_thread(call), was_repeated=failures > 0)
            except LeaseLost:
                raise
            except StateUnavailable:
                if self._is_ending:
                    raise
                failures += 1
                await self._sleep(self._pause_s(failures))

    def _pause_s(self, failures: int) -> float:
        drawn_us = backoff_us(failures, chance=self._chance, longest_us=_LONGEST_PAUSE_US)
        return max(0.05, drawn_us / 1e6)
