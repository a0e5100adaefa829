"""The port to a venue that takes orders: its answers, its abilities, what was found beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Symbol


class Environment(StrEnum):
    """Which of a venue's worlds is meant; there is no default, and never one to live."""

    SIMULATED = "simulated"  # our own matching engine in this process
    TESTNET = "testnet"
    DEMO = "demo"
    LIVE = "live"


class ProblemClass(StrEnum):
    """What an error of a venue means for what was asked."""

    REFUSED = "refused"  # definitely not done; asking the same again is of no use
    RETRY_LATER = "retry_later"  # definitely not done; the same may be asked again after a while
    UNKNOWN = "unknown"  # may have been done: look it up, never repeat it blindly
    STOP = "stop"  # keys, permissions, bans, wrong host: ask nothing more and alert
    HARMLESS = "harmless"  # it is as wanted already


class Reason(StrEnum):
    """Refusals that are answered in a way of their own."""

    OTHER = "other"
    WOULD_TRIGGER = "would_trigger"  # a stop on the wrong side of the price: it is crossed already
    FUNDS = "funds"  # margin or balance does not suffice
    DUPLICATE = "duplicate"  # the client id is taken: an earlier try came through
    NOTHING_TO_REDUCE = "nothing_to_reduce"  # a reducing order without a position
    NOT_FOUND = "not_found"  # no such order is open: it may be filled
    FILTER = "filter"  # tick, lot, notional, price band
    TOO_MANY = "too_many"  # open or conditional orders
    MARKET_CLOSED = "market_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error of a venue, understood.

    Args:
        kind: what it means.
        reason: of a refusal.
        code: the venue's own code as text; empty without one.
        text: the venue's words, without secrets.
        retry_after_us: how long to wait at least; None where the venue does not say.
        is_mapped: whether the code is known; an unknown one counts as `UNKNOWN` and alerts.
    """

    kind: ProblemClass
    reason: Reason = Reason.OTHER
    code: str = ""
    text: str = ""
    retry_after_us: int | None = None
    is_mapped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request that changes something; truthy if the venue took it.

    Args:
        problem: None if it was taken.
        order: as far as the answer told it; an acknowledgement tells nothing more.
    """

    problem: Problem | None = None
    order: VenueOrder | None = None

    def __bool__(self) -> bool:
        """Return whether the venue took it."""
        return self.problem is None


class StopRests(StrEnum):
    """When a protective stop lies at the venue, counted from the fill that it protects."""

    WITH_FILL = "with_fill"  # the venue sets it with the fill
    AFTER_FILL = "after_fill"  # we place it once we know of the fill


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCapabilities:
    """What a venue can do for one kind of market.

    Args:
        stop_rests: when the first stop lies there.
        attaches_stop: whether an entry can carry `attached_stop`.
        has_reduce_only: whether an exit can be kept from opening the opposite position; without
            it (spot) an exit sells what is held.
        pairs_exits: whether target and stop of the same units are one order list (OCO), because
            each alone would tie up the units (spot).
        has_mark: whether triggers may watch the mark price.
        has_stop_market: whether a stop can be a market order.
        max_conditional: conditional orders per symbol; None: not limited per symbol.
        lookup_us: how long after a request an order that nobody finds may still appear.
        orders_alone: up to so many markets, asking each for its open orders costs no more of the
            venue's budget than asking once for those of the whole account.
    """

    stop_rests: StopRests = StopRests.AFTER_FILL
    attaches_stop: bool = False
    has_reduce_only: bool = True
    pairs_exits: bool = False
    has_mark: bool = True
    has_stop_market: bool = True
    max_conditional: int | None = None
    lookup_us: int = 20_000_000
    orders_alone: int = 3


class FindingLevel(StrEnum):
    """How bad a finding of the preflight is."""

    OK = "ok"
    WARNING = "warning"
    SKIPPED = "skipped"  # could not be asked here; counts as a failure for live
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One question of the preflight.

    Args:
        name: `clock`, `permissions`, `position_mode` …
        level: how it came out.
        sentence: what was found, and what to do about it.
    """

    name: str
    level: FindingLevel
    sentence: str


class EventKind(StrEnum):
    """What a venue's stream tells."""

    ORDER = "order"
    FILL = "fill"
    POSITION = "position"  # changed, in one market or anywhere; ask for it
    CONNECTED = "connected"  # the stream is up, again: what happened before may have been missed
    SILENT = "silent"  # nothing was heard for too long, or the line is down: poll


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueEvent:
    """Something a venue's stream told; a hint to look, with what it said where it said it.

    Events may be lost, doubled and out of order: whoever acts on one asks for the facts, or takes
    order and fill as evidence that can only grow.

    Args:
        kind: what is told.
        order, fill: as far as it was told.
        symbol: the only market that it concerns; None: that of order or fill, or all of them.
        text: in the venue's words.
    """

    kind: EventKind
    order: VenueOrder | None = None
    fill: Fill | None = None
    symbol: Symbol | None = None
    text: str = ""


class Venue(Protocol):
    """One account at one venue in one environment.

    Questions raise `VenueUnavailable` where the venue does not answer or limits our rate (its
    `next_step` says what to do) and `VenueStopped` where asking on is of no use (keys, ban). What
    changes something returns an `Answer` and raises neither.
    """

    @property
    def name(self) -> str:
        """Return the venue's short name, as in plans: `binance`, `binanceusdm`, `bybit`."""
        ...

    @property
    def environment(self) -> Environment:
        """Return which world it is."""
        ...

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what it can do for a market."""
        ...

    async def now_us(self) -> int:
        """Return the venue's time, microseconds UTC."""
        ...

    async def instruments(self) -> Mapping[Symbol, Instrument]:
        """Return the markets that can be traded, with their rules."""
        ...

    async def preflight(self, symbols: Collection[Symbol]) -> tuple[Finding, ...]:
        """Ask everything that must hold before the first order: host, clock, keys, mode, balances."""
        ...

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin and leverage of a market without a position; nothing on spot.

        Harmless if it is so already. Not to be called while a position is open.
        """
        ...

    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once; never repeated inside."""
        ...

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Send target and stop of the same units as one list (OCO); both or none are taken."""
        ...

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; of a pair, both. `NOT_FOUND` where it is not open (any more)."""
        ...

    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id, open or ended; None where the venue knows none."""
        ...

    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order of the account, conditional ones too."""
        ...

    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment, oldest first."""
        ...

    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding paid and received since a moment, oldest first; nothing on spot."""
        ...

    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position; on spot none (see `balances`)."""
        ...

    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds."""
        ...

    async def quote(self, symbol: Symbol) -> Quote:
        """Return the prices of a market now."""
        ...

    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices of several markets now, in as few questions as the venue allows.

        A market that it does not list, or that has no price, is missing.
        """
        ...

    def events(self) -> AsyncIterator[VenueEvent]:
        """Yield what the account's stream tells, connecting again by itself, until closed."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
