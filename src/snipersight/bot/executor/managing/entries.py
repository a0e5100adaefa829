"""Entries: limit orders at the near edge, the middle and the far edge of the zone, and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from snipersight.bot.executor.actions import Action, Place, Situation
from snipersight.bot.executor.managing.amounts import (
    has_passed,
    has_reached,
    is_order,
    lot_of,
    stop_limit_price,
    tick_of,
    towards_loss,
)
from snipersight.bot.executor.managing.legs import (
    cancel_each,
    latest,
    may_try,
    next_generation,
    of_leg,
    open_of,
    rest_of,
)
from snipersight.bot.executor.managing.ordering import new_intent
from snipersight.domain.execution import IntentState, Leg, OrderIntent, Trade, TradeState
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import OrderKind
from snipersight.domain.units import Price, Size, to_size
from snipersight.domain.venue import VenueCapabilities

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One entry order.

    Args:
        index: 0 near edge, 1 middle, 2 far edge.
        price: its limit.
        size: base units, a multiple of the lot.
    """

    index: int
    price: Price
    size: Size


def slices(trade: Trade, instrument: Instrument, abilities: VenueCapabilities) -> tuple[Slice, ...]:
    """Return the entry orders of a trade; their sizes sum to at most the size approved.

    The mid and far shares are rounded down to the lot, the near one takes the rest. A slice that
    is too small for the venue, or on spot for being sold again at the stop, is merged into its
    neighbour towards the near edge.

    Returns:
        Near edge first; empty where not even the whole size makes an order that can be closed.
    """
    tick, lot = tick_of(instrument), lot_of(instrument)
    prices = [
        towards_loss(price, trade.direction, tick=tick)
        for price in (trade.entry_near, trade.entry_mid, trade.entry_far)
    ]
    sizes = _shares(trade, lot)
    allows = _Minimum(trade, instrument, abilities).allows
    kept: list[Slice] = []
    carried = _ZERO
    for index in reversed(range(len(prices))):
        size = sizes[index] + carried
        carried = _ZERO
        if allows(size, prices[index]):
            kept.insert(0, Slice(index=index, price=prices[index], size=Size(size)))
        else:
            carried = size
    return _merged_at_near(carried, kept, prices[0], allows=allows)


def _merged_at_near(
    size: Decimal, kept: list[Slice], price: Price, *, allows: Callable[[Decimal, Price], bool]
) -> tuple[Slice, ...]:
    """Return the slices with what was too small at the near edge made large enough there."""
    if size == 0:
        return tuple(kept)
    rest = list(kept)
    while rest:
        size += rest.pop(0).size
        if allows(size, price):
            return (Slice(index=0, price=price, size=Size(size)), *rest)
    return ()


def _shares(trade: Trade, lot: Decimal) -> list[Decimal]:
    fractions = trade.rules.entry_fractions
    sizes: list[Decimal] = [to_size(trade.size * fraction, lot=lot) for fraction in fractions]
    nearest = next(index for index, fraction in enumerate(fractions) if fraction > 0)
    sizes[nearest] += to_size(trade.size, lot=lot) - sum(sizes, _ZERO)
    return sizes


class _Minimum(NamedTuple):
    """What a slice must be worth."""

    trade: Trade
    instrument: Instrument
    abilities: VenueCapabilities

    def allows(self, size: Decimal, price: Decimal) -> bool:
        """Return whether the venue takes the entry, and an exit of what remains of it."""
        if size <= 0 or size * price < (self.instrument.min_notional or _ZERO):
            return False
        return is_order(self._left(size), self._stop(), self.instrument)

    def _left(self, size: Decimal) -> Decimal:
        # Spot venues may take the fee of a buy from what was bought.
        fees = self.instrument.fees
        if self.instrument.kind is not MarketKind.SPOT or fees is None:
            return size
        kept = size * (1 - max(fees.taker, fees.maker, _ZERO))
        return to_size(kept, lot=lot_of(self.instrument))

    def _stop(self) -> Price:
        stop, direction = self.trade.initial_stop, self.trade.direction
        limit = stop_limit_price(
            stop, direction, instrument=self.instrument, abilities=self.abilities
        )
        return stop if limit is None else min(limit, stop)


