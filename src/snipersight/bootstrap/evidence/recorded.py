"""A folder of recorded candles, opened for a profile: markets, leader and period."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.instrument import Instrument
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.recording import Period, Recording
from snipersight.engine.universe_stage import leading_symbol
from snipersight.market.paper.bars import FINEST
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.market.universe import select_universe

ALL: Final = "all"
_BEGINNING_MS: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """What is to be read.

    Args:
        data: folder of Parquet candles.
        instruments: rules for it; None: those beside it, or the shipped ones.
        profile: how to trade.
        symbols: `all`, a list, or `@name` of a watch-list.
        start_ms, end_ms: decisions later than the one and not later than the other; None: from
            where the data suffices, to its end.
        watchlists: the named lists there are.
    """

    data: Path
    profile: Profile
    symbols: str = ALL
    instruments: Path | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    watchlists: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def open_recorded(request: RecordedRequest, currency: Currency) -> RecordedMarkets:
    """Return the markets of a folder, with the leading one followed over the whole period.

    Args:
        request: what is read.
        currency: of the account.

    Raises:
        ConfigInvalid: folder, symbols or times are wrong.
        NoData: the folder holds no candles.
        DataInvalid: the leading market's candles are unusable.
    """
    source = ParquetDirectory(
        request.data, instruments=request.instruments, rules_at_ms=request.end_ms
    )
    newest_ms = await source.now_ms()
    period = Period(
        start_ms=_BEGINNING_MS if request.start_ms is None else request.start_ms,
        end_ms=newest_ms if request.end_ms is None else min(request.end_ms, newest_ms),
    )
    if period.start_ms >= period.end_ms:
        raise ConfigInvalid(
            f"no decision lies between {utc_text(period.start_ms)} and {utc_text(period.end_ms)}",
            where="--from and --to",
            next_step=f"the candles end at {utc_text(newest_ms)}; name a period before that",
        )
    markets = RecordedMarkets(
        request, source, await source.instruments(), period, currency=currency, newest_ms=newest_ms
    )
    await markets.read_leader()
    return markets


class RecordedMarkets:
    """Markets of an open folder.

    Attributes:
        period: decisions that count.
        symbols: that were asked for, sorted.
        leader: the leading market's state over time.
        leading: the candles it follows from; None without a leading market.
        venue: that the candles are of.
    """

    def __init__(
        self,
        request: RecordedRequest,
        source: ParquetDirectory,
        listed: Mapping[Symbol, Instrument],
        period: Period,
        *,
        currency: Currency,
        newest_ms: int,
    ) -> None:
        self.period = period
        self.symbols = _symbols(request, listed)
        self.leader = LeaderTimeline(request.profile)
        self.leading: Candles | None = None
        self.venue = source.venue
        self._source = source
        self._listed = listed
        self._profile = request.profile
        self._newest_ms = newest_ms
        self._currency = currency
        self._leading = leading_symbol(listed)

    async def read_leader(self) -> None:
        """Follow the leading market over the whole period, where there is one."""
        if self._leading is None:
            return
        self.leading = await self._candles(self._leading, self._profile.timeframe("bias"))
        await asyncio.to_thread(self.leader.advance, self.leading, until_ms=self._newest_ms)

    async def recording(self, symbol: Symbol) -> Recording:
        """Return one market.

        Raises:
            DataInvalid: its candles or its rules are unusable.
        """
        instrument = self._listed[symbol]
        bars = {one: await self._candles(symbol, one) for one in self._profile.history()}
        return Recording(
            instrument=instrument,
            bars=bars,
            finer=await self._finer(symbol, bars[self._profile.timeframe("trigger")]),
            quote_rate=await self._quote_rate(instrument),
            is_leading=self._is_leading(instrument),
        )

    def _is_leading(self, instrument: Instrument) -> bool:
        leading = None if self._leading is None else self._listed[self._leading]
        return leading is not None and leading.underlying == instrument.underlying

    async def _quote_rate(self, instrument: Instrument) -> Decimal | None:
        """Return the rate at the end of the period: results in R do not depend on it."""
        return await self._source.quote_rate(
            instrument.quote, self._currency, at_ms=self.period.end_ms
        )

    async def _candles(self, symbol: Symbol, timeframe: Timeframe) -> Candles:
        warm_up_ms = self._profile.history()[timeframe] + DAY_MS
        start_ms = max(timeframe.floor(max(self.period.start_ms - warm_up_ms, 0)), 0)
        return await self._source.candles(
            symbol, timeframe, start_ms=start_ms, end_ms=self._newest_ms
        )

    async def _finer(self, symbol: Symbol, trigger: Candles) -> Candles:
        """Return the finest bars there are, as the simulated venue plays them, at most of an hour.

        They order what a trigger bar leaves open; its own bars do where none are finer.
        """
        start_ms = int(trigger.open_time[0])
        for step in (one for one in FINEST if one < trigger.timeframe):
            with suppress(NoData, ConfigInvalid):
                return await self._source.candles(
                    symbol, step, start_ms=start_ms, end_ms=self._newest_ms
                )
        return trigger


def _symbols(request: RecordedRequest, listed: Mapping[Symbol, Instrument]) -> tuple[Symbol, ...]:
    if request.symbols.strip().lower() == ALL:
        return tuple(sorted(listed))
    if request.symbols.strip().lower().startswith("top"):
        raise ConfigInvalid(
            "the largest markets of a period would be known at its end only",
            where="--symbols",
            next_step="name symbols (BTC/USDT,ETH/USDT), a watch-list (@name), or all",
        )
    universe = select_universe(
        request.symbols, instruments=listed, volumes={}, watchlists=request.watchlists
    )
    if universe.dropped:
        symbol, reason = universe.dropped[0]
        raise ConfigInvalid(
            f"{symbol}: {reason}",
            where="--symbols",
            next_step="`snipersight data check DIR` names them",
        )
    return universe.symbols
