"""Reads a recorded period again and keeps every signal with what became of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from snipersight.analysis.leader import LeaderTimeline
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles, utc_text
from snipersight.domain.errors import ConfigInvalid, DataInvalid, NoData
from snipersight.domain.evidence import EvidenceStore, Origin, ScanCount
from snipersight.domain.instrument import Instrument
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS, Timeframe
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.engine.evidence import Circumstances
from snipersight.engine.outcome_following import finer_than
from snipersight.engine.recording import Period, Recording
from snipersight.engine.replay import Judging, Replayed, replay_market
from snipersight.engine.universe_stage import leading_symbol
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.market.universe import select_universe

ACCOUNT: Final = "replay"
ALL: Final = "all"
_BEGINNING_MS: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What is to be read again.

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


@dataclass(slots=True, kw_only=True)
class ReplaySummary:
    """What a replay gave.

    Args:
        symbols: that were read.
        from_ms, to_ms: first and last moment that decisions were made at, over the symbols.
        new: signals that were not stored before.
        verdicts, statuses: how many signals were judged and ended how.
        funnel: how all candidates ended.
        unread: symbols that could not be read, with the reason.
    """

    symbols: int = 0
    from_ms: int = 0
    to_ms: int = 0
    new: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    funnel: Counter[str] = field(default_factory=Counter)
    unread: list[tuple[Symbol, str]] = field(default_factory=list)

    @property
    def signals(self) -> int:
        """Return how many signals there were."""
        return self.verdicts.total()

    def add(self, replayed: Replayed, *, new: int) -> None:
        """Count what one market gave."""
        self.symbols += 1
        self.new += new
        self.from_ms = min(self.from_ms or replayed.warm_ms, replayed.warm_ms)
        self.verdicts.update(one.verdict.value for one in replayed.signals)
        self.statuses.update(one.status.value for one in replayed.outcomes)
        self.funnel.update(replayed.funnel)


async def replay(
    request: ReplayRequest,
    settings: Settings,
    evidence: EvidenceStore,
    *,
    progress: Callable[[str, int, int], object],
) -> ReplaySummary:
    """Read a recorded period market by market, judge every plan alone, follow it, store it.

    The same request over the same candles stores the same signals again, which changes nothing.
    A market that cannot be read is told and stops no other.

    Args:
        request: what is read.
        settings: limits and DEFAULT_ACCOUNT_BALANCE; nothing of an account is read or changed.
        evidence: the store.
        progress: told what is being read, how many markets are done, of how many.

    Raises:
        ConfigInvalid: folder, symbols or times are wrong, or settings and profile contradict
            each other.
        NoData: the folder holds no candles.
        StateUnavailable: the store cannot be used.
    """
    run = await _open(request, settings)
    summary = ReplaySummary(to_ms=run.period.end_ms)
    for done, symbol in enumerate(run.symbols):
        progress(symbol, done, len(run.symbols))
        try:
            replayed = await run.read(symbol)
        except DataInvalid as error:
            summary.unread.append((symbol, str(error)))
            continue
        new = await asyncio.to_thread(run.store, evidence, symbol, replayed)
        summary.add(replayed, new=new)
    progress("", len(run.symbols), len(run.symbols))
    return summary


async def _open(request: ReplayRequest, settings: Settings) -> _Run:
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
    listed = await source.instruments()
    account = AccountState(
        account_id=ACCOUNT,
        currency=Currency(settings.account_currency),
        equity=Money(settings.default_account_balance),
        source="DEFAULT_ACCOUNT_BALANCE",
    )
    run = _Run(
        request, source, listed, period, account=account, newest_ms=newest_ms, settings=settings
    )
    await run.read_leader()
    return run


def _symbols(request: ReplayRequest, listed: Mapping[Symbol, Instrument]) -> tuple[Symbol, ...]:
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


class _Run:
    """One replay over an open folder."""

    def __init__(
        self,
        request: ReplayRequest,
        source: ParquetDirectory,
        listed: Mapping[Symbol, Instrument],
        period: Period,
        *,
        account: AccountState,
        newest_ms: int,
        settings: Settings,
    ) -> None:
        self.period = period
        self.symbols = _symbols(request, listed)
        self._source = source
        self._listed = listed
        self._profile = request.profile
        self._newest_ms = newest_ms
        self._account = account
        self._policy = build_policy(settings, request.profile)
        self._leader = LeaderTimeline(request.profile)
        self._leading = leading_symbol(listed)

    async def read_leader(self) -> None:
        """Follow the leading market over the whole period, where there is one."""
        if self._leading is None:
            return
        candles = await self._candles(self._leading, self._profile.timeframe("bias"))
        await asyncio.to_thread(self._leader.advance, candles, until_ms=self._newest_ms)

    async def read(self, symbol: Symbol) -> Replayed:
        """Return what one market gave.

        Raises:
            DataInvalid: its candles or its rules are unusable.
        """
        instrument = self._listed[symbol]
        names = self._profile.history()
        bars = {timeframe: await self._candles(symbol, timeframe) for timeframe in names}
        recording = Recording(
            instrument=instrument,
            bars=bars,
            finer=await self._finer(symbol, bars[self._profile.timeframe("trigger")]),
            quote_rate=await self._quote_rate(instrument),
            is_leading=self._is_leading(instrument),
        )
        judging = Judging(
            circumstances=self._circumstances(symbol), account=self._account, policy=self._policy
        )
        return await asyncio.to_thread(replay_market, recording, self._leader, self.period, judging)

    def store(self, evidence: EvidenceStore, symbol: Symbol, replayed: Replayed) -> int:
        """Keep a market's signals, its count and the outcomes; return how many are new."""
        shared = self._circumstances(symbol)
        count = ScanCount(
            context_id=shared.context_id,
            account_id=ACCOUNT,
            origin=Origin.REPLAY,
            profile=self._profile.name,
            venue=self._source.venue,
            at_ms=self.period.end_ms,
            symbols=1,
            funnel=replayed.funnel,
        )
        new = evidence.record(count, replayed.signals)
        evidence.save_outcomes(replayed.outcomes)
        return new

    def _circumstances(self, symbol: Symbol) -> Circumstances:
        # One name a market, profile and period, so that a replay over other markets or of the
        # same ones again counts every candidate once.
        asked = (
            self._source.venue,
            symbol,
            self._profile.content_hash,
            str(self.period.start_ms),
            str(self.period.end_ms),
        )
        digest = hashlib.sha256("|".join(asked).encode()).hexdigest()[:12]
        return Circumstances(
            account_id=ACCOUNT,
            origin=Origin.REPLAY,
            context_id=f"replay_{digest}",
            profile=self._profile,
        )

    def _is_leading(self, instrument: Instrument) -> bool:
        leading = None if self._leading is None else self._listed[self._leading]
        return leading is not None and leading.underlying == instrument.underlying

    async def _quote_rate(self, instrument: Instrument) -> Decimal | None:
        """Return the rate at the end of the period: results in R do not depend on it."""
        return await self._source.quote_rate(
            instrument.quote, self._account.currency, at_ms=self.period.end_ms
        )

    async def _candles(self, symbol: Symbol, timeframe: Timeframe) -> Candles:
        warm_up_ms = self._profile.history()[timeframe] + DAY_MS
        start_ms = max(timeframe.floor(max(self.period.start_ms - warm_up_ms, 0)), 0)
        return await self._source.candles(
            symbol, timeframe, start_ms=start_ms, end_ms=self._newest_ms
        )

    async def _finer(self, symbol: Symbol, trigger: Candles) -> Candles:
        """Return bars that order what a trigger bar leaves open; its own where there are none."""
        wanted = finer_than(trigger.timeframe)
        if wanted is None:
            return trigger
        start_ms = int(trigger.open_time[0])
        try:
            return await self._source.candles(
                symbol, wanted, start_ms=start_ms, end_ms=self._newest_ms
            )
        except NoData:
            return trigger
