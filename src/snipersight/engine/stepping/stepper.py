"""Steps through one market close by close; each step says what a scan as of its close says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData, UnknownSymbol
from snipersight.domain.ports import EventSink, RiskGate
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.live.scan import LiveRequest, LiveScan
from snipersight.engine.outcome_following import finer_than
from snipersight.engine.report import RankedPlan, Refusal, ScanReport, ScanRequest
from snipersight.engine.stepping.following import Followed, PlanBook
from snipersight.engine.stepping.happenings import (
    ROLES,
    Happening,
    HappeningKind,
    RoleReader,
)
from snipersight.engine.stepping.moment_source import MomentSource
from snipersight.market.currencies import another_market

Progress = Callable[[str, int, int], None]

_INTERNAL: Final = "i"  # names of internal structure begin with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One close, and what was known then.

    Args:
        number: 1 is the first.
        at_ms: when the bar closed, milliseconds UTC.
        bar: the trigger bar, alone.
        happenings: what the close made known, by role.
        report: what a scan as of the close says.
        followed: plans that were approved before and lived until this close.
    """

    number: int
    at_ms: int
    bar: Candles
    happenings: tuple[Happening, ...]
    report: ScanReport
    followed: tuple[Followed, ...]

    @property
    def planned(self) -> tuple[RankedPlan, ...]:
        """Return the plans that this very close made and the gate approved."""
        return tuple(
            one
            for one in self.report.plans
            if int(one.plan.created_at.timestamp() * 1000) == self.at_ms
        )

    @property
    def decided(self) -> tuple[Refusal, ...]:
        """Return the setups that this very close completed and something refused."""
        return tuple(
            one
            for one in self.report.refusals
            if one.at_ms == self.at_ms and one.direction is not None
        )

    @property
    def is_event(self) -> bool:
        """Return whether a reader wants to halt here: structure, a sweep, a decision, an end."""
        ends = any(one.outcome.status.is_final for one in self.followed)
        marked = any(one.is_marked for one in self.happenings)
        return marked or ends or bool(self.planned or self.decided)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """By what plans are judged.

    Args:
        gate: sizes and approves.
        account: as it is known before anything is looked at.
        sink: takes the events.
    """

    gate: RiskGate
    account: AccountState
    sink: EventSink


