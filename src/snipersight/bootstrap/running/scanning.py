"""One close: everything that follows from the bars that closed then, each step safe to repeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.supervising import both, pause
from snipersight.bootstrap.running.telling import RunTelling
from snipersight.bootstrap.running.times import time_problem
from snipersight.domain.candles import utc_text
from snipersight.domain.errors import ConfigInvalid, StateUnavailable, VenueUnavailable
from snipersight.domain.timeframe import DAY_MS
from snipersight.engine.live.scan import Ended, LiveRequest, LiveScan
from snipersight.market.streams import StreamedSource

if TYPE_CHECKING:
    from snipersight.bootstrap.running.keeping import RunEvidence
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.running.supervising import Supervisor
    from snipersight.domain.decision import Candidate
    from snipersight.domain.observations import Observations
    from snipersight.domain.units import Symbol
    from snipersight.engine.live.scan import LiveScanned
    from snipersight.engine.report import ScanReport

SCANS: Final = "scans"  # the part, as vitals know it
AUDIT: Final = "audit"
TIME: Final = "time"
_NAMED: Final = 4
_UNWRITABLE: Final = "audit_unwritable"
# What is late is asked for again after so many seconds each, then it is not waited for any longer.
_LATE_S: Final = (1.0, 2.0, 4.0, 8.0)
# Of a longer absence, what was decided before is not looked up any more.
LONGEST_GAP_MS: Final = 7 * DAY_MS
_MOST_OF_BAR: Final = 0.1  # that is waited at a time
_TOLD_S: Final = 5.0  # that a venue may take to tell of a close
# Looked at later than this after a close, the markets are not what they were at it, real seconds.
_PRESENT_S: Final = 30.0

Act = Callable[["ScanReport", "Observations | None"], Awaitable[object]]
Before = Callable[[int], Awaitable[object]]


class CloseWork:
    """Scans at a close, tells, acts on what was approved, and keeps the evidence.

    Args:
        run: open.
        evidence: keeps what was found.
        live: the scan of this run.
        before: awaited before each scan, with its moment: brings the trades there.
        act: awaited after each scan: executes or offers.
        supervisor: told of trouble that keeps no scan from its end.
        stop: what is late is not waited for once it is set.
    """

    def __init__(
        self,
        run: OpenRun,
        evidence: RunEvidence,
        *,
        live: LiveScan,
        before: Before,
        act: Act,
        supervisor: Supervisor,
        stop: asyncio.Event,
    ) -> None:
        self._run: Final = run
        self._evidence: Final = evidence
        self._before: Final = before
        self._act: Final = act
        self._supervisor: Final = supervisor
        self._stop: Final = stop
        self._telling: Final = None if run.notifying is None else RunTelling(run, run.notifying)
        self._live: Final = live
        trigger = run.session.request.profile.timeframe("trigger")
        # Venues take real time to answer, but a sandbox's bar may be short.
        self._patience_s: Final = run.clock.real_s(trigger.duration_ms / 1000) * _MOST_OF_BAR
        self._missed: tuple[Candidate, ...] = ()  # and not recorded yet
        self._universe: tuple[Symbol, ...] = ()  # of the last look

    async def at(self, close_ms: int) -> ScanReport | None:
        """Do everything for one close, and return its report; None where it is done already.

        Raises:
            SniperSightError: something outside failed; asked again, nothing is done twice.
        """
        began_s = time.monotonic()
        if self._telling is None:
            return await self._at(close_ms, began_s=began_s)
        # What the trades come to is stored before the new signals are, and would go out first.
        self._telling.expect_signals()
        try:
            return await self._at(close_ms, began_s=began_s)
        finally:
            self._telling.signals_came()

    async def _at(self, close_ms: int, *, began_s: float) -> ScanReport | None:
        at_ms = await self._moment(close_ms)
        await self._before(at_ms)
        if not self._begins(close_ms):
            return None
        try:
            if self._telling is not None:
                await self._telling.before_scan()
            scanned = await self._through(close_ms, at_ms)
            self._run.vitals.scanned(close_ms, duration_s=time.monotonic() - began_s)
            if self._telling is not None:
                await self._telling.lives(scanned.report)
            await self._run.shares.mark(close_ms)
        finally:
            self._run.shares.rest()
        self._missed = ()
        self._evidence.go_on()
        await self._compare_times()
        await self._sign()
        return scanned.report

    def _begins(self, close_ms: int) -> bool:
        """Begin a turn with what nobody scanned at this close; return whether there is any.

        Alone, a process that starts looks at all of it again: that changes nothing, and people see
        at once what is waiting.
        """
        shares = self._run.shares
        is_repeated = self._live.as_of_ms is None and shares.members == 1
        return shares.begin(unless_scanned_to=None if is_repeated else close_ms)

    async def _moment(self, close_ms: int) -> int:
        """Return the moment to look from: the close, or now where that lies well behind.

        After a start in the middle of a bar, or an outage, plans are judged at present prices, as
        a scan judges them: no order is sent for what the markets were an hour ago.
        """
        clock, trigger = self._run.clock, self._run.session.request.profile.timeframe("trigger")
        present_ms = int(_PRESENT_S * 1000 * clock.scale)
        looked_ms = self._live.as_of_ms or 0
        if clock.ms() - close_ms <= present_ms:
            return max(close_ms, looked_ms)
        now_ms = min(clock.ms(), await self._run.session.source.now_ms())
        return max(min(now_ms, close_ms + trigger.duration_ms - 1), close_ms, looked_ms)

    async def _through(self, close_ms: int, at_ms: int) -> LiveScanned:
        """Look until nothing is late, or nothing more is waited for; act on every look."""
        await self._hear(close_ms)
        scanned = await self._looked(at_ms, is_final=False)
        for number, seconds in enumerate(_LATE_S, start=1):
            if not scanned.late:
                break
            is_built_in = self._run.asked.source.is_built_in
            if not is_built_in:
                await pause(min(seconds, self._patience_s), stop=self._stop)
            is_last = number == len(_LATE_S) or is_built_in or self._stop.is_set()
            scanned = await self._looked(at_ms, is_final=is_last)
            if is_last:
                break
        return scanned

    async def _hear(self, close_ms: int) -> None:
        """Wait until the bars of a close are told by the venue's streams, where it has any."""
        source, profile = self._run.session.source, self._run.session.request.profile
        if isinstance(source, StreamedSource):
            mine = self._run.shares.mine(self._universe)
            source.watch(mine, profile.history())
            await source.wait_closed(
                mine,
                profile.timeframe("trigger"),
                close_ms,
                timeout_s=min(_TOLD_S, self._patience_s),
            )
        newest_ms = await source.now_ms()
        if newest_ms < close_ms:
            raise VenueUnavailable(
                f"it shows {utc_text(newest_ms)}, which lies before the close of "
                f"{utc_text(close_ms)}",
                where=source.venue,
                next_step="set this machine's clock; it should follow a time server",
            )

    async def _looked(self, at_ms: int, *, is_final: bool) -> LiveScanned:
        scanned = await self._live.look(at_ms, is_final=is_final)
        self._missed += scanned.missed
        self._universe = scanned.report.universe
        _require_something(scanned.report, self._run)
        _require_recorded(scanned.report, self._run)
        scanned = replace(scanned, missed=self._missed)
        # An entry waits for no picture; that it was filled is told after its signal all the same.
        await both(self._tell(scanned.report), self._follow(scanned))
        return scanned

    async def _tell(self, report: ScanReport) -> None:
        if self._telling is not None:
            await self._telling.after_look(report)
            self._telling.signals_came()

    async def _follow(self, scanned: LiveScanned) -> None:
        # Before it is acted on: what is traded by then is judged otherwise when it is done again.
        await self._evidence.record(scanned.to_record)
        await self._act(scanned.report, self._run.gate.observations)

    async def _compare_times(self) -> None:
        """Say where something was recorded later than it is: nothing may be entered until then."""
        try:
            problem = await asyncio.to_thread(time_problem, self._run.books)
        except StateUnavailable:
            return  # the scan is done and marked; the next one needs the store, and tells
        if problem is None:
            self._supervisor.well(TIME)
        else:
            self._supervisor.trouble(TIME, problem)

    async def _sign(self) -> None:
        """Sign the audit up to its end; what cannot be signed now is signed after the next scan."""
        run = self._run
        problem = await asyncio.to_thread(
            run.books.sign, warn=lambda text: run.say(f"warning: {text}")
        )
        if problem is None:
            self._supervisor.well(AUDIT)
        else:
            self._supervisor.trouble(AUDIT, f"it could not be signed: {problem}")


