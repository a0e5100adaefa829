"""Recorded candles, of a folder or an exchange, opened for a profile: markets, leader, period."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.evidence.choosing import ALL, Asked, Chosen, choose_markets
from snipersight.bootstrap.evidence.venue_history import Exchange, VenueHistory
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.funding import FundingRecord
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.ports import CandleSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.evidence import FUNDING_INTERVAL_MS
from snipersight.engine.outcome_following import finer_than
from snipersight.engine.recording import Period, Recording
from snipersight.engine.universe_stage import leading_symbol
from snipersight.market.funding_files import read_funding
from snipersight.market.paper.bars import FINEST
from snipersight.market.parquet_source import ParquetDirectory

_BEGINNING_MS: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRequest:
    """What is to be read.

    Args:
        data: folder of Parquet candles; None: those of the exchange are read.
        exchange: whose history is read where no folder is named.
        funding: folder of recorded funding rates; None: that of the candles, or what the
            exchange tells.
        instruments: rules for it; None: those beside it, or the shipped ones.
        profile: how to trade.
        symbols: `all`, a list, `@name` of a watch-list, or `topN`: see `choose_markets`.
        start_ms, end_ms: decisions later than the one and not later than the other; None: from
            where the data suffices, to its end.
        watchlists: the named lists there are.
    """

    profile: Profile
    data: Path | None = None
    exchange: Exchange | None = None
    funding: Path | None = None
    symbols: str = ALL
    instruments: Path | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    watchlists: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def open_recorded(request: RecordedRequest, currency: Currency) -> RecordedMarkets:
    """Return the markets of a request, with the leading one followed over the whole period.

    Args:
        request: what is read.
        currency: of the account.

    Returns:
        The markets; the caller closes them.

    Raises:
        ConfigInvalid: folder, exchange, symbols or times are wrong.
        NoData: the folder holds no candles.
        DataInvalid: the leading market's candles are unusable.
        VenueUnavailable: the exchange cannot be reached.
    """
    venue = None if request.exchange is None else VenueHistory(request.exchange)
    source = _folder(request) if venue is None else venue.source
    try:
        return await _opened(request, source, venue, currency)
    except BaseException:
        await source.close()
        raise


def _folder(request: RecordedRequest) -> ParquetDirectory:
    if request.data is None:
        raise ConfigInvalid(
            "no candles are named",
            where="--data",
            next_step="name a folder of Parquet candles (`snipersight data import` makes one) or "
            "an --exchange",
        )
    return ParquetDirectory(
        request.data, instruments=request.instruments, rules_at_ms=request.end_ms
    )


async def _opened(
    request: RecordedRequest,
    source: CandleSource,
    venue: VenueHistory | None,
    currency: Currency,
) -> RecordedMarkets:
    if venue is not None and request.start_ms is None:
        raise ConfigInvalid(
            "an exchange has more history than anybody wants to wait for",
            where="--from",
            next_step="name the period: --from 2024-01-01 --to 2024-07-01",
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
    listed = await source.instruments()
    asked = Asked(
        symbols=request.symbols,
        watchlists=request.watchlists,
        period=None if request.start_ms is None else period,
        exchange=None if request.exchange is None else request.exchange.name,
    )
    markets = RecordedMarkets(
        request,
        source,
        listed,
        period,
        chosen=await choose_markets(asked, source, listed),
        # What a folder has beyond the period belongs to trades of the period; an exchange's
        # candles end with it.
        newest_ms=newest_ms if venue is None else period.end_ms,
        currency=currency,
        venue=venue,
    )
    await markets.read_leader()
    return markets


class RecordedMarkets:
    """Markets of an open folder or exchange.

    Attributes:
        period: decisions that count.
        symbols: that were asked for, sorted.
        universe: which of them are looked at, hour by hour; None: all, always.
        leader: the leading market's state over time.
        leading: the candles it follows from; None without a leading market.
        venue: that the candles are of.
        remarks: what a reader of results should know of them, one sentence each.
    """

    def __init__(
        self,
        request: RecordedRequest,
        source: CandleSource,
        listed: Mapping[Symbol, Instrument],
        period: Period,
        *,
        chosen: Chosen,
        newest_ms: int,
        currency: Currency,
        venue: VenueHistory | None = None,
    ) -> None:
        self.period = period
        self.symbols = chosen.symbols
        self.universe = chosen.universe
        self.remarks = (*chosen.remarks, *remarks_on(request, source.venue))
        self._request = request
        self._history = venue
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
        self.leading = await self._whole(self._leading, self._profile.timeframe("bias"))
        await asyncio.to_thread(self.leader.advance, self.leading, until_ms=self._newest_ms)

    async def recording(self, symbol: Symbol) -> Recording:
        """Return one market.

        Raises:
            DataInvalid: its candles or its rules are unusable.
        """
        instrument = self._listed[symbol]
        bars = {one: await self._whole(symbol, one) for one in self._profile.history()}
        return Recording(
            instrument=instrument,
            bars=bars,
            finer=await self._finer(symbol, bars[self._profile.timeframe("trigger")]),
            quote_rate=await self._quote_rate(instrument),
            is_leading=self._is_leading(instrument),
            funding=await self._funding(instrument),
        )

    async def close(self) -> None:
        """Release files and connections."""
        await self._source.close()

    async def _funding(self, instrument: Instrument) -> FundingRecord | None:
        """Return the funding rates there are of a perpetual."""
        if instrument.kind is not MarketKind.PERPETUAL:
            return None
        folder = self._request.funding or self._request.data
        if folder is not None:
            pair = f"{instrument.base}{instrument.quote}"
            return await asyncio.to_thread(
                read_funding, folder, pair, interval_ms=FUNDING_INTERVAL_MS
            )
        if self._history is None:
            return None
        payments = await self._history.source.funding_payments(
            instrument.symbol, start_ms=self.period.start_ms, end_ms=self.period.end_ms
        )
        if payments is None:
            return None
        return FundingRecord.of(payments, interval_ms=FUNDING_INTERVAL_MS, source=self.venue)

    async def _whole(self, symbol: Symbol, timeframe: Timeframe) -> Candles:
        candles = await self._candles(symbol, timeframe)
        if self._history is not None:
            self._history.require_whole(symbol, candles, end_ms=self._newest_ms)
        return candles

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
        for step in self._finer_steps(trigger.timeframe):
            with suppress(NoData, ConfigInvalid):
                return await self._source.candles(
                    symbol, step, start_ms=start_ms, end_ms=self._newest_ms
                )
        return trigger

    def _finer_steps(self, trigger: Timeframe) -> Sequence[Timeframe]:
        if self._history is None:
            return [one for one in FINEST if one < trigger]
        wanted = finer_than(trigger)  # a year of one minute is five hundred requests a market
        return [] if wanted is None else [wanted]


def remarks_on(request: RecordedRequest, venue: str) -> tuple[str, ...]:
    """Return what a reader of results should know of where the candles are from."""
    if request.exchange is None:
        return ()
    remark = (
        f"candles of {venue} as it serves them now, with its rules of now; markets that it has "
        "delisted since are missing"
    )
    return (remark,)