class Stepper:
    """Steps through the closes of a period; those made once are kept.

    Nothing later than a step's close reaches it: the source shows no more, and each detector
    reads the bars in their order.

    Args:
        source: shows a market up to a moment.
        request: profile and the one symbol.
        judged: by what plans are judged.
        trigger: its closed bars of the period; there is a step for each.
    """

    def __init__(
        self, source: MomentSource, request: ScanRequest, judged: Judged, trigger: Candles
    ) -> None:
        self._source, self._trigger = source, trigger
        self._profile = request.profile
        self._live = LiveScan(
            LiveRequest(scan=request),
            source=source,
            gate=judged.gate,
            account=judged.account,
            sink=judged.sink,
        )
        self._readers = [RoleReader.of(self._profile, role) for role in ROLES]
        self._taken_ms: dict[Timeframe, int] = {}
        self._book = PlanBook(self._profile)
        self._shifts: dict[int, Direction] = {}
        self._steps: list[Step] = []

    def __len__(self) -> int:
        """Return how many steps there are."""
        return len(self._trigger)

    def close_ms(self, index: int) -> int:
        """Return when a step's bar closed, milliseconds UTC."""
        return int(self._trigger.close_time[index])

    def first_at(self, time_ms: int) -> int | None:
        """Return the first step at or after a moment; None where the period does not reach it."""
        index = int(self._trigger.close_time.searchsorted(time_ms, side="left"))
        is_before = time_ms < int(self._trigger.open_time[0])
        return None if is_before or index >= len(self) else index

    async def step(self, index: int) -> Step:
        """Return a step, made together with those before it that are not made yet.

        Args:
            index: 0 is the first.

        Raises:
            DataInvalid, VenueUnavailable: the candles of the way there cannot be read.
        """
        while len(self._steps) <= index:
            self._steps.append(await self._next(len(self._steps)))
        return self._steps[index]

    async def _next(self, index: int) -> Step:
        at_ms = self.close_ms(index)
        self._source.moment_ms = at_ms
        looked = await self._live.look(at_ms)
        told = [one for reader in self._readers for one in await self._read(reader, at_ms)]
        self._note_shifts(told)
        followed = await self._followed(at_ms)
        await self._take(looked.report, at_ms)
        return Step(
            number=index + 1,
            at_ms=at_ms,
            bar=self._trigger.slice(index, index + 1),
            happenings=tuple(one for one in told if one.known_ms > self._last_ms(index)),
            report=looked.report,
            followed=followed,
        )

    async def _read(self, reader: RoleReader, at_ms: int) -> tuple[Happening, ...]:
        timeframe = reader.series.timeframe
        after_ms = self._taken_ms.get(timeframe)
        start_ms = self._warm_ms(timeframe) if after_ms is None else after_ms
        candles = await self._bars(timeframe, start_ms, at_ms)
        if candles is None:
            return ()
        self._taken_ms[timeframe] = int(candles.close_time[-1])
        return await asyncio.to_thread(reader.advance, candles, until_ms=at_ms)

    def _warm_ms(self, timeframe: Timeframe) -> int:
        history_ms = self._profile.history()[timeframe]
        return max(timeframe.floor(self.close_ms(0) - history_ms) - timeframe.duration_ms, 0)

    async def _bars(self, timeframe: Timeframe, start_ms: int, at_ms: int) -> Candles | None:
        """Return the bars since a moment; None where none has closed."""
        if timeframe.floor(at_ms) <= start_ms:
            return None
        held = self._live.held_bars(self._source.symbol, timeframe, start_ms=start_ms, end_ms=at_ms)
        if held is not None and len(held):
            return held
        try:
            return await self._source.candles(
                self._source.symbol, timeframe, start_ms=start_ms, end_ms=at_ms
            )
        except NoData:
            return None

    def _last_ms(self, index: int) -> int:
        # Before the first step lies the history that its detectors have read.
        if index == 0:
            return int(self._trigger.open_time[0])
        return self.close_ms(index - 1)

    def _note_shifts(self, told: Sequence[Happening]) -> None:
        """Keep shifts of the trigger's major structure: they end plans that wait."""
        for one in told:
            is_shift = one.kind is HappeningKind.SHIFT and one.role == ROLES[0]
            if is_shift and not one.name.startswith(_INTERNAL):
                self._shifts[one.known_ms] = one.direction

    async def _followed(self, at_ms: int) -> tuple[Followed, ...]:
        since_ms = self._book.since_ms
        if since_ms is None:
            return ()
        trigger = self._trigger.timeframe
        candles = await self._bars(trigger, trigger.floor(since_ms) - trigger.duration_ms, at_ms)
        if candles is None:
            return ()
        finer = await self._finer(since_ms, at_ms)
        return await asyncio.to_thread(self._book.at, candles, finer, self._shifts, at_ms=at_ms)

    async def _finer(self, since_ms: int, at_ms: int) -> Candles | None:
        timeframe = finer_than(self._trigger.timeframe)
        if timeframe is None:
            return None
        try:
            return await self._source.candles(
                self._source.symbol, timeframe, start_ms=timeframe.floor(since_ms), end_ms=at_ms
            )
        except (ConfigInvalid, DataInvalid):
            return None  # there is none: the worse is taken where a bar leaves it open

    async def _take(self, report: ScanReport, at_ms: int) -> None:
        if not report.plans:
            return
        listed = await self._source.instruments()
        for one in report.plans:
            self._book.take(one.plan, listed[one.plan.symbol], at_ms=at_ms)


async def open_stepper(
    source: MomentSource,
    request: ScanRequest,
    judged: Judged,
    *,
    start_ms: int | None,
    end_ms: int,
    bars: int,
) -> Stepper:
    """Return a stepper over the closes of a period.

    Args:
        source: shows the market up to a moment.
        request: profile and the one symbol.
        judged: by what plans are judged.
        start_ms: closes later than this; None: the newest `bars`.
        end_ms: closes not later than this.
        bars: how many where nothing else is said.

    Raises:
        UnknownSymbol: the source does not list the symbol.
        ConfigInvalid: no bar closes in the period.
        DataInvalid, VenueUnavailable: the candles cannot be read.
    """
    source.moment_ms = end_ms
    listed: Mapping[Symbol, object] = await source.instruments()
    if source.symbol not in listed:
        raise UnknownSymbol(
            "unknown symbol",
            where=source.symbol,
            next_step=another_market(source.symbol, listed),
        )
    timeframe = request.profile.timeframe("trigger")
    first_ms = end_ms - bars * timeframe.duration_ms if start_ms is None else start_ms
    try:
        candles = await source.candles(
            source.symbol, timeframe, start_ms=timeframe.floor(first_ms), end_ms=end_ms
        )
    except NoData as error:
        raise _nothing(request, str(error)) from error
    first = candles.closed_by(first_ms)
    if first >= len(candles):
        raise _nothing(request, "the period is shorter than a bar")
    named = replace(request, symbols=source.symbol)
    return Stepper(source, named, judged, candles.slice(first, len(candles)))


def _nothing(request: ScanRequest, why: str) -> ConfigInvalid:
    timeframe = request.profile.timeframe("trigger")
    return ConfigInvalid(
        f"no {timeframe} bar closes in the period: {why}",
        where="--from and --to",
        next_step="name a longer one that the source has candles of",
    )
