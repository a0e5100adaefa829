"""One entry of the exposure ledger: a plan's claim on the budget, from reservation to close."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.instrument import MarketKind
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.quick import quick
from snipersight.domain.units import LARGEST, NO_MONEY, Currency, Money, Price, Size, Symbol

EntryId = NewType("EntryId", str)  # also called reservation id

_ZERO = Decimal(0)
_POSITIVE = ("entry_price", "stop_price", "quote_rate", "fill_price")
_NOT_NEGATIVE = ("pending_size", "open_size", "cost_per_unit")
_SCALED = (
    "entry_price",
    "stop_price",
    "fill_price",
    *_NOT_NEGATIVE,
    "leverage",
    "quote_rate",
    "realised",
    "notional",
)


class EntryState(StrEnum):
    """Where an entry is in its life; only the first two count towards limits."""

    RESERVED = "reserved"  # nothing filled yet
    OPEN = "open"  # something filled; the rest may still be pending
    CLOSED = "closed"  # was open, holds nothing any more
    RELEASED = "released"  # never filled: cancelled, void or given back
    EXPIRED = "expired"  # never filled within its time

    @property
    def is_live(self) -> bool:
        """Return whether the entry counts towards limits."""
        return self is _RESERVED or self is _OPEN


# Looked up once: a member takes longer to find than to compare.
_RESERVED = EntryState.RESERVED
_OPEN = EntryState.OPEN


class Origin(StrEnum):
    """Who took the trade."""

    EXECUTED = "executed"  # our executor
    APPROVED = "approved"  # a person approved it, the executor has not sent it yet
    BY_HAND = "by_hand"  # a person traded the signal elsewhere and told us
    FOREIGN = "foreign"  # found at the venue, not ours


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A claim on the budget; amounts follow from sizes and prices, nothing is stored twice.

    Args:
        entry_id: its own identity.
        account_id: whose budget.
        origin: who took the trade.
        state: where it is in its life.
        plan_id, setup_id: of the plan; None for a foreign position.
        venue, symbol, market, underlying, direction: what is traded.
        pending_size: base units ordered and not filled, at least 0.
        open_size: base units filled and not closed, at least 0.
        entry_price: price that `pending_size` is reserved at (the near edge).
        fill_price: average price of `open_size`; None before the first fill.
        stop_price: where the protective stop is, or will be.
        cost_per_unit: fees and slippage of entry and stop, quote currency per base unit.
        leverage: notional ÷ margin, at least 1.
        quote_rate: account currency for one unit of the quote currency, at the reservation.
        reserved_us: when the budget was taken, microseconds UTC.
        expires_us: when a pending rest is given back by itself; None: it is not.
        opened_us: first fill; None before it.
        ended_us: when it stopped counting; None while it is live.
        unprotected_since_us: since when part of `open_size` has no stop; None: it is covered.
        realised: result of everything closed so far, net of costs, in account currency.

    Raises:
        ValueError: a number is not finite, outside its range or beyond 1e15, as is the notional,
            or the state contradicts the sizes.
    """

    entry_id: EntryId
    account_id: str
    origin: Origin
    state: EntryState
    plan_id: PlanId | None
    setup_id: SetupId | None
    venue: str
    symbol: Symbol
    market: MarketKind
    underlying: Currency
    direction: Direction
    pending_size: Size
    open_size: Size
    entry_price: Price
    fill_price: Price | None
    stop_price: Price
    cost_per_unit: Decimal
    leverage: Decimal
    quote_rate: Decimal
    reserved_us: int
    expires_us: int | None
    opened_us: int | None = None
    ended_us: int | None = None
    unprotected_since_us: int | None = None
    realised: Money = NO_MONEY

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        for find_problem in (_number_problem, _state_problem, _scale_problem):
            if problem := find_problem(self):
                raise ValueError(f"ledger entry {self.entry_id}: {problem}")

    @property
    def pending(self) -> Amounts:
        """Return what the unfilled part claims."""
        return self._amounts(self.pending_size, self.entry_price)

    @property
    def open(self) -> Amounts:
        """Return what the filled part claims; a stop beyond break-even risks nothing."""
        return self._amounts(self.open_size, self.fill_price or self.entry_price)

    @property
    def amounts(self) -> Amounts:
        """Return what the entry claims; nothing once it is no longer live."""
        return self.pending + self.open

    @property
    def notional(self) -> Decimal:
        """Return what `amounts` counts as notional."""
        if not self.state.is_live:
            return _ZERO
        pending = self.pending_size * self.entry_price * self.quote_rate
        return pending + self.open_size * (self.fill_price or self.entry_price) * self.quote_rate

    def _amounts(self, size: Size, price: Price) -> Amounts:
        if size == 0 or not self.state.is_live:
            return Amounts()
        loss = self.direction.sign * (price - self.stop_price) + self.cost_per_unit
        notional = size * price * self.quote_rate
        return Amounts(
            risk=size * max(loss, _ZERO) * self.quote_rate,
            notional=notional,
            margin=notional / self.leverage,
        )


def _number_problem(entry: LedgerEntry) -> str | None:
    fill = entry.entry_price if entry.fill_price is None else entry.fill_price
    positive = (entry.entry_price, entry.stop_price, entry.quote_rate, fill)
    for value, name in zip(positive, _POSITIVE, strict=True):
        if not value.is_finite() or value <= _ZERO:
            return f"{name} is {value}"
    not_negative = (entry.pending_size, entry.open_size, entry.cost_per_unit)
    for value, name in zip(not_negative, _NOT_NEGATIVE, strict=True):
        if not value.is_finite() or value < _ZERO:
            return f"{name} is {value}"
    if not entry.leverage.is_finite() or entry.leverage < 1:
        return f"leverage is {entry.leverage}"
    return None if entry.realised.is_finite() else f"realised is {entry.realised}"


def _scale_problem(entry: LedgerEntry) -> str | None:
    numbers = (
        entry.entry_price,
        entry.stop_price,
        entry.fill_price or _ZERO,
        entry.pending_size,
        entry.open_size,
        entry.cost_per_unit,
        entry.leverage,
        entry.quote_rate,
        entry.realised.copy_abs(),
        entry.notional,
    )
    if max(numbers) <= LARGEST:
        return None
    name, value = next(one for one in zip(_SCALED, numbers, strict=True) if one[1] > LARGEST)
    return f"{name} is {value:.3g}, more than the {LARGEST:.0e} that is counted"


def _state_problem(entry: LedgerEntry) -> str | None:
    has_open, has_pending = entry.open_size > _ZERO, entry.pending_size > _ZERO
    if entry.state is _RESERVED:
        fits = has_pending and not has_open
    elif entry.state is _OPEN:
        fits = has_open
    else:
        fits = not has_open and not has_pending
    if not fits:
        return f"{entry.state} with {entry.open_size} open and {entry.pending_size} pending"
    if has_open and entry.fill_price is None:
        return "open without a fill price"
    if entry.state.is_live is not (entry.ended_us is None):
        return f"{entry.state} with ended_us {entry.ended_us}"
    return None
