"""Reads a recorded period again and keeps every signal with what became of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from snipersight.bootstrap.evidence.recorded import (
    RecordedMarkets,
    RecordedRequest,
    open_recorded,
)
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.errors import DataInvalid
from snipersight.domain.evidence import EvidenceStore, Origin, ScanCount
from snipersight.domain.profile import Profile
from snipersight.domain.units import Currency, Money, Symbol
from snipersight.engine.evidence import Circumstances
from snipersight.engine.replay import Judging, Replayed, replay_market
from snipersight.risk.policy import RiskPolicy

ACCOUNT: Final = "replay"


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
    request: RecordedRequest,
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
    summary = ReplaySummary(to_ms=run.markets.period.end_ms)
    try:
        await _add_all(run, evidence, summary, progress)
    finally:
        await run.markets.close()
    progress("", len(run.markets.symbols), len(run.markets.symbols))
    return summary


async def _add_all(
    run: _Run,
    evidence: EvidenceStore,
    summary: ReplaySummary,
    progress: Callable[[str, int, int], object],
) -> None:
    for done, symbol in enumerate(run.markets.symbols):
        progress(symbol, done, len(run.markets.symbols))
        try:
            replayed = await run.read(symbol)
        except DataInvalid as error:
            summary.unread.append((symbol, str(error)))
            continue
        new = await asyncio.to_thread(run.store, evidence, symbol, replayed)
        summary.add(replayed, new=new)


async def _open(request: RecordedRequest, settings: Settings) -> _Run:
    account = AccountState(
        account_id=ACCOUNT,
        currency=Currency(settings.account_currency),
        equity=Money(settings.default_account_balance),
        source="DEFAULT_ACCOUNT_BALANCE",
    )
    markets = await open_recorded(request, account.currency)
    return _Run(
        markets, request.profile, account=account, policy=build_policy(settings, request.profile)
    )


class _Run:
    """One replay over an open folder."""

    def __init__(
        self,
        markets: RecordedMarkets,
        profile: Profile,
        *,
        account: AccountState,
        policy: RiskPolicy,
    ) -> None:
        self.markets = markets
        self._profile = profile
        self._account = account
        self._policy = policy

    async def read(self, symbol: Symbol) -> Replayed:
        """Return what one market gave.

        Raises:
            DataInvalid: its candles or its rules are unusable.
        """
        recording = await self.markets.recording(symbol)
        judging = Judging(
            circumstances=self._circumstances(symbol), account=self._account, policy=self._policy
        )
        return await asyncio.to_thread(
            replay_market,
            recording,
            self.markets.leader,
            self.markets.period,
            judging,
            universe=self.markets.universe,
        )

    def store(self, evidence: EvidenceStore, symbol: Symbol, replayed: Replayed) -> int:
        """Keep a market's signals, its count and the outcomes; return how many are new."""
        shared = self._circumstances(symbol)
        count = ScanCount(
            context_id=shared.context_id,
            account_id=ACCOUNT,
            origin=Origin.REPLAY,
            profile=self._profile.name,
            venue=self.markets.venue,
            at_ms=self.markets.period.end_ms,
            symbols=1,
            funnel=replayed.funnel,
        )
        new = evidence.record(count, replayed.signals)
        evidence.save_outcomes(replayed.outcomes)
        return new

    def _circumstances(self, symbol: Symbol) -> Circumstances:
        # One name a market, profile, period and hours that it is looked at in, so that a replay
        # over other markets or of the same ones again counts every candidate once.
        period, universe = self.markets.period, self.markets.universe
        asked = (
            self.markets.venue,
            symbol,
            self._profile.content_hash,
            str(period.start_ms),
            str(period.end_ms),
            *(() if universe is None else (universe.content_hash,)),
        )
        digest = hashlib.sha256("|".join(asked).encode()).hexdigest()[:12]
        return Circumstances(
            account_id=ACCOUNT,
            origin=Origin.REPLAY,
            context_id=f"replay_{digest}",
            profile=self._profile,
        )
