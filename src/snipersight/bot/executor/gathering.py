"""What the venue's open orders say of a trade: what is there, what has gone, what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from snipersight.bot.executor.evidence import Fact, Observed
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.orders import OrderStatus, Quote, VenueOrder
from snipersight.domain.units import Symbol

_FRESH_US: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrders:
    """The open orders of an account, or of one market.

    Args:
        asked_us: when they were asked for; what happened since may be missing.
        orders: conditional ones too.
    """

    asked_us: int
    orders: tuple[VenueOrder, ...]

    def of(self, symbol: Symbol) -> OpenOrders:
        """Return those of one market."""
        mine = tuple(one for one in self.orders if one.symbol == symbol)
        return OpenOrders(asked_us=self.asked_us, orders=mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices of several markets, asked for at once.

    Args:
        asked_us: when.
        quotes: by symbol; a market without a price is missing.
    """

    asked_us: int
    quotes: Mapping[Symbol, Quote]

    def is_fresh(self, now_us: int) -> bool:
        """Return whether they may stand for the prices now: a slow cycle outlives them."""
        return now_us - self.asked_us < _FRESH_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What open orders say of one trade.

    Args:
        facts: orders of ours that were seen.
        gone: orders that our books hold to be working, and that are not open any more.
        to_cancel: orders of ours that lie open though our books have ended them, or that somebody
            changed by hand.
        altered: the latter ones.
        is_answered: whether the venue told its open orders at all.
    """

    facts: tuple[Fact, ...] = ()
    gone: tuple[OrderIntent, ...] = ()
    to_cancel: tuple[OrderIntent, ...] = ()
    altered: tuple[OrderIntent, ...] = ()
    is_answered: bool = True


def gather(file: TradeFile, seen: OpenOrders) -> Gathered:
    """Compare a trade's orders with those that are open at the venue."""
    by_id = {one.client_id: one for one in seen.orders if one.client_id}
    there = [(one, by_id[one.client_id]) for one in file.intents if one.client_id in by_id]
    altered = tuple(one for one, order in there if one.state.is_open and _is_altered(one, order))
    exits = [one.client_id for one in altered if one.leg is not Leg.ENTRY]
    return Gathered(
        facts=tuple(
            Observed(
                client_id=one.client_id,
                order=_disowned(order) if one.client_id in exits else order,
            )
            for one, order in there
        ),
        gone=tuple(
            one
            for one in file.intents
            if one.state is IntentState.WORKING
            and one.client_id not in by_id
            and one.updated_us <= seen.asked_us
        ),
        to_cancel=(*altered, *(one for one, _order in there if _has_ended(one, seen))),
        altered=altered,
    )


def heard(orders: tuple[VenueOrder, ...], file: TradeFile) -> tuple[Fact, ...]:
    """Return what orders that a stream told of say of a trade."""
    known = {one.client_id: one for one in file.intents}
    return tuple(
        Observed(client_id=known[order.client_id].client_id, order=order)  # type: ignore[index]
        for order in orders
        if order.client_id in known
    )


def acknowledges(order: VenueOrder, file: TradeFile) -> bool:
    """Return whether an order rests unfilled, and if it is the trade's, as it was asked for."""
    if order.status is not OrderStatus.WORKING or order.filled_size > 0:
        return False
    intent = file.intent(order.client_id)
    return intent is None or (intent.state.is_open and not _is_altered(intent, order))


def _has_ended(intent: OrderIntent, seen: OpenOrders) -> bool:
    ended = (IntentState.CANCELLED, IntentState.EXPIRED)
    return intent.state in ended and intent.updated_us < seen.asked_us


def _is_altered(intent: OrderIntent, order: VenueOrder) -> bool:
    """Return whether somebody changed size or prices of an order that we placed."""
    request = intent.request
    pairs = ((request.price, order.price), (request.trigger_price, order.trigger_price))
    is_moved = any(
        ours is not None and theirs is not None and ours != theirs for ours, theirs in pairs
    )
    return is_moved or order.size != request.size


def _disowned(order: VenueOrder) -> VenueOrder:
    """Return an order as one that protects nothing any more: it is replaced first, then cancelled."""
    return VenueOrder(
        client_id=order.client_id,
        venue_id=order.venue_id,
        symbol=order.symbol,
        side=order.side,
        kind=order.kind,
        is_reducing=order.is_reducing,
        size=order.size,
        filled_size=order.filled_size,
        status=OrderStatus.CANCELLED,
        price=order.price,
        trigger_price=order.trigger_price,
        average_price=order.average_price,
        updated_us=order.updated_us,
        text="changed by hand",
    )
