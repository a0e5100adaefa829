"""How a ledger entry changes: pure moves from one valid entry to the next."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.ledger import EntryState, LedgerEntry, Origin
from snipersight.domain.quick import replace
from snipersight.domain.units import Money, Price, Size

_ZERO: Final = Decimal(0)
_DIGITS: Final = 28
_EXACT_DIGITS: Final = 60  # of sums and products that shall not be rounded
_NEVER_FILLED: Final = (EntryState.RELEASED, EntryState.EXPIRED)
_EXECUTED: Final = Origin.EXECUTED  # looked up once: every verdict asks it of every entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """What a close left, and what it earned.

    Args:
        entry: after it.
        realised: result of the part that was closed, net of costs, account currency.
    """

    entry: LedgerEntry
    realised: Money


def fill(entry: LedgerEntry, *, size: Decimal, price: Decimal, at_us: int) -> LedgerEntry:
    """Return the entry after (part of) its pending size was filled.

    A venue may fill an order and hear of its cancellation afterwards: an entry that was released
    or has expired is opened again by what was filled of it.

    Args:
        size: base units, above 0, at most what is pending; of an entry that was given back,
            whatever was filled.
        price: quote per base unit; `fill_price` becomes the average, rounded in the last of 28
            digits against the trade.
        at_us: the fill, microseconds UTC.

    Raises:
        ValueError: a number is impossible, more was filled than is pending, or the entry was
            closed.
    """
    _require_positive(entry, size=size, price=price)
    if entry.state in _NEVER_FILLED:
        return _reopened(entry, size=size, price=price, at_us=at_us)
    _require_live(entry, "filled")
    if size > entry.pending_size:
        raise _impossible(entry, f"{size} was filled, only {entry.pending_size} is pending")
    return replace(
        entry,
        state=EntryState.OPEN,
        pending_size=Size(entry.pending_size - size),
        open_size=Size(entry.open_size + size),
        fill_price=_average(entry, size, value=size * price),
        opened_us=at_us if entry.opened_us is None else entry.opened_us,
    )


def fill_as_told(
    entry: LedgerEntry, *, size: Decimal, held: Decimal, price: Decimal, at_us: int
) -> LedgerEntry:
    """Return the entry after an execution that a venue told of: a fact, whatever is pending.

    More than is pending may be filled by an order whose cancel crossed its fill. An entry that has
    ended counts again with it, also one that was closed.

    Args:
        size: base units traded, above 0; so much less is pending.
        held: base units that came into the position, above 0: less than `size` where the fee was
            kept back of them.
        price: of the execution, quote per base unit; the average is of what was paid for what is
            held, rounded as `fill` does.
        at_us: of the execution, microseconds UTC.

    Raises:
        ValueError: a number is impossible.
    """
    _require_positive(entry, size=size, held=held, price=price)
    return replace(
        entry,
        state=EntryState.OPEN,
        pending_size=Size(max(entry.pending_size - size, _ZERO)),
        open_size=Size(entry.open_size + held),
        fill_price=_average(entry, held, value=size * price),
        opened_us=at_us if entry.opened_us is None else entry.opened_us,
        ended_us=None,
    )


def _reopened(entry: LedgerEntry, *, size: Decimal, price: Decimal, at_us: int) -> LedgerEntry:
    return replace(
        entry,
        state=EntryState.OPEN,
        open_size=Size(size),
        fill_price=Price(price),
        opened_us=at_us,
        ended_us=None,
    )


def _average(entry: LedgerEntry, size: Decimal, *, value: Decimal) -> Price:
    """Return what a unit has cost once `size` more units have come in for `value`."""
    # A long that is said to have paid more, and a short to have earned less, risks no less.
    careful = ROUND_CEILING if entry.direction is Direction.LONG else ROUND_FLOOR
    with localcontext(prec=_DIGITS, rounding=careful):
        before = entry.open_size * (entry.fill_price or _ZERO)
        return Price((before + value) / (entry.open_size + size))


def reduce(
    entry: LedgerEntry, *, size: Decimal, price: Decimal, at_us: int, cost: Decimal | None = None
) -> Reduced:
    """Return the entry after (part of) its open size was closed, and what that earned.

    An entry that holds nothing any more is closed; while a rest is pending it goes on as a
    reservation.

    Args:
        size: base units, above 0, at most what is open.
        price: of the close, quote per base unit.
        at_us: the close, microseconds UTC.
        cost: fees and slippage of what was closed, entry and exit, in quote currency; None takes
            what the entry was planned with, so that no cost is forgotten.

    Raises:
        ValueError: a number is impossible, or more was closed than is open.
    """
    _require_live(entry, "closed")
    _require_positive(entry, size=size, price=price)
    paid = size * entry.cost_per_unit if cost is None else cost
    if not paid.is_finite():
        raise _impossible(entry, f"cost is {paid}")
    if size > entry.open_size or entry.fill_price is None:
        raise _impossible(entry, f"{size} was closed, only {entry.open_size} is open")
    gain = entry.direction.gain(price, entry=entry.fill_price) * size
    return reduce_by(entry, size=size, realised=(gain - paid) * entry.quote_rate, at_us=at_us)


def reduce_by(entry: LedgerEntry, *, size: Decimal, realised: Decimal, at_us: int) -> Reduced:
    """Return the entry after (part of) its open size was closed with a result that is known.

    Args:
        size: base units, above 0, at most what is open.
        realised: result of the part, net of costs, account currency; added up exactly.
        at_us: the close, microseconds UTC.

    Raises:
        ValueError: a number is impossible, or more was closed than is open.
    """
    _require_live(entry, "closed")
    _require_positive(entry, size=size)
    if size > entry.open_size:
        raise _impossible(entry, f"{size} was closed, only {entry.open_size} is open")
    left = _resized(
        entry, open_size=entry.open_size - size, pending=entry.pending_size, at_us=at_us
    )
    return Reduced(entry=add_result(left, realised), realised=Money(realised))


def add_result(entry: LedgerEntry, amount: Decimal) -> LedgerEntry:
    """Return the entry with an amount of account currency more, or less, in its result.

    Raises:
        ValueError: the amount is not finite.
    """
    with localcontext(prec=_EXACT_DIGITS):
        return replace(entry, realised=Money(entry.realised + amount))


def release(entry: LedgerEntry, *, at_us: int) -> LedgerEntry:
    """Return the entry after its pending size was given back: cancelled, void or not wanted.

    What is open stays; an entry that holds nothing then is released, or closed if it was ever
    filled.

    Raises:
        ValueError: nothing is pending.
    """
    _require_pending(entry, "released")
    return _resized(entry, open_size=entry.open_size, pending=_ZERO, at_us=at_us)


def expire(entry: LedgerEntry, *, at_us: int) -> LedgerEntry:
    """Return the entry after its pending size ran out of time.

    Raises:
        ValueError: nothing is pending, or it is not `is_due`.
    """
    _require_pending(entry, "expired")
    if entry.origin is Origin.EXECUTED:
        raise _impossible(entry, "its order may still be filled; only its release ends it")
    if not is_due(entry, at_us=at_us):
        raise _impossible(entry, f"it expires at {entry.expires_us}, not yet at {at_us}")
    return _resized(
        entry,
        open_size=entry.open_size,
        pending=_ZERO,
        at_us=at_us,
        unfilled=EntryState.EXPIRED,
    )


def is_due(entry: LedgerEntry, *, at_us: int) -> bool:
    """Return whether the entry's pending size is given back by time alone.

    What our executor ordered is not: it may still be filled at the venue, and counts until it is
    released.
    """
    return entry.origin is not _EXECUTED and has_run_out(entry, at_us=at_us)


def has_run_out(entry: LedgerEntry, *, at_us: int) -> bool:
    """Return whether the time of the entry's pending size is over, whatever that means for it."""
    return (
        entry.state.is_live
        and entry.pending_size > 0
        and entry.expires_us is not None
        and at_us >= entry.expires_us
    )


