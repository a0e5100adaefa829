"""What the core asks of the outside. No vendor's type appears here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate, RiskDecision
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import Observations, ReferencePrice
from snipersight.domain.plan import TradePlan
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Symbol


class CandleSource(Protocol):
    """Closed candles, instruments and currency rates of one venue or its stand-in."""

    @property
    def venue(self) -> str:
        """Return the short name of the venue the data belongs to."""
        ...

    async def now_ms(self) -> int:
        """Return the newest moment this source can speak about (milliseconds UTC).

        The clock for a live venue and the built-in market; the last recorded close for files.
        """
        ...

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return every market the source can serve.

        Raises:
            VenueUnavailable: a live venue cannot be reached.
            DataInvalid: the recorded rules cannot be read.
        """
        ...

    async def candles(
        self, symbol: Symbol, timeframe: Timeframe, *, start_ms: int, end_ms: int
    ) -> Candles:
        """Return the bars that open at or after `start_ms` and are closed at `end_ms`.

        Timeframes the source does not hold are resampled from a finer one; a bar made of an
        incomplete bucket at the end of the data is left out.

        Raises:
            UnknownSymbol: the source does not list the symbol.
            NoData: it holds no bar in the period.
            DataInvalid: its bars break the contract of `Candles`.
            VenueUnavailable: a live venue cannot be reached or limits our rate.
        """
        ...

    async def quote_volumes(
        self, symbols: Collection[Symbol], *, at_ms: int
    ) -> Mapping[Symbol, Decimal]:
        """Return the traded value of the 24 hours before `at_ms`, in quote currency.

        Only closed bars count; a symbol without data then is missing from the answer.
        """
        ...

    async def quote_rate(self, quote: Currency, account: Currency, *, at_ms: int) -> Decimal | None:
        """Return how much of `account` one unit of `quote` is worth, or None if unknown.

        The same currency is worth 1; nothing else is assumed (USD is not USDT).
        """
        ...

    async def reference_price(self, symbol: Symbol, *, at_ms: int) -> ReferencePrice | None:
        """Return the newest price of a market known at `at_ms`, apart from any plan's candles.

        None if there is none, or none worth the name; how old it may be is the gate's affair.

        Raises:
            UnknownSymbol: the source does not list the symbol.
            DataInvalid: its bars break the contract of `Candles`.
            VenueUnavailable: a live venue cannot be reached or limits our rate.
        """
        ...

    async def clock_skew_ms(self) -> int | None:
        """Return how far the venue's clock is ahead of ours at least, milliseconds.

        0 where the two agree within what can be told, and for recorded and built-in data; None
        where the venue tells no time.

        Raises:
            VenueUnavailable: a live venue cannot be reached.
        """
        ...

    async def close(self) -> None:
        """Release connections and files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderState:
    """What the leading market (BTC) says about all others at one moment.

    Args:
        trend: -1, 0 or +1, structure of its bias timeframe.
        regime: its regime there; None before there is one.
        known_at_ms: close of the bar that made it known; None while nothing is known.
    """

    trend: int
    regime: Regime | None
    known_at_ms: int | None


class LeaderContext(Protocol):
    """The leading market's state as it was known at any moment."""

    def at(self, time_ms: int) -> LeaderState:
        """Return the state known at `time_ms`, never a later one."""
        ...


class PlanFeed(Protocol):
    """The plans of one symbol, as closed bars arrive."""

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        """Consume bars closed at `until_ms` and return what was decided at their closes.

        Bars already consumed are skipped, so the caller may pass a growing history or only the
        new bar. Candidates come in time order; a bar that decides nothing adds none.

        Args:
            bars: one entry for each timeframe of `PlanSource.history`.
            until_ms: the moment to advance to; no bar closed later is looked at.

        Raises:
            DataInvalid: the bars do not continue what was consumed before.
        """
        ...

    def shifts(self) -> Mapping[int, Direction]:
        """Return the newest structure shifts: close of the bar (milliseconds UTC) to direction.

        At least those of the last `valid_bars` bars of the profile; a waiting plan is void once
        structure shifts against it.
        """
        ...

    @property
    def is_warm(self) -> bool:
        """Return whether enough history was consumed to speak."""
        ...

    @property
    def regime(self) -> Regime | None:
        """Return the market's regime at the newest close; None while unknown."""
        ...

    def outlook(self) -> str:
        """Return in one sentence what is known now and what a setup still lacks."""
        ...


class PlanSource(Protocol):
    """Where plans come from: SMC setups, or something simpler to compare them with."""

    @property
    def name(self) -> str:
        """Return the source's name, `smc`."""
        ...

    @property
    def history(self) -> Mapping[Timeframe, int]:
        """Return the timeframes it needs and the milliseconds of warm-up of each."""
        ...

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> PlanFeed:
        """Return an empty feed for one market.

        Args:
            instrument: the market's rules.
            leader: BTC's state for other symbols; None for BTC itself.
        """
        ...


class RiskGate(Protocol):
    """The one place that approves a plan."""

    def held(self) -> tuple[tuple[str, Symbol], ...]:
        """Return venue and symbol of every live claim: markets that must be observed too."""
        ...

    def observe(self, observations: Observations) -> AccountState:
        """Take note of the markets, mark the account's equity and return the account.

        Plans judged from here on are judged on these observations, and budgeted in the order
        they come in, beside what the ledger holds.

        Raises:
            StateUnavailable: the store cannot be read or written.
        """
        ...

    def validate_plan(self, plan: TradePlan) -> RiskDecision:
        """Return an approval with a size, or a rejection with every failed check.

        The verdict is recorded before it is returned. Fails closed: a missing, stale or
        non-finite input, and a record that cannot be written, are rejections with a code.
        """
        ...


class EventSink(Protocol):
    """Takes what happened, for logs and later for queues."""

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Record one event; never raises, never blocks on a network."""
        ...
