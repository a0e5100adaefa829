"""One line kept up: opened again with growing pauses, and when it falls silent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from snipersight.domain.errors import SniperSightError, VenueUnavailable
from snipersight.market.streams.bars import Bar, CandleLines, StreamKey
from snipersight.market.streams.closed_bars import ClosedBars

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 60.0
_STABLE_S: Final = 30.0  # a connection that stood so long starts the pauses anew
_SILENCE_S: Final = 60.0
_LONGEST_SILENCE_S: Final = 960.0  # markets that are hardly traded say nothing for long


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEvents:
    """What a line does when something happens.

    Args:
        closed: a bar has closed.
        up: it stands again, or for the first time.
        down: it broke, with the reason; told once until it stands again.
    """

    closed: Callable[[StreamKey, Bar], None]
    up: Callable[[LineKeeper], None]
    down: Callable[[LineKeeper, SniperSightError], None]


class LineKeeper:
    """Listens for some keys without end.

    Args:
        lines: of the venue.
        keys: at most as many as one connection carries; `leave` takes some away.
        events: what to do when something happens.
        sleep: waits for real seconds.
        chance: a random number from 0 to 1, spreads the attempts of many lines.

    Attributes:
        is_up: whether it stands.
    """

    def __init__(
        self,
        lines: CandleLines,
        keys: Iterable[StreamKey],
        *,
        events: LineEvents,
        sleep: Callable[[float], Awaitable[None]],
        chance: Callable[[], float],
    ) -> None:
        self._lines = lines
        self._events = events
        self._sleep = sleep
        self._chance = chance
        self.keys = tuple(keys)
        self.is_up = False
        self._is_told_down = False
        self._heard_s: float | None = None
        self._stood_s = 0.0
        self._was_stable = False
        self._silence_s = _SILENCE_S

    def leave(self, gone: Iterable[StreamKey]) -> None:
        """Listen for some keys no longer; what still comes of them is not passed on."""
        without = frozenset(gone)
        self.keys = tuple(key for key in self.keys if key not in without)

    async def keep(self) -> None:
        """Keep the line up until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._stand()
            except SniperSightError as error:
                self._fell(error)
            if self._was_stable:
                pause_s = _FIRST_PAUSE_S
            await self._sleep(pause_s * (0.5 + 0.5 * self._chance()))
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _stand(self) -> None:
        """Listen until the line breaks or says nothing for too long.

        Raises:
            SniperSightError: why it ended; always.
        """
        closed, self._heard_s = ClosedBars(), None

        def tell(key: StreamKey, bar: Bar, is_closed: bool | None) -> None:
            self._heard_s = _now_s()
            found = closed.of(key, bar, is_closed)
            if found is not None and key in self.keys:
                self._events.closed(key, found)

        listening = asyncio.ensure_future(
            self._lines.follow(self.keys, tell=tell, on_up=self._stands)
        )
        try:
            await self._watch(listening)
        finally:
            self._was_stable = self.is_up and _now_s() - self._stood_s >= _STABLE_S
            self.is_up = False
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _stands(self) -> None:
        self.is_up, self._is_told_down = True, False
        self._stood_s = _now_s()
        self._events.up(self)

    async def _watch(self, listening: asyncio.Future[None]) -> None:
        while True:
            await asyncio.wait({listening}, timeout=self._silence_s / 4)
            if listening.done():
                listening.result()
                return
            last_s = self._stood_s if self._heard_s is None else self._heard_s
            if self.is_up and _now_s() - last_s > self._silence_s:
                raise self._silent(_now_s() - last_s)

    def _silent(self, for_s: float) -> VenueUnavailable:
        """Return what to say of a silence; the next one may last longer if nothing ever came."""
        longer_s = min(_LONGEST_SILENCE_S, self._silence_s * 2)
        self._silence_s = longer_s if self._heard_s is None else _SILENCE_S
        return VenueUnavailable(
            f"nothing was heard for {for_s:.0f} s",
            where="candle stream",
            next_step="it is opened again",
        )

    def _fell(self, error: SniperSightError) -> None:
        if not self._is_told_down:
            self._is_told_down = True
            self._events.down(self, error)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
