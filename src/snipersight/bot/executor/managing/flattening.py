"""Closes everything at market once that was decided, again and again until nothing is held."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Alarm, Place, Situation
from snipersight.bot.executor.managing.amounts import can_close, stop_value_price, usable
from snipersight.bot.executor.managing.doubts import is_bounded, is_doubtful, tied
from snipersight.bot.executor.managing.legs import (
    is_fresh,
    is_unsettled,
    may_try,
    open_of,
)
from snipersight.bot.executor.managing.ordering import market_exit
from snipersight.domain.execution import Leg, OrderIntent
from snipersight.domain.units import Size, plain

ALL: Final = 0  # index of an order that closes everything
EXCESS: Final = 1  # index of an order that closes what is too much
_ALARMING: Final = 3  # tries that did not close it


def flatten(situation: Situation) -> tuple[Action, ...]:
    """Return the market order that closes what is held, if that was decided and none is on its way.

    One whose outcome is unknown is waited for; where an order can be kept to reducing, only until
    the next look-up is due: at worst the second finds nothing to reduce. On spot, only until the
    account is known to have too little for both.
    """
    if not situation.trade.exit_reason:
        return ()
    size = free_to_sell(situation)
    if not _can_sell(size, situation) or not may_try(situation, Leg.FLATTEN, ALL):
        return ()
    size = _capped(size, situation)
    if not is_bounded(situation, (size,)):
        return ()
    order = market_exit(situation, size, index=ALL)
    return (Place(intents=(order,)), *_alarms(order, situation))


def free_to_sell(situation: Situation) -> Size:
    """Return what of the position a market order may close now; 0 while another one may fill.

    On spot, what open exits tie up cannot be sold.
    """
    if any(_blocks(one, situation) for one in open_of(situation, Leg.FLATTEN)):
        return Size(Decimal(0))
    held = usable(situation)
    if not situation.abilities.pairs_exits:
        return held
    return Size(max(held - tied(situation), Decimal(0)))


def _blocks(order: OrderIntent, situation: Situation) -> bool:
    if not situation.abilities.has_reduce_only:
        return not is_doubtful(order, situation)
    return not is_unsettled(order) or is_fresh(order, situation)


def _can_sell(size: Decimal, situation: Situation) -> bool:
    quote = situation.quote
    price = stop_value_price(situation) if quote is None else quote.last
    return can_close(size, price, situation.instrument)


def _capped(size: Size, situation: Situation) -> Size:
    most = situation.instrument.max_market_size
    return size if most is None else Size(min(size, most))


def _alarms(order: OrderIntent, situation: Situation) -> tuple[Action, ...]:
    if order.generation != _ALARMING:
        return ()
    text = (
        f"{situation.trade.symbol}: {plain(situation.held)} is still held after "
        f"{_ALARMING} market orders; it is tried again. Look at the venue."
    )
    return (Alarm(subject=f"not_flat:{situation.trade.trade_id}", text=text),)
