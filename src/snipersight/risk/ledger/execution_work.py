"""What a venue's evidence does to the ledger: fill, funding and dust, each booked once and exactly.

In one unit of work the fill is stored, the entry moves, its record and its notice are written; or
nothing of it happens. Once a trade holds nothing, its result is what its fills brought in quote
currency less every fee, to the last digit; what was rounded on the way is made good then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import Check
from snipersight.domain.execution import BookedFill, Leg, TradeId
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.orders import FundingPayment, Side
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, Money, Price, plain
from snipersight.risk.breakers.records import save_standing
from snipersight.risk.exposure.proposals import refusal
from snipersight.risk.ledger.moves import Reduced, add_result, fill_as_told, reduce, reduce_by
from snipersight.risk.ledger.records import save_entry
from snipersight.risk.ledger.reserving import marked_anew
from snipersight.risk.ledger.work import (
    Clerk,
    beside_its_setup,
    done,
    record_close,
    unknown_entry,
)
from snipersight.risk.telling import target_notice

_ZERO: Final = Decimal(0)
_EXACT_DIGITS: Final = 60  # more than any sum of products of prices and sizes has
_STEP: Final = Decimal("1E-16")  # of a part's result, account currency


def book_entry_fill(unit: UnitOfWork, clerk: Clerk, booked: BookedFill) -> Check:
    """Store a fill of an entry and open so much of the ledger's entry.

    A fill beyond what is pending, or of an entry that has ended, counts all the same: the venue
    filled the order before it heard of the end.

    Returns:
        A truthy check `filled`, or a falsy one, and nothing has changed: `known_fill`,
        `unknown_entry`, or `impossible_change`.

    Raises:
        ValueError: the account has no such trade.
    """
    entry, fills = unit.entry(EntryId(booked.trade_id)), unit.book.fills(booked.trade_id)
    if entry is None:
        return unknown_entry(EntryId(booked.trade_id))
    fill = booked.fill
    if _is_among(booked, fills):
        return _known_fill(booked)
    try:
        after = fill_as_told(
            entry, size=fill.size, held=booked.net_size, price=fill.price, at_us=fill.at_us
        )
    except ValueError as error:
        return refusal("impossible_change", str(error))
    if not unit.book.book_fill(booked):
        return _known_fill(booked)
    if not entry.state.is_live:
        after = beside_its_setup(unit, after)
    save_entry(
        unit,
        AuditKind.FILLED,
        after,
        at_us=clerk.at_us(unit),
        actor=clerk.actor,
        size=plain(booked.net_size),
        price=plain(fill.price),
        **_told(booked),
    )
    return done(AuditKind.FILLED, after)


def book_exit_fill(unit: UnitOfWork, clerk: Clerk, booked: BookedFill) -> Check:
    """Store a fill of an exit, close so much of the ledger's entry, and book what it earned.

    A part costs its own fee and its share of the fees that entries paid. A fill of the stop's leg
    begins a cooldown where it closes the position.

    Returns:
        A truthy check `closed` or `reduced` that measures what the part earned in account
        currency, or a falsy one, and nothing has changed: `known_fill`, `unknown_entry`, or
        `impossible_change` where more would be closed than is open.

    Raises:
        ValueError: the account has no such trade.
    """
    entry, fills = unit.entry(EntryId(booked.trade_id)), unit.book.fills(booked.trade_id)
    if entry is None:
        return unknown_entry(EntryId(booked.trade_id))
    if _is_among(booked, fills):
        return _known_fill(booked)
    try:
        reduced = _closed_by(unit, entry, booked, fills, at_us=clerk.at_us(unit))
    except ValueError as error:
        return refusal("impossible_change", str(error))
    if not unit.book.book_fill(booked):
        return _known_fill(booked)
    _tell_target(unit, entry, booked, fills)
    return record_close(
        unit,
        clerk,
        entry,
        reduced,
        price=plain(booked.fill.price),
        by_stop=booked.leg is Leg.STOP,
        **_told(booked),
    )


def _tell_target(
    unit: UnitOfWork, entry: LedgerEntry, booked: BookedFill, fills: tuple[BookedFill, ...]
) -> None:
    """Tell of a target once all of its order is filled."""
    intent = unit.book.intent(booked.client_id) if booked.leg is Leg.TARGET else None
    if intent is None:
        return
    mine = [one.fill.size for one in (*fills, booked) if one.client_id == booked.client_id]
    if sum(mine, _ZERO) < intent.request.size:
        return
    fill = booked.fill
    notice = target_notice(
        entry, target=intent.index + 1, at_us=fill.at_us, price=plain(fill.price)
    )
    if notice is not None:
        unit.enqueue(notice)


def write_off_dust(unit: UnitOfWork, clerk: Clerk, entry_id: EntryId) -> Check:
    """Close what is left of an entry that no order can sell, at nothing for it.

    The ledger counts money: what was paid for the rest is lost until a person sells it.

    Returns:
        A truthy check `closed`, or `reduced` while a rest is pending, that measures the result,
        or a falsy one: `unknown_entry`, or `impossible_change` where nothing is open.
    """
    entry = unit.entry(entry_id)
    if entry is None:
        return unknown_entry(entry_id)
    size, fills = entry.open_size, unit.book.fills(TradeId(entry_id))
    try:
        realised = _whole_result(unit, entry, fills)
        reduced = reduce_by(entry, size=size, realised=realised, at_us=clerk.at_us(unit))
    except ValueError as error:
        return refusal("impossible_change", str(error))
    price = plain(entry.fill_price or entry.entry_price)
    return record_close(unit, clerk, entry, reduced, price=price, by_stop=False, dust=plain(size))


def close_unexplained(unit: UnitOfWork, clerk: Clerk, entry_id: EntryId, *, price: Price) -> Check:
    """Close what is open of an entry whose position is gone, and nobody knows how.

    Args:
        unit, clerk, entry_id: of what.
        price: taken for that of the close, with the costs that the entry was planned with.

    Returns:
        A truthy check `closed` that measures the result, or a falsy one: `unknown_entry`, or
        `impossible_change` where nothing is open.
    """
    entry = unit.entry(entry_id)
    if entry is None:
        return unknown_entry(entry_id)
    size = entry.open_size
    try:
        reduced = reduce(entry, size=size, price=price, at_us=clerk.at_us(unit))
    except ValueError as error:
        return refusal("impossible_change", str(error))
    lost = plain(size)
    return record_close(
        unit, clerk, entry, reduced, price=plain(price), by_stop=False, unexplained=lost
    )


def book_funding(
    unit: UnitOfWork, clerk: Clerk, trade_id: TradeId, payment: FundingPayment
) -> Check:
    """Store a funding payment and add it to the results of the ledger's entry and the account.

    One that arrives after its position was closed is added all the same.

    Returns:
        A truthy check `funding` that measures it in account currency, or a falsy one, and nothing
        has changed: `known_funding`, `unknown_entry`, `unknown_rate` for a currency that is
        neither the market's quote nor the account's, or `impossible_change`.

    Raises:
        ValueError: the account has no such trade.
    """
    entry = unit.entry(EntryId(trade_id))
    if entry is None:
        return unknown_entry(EntryId(trade_id))
    rate = _rate(entry, payment.currency, unit.account.currency)
    if rate is None:
        return refusal("unknown_rate", f"nothing says what {payment.currency} is worth")
    try:
        amount = _product(payment.amount, rate)
        after = add_result(entry, amount)
    except ValueError as error:
        return refusal("impossible_change", str(error))
    if not unit.book.book_funding(trade_id, payment):
        return refusal("known_funding", f"funding {payment.payment_id} is booked already")
    at_us = clerk.at_us(unit)
    save_entry(
        unit,
        AuditKind.FUNDING,
        after,
        at_us=at_us,
        actor=clerk.actor,
        payment_id=payment.payment_id,
        amount=plain(payment.amount),
        currency=payment.currency,
    )
    standing = unit.account.standing
    standing = replace(standing, realised=Money(standing.realised + amount))
    standing = marked_anew(standing, unit.live_entries(), at_us=at_us, policy=clerk.policy)
    save_standing(unit, standing, at_us=at_us, actor=clerk.actor)
    return replace(done(AuditKind.FUNDING, after), measured=amount)


def _closed_by(
    unit: UnitOfWork,
    entry: LedgerEntry,
    booked: BookedFill,
    fills: tuple[BookedFill, ...],
    *,
    at_us: int,
) -> Reduced:
    """Return the entry after an exit's fill; the last one brings what is missing to the whole."""
    if booked.net_size == entry.open_size:
        realised = _whole_result(unit, entry, (*fills, booked))
    else:
        realised = _part_result(entry, booked, fills)
    return reduce_by(entry, size=booked.net_size, realised=realised, at_us=at_us)


