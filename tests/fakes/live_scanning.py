"""A live scan with real parts, beside what a scan says at each close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from snipersight.domain.candles import COLUMNS, Candles
from snipersight.domain.errors import SniperSightError
from snipersight.domain.hooks import Hooks
from snipersight.domain.ports import CandleSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.live.scan import LiveRequest, LiveScan, LiveScanned
from snipersight.engine.report import ScanReport, ScanRequest
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import (
    NOON_MS,
    a_gate,
    a_lively_profile,
    an_account,
    report_bytes,
    scan,
    synthetic_table,
)

BTC, ETH, SOL = (Symbol(f"{asset}/USDT:USDT") for asset in ("BTC", "ETH", "SOL"))
BAR_MS = 300_000


class Watch:
    """Looks at close after close; a test may exchange the markets in between.

    Args:
        source: what is looked at first.
        profile: a lively one unless given.
        symbols: those of the source's table unless given.
        since_ms, mine, hooks: as a live scan takes them.
    """

    def __init__(
        self,
        source: CandleSource,
        profile: Profile | None = None,
        *,
        symbols: str = "",
        since_ms: Callable[[Symbol], int | None] = lambda _symbol: None,
        mine: Callable[[Sequence[Symbol]], Sequence[Symbol]] = tuple,
        hooks: Hooks | None = None,
    ) -> None:
        self.source = source
        self.profile = profile or a_lively_profile()
        self.symbols = symbols or ",".join(asyncio.run(source.instruments()))
        self.events = RecordingEvents()
        self.asked = _Asked(lambda: self.source)
        request = ScanRequest(profile=self.profile, symbols=self.symbols)
        self.live = LiveScan(
            LiveRequest(scan=request, since_ms=since_ms, mine=mine),
            source=self.asked,
            gate=a_gate(account=an_account()),
            account=an_account(),
            sink=self.events,
            hooks=hooks,
        )

    def look(self, as_of_ms: int, *, is_final: bool = True) -> LiveScanned:
        """Look once."""
        return asyncio.run(self.live.look(as_of_ms, is_final=is_final))

    def agrees(self, as_of_ms: int) -> bool:
        """Look, and return whether a scan of the same markets says the same, byte for byte."""
        said = report_bytes(self.look(as_of_ms).report)
        return said == report_bytes(self.scanned(as_of_ms))

    def scanned(self, as_of_ms: int) -> ScanReport:
        """Return what a scan says."""
        return scan(self.source, self.profile, symbols=self.symbols, as_of_ms=as_of_ms)

    def trouble(self, stage: str) -> list[str]:
        """Return the symbols that were told of as `data_quality` at a stage."""
        told = self.events.named("data_quality")
        return [str(fields["symbol"]) for fields in told if fields.get("stage") == stage]


class _Asked:
    """The source of the moment; counts how many candles it served."""

    def __init__(self, current: Callable[[], CandleSource]) -> None:
        self._current = current
        self.bars = 0
        self.unread: Mapping[Symbol, SniperSightError] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._current(), name)

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        if symbol in self.unread:
            raise self.unread[symbol]
        served = await self._current().candles(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)
        self.bars += len(served)
        return served


def markets(*symbols: Symbol, end_ms: int = NOON_MS, days: int = 12) -> CandleTable:
    """Return some generated markets, known to a moment."""
    return synthetic_table(symbols or (BTC, ETH, SOL), end_ms=end_ms, days=days)


def changed(table: CandleTable, symbol: Symbol, candles: Candles) -> CandleTable:
    """Return the table with other candles of one market."""
    return replace(table, base={**table.base, symbol: candles})


def without(candles: Candles, opened_ms: Iterable[int]) -> Candles:
    """Return the candles without the bars that open at some moments."""
    gone = set(opened_ms)
    keep = [time not in gone for time in candles.open_time.tolist()]
    columns = {name: getattr(candles, name)[keep] for name in COLUMNS}
    return with_prices(candles, open_time=candles.open_time[keep], **columns)


def revised(candles: Candles, opened_ms: int) -> Candles:
    """Return the candles with one bar that closed elsewhere."""
    close = candles.close.copy()
    row = int(candles.open_time.searchsorted(opened_ms))
    middle = (candles.high[row] + candles.low[row]) / 2
    close[row] = candles.low[row] if close[row] == middle else middle
    return with_prices(candles, close=close)
