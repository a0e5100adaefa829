"""What happens while a page is open, and the clients of the live stream that hear of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.dashboard_served import Served
from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operations import halt_entries, resume_entries
from snipersight.domain.evidence import (
    EvidenceStore,
    Origin,
    ScanCount,
    SignalKey,
    SignalRecord,
    Verdict,
)
from snipersight.domain.plan import PlanId
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.domain.venues import BUILT_IN_VENUE

CHARTED: Final = "bench-chart"
_TEMPLATE: Final = SignalKey("main:plan-0")
_BEST: Final = 99.0  # above what the store is filled with, so that it heads the list


@dataclass(frozen=True, slots=True)
class Scans:
    """Stores signals as a scan does.

    Args:
        evidence: where.
    """

    evidence: EvidenceStore

    def signal(self, plan_id: str) -> None:
        """Store an approved signal that was decided just now."""
        self._record(self._made(plan_id))

    def charted(self) -> None:
        """Store one whose candles are those of the built-in market, near the prices of its plan."""
        self._record(
            replace(
                self._made(CHARTED),
                venue=BUILT_IN_VENUE,
                symbol=Symbol("LTC/USDT:USDT"),
                profile="scalp",
                timeframe=Timeframe.parse("5m"),
                score=50.0,
            )
        )

    def _made(self, plan_id: str) -> SignalRecord:
        template = self.evidence.signal(_TEMPLATE)
        if template is None:
            raise RuntimeError("the store holds no signal")
        now_ms = time.time_ns() // 1_000_000
        return replace(
            template,
            key=SignalKey(f"main:{plan_id}"),
            plan_id=PlanId(plan_id),
            context_id=f"scan-{plan_id}",
            decided_ms=now_ms,
            judged_ms=now_ms,
            verdict=Verdict.APPROVED,
            reason="approved",
            score=_BEST,
            tier="A",
        )

    def _record(self, signal: SignalRecord) -> None:
        scan = ScanCount(
            context_id=signal.context_id,
            account_id=signal.account_id,
            origin=Origin.LIVE,
            profile=signal.profile,
            venue=signal.venue,
            at_ms=signal.judged_ms,
            symbols=1,
            funnel={"approved": 1},
        )
        self.evidence.record(scan, [signal])


def halt(books: Books, number: int) -> str:
    """Pause entries, or at every second call resume them; return the word that pages show then."""
    if number % 2:
        resume_entries(books.ports, rearm=False, actor="bench")
        return "Not running"
    halt_entries(books.ports, reason=f"round {number}", actor="bench")
    return "Paused"


@dataclass(slots=True)
class Heard:
    """When a client of the stream was told figures, seconds UTC, oldest first."""

    at_s: list[float] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, at_s: float) -> None:
        """Remember that figures came just now."""
        self.at_s.append(at_s)
        self._news.set()

    async def after(self, began_s: float) -> float:
        """Return how long after a moment the next figures came; wait until they have."""
        while not self.at_s or self.at_s[-1] < began_s:
            self._news.clear()
            await self._news.wait()
        return next(at - began_s for at in self.at_s if at >= began_s)


@contextlib.asynccontextmanager
async def listening(served: Served, count: int) -> AsyncIterator[list[Heard]]:
    """Yield so many clients of the stream, each of a connection of its own, until the block ends."""
    heard = [Heard() for _ in range(count)]
    ready = [asyncio.Event() for _ in range(count)]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_listen(served, one, begun))
            for one, begun in zip(heard, ready, strict=True)
        ]
        try:
            for begun in ready:
                await begun.wait()
            yield heard
        finally:
            for task in tasks:
                task.cancel()


async def _listen(served: Served, heard: Heard, begun: asyncio.Event) -> None:
    path = "/stream?topic=plans&topic=exposure"
    async with served.client() as client, client.stream("GET", path) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            begun.set()
            if line.startswith("data: ") and '"revision":' in line:
                heard.add(time.time())
