"""Builds intents: what is asked of the venue, under the id that leg and generation give it."""

from __future__ import annotations

from decimal import Decimal

from snipersight.bot.executor.actions import Situation
from snipersight.bot.executor.client_ids import client_order_id
from snipersight.bot.executor.managing.amounts import stop_limit_price, trigger_source
from snipersight.bot.executor.managing.legs import next_generation
from snipersight.domain.execution import Leg, OrderIntent, Trade
from snipersight.domain.orders import OrderKind, OrderRequest, TriggerSource
from snipersight.domain.units import Price, Size


def new_intent(
    trade: Trade,
    leg: Leg,
    *,
    index: int,
    generation: int,
    kind: OrderKind,
    size: Decimal,
    now_us: int,
    price: Price | None = None,
    trigger_price: Price | None = None,
    trigger: TriggerSource = TriggerSource.MARK,
    attached_stop: Price | None = None,
) -> OrderIntent:
    """Return an order of a trade as it is journaled; every leg but the entry reduces.

    Raises:
        ValueError: the request is impossible (see `OrderRequest`).
    """
    client_id = client_order_id(
        trade.account_id, trade.plan_id, leg, index=index, generation=generation
    )
    request = OrderRequest(
        client_id=client_id,
        symbol=trade.symbol,
        direction=trade.direction,
        is_reducing=leg is not Leg.ENTRY,
        kind=kind,
        size=Size(size),
        price=price,
        trigger_price=trigger_price,
        trigger_source=trigger,
        attached_stop=attached_stop,
    )
    return OrderIntent(
        client_id=client_id,
        trade_id=trade.trade_id,
        account_id=trade.account_id,
        leg=leg,
        index=index,
        generation=generation,
        request=request,
        created_us=now_us,
        updated_us=now_us,
    )


def stop_intent(
    situation: Situation, size: Decimal, *, index: int = 0, generation: int | None = None
) -> OrderIntent:
    """Return the next protective stop of an index, at the trade's stop price."""
    trade = situation.trade
    limit = stop_limit_price(
        trade.stop_price,
        trade.direction,
        instrument=situation.instrument,
        abilities=situation.abilities,
    )
    return new_intent(
        trade,
        Leg.STOP,
        index=index,
        generation=_generation(situation, Leg.STOP, index, generation),
        kind=OrderKind.STOP_MARKET if limit is None else OrderKind.STOP_LIMIT,
        size=size,
        now_us=situation.now_us,
        price=limit,
        trigger_price=trade.stop_price,
        trigger=trigger_source(situation),
    )


def target_intent(
    situation: Situation, size: Decimal, *, index: int, generation: int | None = None
) -> OrderIntent:
    """Return the next limit order of a target."""
    return new_intent(
        situation.trade,
        Leg.TARGET,
        index=index,
        generation=_generation(situation, Leg.TARGET, index, generation),
        kind=OrderKind.LIMIT,
        size=size,
        now_us=situation.now_us,
        price=situation.trade.exits[index].price,
    )


def market_exit(situation: Situation, size: Decimal, *, index: int) -> OrderIntent:
    """Return the next market order that closes part of the position."""
    return new_intent(
        situation.trade,
        Leg.FLATTEN,
        index=index,
        generation=next_generation(situation, Leg.FLATTEN, index=index),
        kind=OrderKind.MARKET,
        size=size,
        now_us=situation.now_us,
    )


def _generation(situation: Situation, leg: Leg, index: int, given: int | None) -> int:
    return next_generation(situation, leg, index=index) if given is None else given