def _part_result(entry: LedgerEntry, booked: BookedFill, fills: tuple[BookedFill, ...]) -> Decimal:
    entries = [one for one in fills if one.leg is Leg.ENTRY]
    if entry.fill_price is None or not entries:
        raise ValueError(f"ledger entry {entry.entry_id}: closed, and never filled")
    size, price = booked.net_size, booked.fill.price
    with localcontext(prec=_EXACT_DIGITS):
        entered = sum((one.net_size for one in entries), _ZERO)
        paid = sum((one.fee_quote for one in entries), _ZERO) * size / entered
        gain = entry.direction.gain(price, entry=entry.fill_price) * size
        result = (gain - paid - booked.fee_quote) * entry.quote_rate
        return result.quantize(_STEP)


def _whole_result(unit: UnitOfWork, entry: LedgerEntry, fills: Iterable[BookedFill]) -> Decimal:
    """Return what is missing of an entry's result once everything it holds is gone."""
    payments = unit.book.funding(TradeId(entry.entry_id))
    with localcontext(prec=_EXACT_DIGITS):
        brought = sum((_brought(one) for one in fills), _ZERO) * entry.quote_rate
        for payment in payments:
            # Nothing was booked of a currency without a rate.
            brought += payment.amount * (
                _rate(entry, payment.currency, unit.account.currency) or _ZERO
            )
        return brought - entry.realised


