"""The loop of a running bot: at each close, once; what fails is tried again until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.closes import Closes
from snipersight.bootstrap.running.scanning import SCANS
from snipersight.bootstrap.running.supervising import Pauses, Supervisor, first_of, pause
from snipersight.domain.errors import ConfigInvalid, SniperSightError

if TYPE_CHECKING:
    from snipersight.bootstrap.run_clock import RunClock
    from snipersight.engine.report import ScanReport

AtClose = Callable[[int], Awaitable["ScanReport | None"]]
_BEAT_S: Final = 30.0  # at least so often it is seen to be alive
WITHIN_S: Final = 300.0  # silent for longer, it hangs


class ScanLoop:
    """Scans at each close until it is stopped.

    After trouble, or a long sleep of the machine, it goes on with the newest close: the closes in
    between are read then, and every plan that still stands is judged.

    Args:
        clock: the time it lives by.
        closes: when.
        work: done at each close; a `SniperSightError` has it done again.
        supervisor: told of trouble.
        stop: ends it between two closes.
        after: told of each report, where something was scanned.
        beat: called as it goes on.
        gained: set by whoever sees that there is more to scan than there was.
        delay_ms: after each close, until its bars are published.
        rest: called after each close that was done, before the next one is waited for.
    """

    def __init__(
        self,
        clock: RunClock,
        closes: Closes,
        work: AtClose,
        *,
        supervisor: Supervisor,
        stop: asyncio.Event,
        after: Callable[[ScanReport], object],
        beat: Callable[[], object],
        gained: asyncio.Event,
        delay_ms: int = 0,
        rest: Callable[[], object] = lambda: None,
    ) -> None:
        self._clock: Final = clock
        self._closes: Final = closes
        self._work: Final = work
        self._supervisor: Final = supervisor
        self._stop: Final = stop
        self._after: Final = after
        self._beat: Final = beat
        self._gained: Final = gained
        self._delay_ms: Final = delay_ms
        self._rest: Final = rest

    async def run(self, *, until_ms: int | None = None) -> None:
        """Go on until it is stopped, or a close was scanned.

        Args:
            until_ms: that close, or a moment before it; None: for ever.

        Raises:
            ConfigInvalid: the very first look shows that nothing can be scanned so.
        """
        while not self._stop.is_set():
            self._beat()
            if self._closes.due(self._clock.ms() - self._delay_ms) is None:
                await self._wait()
                continue
            await self._until_done()
            scanned_ms = self._closes.scanned_ms
            if until_ms is not None and scanned_ms is not None and scanned_ms >= until_ms:
                self._stop.set()

    async def _wait(self) -> None:
        """Wait for the next close, for a while; what was gained is taken up at once."""
        at_ms = self._closes.next_ms(self._clock.ms() - self._delay_ms) + self._delay_ms
        left_s = self._clock.real_s(max(0, at_ms - self._clock.ms()) / 1000)
        if await first_of(self._gained, stop=self._stop, within_s=min(left_s, _BEAT_S)):
            self._gained.clear()
            self._closes.again()

    async def _until_done(self) -> None:
        """Do the work of the newest close, again and again where something outside fails."""
        pauses = Pauses()
        while not self._stop.is_set():
            close_ms = self._closes.due(self._clock.ms() - self._delay_ms)
            if close_ms is None:
                return  # the clock was set back
            self._beat()
            try:
                report = await self._work(close_ms)
            except SniperSightError as error:
                if isinstance(error, ConfigInvalid) and self._closes.scanned_ms is None:
                    raise  # what was asked for cannot be meant
                self._supervisor.trouble(SCANS, str(error))
                await pause(pauses.next_s(), stop=self._stop)
                continue
            self._supervisor.well(SCANS)
            self._closes.done(close_ms)
            if report is not None:
                self._after(report)
            self._rest()
            return
