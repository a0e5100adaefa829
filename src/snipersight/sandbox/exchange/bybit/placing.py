"""Reading what an order asks for, as Bybit reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Price, Size, Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk, Note
from snipersight.sandbox.exchange.bybit.fields import Fields
from snipersight.sandbox.exchange.bybit.names import (
    BybitSide,
    BybitType,
    PositionIdx,
    TimeInForce,
    TriggerBy,
    kind_of,
)
from snipersight.sandbox.exchange.bybit.refusals import (
    Refusal,
    bad_parameter,
    not_simulated,
    nothing_to_reduce,
)

_RISES, _FALLS = "1", "2"


class Aim(NamedTuple):
    """What an order does to which position."""

    direction: Direction
    is_reducing: bool
    idx: PositionIdx
    is_buy: bool


def read_order(
    fields: Fields, symbol: Symbol, *, desk: Desk, account: str
) -> tuple[OrderRequest, Note]:
    """Return what is asked for, and what to remember of it.

    Raises:
        Refusal: Bybit would not understand it, or the sandbox does not simulate it.
    """
    aim = read_aim(fields, is_hedged=desk.is_hedged(account))
    kind = _kind(fields, aim)
    watches = fields.choice("triggerBy", TriggerBy, TriggerBy.LAST)
    stop, stop_by = _stop_loss(fields, aim), fields.choice("slTriggerBy", TriggerBy, TriggerBy.LAST)
    if stop is not None and kind.is_conditional and stop_by is not watches:
        raise not_simulated("a stopLoss that watches another price than its order")
    request = OrderRequest(
        client_id=ClientOrderId(fields.link_id()),
        symbol=symbol,
        direction=aim.direction,
        is_reducing=aim.is_reducing,
        kind=kind,
        size=_size(fields, aim, symbol, desk=desk, account=account),
        price=_price(fields, "price") if kind.has_price else None,
        trigger_price=_price(fields, "triggerPrice") if kind.is_conditional else None,
        trigger_source=(watches if kind.is_conditional else stop_by).source,
        attached_stop=stop,
    )
    note = Note(
        created_us=desk.world.clock(),
        idx=aim.idx,
        time_in_force=_time_in_force(fields, kind).value,
        trigger_by=watches,
        stop_loss=stop,
        stop_loss_by=stop_by,
        closes_on_trigger=fields.flag("closeOnTrigger"),
        last_price=desk.world.tape.last.get(symbol),
    )
    return request, note


def read_aim(fields: Fields, *, is_hedged: bool) -> Aim:
    """Return what an order does to which position.

    Raises:
        Refusal: side, position and position mode contradict one another.
    """
    is_buy = fields.choice("side", BybitSide) is BybitSide.BUY
    idx = read_idx(fields, is_hedged=is_hedged)
    must_reduce = fields.flag("reduceOnly") or fields.flag("closeOnTrigger")
    if idx is PositionIdx.ONE_WAY:
        is_long = is_buy is not must_reduce
        return Aim(Direction.LONG if is_long else Direction.SHORT, must_reduce, idx, is_buy)
    direction = Direction.LONG if idx is PositionIdx.HEDGE_BUY else Direction.SHORT
    is_reducing = is_buy is not (direction is Direction.LONG)
    if must_reduce and not is_reducing:
        raise nothing_to_reduce()
    return Aim(direction, is_reducing, idx, is_buy)


def read_idx(fields: Fields, *, is_hedged: bool) -> PositionIdx:
    """Return which position is meant.

    Raises:
        Refusal: the account's position mode has no such position.
    """
    number = fields.whole("positionIdx", 0)
    if number > 2 or (number == 0) is is_hedged:
        raise Refusal(10001, "position idx not match position mode")
    return PositionIdx(number)


def _kind(fields: Fields, aim: Aim) -> OrderKind:
    type_ = fields.choice("orderType", BybitType)
    if fields.positive("triggerPrice") is None:
        return kind_of(type_, is_buy=aim.is_buy, rises=None)
    direction = fields.optional("triggerDirection")
    if direction not in (_RISES, _FALLS):
        raise bad_parameter("triggerDirection")
    return kind_of(type_, is_buy=aim.is_buy, rises=direction == _RISES)


def _price(fields: Fields, name: str) -> Price:
    price = fields.positive(name)
    if price is None:
        raise bad_parameter(name)
    return Price(price)


def _size(fields: Fields, aim: Aim, symbol: Symbol, *, desk: Desk, account: str) -> Size:
    """Return the size of an order; 0 that closes on trigger is all that is open."""
    size = fields.number("qty")
    if size:
        return Size(size)
    if not (aim.is_reducing and fields.flag("closeOnTrigger")):
        raise Refusal(10001, "Qty invalid")
    position = desk.position(account, symbol, aim.idx)
    if position is None or position.direction is not aim.direction:
        raise nothing_to_reduce()
    return position.size


def _stop_loss(fields: Fields, aim: Aim) -> Price | None:
    """Return the stop that an entry carries for its position."""
    if fields.positive("takeProfit") is not None:
        raise not_simulated("takeProfit")
    stop: Decimal | None = fields.positive("stopLoss")
    if stop is None:
        return None
    if aim.is_reducing:
        raise Refusal(10001, "TP/SL can not be set in reduceOnly order")
    if fields.optional("tpslMode", "Full") != "Full" or (
        fields.optional("slOrderType", "Market") != "Market"
    ):
        raise not_simulated("a stopLoss other than tpslMode Full at market")
    return Price(stop)


def _time_in_force(fields: Fields, kind: OrderKind) -> TimeInForce:
    """Return how long an order stays: at market Bybit always says IOC."""
    asked = fields.choice("timeInForce", TimeInForce, TimeInForce.GTC)
    if not kind.has_price:
        return TimeInForce.IOC
    if asked not in (TimeInForce.GTC, TimeInForce.IOC):
        raise not_simulated(f"timeInForce {asked.value}")
    if asked is TimeInForce.IOC and kind.is_conditional:
        raise not_simulated("timeInForce IOC with a trigger")
    return asked