def _brought(booked: BookedFill) -> Decimal:
    """Return the quote currency that a fill brought, less its fee; negative if it cost some."""
    fill = booked.fill
    value = fill.size * fill.price
    return (value if fill.side is Side.SELL else -value) - booked.fee_quote


def _rate(entry: LedgerEntry, currency: Currency, account: Currency) -> Decimal | None:
    """Return account currency for one unit of a currency; None: unknown."""
    if currency == parse_symbol(entry.symbol)[1]:
        return entry.quote_rate
    return Decimal(1) if currency == account else None


def _product(one: Decimal, other: Decimal) -> Decimal:
    with localcontext(prec=_EXACT_DIGITS):
        return one * other


def _is_among(booked: BookedFill, fills: Iterable[BookedFill]) -> bool:
    key = booked.fill.fill_id, booked.fill.side
    return any((one.fill.fill_id, one.fill.side) == key for one in fills)


def _known_fill(booked: BookedFill) -> Check:
    return refusal("known_fill", f"fill {booked.fill.fill_id} is booked already")


def _told(booked: BookedFill) -> dict[str, object]:
    fill = booked.fill
    return {
        "fill_id": fill.fill_id,
        "client_id": booked.client_id,
        "traded": plain(fill.size),
        "fee": plain(fill.fee),
        "fee_currency": fill.fee_currency,
        "filled_us": fill.at_us,
    }
