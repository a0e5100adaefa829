"""What a running bot knows of itself while it runs, for those who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bot.operator.facts import RunFacts

if TYPE_CHECKING:
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.engine.report import ScanReport


class RunState:
    """Keeps the newest of what was seen.

    Args:
        run: open.
    """

    def __init__(self, run: OpenRun) -> None:
        self._run: Final = run
        self._symbols = 0
        self._scanned_ms: int | None = None

    def scanned(self, report: ScanReport) -> None:
        """Take note of a finished scan."""
        self._symbols, self._scanned_ms = len(report.universe), report.as_of_ms

    def facts(self) -> RunFacts:
        """Return what the process is doing now."""
        run = self._run
        request, now_ms = run.session.request, run.clock.ms()
        trigger = request.profile.timeframe("trigger")
        return RunFacts(
            mode=run.asked.mode.value,
            profile=request.profile.name,
            venue=run.session.source.venue,
            symbols=self._symbols,
            asks=run.asked.approves,
            scanned_to_ms=self._scanned_ms,
            next_ms=trigger.floor(now_ms) + trigger.duration_ms,
            troubles=tuple(f"{one.name}: {one.trouble}" for one in run.vitals.health().troubled),
        )
