"""A scan tells: what became of earlier signals, pictures of the new ones, and their summary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.drawing import Drawing, DrawingThread
from snipersight.bootstrap.profiles import load_profile
from snipersight.bootstrap.scan_alerts import RefusalSeries, alerts_of
from snipersight.bootstrap.scan_notices import ScanNotices
from snipersight.bot.notifications.notices.alerts import raise_alert
from snipersight.bot.notifications.notices.payload_kinds import SignalPayload
from snipersight.domain.errors import ConfigInvalid, SniperSightError
from snipersight.domain.ports import CandleSource, EventSink, PlanSource
from snipersight.engine.report import ScanReport
from snipersight.engine.told_signals import Follower
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.telling import batch_of
from snipersight.storage.key_value import KeyValueStore

if TYPE_CHECKING:
    from snipersight.domain.plan import TradePlan

_SERIES_US: Final = 7 * 86_400_000_000  # older than this it says nothing about now


async def _nobody_waits() -> None:
    """Whoever sends looks by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTelling:
    """Brings the notices of a finished scan into the outbox.

    Args:
        notices: of the account.
        source: the candles that were scanned.
        sink: is told of signals that cannot be followed now.
        profiles: folder of the user's own profiles.
        pictures: folder of the charts that go with signals.
        key_values: remembers how often everything was refused.
        warn: told of a picture that cannot be drawn and a signal that cannot be followed.
        part: returns what tells the part of a shared scan from the others, as the gate was told.
        wake: awaited when a signal may be sent.
        drawing: draws the charts.
    """

    notices: ScanNotices
    source: CandleSource
    sink: EventSink
    profiles: Path
    pictures: Path
    key_values: KeyValueStore
    warn: Callable[[str], object]
    part: Callable[[], str] = lambda: ""
    wake: Callable[[], Awaitable[object]] = _nobody_waits
    drawing: Drawing = field(default_factory=DrawingThread)

    async def tell(self, report: ScanReport) -> int:
        """Store everything there is to tell of a scan; return how many notices wait now.

        Raises:
            StateUnavailable: the store cannot be used; what was stored with the verdicts is told
                all the same, by whoever sends next.
        """
        return await self.tell_lives(report) + await self.tell_new(report)

    async def tell_new(self, report: ScanReport) -> int:
        """Store what is new in a scan, with its pictures; return how many notices wait now.

        Raises:
            StateUnavailable: see `tell`.
        """
        stored = 0
        for batch in self._batches(report):
            new = await asyncio.to_thread(self.notices.new_signals, batch)
            await self._tell_each(new, report)
            stored += await asyncio.to_thread(self.notices.close_batch, batch, report, new)
        await asyncio.to_thread(self._raise_alerts, report)
        return stored

    async def tell_lives(self, report: ScanReport) -> int:
        """Store what became of earlier signals; those of this very scan have no later bar.

        Raises:
            StateUnavailable: see `tell`.
        """
        signals, problems = await asyncio.to_thread(self.notices.living)
        for problem in problems:
            self.warn(f"a told signal cannot be followed: {problem}")
        follower = Follower(
            source=self.source, plans_of=self._plans_of, sink=self.sink, as_of_ms=report.as_of_ms
        )
        try:
            updates = await follower.updates(signals)
        except SniperSightError as error:
            self.warn(f"told signals cannot be followed now: {error}")
            return 0
        return await asyncio.to_thread(self.notices.store_updates, updates)

    def _plans_of(self, name: str) -> PlanSource | None:
        try:
            return SmcPlanSource(load_profile(name, own_folder=self.profiles))
        except ConfigInvalid:
            return None  # it is gone, or broken: prices alone are followed

    async def _tell_each(self, new: Sequence[SignalPayload], report: ScanReport) -> None:
        """Draw the signals that get a message of their own, and let each go once it is drawn.

        The first one is on its way while the others are drawn. One that cannot be drawn is told
        without its picture.
        """
        plans = {str(ranked.plan.plan_id): ranked.plan for ranked in report.plans}
        for signal in self.notices.told_alone(new):
            plan = plans.get(signal.plan_id)
            if plan is not None:
                await self._draw(plan, report)
            await asyncio.to_thread(self.notices.let_go, signal)
            await self.wake()

    async def _draw(self, plan: TradePlan, report: ScanReport) -> None:
        from snipersight.engine.pictures import picture

        try:
            shown = await picture(plan, report, self.source)
            await self.drawing.save(shown, self.pictures / f"{plan.plan_id}.png")
        except (SniperSightError, OSError) as error:
            self.warn(f"{plan.symbol} is told without its picture: {error}")

    def _raise_alerts(self, report: ScanReport) -> None:
        account_id = self.notices.account_id
        key = f"refusal_series:{account_id}"
        held = self.key_values.get(key)
        series = RefusalSeries.read(None if held is None else held.value).after(report)
        self.key_values.put(key, series.text(), ttl_us=_SERIES_US)
        at_ms = self.notices.outbox.now_us() // 1000
        for alert in alerts_of(report, series, account_id=account_id, at_ms=at_ms):
            raise_alert(self.notices.outbox, alert)

    def _batches(self, report: ScanReport) -> tuple[str, ...]:
        """Return the batches of a scan's signals: one, since its plans share venue and profile."""
        part = self.part()
        batches = (batch_of(one.plan, report.as_of_ms, part=part) for one in report.plans)
        return tuple(dict.fromkeys(batches))
