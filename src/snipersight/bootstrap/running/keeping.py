"""The evidence of a running bot: what its scans found, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.evidence.actual_reading import read_actual
from snipersight.bootstrap.evidence.following import follow, plans_of_profiles
from snipersight.bootstrap.evidence.recording import origin_of, record_while_held
from snipersight.bootstrap.running.supervising import first_of
from snipersight.bootstrap.running.warming import warm_up_following
from snipersight.bootstrap.score_meaning import refresh_after_scan

if TYPE_CHECKING:
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.domain.evidence import EvidenceStore, Origin
    from snipersight.engine.report import ScanReport

_ONE_TURN_S: Final = 20.0  # of following; those that were looked at longest ago come first


class RunEvidence:
    """Keeps the evidence of scans; nothing where nobody wants any.

    Args:
        run: open.
        stop: ends the following between two turns.
    """

    def __init__(self, run: OpenRun, *, stop: asyncio.Event) -> None:
        self._run: Final = run
        self._stop: Final = stop
        self._scanned: Final = asyncio.Event()

    @property
    def _kept(self) -> tuple[EvidenceStore, Origin] | None:
        """Return where evidence goes and what it is of; None: it is of nothing, or unwanted."""
        session, asked = self._run.session, self._run.asked
        telemetry = session.events.telemetry
        is_stand_in = session.surroundings.settings.exchange_gateway is not None
        origin = origin_of(asked.source, is_stand_in=is_stand_in, is_past=False)
        return None if telemetry is None or origin is None else (telemetry.evidence, origin)

    async def record(self, report: ScanReport) -> None:
        """Record the signals of a scan and how its candidates ended, as long as it is ours.

        Raises:
            LeaseLost: others have its part of the scan; its candidates are not counted.
            DataInvalid, StateUnavailable, VenueUnavailable: it could not be recorded; asked
                again, it records nothing twice.
        """
        kept, require = self._kept, self._run.shares.require
        if kept is None:
            await require()
            return
        evidence, origin = kept
        await record_while_held(
            report,
            require=require,
            source=self._run.session.source,
            evidence=evidence,
            account_id=self._run.books.ports.account_id,
            origin=origin,
            now_ms=self._run.clock.ms(),
        )

    def go_on(self) -> None:
        """Let what was recorded be followed: nobody waits for that, so the close is over first."""
        self._scanned.set()

    async def follow_on(self, beat: Callable[[], object]) -> None:
        """After each close follow what was recorded, and read what was traded of it, until stopped.

        Args:
            beat: called after each turn.

        Raises:
            StateUnavailable: a store cannot be used.
        """
        # At the first signal to follow, the loop would stand still for as long as a compiler takes.
        await warm_up_following(stop=self._stop)
        while await first_of(self._scanned, stop=self._stop):
            self._scanned.clear()
            kept = self._kept
            if kept is not None:
                await self._follow(*kept)
            beat()

    async def _follow(self, evidence: EvidenceStore, origin: Origin) -> None:
        run = self._run
        await follow(
            run.session.source,
            evidence,
            now_ms=run.clock.ms(),
            origin=origin,
            plans_of=plans_of_profiles(run.session.surroundings.home.profiles),
            sink=run.session.sink,
            lists_all=True,
            seconds=_ONE_TURN_S,
        )
        account_id = run.books.ports.account_id
        await read_actual(run.books.store, account_id, evidence, source=run.session.source)
        await refresh_after_scan(run.session, evidence, origin)