def first_intents(
    trade: Trade, *, instrument: Instrument, abilities: VenueCapabilities, now_us: int
) -> tuple[OrderIntent, ...]:
    """Return the entry orders that a new trade begins with, as they are journaled.

    Returns:
        Near edge first; empty where the size approved is too small for the venue.
    """
    attached = trade.stop_price if abilities.attaches_stop else None
    return tuple(
        new_intent(
            trade,
            Leg.ENTRY,
            index=one.index,
            generation=0,
            kind=OrderKind.LIMIT,
            size=one.size,
            now_us=now_us,
            price=one.price,
            attached_stop=attached,
        )
        for one in slices(trade, instrument, abilities)
    )


def end_of_entries(situation: Situation) -> str:
    """Return why nothing is to be entered any more; empty while entries may rest and be placed.

    Once a cancel was asked for, by whomever, or anything left the position, entries stay over.
    """
    trade = situation.trade
    if trade.exit_reason:
        return trade.exit_reason
    if trade.state is TradeState.QUARANTINED:
        return "quarantined"
    if not situation.entries_allowed:
        return "entries are not allowed"
    if situation.now_us >= trade.valid_until_us:
        return "the plan expired"
    if any(one.cancel_us is not None for one in of_leg(situation, Leg.ENTRY)):
        return "entries were cancelled"
    return _void(situation) or _has_left(situation)


def _void(situation: Situation) -> str:
    trade, quote = situation.trade, situation.quote
    if situation.entered > 0 or quote is None:
        return ""
    if has_reached(quote.last, trade.exits[0].price, trade.direction):
        return "price touched the first target"
    if has_passed(quote.last, trade.initial_stop, trade.direction):
        return "price touched the stop"
    return ""


def _has_left(situation: Situation) -> str:
    # A stop that was moved, or a target that was hit, lies between price and the deeper entries:
    # what they fill would be out again at once.
    if situation.trade.stop_price != situation.trade.initial_stop:
        return "the stop was moved"
    exits = (one for one in situation.intents if one.leg is not Leg.ENTRY)
    return "part of the position was closed" if any(one.filled_size > 0 for one in exits) else ""


def cancel_entries(situation: Situation) -> tuple[Action, ...]:
    """Return cancels for every entry that rests although entries are over."""
    why = end_of_entries(situation)
    return cancel_each(situation, open_of(situation, Leg.ENTRY), why) if why else ()


def place_entries(situation: Situation) -> tuple[Action, ...]:
    """Return the entries to place: all slices once, and again what certainly never was an order.

    An entry whose request left is never sent again, under no id, unless the venue said that it
    did not take it and that asking again may help.
    """
    if end_of_entries(situation):
        return ()
    if not of_leg(situation, Leg.ENTRY):
        new = first_intents(
            situation.trade,
            instrument=situation.instrument,
            abilities=situation.abilities,
            now_us=situation.now_us,
        )
    else:
        again = (_again(situation, index) for index in range(3))
        new = tuple(one for one in again if one is not None)
    return tuple(Place(intents=(one,)) for one in new if _fits(situation, new))


def are_settled(situation: Situation) -> bool:
    """Return whether no entry rests and none will be placed any more."""
    if open_of(situation, Leg.ENTRY):
        return False
    if end_of_entries(situation):
        return True
    return not any(_is_never_sent(latest(situation, Leg.ENTRY, index)) for index in range(3))


def _again(situation: Situation, index: int) -> OrderIntent | None:
    last = latest(situation, Leg.ENTRY, index)
    if last is None or not _is_never_sent(last) or not may_try(situation, Leg.ENTRY, index):
        return None
    return new_intent(
        situation.trade,
        Leg.ENTRY,
        index=index,
        generation=next_generation(situation, Leg.ENTRY, index=index),
        kind=last.request.kind,
        size=last.request.size,
        now_us=situation.now_us,
        price=last.request.price,
        attached_stop=last.request.attached_stop,
    )


def _is_never_sent(intent: OrderIntent | None) -> bool:
    """Return whether an order certainly never reached the book, and may still."""
    if intent is None or intent.filled_size > 0:
        return False
    was_not_sent = intent.state is IntentState.ABSENT and intent.sent_us is None
    return was_not_sent or (intent.state is IntentState.REFUSED and intent.may_retry)


def _fits(situation: Situation, new: tuple[OrderIntent, ...]) -> bool:
    entries = of_leg(situation, Leg.ENTRY)
    committed = rest_of(entries) + sum((one.filled_size for one in entries), _ZERO)
    asked = sum((one.request.size for one in new), _ZERO)
    return committed + asked <= situation.trade.size
