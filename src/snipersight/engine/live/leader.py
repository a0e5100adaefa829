"""The leading market between closes: one state that every feed looks at."""

from __future__ import annotations

from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.domain.candles import Candles
from snipersight.domain.errors import DataInvalid, NoData, VenueUnavailable
from snipersight.domain.ports import LeaderState
from snipersight.domain.profile import Profile
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.live.renewing import changed_sentence, is_late, renew
from snipersight.engine.live.windows import BarWindow
from snipersight.engine.universe_stage import (
    NO_LEADER,
    leader_problem,
    leader_start_ms,
    leading_symbol,
    led_by,
)

_UNKNOWN: Final = LeaderState(trend=0, regime=None, known_at_ms=None)


class LiveLeader:
    """A `LeaderContext` that goes on from close to close.

    While the leading market cannot be read, nothing is known of it later than the last look that
    succeeded. What it says about an earlier moment after all, or otherwise than before, is told by
    `changed_ms`: whatever was decided since is to be decided again, and then `settle` is called.

    Args:
        profile: whose bias role is read.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._timeline = LeaderTimeline(profile)
        self._window: BarWindow | None = None
        self._symbol: Symbol | None = None
        self._reach_ms = 0  # when the first bar of the timeline had to open
        self._looked_ms: int | None = None  # the last look that succeeded
        self._blind_after_ms: int | None = None
        self._fed_ms = 0  # close of the newest bar the timeline has taken
        self.changed_ms: int | None = None
        """The earliest close that says something else than it did; None: none does."""

    def at(self, time_ms: int) -> LeaderState:
        """Return the state known at `time_ms`, never a later one."""
        if self._blind_after_ms is not None and time_ms > self._blind_after_ms:
            return _UNKNOWN
        return self._timeline.at(time_ms)

    def is_late(self, context: ScanContext) -> bool:
        """Return whether its newest bar has not come yet, or it could not be read."""
        if self._blind_after_ms is not None:
            return True
        return self._window is not None and is_late(self._window, context)

    async def read(
        self, context: ScanContext, ports: Ports, *, since_ms: int | None = None
    ) -> ScanContext:
        """Stage of a live scan: read what the leading market did since.

        Args:
            context: with its instruments.
            ports: source and sink.
            since_ms: decisions later than this are wanted, should it lie before the time that a
                plan may live.
        """
        symbol = leading_symbol(context.instruments)
        if symbol != self._symbol:
            self._begin_anew(symbol)
        problem = NO_LEADER
        if symbol is not None:
            problem = await self._read(symbol, context, ports, since_ms)
        return led_by(context, symbol, self, problem=problem)

    def _begin_anew(self, symbol: Symbol | None) -> None:
        was_followed = self._symbol is not None
        self._symbol, self._window = symbol, None
        self._renew_timeline()
        if was_followed:
            self._note_change(0)

    async def _read(
        self, symbol: Symbol, context: ScanContext, ports: Ports, since_ms: int | None
    ) -> str:
        """Return why its state is unknown now, if it is."""
        start_ms = leader_start_ms(context, ports, since_ms=since_ms)
        try:
            if self._window is None or start_ms < self._reach_ms:
                await self._load(symbol, context, ports, start_ms)
            else:
                await self._renew(self._window, context, ports)
        except (DataInvalid, VenueUnavailable) as error:
            self._go_blind()
            return str(error)
        return self._take(context, ports)

    async def _load(
        self, symbol: Symbol, context: ScanContext, ports: Ports, start_ms: int
    ) -> None:
        candles = await ports.source.candles(
            symbol,
            self._profile.timeframe("bias"),
            start_ms=start_ms,
            end_ms=context.as_of_ms,
        )
        known = candles.known_at(context.as_of_ms)
        if len(known) == 0:
            raise NoData("no closed bar", where=f"{symbol} {known.timeframe}")
        self._window = BarWindow(known)
        self._renew_timeline()
        self._reach_ms = start_ms

    def _renew_timeline(self) -> None:
        self._timeline, self._fed_ms = LeaderTimeline(self._profile), 0

    async def _renew(self, window: BarWindow, context: ScanContext, ports: Ports) -> None:
        looked_ms = self._looked_ms or 0
        changed_ms = await renew(
            window, ports.source, as_of_ms=context.as_of_ms, looked_ms=looked_ms
        )
        if changed_ms is None:
            return
        what = changed_sentence(window, changed_ms)
        fields = {"symbol": window.symbol, "stage": "revised", "what": what}
        ports.sink.emit("data_quality", fields)
        await self._load(window.symbol, context, ports, self._reach_ms)
        self._note_change(changed_ms + window.timeframe.duration_ms)

    def _take(self, context: ScanContext, ports: Ports) -> str:
        """Let the timeline read what has come, and return why its state is unknown, if it is."""
        window = self._require_window()
        bars = window.candles(after_ms=self._fed_ms)
        if self._looked_ms is not None:
            self._note_late(bars, self._looked_ms)
        if self._blind_after_ms is not None:
            self._note_change(self._blind_after_ms + 1)
        self._timeline.advance(bars, until_ms=context.as_of_ms)
        self._fed_ms = window.newest_ms
        self._looked_ms, self._blind_after_ms = context.as_of_ms, None
        known_ms = self._timeline.at(context.as_of_ms).known_at_ms
        return leader_problem(context, ports, window.candles(), known_ms)

    def settle(self, context: ScanContext, ports: Ports) -> None:
        """Take note that everything was decided by what is known now; forget what is too old."""
        self.changed_ms = None
        if self._window is None:
            return
        start_ms = leader_start_ms(context, ports)
        self._reach_ms = max(self._reach_ms, start_ms)
        self._window.forget(start_ms)
        self._timeline.forget(start_ms)

    def _note_late(self, bars: Candles, looked_ms: int) -> None:
        """Note that a bar came which had closed before the last look."""
        is_late = self._fed_ms and len(bars) and int(bars.close_time[0]) <= looked_ms
        if is_late:
            self._note_change(int(bars.close_time[0]))

    def _note_change(self, closed_ms: int) -> None:
        before = closed_ms if self.changed_ms is None else self.changed_ms
        self.changed_ms = min(before, closed_ms)

    def _go_blind(self) -> None:
        if self._blind_after_ms is None:
            self._blind_after_ms = self._looked_ms or 0

    def _require_window(self) -> BarWindow:
        if self._window is None:
            raise ValueError("the leading market was not read")
        return self._window
