"""The live scan: at every close the report of a scan as of it, for the price of its new bars."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.hooks import Hooks, NoHooks
from snipersight.domain.ports import CandleSource, EventSink, LeaderContext, PlanSource, RiskGate
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, Progress, ScanContext
from snipersight.engine.live.correlating import LiveCloses
from snipersight.engine.live.leader import LiveLeader
from snipersight.engine.live.reading import LiveReading, Wanted
from snipersight.engine.live.universe import LiveUniverse, Mine
from snipersight.engine.observing_stage import observe_markets
from snipersight.engine.report import ScanReport, ScanRequest
from snipersight.engine.scan import conduct, refusals_of, with_leaders
from snipersight.engine.stages import Stages, stages_reading
from snipersight.planner.smc_source import SmcPlanSource
from snipersight.risk.exposure.correlation import Closes

PlansSince = Callable[[Profile, int], PlanSource]
Ended = Callable[[Sequence[Candidate]], Awaitable[object]]


def _nobody_knows(_symbol: Symbol) -> None:
    return None


def _all(symbols: Sequence[Symbol]) -> Sequence[Symbol]:
    return symbols


async def _nobody_trades(_ended: Sequence[Candidate]) -> None:
    return None


def _smc(profile: Profile, since_ms: int) -> PlanSource:
    return SmcPlanSource(profile, shadows_after_ms=since_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRequest:
    """What a live scan looks at.

    Args:
        scan: profile, symbols and workers; its moment is not looked at.
        mine: returns those of some symbols that this process looks at; all unless given.
        since_ms: up to when a symbol's decisions were handed over before this process began to
            look at it, milliseconds UTC; None where nobody knows, and what a plan may still live
            is looked at.
        plans_since: where plans come from, with the shadows since a moment; SMC unless given.
    """

    scan: ScanRequest
    mine: Mine = _all
    since_ms: Callable[[Symbol], int | None] = _nobody_knows
    plans_since: PlansSince = _smc


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveScanned:
    """What one look came to.

    Args:
        report: equal to that of `run_scan` as of the same moment, for the same symbols.
        late: symbols whose newest bar, or that of the leading market, has not come yet, that the
            venue did not answer for, or whose history is still to be read: look at the same
            moment again.
        missed: what was decided since the look before and had ended before anybody could look:
            nothing to be told, but to be recorded, once.
    """

    report: ScanReport
    late: tuple[Symbol, ...]
    missed: tuple[Candidate, ...]
    leader: LeaderContext | None

    @property
    def to_record(self) -> ScanReport:
        """Return the report together with what was missed, as evidence keeps it."""
        if not self.missed:
            return self.report
        whole = (*self.report.refusals, *refusals_of(self.missed))
        ordered = sorted(whole, key=lambda one: (one.symbol, one.at_ms or 0, str(one.reason)))
        return with_leaders(replace(self.report, refusals=tuple(ordered)), self.leader)


class LiveScan:
    """Scans close after close; what was read and computed before stays warm.

    Args:
        request: what to look at.
        source: candles, instruments and rates; it may be looked at again at the same moment.
        gate: sizes and approves.
        account: as it is known before its positions are marked.
        sink: takes the events.
        progress: is told how far a stage has come.
        hooks: told of every stage and of what was found; nobody is unless given.
        ended: awaited at every look, before plans are judged, with what has ended: whoever trades
            a plan that is void takes its entries back first, so that others have their budget.
    """

    def __init__(
        self,
        request: LiveRequest,
        *,
        source: CandleSource,
        gate: RiskGate,
        account: AccountState,
        sink: EventSink,
        progress: Progress = lambda _what, _done, _of: None,
        hooks: Hooks | None = None,
        ended: Ended = _nobody_trades,
    ) -> None:
        profile = request.scan.profile
        self._request = request.scan
        self._hooks = hooks or NoHooks()
        self._ended = ended
        self._ports = Ports(
            source=source,
            plans=request.plans_since(profile, 0),
            gate=gate,
            account=account,
            sink=sink,
            progress=progress,
        )
        self._universe = LiveUniverse(request.mine)
        self._leader = LiveLeader(profile)
        self._closes = LiveCloses()
        self._reading = LiveReading(
            self._leader,
            Wanted(
                plans_since=lambda since_ms: request.plans_since(profile, since_ms),
                since_ms=request.since_ms,
            ),
        )
        self.as_of_ms: int | None = None
        """The moment that was looked at last; None before the first look."""

    async def look(self, as_of_ms: int, *, is_final: bool = True) -> LiveScanned:
        """Read what closed since the last look, and judge what is alive, as a scan would.

        After a failure nothing is lost: the next look reads all that is missing.

        Args:
            as_of_ms: the moment to speak about, milliseconds UTC: the same as before, to take up
                what was late, or a later one.
            is_final: what is late is not waited for any longer. Otherwise a symbol whose other
                timeframes are late decides nothing yet, and one that is new is not opened yet.

        Raises:
            ConfigInvalid: the request cannot be understood or lies after the source's data.
            ValueError: the moment lies before the last one.
            VenueUnavailable: the venue cannot be reached at all.
        """
        if self.as_of_ms is not None and as_of_ms < self.as_of_ms:
            raise ValueError(f"{as_of_ms} lies before {self.as_of_ms}, which was looked at")
        self._reading.is_final = is_final
        finished = await conduct(
            replace(self._request, as_of_ms=as_of_ms),
            self._ports,
            self._stages(),
            makes_shadows=False,
            hooks=self._hooks,
        )
        self.as_of_ms = as_of_ms
        return LiveScanned(
            report=finished.report,
            late=self._reading.late,
            missed=self._reading.take_missed(),
            leader=finished.context.leader,
        )

    def held_bars(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles | None:
        """Return the bars that open at or after one moment and are closed at another.

        Only from what the last look read, without a request; None unless all of them are held.

        Args:
            symbol: whose.
            timeframe: of the bars.
            start_ms, end_ms: milliseconds UTC.
        """
        window = self._reading.window(symbol, timeframe)
        return None if window is None else window.whole(start_ms=start_ms, end_ms=end_ms)

    async def read_closes(
        self, symbol: Symbol, context: ScanContext, ports: Ports
    ) -> Closes | None:
        """Return what correlations look at, once for each bar of theirs; see `LiveCloses`."""
        return await self._closes.read(symbol, context, ports)

    def _stages(self) -> Stages:
        return stages_reading(
            universe=self._universe.select,
            leader=self._lead,
            reading=self._reading.read,
            observing=self._observe,
        )

    async def _observe(self, context: ScanContext, ports: Ports) -> ScanContext:
        await self._ended(context.ended)
        return await observe_markets(context, ports, read_closes=self.read_closes)

    async def _lead(self, context: ScanContext, ports: Ports) -> ScanContext:
        since_ms = self._reading.oldest_wanted_ms(context.universe)
        return await self._leader.read(context, ports, since_ms=since_ms)