def move_stop(entry: LedgerEntry, *, price: Decimal) -> LedgerEntry:
    """Return the entry with its protective stop at another price.

    Raises:
        ValueError: the price is impossible, or the entry has ended.
    """
    _require_live(entry, "moved")
    _require_positive(entry, stop_price=price)
    return replace(entry, stop_price=Price(price))


def protect(entry: LedgerEntry) -> LedgerEntry:
    """Return the entry with its whole open size covered by stops.

    Raises:
        ValueError: nothing is open.
    """
    _require_open(entry, "protected")
    return replace(entry, unprotected_since_us=None)


def unprotect(entry: LedgerEntry, *, at_us: int) -> LedgerEntry:
    """Return the entry with part of its open size uncovered; since when is kept once known.

    Raises:
        ValueError: nothing is open.
    """
    _require_open(entry, "unprotected")
    since = at_us if entry.unprotected_since_us is None else entry.unprotected_since_us
    return replace(entry, unprotected_since_us=since)


def _resized(
    entry: LedgerEntry,
    *,
    open_size: Decimal,
    pending: Decimal,
    at_us: int,
    unfilled: EntryState = EntryState.RELEASED,
) -> LedgerEntry:
    """Return the entry with other sizes and the state that follows from them.

    Args:
        open_size, pending: base units, at least 0.
        at_us: when it ended, if nothing is left.
        unfilled: the end of an entry that was never filled.
    """
    state = _state(entry, open_size=open_size, pending=pending, unfilled=unfilled)
    return replace(
        entry,
        state=state,
        open_size=Size(open_size),
        pending_size=Size(pending),
        ended_us=None if state.is_live else at_us,
        unprotected_since_us=entry.unprotected_since_us if open_size > 0 else None,
    )


def _state(
    entry: LedgerEntry, *, open_size: Decimal, pending: Decimal, unfilled: EntryState
) -> EntryState:
    if open_size > 0:
        return EntryState.OPEN
    if pending > 0:
        return EntryState.RESERVED
    return unfilled if entry.fill_price is None else EntryState.CLOSED


def _require_live(entry: LedgerEntry, what: str) -> None:
    if not entry.state.is_live:
        raise _impossible(entry, f"it is {entry.state} and cannot be {what}")


def _require_pending(entry: LedgerEntry, what: str) -> None:
    _require_live(entry, what)
    if entry.pending_size == 0:
        raise _impossible(entry, f"nothing is pending that could be {what}")


def _require_open(entry: LedgerEntry, what: str) -> None:
    _require_live(entry, what)
    if entry.open_size == 0:
        raise _impossible(entry, f"nothing is open that could be {what}")


def _require_positive(entry: LedgerEntry, **numbers: Decimal) -> None:
    for name, value in numbers.items():
        if not value.is_finite() or value <= 0:
            raise _impossible(entry, f"{name} is {value}")


def _impossible(entry: LedgerEntry, why: str) -> ValueError:
    return ValueError(f"ledger entry {entry.entry_id}: {why}")