def live_scan(run: OpenRun, *, ended: Ended) -> LiveScan:
    """Return the scan of a running bot, which has looked at nothing yet.

    Args:
        run: open.
        ended: see `LiveScan`.
    """
    session = run.session

    def since_ms(symbol: Symbol) -> int | None:
        marked_ms = run.shares.scanned_to(symbol)
        return None if marked_ms is None else max(marked_ms, run.clock.ms() - LONGEST_GAP_MS)

    return LiveScan(
        LiveRequest(scan=session.request, mine=run.shares.mine, since_ms=since_ms),
        source=session.source,
        gate=run.gate,
        account=session.account,
        sink=session.sink,
        progress=lambda *_: run.vitals.beat(SCANS),
        hooks=run.hooks,
        ended=ended,
    )


def _require_something(report: ScanReport, run: OpenRun) -> None:
    """Refuse a list of which nothing can be scanned, by this process or another."""
    if not report.universe and report.dropped and run.shares.members == 1:
        raise ConfigInvalid(
            "; ".join(f"{symbol}: {reason}" for symbol, reason in report.dropped[:_NAMED]),
            where="--symbols",
            next_step="name symbols that the source lists and that can be traded",
        )


def _require_recorded(report: ScanReport, run: OpenRun) -> None:
    """Refuse a scan of which nothing could be recorded: it is done again when the store is back."""
    if any(refusal.reason.name == _UNWRITABLE for refusal in report.refusals):
        raise StateUnavailable(
            "no verdict can be recorded, so that nothing is approved",
            where=run.books.store.database.place,
            next_step="`snipersight db check` tells what is wrong; the scan is done again",
        )
