"""A plan's market as it is at this moment, asked for what an approval needs and no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Protocol

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operating.known_markets import (
    KnownMarkets,
    PriceOf,
    RunningScan,
)
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

# Markets that are asked at the same time; venues' own limits are kept below.
_AT_ONCE: Final = 16
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

    async def look(
        self, plan: TradePlan, *, quote_volume: Decimal | None, price_of: PriceOf
    ) -> MarketLook:
        """Return the market now, and whether the plan stands by every bar since it was made.

        Args:
            plan: that is to be approved.
            quote_volume: traded value of 24 hours in its market, as it was last judged by; None:
                unknown, to be asked.
            price_of: the price of a market where orders go, at this moment; None where that has
                none of its own, and the source is asked.

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
        scan: that runs over the same source; what it holds is not asked for. None: there is none.
    """

    def __init__(
        self,
        source: CandleSource,
        books: Books,
        *,
        profile_of: ProfileOf,
        scan: RunningScan | None = None,
    ) -> None:
        self._source: Final = source
        self._books: Final = books
        self._profile_of: Final = profile_of
        self._scan: Final = scan

    async def look(
        self, plan: TradePlan, *, quote_volume: Decimal | None, price_of: PriceOf
    ) -> MarketLook:
        """Return the market now, and whether the plan stands by every bar since it was made.

        Args:
            plan: that is to be approved.
            quote_volume: traded value of 24 hours in its market, as it was last judged by; None:
                unknown, to be asked.
            price_of: the price of a market where orders go, at this moment; None where that has
                none of its own, and the source is asked.

        Raises:
            ConfigInvalid: the plan's profile is gone.
            DataInvalid, UnknownSymbol: its candles cannot be used.
            StateUnavailable: the ledger cannot be read.
            VenueUnavailable: a live source cannot be reached.
        """
        profile = self._profile_of(plan.profile)
        notes = _Notes(self._books)
        volumes = None if quote_volume is None else {plan.symbol: quote_volume}
        source = KnownMarkets(self._source, volumes=volumes, price_of=price_of, scan=self._scan)
        ports = self._ports(source, profile, notes)
        request = ScanRequest(profile=profile, symbols=plan.symbol, workers=_AT_ONCE)
        context = await begin(request, ports)
        state, _commands = step(context.state, Decided(candidate=_alive(plan)))
        context = replace(context, state=state, instruments=await self._source.instruments())
        over, observed = await asyncio.gather(
            why_over(plan, source, as_of_ms=context.as_of_ms),
            observe_markets(
                context, ports, read_closes=None if self._scan is None else self._scan.read_closes
            ),
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
