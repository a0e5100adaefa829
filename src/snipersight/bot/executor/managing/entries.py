"""Entries: what rests over the zone, when that ends, and what may be sent again."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Place, Situation
from snipersight.bot.executor.managing.amounts import (
    has_passed,
    has_reached,
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
from snipersight.bot.executor.managing.slicing import slices
from snipersight.domain.execution import IntentState, Leg, OrderIntent, Trade, TradeState
from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import OrderKind, Quote
from snipersight.domain.venue import VenueCapabilities

_ZERO: Final = Decimal(0)


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
    quote = situation.quote
    return "" if situation.entered > 0 or quote is None else why_void(situation.trade, quote)


def why_void(trade: Trade, quote: Quote) -> str:
    """Return why prices forbid to enter; empty while they do not."""
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
