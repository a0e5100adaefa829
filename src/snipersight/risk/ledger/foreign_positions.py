"""Positions at a venue that are not ours: counted in the ledger, and never touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.domain.audit import AuditKind
from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.instrument import Instrument, parse_symbol, underlying_of
from snipersight.domain.ledger import EntryId, EntryState, LedgerEntry, Origin
from snipersight.domain.orders import VenuePosition
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import Currency, Price, Size, Symbol, plain
from snipersight.risk.ledger.records import save_entry
from snipersight.risk.ledger.work import Clerk

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_TWICE: Final = Decimal(2)
_SMALLEST: Final = Decimal("1E-8")  # no venue has a finer tick
# The price of liquidation moves with the account's other results; a hundredth of the entry price
# is worth a record.
_DRIFT: Final = Decimal("0.01")

_Key = tuple[Symbol, Direction]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignSync:
    """What the ledger learnt of foreign positions.

    Args:
        added, changed, ended: entries, as they are now.
        uncounted: positions that could not be valued: no rate of their quote currency is known,
            or a number is impossible. Whoever trades must not enter their markets.
    """

    added: tuple[LedgerEntry, ...] = ()
    changed: tuple[LedgerEntry, ...] = ()
    ended: tuple[LedgerEntry, ...] = ()
    uncounted: tuple[VenuePosition, ...] = ()


def sync_foreign(
    unit: UnitOfWork,
    clerk: Clerk,
    positions: Iterable[VenuePosition],
    *,
    venue: str,
    instruments: Mapping[Symbol, Instrument],
    rates: Mapping[Currency, Decimal],
) -> ForeignSync:
    """Make the ledger's foreign entries of a venue equal to its positions that are not ours.

    The stop of a foreign position is the price of its liquidation; where that is unknown, a tick
    for a long and twice the entry for a short: all of it may be lost. Its leverage counts as 1
    where it is unknown. What a foreign position earned is no result of ours.

    Args:
        unit, clerk: who writes, and where.
        positions: every open position at the venue that is not ours; what is not among them has
            ended. A position that could not be valued keeps the entry it had.
        venue: its short name.
        instruments: for the tick.
        rates: account currency for one unit of a quote currency; the account's own needs none.
    """
    held = {
        (one.symbol, one.direction): one
        for one in unit.live_entries()
        if one.origin is Origin.FOREIGN and one.venue == venue
    }
    added, changed, uncounted = [], [], []
    at_us = clerk.at_us(unit)
    for position in positions:
        known = held.pop((position.symbol, position.direction), None)
        try:
            wanted = _entry(
                unit, position, venue=venue, at_us=at_us, rates=rates, ticks=instruments
            )
        except (ValueError, KeyError, DataInvalid):
            uncounted.append(position)
            continue
        if known is None:
            _save(unit, clerk, AuditKind.FILLED, wanted, size=plain(wanted.open_size))
            added.append(wanted)
        elif _differs(known, wanted):
            changed.append(_changed(unit, clerk, known, wanted))
    ended = [_ended(unit, clerk, one, at_us) for one in held.values()]
    return ForeignSync(
        added=tuple(added),
        changed=tuple(changed),
        ended=tuple(ended),
        uncounted=tuple(uncounted),
    )


def _entry(
    unit: UnitOfWork,
    position: VenuePosition,
    *,
    venue: str,
    at_us: int,
    rates: Mapping[Currency, Decimal],
    ticks: Mapping[Symbol, Instrument],
) -> LedgerEntry:
    """Return the entry of a foreign position.

    Raises:
        DataInvalid: its symbol is of a kind that is not traded here.
        KeyError: no rate of its quote currency is known.
        ValueError: a number of it is impossible.
    """
    base, quote, market = parse_symbol(position.symbol)
    account = unit.account
    return LedgerEntry(
        entry_id=_entry_id(unit, position, venue),
        account_id=account.account_id,
        origin=Origin.FOREIGN,
        state=EntryState.OPEN,
        plan_id=None,
        setup_id=None,
        venue=venue,
        symbol=position.symbol,
        market=market,
        underlying=underlying_of(base)[0],
        direction=position.direction,
        pending_size=Size(_ZERO),
        open_size=position.size,
        entry_price=position.entry_price,
        fill_price=position.entry_price,
        stop_price=_stop(position, ticks.get(position.symbol)),
        cost_per_unit=_ZERO,
        leverage=max(position.leverage or _ONE, _ONE),
        quote_rate=_ONE if quote == account.currency else rates[quote],
        reserved_us=at_us,
        expires_us=None,
        opened_us=at_us,
    )


def _stop(position: VenuePosition, instrument: Instrument | None) -> Price:
    liquidation, entry = position.liquidation_price, position.entry_price
    is_losing = position.direction.is_losing
    if liquidation is not None and liquidation > 0 and is_losing(liquidation, entry=entry):
        return liquidation
    if position.direction is Direction.SHORT:
        return Price(_TWICE * entry)
    tick = None if instrument is None else instrument.tick
    return Price(_SMALLEST if tick is None else tick)


def _entry_id(unit: UnitOfWork, position: VenuePosition, venue: str) -> EntryId:
    """Return an identity of its own: the chain never stands at the same record twice."""
    head = unit.account.head
    parts = (head.account_id, str(head.seq), venue, position.symbol, position.direction.value)
    return EntryId(f"foreign-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}")


def _differs(known: LedgerEntry, wanted: LedgerEntry) -> bool:
    drift = abs(known.stop_price - wanted.stop_price)
    return (known.open_size, known.fill_price, known.leverage) != (
        wanted.open_size,
        wanted.fill_price,
        wanted.leverage,
    ) or drift > _DRIFT * wanted.entry_price


def _changed(
    unit: UnitOfWork, clerk: Clerk, known: LedgerEntry, wanted: LedgerEntry
) -> LedgerEntry:
    after = replace(
        known,
        open_size=wanted.open_size,
        entry_price=wanted.entry_price,
        fill_price=wanted.fill_price,
        stop_price=wanted.stop_price,
        leverage=wanted.leverage,
    )
    moved = wanted.open_size - known.open_size
    if moved == 0:
        _save(unit, clerk, AuditKind.STOP_MOVED, after)
    elif moved > 0:
        _save(unit, clerk, AuditKind.FILLED, after, size=plain(moved))
    else:
        _save(unit, clerk, AuditKind.REDUCED, after, size=plain(-moved), realised="0")
    return after


def _ended(unit: UnitOfWork, clerk: Clerk, entry: LedgerEntry, at_us: int) -> LedgerEntry:
    after = replace(entry, state=EntryState.CLOSED, open_size=Size(_ZERO), ended_us=at_us)
    _save(unit, clerk, AuditKind.CLOSED, after, size=plain(entry.open_size), realised="0")
    return after


def _save(
    unit: UnitOfWork, clerk: Clerk, kind: AuditKind, entry: LedgerEntry, **details: object
) -> None:
    origin = entry.origin.value
    save_entry(
        unit, kind, entry, at_us=clerk.at_us(unit), actor=clerk.actor, origin=origin, **details
    )
