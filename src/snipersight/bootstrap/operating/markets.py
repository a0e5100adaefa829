"""A plan's market as it is at this moment, asked for what an approval needs and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from snipersight.bootstrap.books import Books
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.account import AccountState
from snipersight.domain.decision import Candidate, Rejected, RiskDecision
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.observations import Observations
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource
from snipersight.domain.profile import Profile
from snipersight.domain.units import NO_MONEY, Currency, Symbol
from snipersight.engine.context import Ports
from snipersight.engine.core import Decided, step
from snipersight.engine.observing_stage import observe_markets
from snipersight.engine.plan_review import why_over
from snipersight.engine.report import ScanRequest
from snipersight.engine.scan import begin
from snipersight.planner.smc_source import SmcPlanSource

_AT_ONCE: Final = 4
ProfileOf = Callable[[str], Profile]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketLook:
    """What was seen of a plan's market.

    Args:
        seen: the markets, for the risk gate.
        over: why the plan can no longer be traded; empty while it can.
    """

    seen: Observations
    over: str = ""


class PlanMarket(Protocol):
    """Looks at the market of a plan; a running scan may answer from what it holds already."""

    async def look(self, plan: TradePlan, *, quote_volume: Decimal | None) -> MarketLook:
        """Return the market now, and whether the plan stands by every bar since it was made.

        Args:
            plan: that is to be approved.
            quote_volume: traded value of 24 hours in its market, as it was last judged by; None:
                unknown, to be asked.

        Raises:
            ConfigInvalid: the plan's profile is gone.
            DataInvalid, UnknownSymbol: its candles cannot be used.
            StateUnavailable: the ledger cannot be read.
            VenueUnavailable: a live source cannot be reached.
        """
        ...


class SourceMarket:
    """Asks a source of candles; bars and observations at the same time.

    Args:
        source: candles of the plans' venue.
        books: of the account.
        profile_of: the profile of a name; `ConfigInvalid` if there is none.
    """

    def __init__(self, source: CandleSource, books: Books, *, profile_of: ProfileOf) -> None:
        self._source: Final = source
        self._books: Final = books
        self._profile_of: Final = profile_of

    async def look(self, plan: TradePlan, *, quote_volume: Decimal | None) -> MarketLook:
        """Return the market now, and whether the plan stands by every bar since it was made.

        Args:
            plan: that is to be approved.
            quote_volume: traded value of 24 hours in its market, as it was last judged by; None:
                unknown, to be asked.

        Raises:
            ConfigInvalid: the plan's profile is gone.
            DataInvalid, UnknownSymbol: its candles cannot be used.
            StateUnavailable: the ledger cannot be read.
            VenueUnavailable: a live source cannot be reached.
        """
        profile = self._profile_of(plan.profile)
        notes = _Notes(self._books)
        source = self._source
        if quote_volume is not None:
            source = _Sparing(source, {plan.symbol: quote_volume})
        ports = self._ports(source, profile, notes)
        request = ScanRequest(profile=profile, symbols=plan.symbol, workers=_AT_ONCE)
        context = await begin(request, ports)
        state, _commands = step(context.state, Decided(candidate=_alive(plan)))
        context = replace(context, state=state, instruments=await self._source.instruments())
        over, observed = await asyncio.gather(
            why_over(plan, source, as_of_ms=context.as_of_ms),
            observe_markets(context, ports),
        )
        if observed.unjudgeable is not None:
            raise observed.unjudgeable
        return MarketLook(seen=notes.taken(), over=over)

    def _ports(self, source: CandleSource, profile: Profile, notes: _Notes) -> Ports:
        return Ports(
            source=source,
            plans=SmcPlanSource(profile),
            gate=notes,
            account=notes.account,
            sink=NullSink(),
            progress=lambda *_: None,
        )


class _Sparing:
    """A `CandleSource` that knows what was traded, and does not ask for it.

    It changes little within a bar, and to ask is dear: the next question waits for seconds where a
    venue counts the weight of requests.
    """

    def __init__(self, inner: CandleSource, volumes: Mapping[Symbol, Decimal]) -> None:
        self._inner: Final = inner
        self._volumes: Final = volumes
        self.now_ms: Final = inner.now_ms
        self.instruments: Final = inner.instruments
        self.candles: Final = inner.candles
        self.quote_rate: Final = inner.quote_rate
        self.reference_price: Final = inner.reference_price
        self.clock_skew_ms: Final = inner.clock_skew_ms
        self.close: Final = inner.close

    @property
    def venue(self) -> str:
        """Return the venue of the source."""
        return self._inner.venue

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return what is known; of the others nothing, and no plan of theirs is judged now."""
        return {symbol: self._volumes[symbol] for symbol in symbols if symbol in self._volumes}


class _Notes:
    """A `RiskGate` that takes down what was observed, and judges nothing."""

    def __init__(self, books: Books) -> None:
        self._books: Final = books
        self._seen: Observations | None = None
        self.account: Final = AccountState(
            account_id=books.ports.account_id,
            currency=Currency(books.settings.account_currency),
            equity=NO_MONEY,
        )

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        """Return venue and symbol of every live claim: markets that are observed too."""
        ports = self._books.ports
        entries = ports.store.view(ports.account_id, lambda unit: unit.live_entries())
        return tuple(sorted({(entry.venue, entry.symbol) for entry in entries}))

    def observe(self, observations: Observations) -> AccountState:
        """Take the markets down."""
        self._seen = observations
        return self.account

    def validate_plan(self, plan: TradePlan) -> RiskDecision:
        """Return a refusal without a check: nobody asks."""
        return Rejected(plan=plan, checks=())

    def taken(self) -> Observations:
        """Return what was observed."""
        if self._seen is None:
            raise StateUnavailable("the markets were not observed")
        return self._seen


def _alive(plan: TradePlan) -> Candidate:
    return Candidate(
        symbol=plan.symbol,
        at_ms=int(plan.created_at.timestamp() * 1000),
        reason=None,
        setup_id=plan.setup_id,
        direction=plan.direction,
        plan=plan,
    )
