"""The reading stage of a live scan: what closed since, read and decided, symbol by symbol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from snipersight.domain.decision import Candidate, Stage
from snipersight.domain.errors import DataInvalid, NoData, SniperSightError, VenueUnavailable
from snipersight.domain.ports import PlanFeed, PlanSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.context import Ports, ScanContext, SymbolReading
from snipersight.engine.live.leader import LiveLeader
from snipersight.engine.live.market import LiveMarket
from snipersight.engine.live.renewing import changed_sentence, is_late, renew
from snipersight.engine.live.windows import BarWindow
from snipersight.engine.reading_stage import (
    decide,
    load_bars,
    reading_of,
    require_some,
    staleness,
    starts_of,
    unreadable,
)
from snipersight.engine.universe_stage import is_leading

_OPENING: Final = "its history is still to be read; it is looked at in a moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a live scan wants to know beyond what a scan asks.

    Args:
        plans_since: makes the plan source whose shadows reach back to a moment.
        since_ms: up to when a symbol's decisions were handed over before this process began,
            milliseconds UTC; None where nobody knows.
    """

    plans_since: Callable[[int], PlanSource]
    since_ms: Callable[[Symbol], int | None]


class LiveReading:
    """Keeps every market open between closes and reads only what is new.

    Args:
        leader: the leading market, read before.
        wanted: what is to be known beyond a scan.
    """

    def __init__(self, leader: LiveLeader, wanted: Wanted) -> None:
        self._leader, self._wanted = leader, wanted
        self._markets: dict[Symbol, LiveMarket] = {}
        self._left_ms: dict[Symbol, int] = {}
        self.is_final = True
        self.late: tuple[Symbol, ...] = ()
        self._missed: tuple[Candidate, ...] = ()

    def oldest_wanted_ms(self, symbols: Sequence[Symbol]) -> int | None:
        """Return since when decisions are wanted of markets that are to be opened, if any say."""
        new = [symbol for symbol in symbols if symbol not in self._markets]
        known = [since for symbol in new if (since := self._wanted.since_ms(symbol)) is not None]
        return min(known, default=None)

    def window(self, symbol: Symbol, timeframe: Timeframe) -> BarWindow | None:
        """Return what is held of a series; None where nothing is."""
        market = self._markets.get(symbol)
        return None if market is None else market.windows.get(timeframe)

    def take_missed(self) -> tuple[Candidate, ...]:
        """Return what had ended before anybody looked, once."""
        missed, self._missed = self._missed, ()
        return missed

    async def read(self, context: ScanContext, ports: Ports) -> ScanContext:
        """Stage of a live scan: the readings that `read_symbols` would give.

        Raises:
            VenueUnavailable: the venue answered for no symbol at all.
        """
        failures = await self._renew_all(context, ports)
        readings = await asyncio.to_thread(self._decide_all, context, ports, failures)
        require_some(readings)
        self._leader.settle(context, ports)
        self._drop(context)
        return replace(context, readings=tuple(readings))

    async def _renew_all(
        self, context: ScanContext, ports: Ports
    ) -> Mapping[Symbol, SniperSightError]:
        """Read what is new of every symbol; return why it could not be read, of those that were."""
        slots = asyncio.Semaphore(max(1, context.request.workers))
        is_first = not self._markets
        failures: dict[Symbol, SniperSightError] = {}
        done = 0

        async def read(symbol: Symbol) -> None:
            nonlocal done
            async with slots:
                try:
                    await self._renew(symbol, context, ports, opens=is_first or self.is_final)
                except (DataInvalid, VenueUnavailable) as error:
                    failures[symbol] = error
            done += 1
            ports.progress("reading", done, len(context.universe))

        await asyncio.gather(*(read(symbol) for symbol in context.universe))
        return failures

    async def _renew(
        self, symbol: Symbol, context: ScanContext, ports: Ports, *, opens: bool
    ) -> None:
        market = self._markets.get(symbol)
        if market is None:
            if opens:
                self._markets[symbol] = await self._open(symbol, context, ports)
            return
        market.follow_rules(context.instruments[symbol])
        for window in market.windows.values():
            changed_ms = await renew(
                window, ports.source, as_of_ms=context.as_of_ms, looked_ms=market.looked_ms
            )
            if changed_ms is not None:
                what = changed_sentence(window, changed_ms)
                fields = {"symbol": symbol, "stage": "revised", "what": what}
                ports.sink.emit("data_quality", fields)
                await self._reload(market, context, ports)
                break
        market.looked_ms = context.as_of_ms

    async def _open(self, symbol: Symbol, context: ScanContext, ports: Ports) -> LiveMarket:
        since_ms = self._wanted.since_ms(symbol)
        expired_ms = context.as_of_ms - context.valid_ms
        bars = await load_bars(context, ports, symbol, since_ms=since_ms)
        return LiveMarket(
            instrument=context.instruments[symbol],
            trigger=context.trigger,
            windows={timeframe: BarWindow(candles) for timeframe, candles in bars.items()},
            valid_ms=context.valid_ms,
            delivered_ms=expired_ms if since_ms is None else min(expired_ms, since_ms),
            looked_ms=context.as_of_ms,
        )

    async def _reload(self, market: LiveMarket, context: ScanContext, ports: Ports) -> None:
        bars = await load_bars(
            context, ports, market.instrument.symbol, since_ms=market.delivered_ms
        )
        market.windows = {timeframe: BarWindow(candles) for timeframe, candles in bars.items()}
        market.rewind()

    def _decide_all(
        self, context: ScanContext, ports: Ports, failures: Mapping[Symbol, SniperSightError]
    ) -> list[SymbolReading]:
        late, missed = list[Symbol](), list[Candidate]()
        readings = []
        for symbol in context.universe:
            failure, market = failures.get(symbol), self._markets.get(symbol)
            if isinstance(failure, VenueUnavailable) or self._is_late(market, symbol, context):
                late.append(symbol)
            if failure is None and market is not None:
                readings.append(self._decide(market, context, ports, missed))
            else:
                error = failure or NoData(_OPENING, where=symbol)
                readings.append(unreadable(context, ports, symbol, Stage.NO_DATA, error))
        self.late, self._missed = tuple(late), (*self._missed, *missed)
        return readings

    def _is_late(self, market: LiveMarket | None, symbol: Symbol, context: ScanContext) -> bool:
        if market is None:
            return True
        if self._leader.is_late(context) and not is_leading(context, symbol):
            return True
        return any(is_late(window, context) for window in market.windows.values())

    def _decide(
        self, market: LiveMarket, context: ScanContext, ports: Ports, missed: list[Candidate]
    ) -> SymbolReading:
        symbol = market.instrument.symbol
        stale = staleness(context, market.newest_ms())
        if stale:
            return unreadable(context, ports, symbol, Stage.STALE, DataInvalid(stale))
        if market.feed is not None and self._waits(market, context):
            return _reading(market, market.feed, context, ports)
        try:
            missed += self._advance(market, context)
        except DataInvalid as error:
            market.rewind()
            return unreadable(context, ports, symbol, Stage.NO_DATA, error)
        starts_ms = starts_of(context, ports)
        market.forget(starts_ms)
        if market.feed is None or not market.is_like_new(starts_ms):
            return decide(context, ports, symbol, market.bars())
        return _reading(market, market.feed, context, ports)

    def _waits(self, market: LiveMarket, context: ScanContext) -> bool:
        """Return whether a decision now might rest on a bar of another role that is late."""
        if self.is_final:
            return False
        roles = [window for each, window in market.windows.items() if each != market.trigger]
        is_led = not is_leading(context, market.instrument.symbol)
        return (is_led and self._leader.is_late(context)) or any(
            is_late(window, context) for window in roles
        )

    def _advance(self, market: LiveMarket, context: ScanContext) -> tuple[Candidate, ...]:
        is_led = not is_leading(context, market.instrument.symbol)
        market.rewind_if_late()
        if is_led and self._leader.changed_ms is not None:
            market.rewind_if_since(self._leader.changed_ms)
        return market.advance(
            context.as_of_ms,
            plans=self._wanted.plans_since(
                min(market.delivered_ms, context.as_of_ms - context.valid_ms)
            ),
            leader=self._leader if is_led else None,
        )

    def _drop(self, context: ScanContext) -> None:
        """Let go of markets that left the universe, once none of their plans can be waiting.

        One that comes back before that has only missing bars to read.
        """
        for symbol in self._markets:
            self._left_ms.setdefault(symbol, context.as_of_ms)
        for symbol in context.universe:
            self._left_ms.pop(symbol, None)
        for symbol, left_ms in tuple(self._left_ms.items()):
            if left_ms <= context.as_of_ms - context.valid_ms:
                del self._markets[symbol], self._left_ms[symbol]


def _reading(
    market: LiveMarket, feed: PlanFeed, context: ScanContext, ports: Ports
) -> SymbolReading:
    recent = market.windows[context.trigger].candles(
        after_ms=context.as_of_ms - context.valid_ms - context.trigger.duration_ms
    )
    return reading_of(
        context,
        ports,
        market.instrument.symbol,
        feed=feed,
        decided=market.decided,
        bars={context.trigger: recent} if feed.is_warm else market.bars(),
    )
