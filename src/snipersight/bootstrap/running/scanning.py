"""One close: everything that follows from the bars that closed then, each step safe to repeat."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.running.keeping import RunEvidence
from snipersight.bootstrap.running.telling import RunTelling
from snipersight.domain.errors import StateUnavailable
from snipersight.engine.scan import run_scan

if TYPE_CHECKING:
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.bootstrap.running.vitals import Vitals
    from snipersight.domain.observations import Observations
    from snipersight.engine.report import ScanReport

SCANS: Final = "scans"  # the part, as vitals know it
_UNWRITABLE: Final = "audit_unwritable"

Act = Callable[["ScanReport", "Observations | None"], Awaitable[object]]
Before = Callable[[int], Awaitable[object]]


class CloseWork:
    """Scans at a close, tells, keeps the evidence, and acts on what was approved.

    Args:
        run: open.
        evidence: keeps what was found.
        vitals: told of every scan.
        before: awaited before each scan, with its moment: brings the trades there.
        act: awaited after each scan: executes or offers.
    """

    def __init__(
        self, run: OpenRun, evidence: RunEvidence, *, vitals: Vitals, before: Before, act: Act
    ) -> None:
        self._run: Final = run
        self._evidence: Final = evidence
        self._vitals: Final = vitals
        self._before: Final = before
        self._act: Final = act
        self._telling: Final = None if run.notifying is None else RunTelling(run, run.notifying)

    @property
    def telling(self) -> RunTelling | None:
        """Return what tells the chats; None: nobody is told."""
        return self._telling

    async def at(self, close_ms: int) -> ScanReport:
        """Do everything for one close, and return its report.

        Raises:
            SniperSightError: something outside failed; asked again, nothing is done twice.
        """
        began_s = time.monotonic()
        await self._before(close_ms)
        if self._telling is not None:
            await self._telling.before_scan()
        report = await self._scan(close_ms)
        if self._telling is not None:
            await self._telling.after_scan(report)
        await self._act(report, self._run.gate.observations)
        await self._evidence.record(report)
        await asyncio.to_thread(self._sign)
        self._vitals.scanned(close_ms, duration_s=time.monotonic() - began_s)
        return report

    async def _scan(self, close_ms: int) -> ScanReport:
        session = self._run.session
        report = await run_scan(
            replace(session.request, as_of_ms=close_ms),
            source=session.source,
            gate=self._run.gate,
            account=session.account,
            sink=session.sink,
            progress=lambda *_: self._vitals.beat(SCANS),
        )
        _require_recorded(report, self._run)
        return report

    def _sign(self) -> None:
        problem = self._run.books.sign(warn=lambda text: self._run.say(f"warning: {text}"))
        if problem is not None:
            raise problem


def _require_recorded(report: ScanReport, run: OpenRun) -> None:
    """Refuse a scan of which nothing could be recorded: it is done again when the store is back."""
    if any(refusal.reason.name == _UNWRITABLE for refusal in report.refusals):
        raise StateUnavailable(
            "no verdict can be recorded, so that nothing is approved",
            where=run.books.store.database.place,
            next_step="`snipersight db check` tells what is wrong; the scan is done again",
        )
