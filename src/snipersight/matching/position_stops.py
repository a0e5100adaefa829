"""The stop that the venue itself keeps for a whole position: set, moved, taken away."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.direction import Direction
from snipersight.domain.orders import OrderStatus, TriggerSource
from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason
from snipersight.matching.accounts import Account
from snipersight.matching.book_order import BookOrder
from snipersight.matching.checking import refuse, trigger_problem
from snipersight.matching.endings import end
from snipersight.matching.floor import Floor
from snipersight.matching.holding import attached_stop, keep_attached
from snipersight.matching.markets import Market
from snipersight.matching.positions import OpenPosition

_CANCELLED: Final = OrderStatus.CANCELLED
_UNCHANGED: Final = Answer(
    problem=Problem(kind=ProblemClass.HARMLESS, text="the position's stop is so already")
)


def set_position_stop(
    floor: Floor,
    account: Account,
    market: Market,
    direction: Direction,
    *,
    trigger: Decimal | None,
    source: TriggerSource,
    at_us: int,
) -> Answer:
    """Set or move a position's stop; None takes it away."""
    position = account.side(direction).get(market.symbol)
    if position is None:
        text = f"no {direction} position is open"
        return Answer(problem=refuse(Reason.NOTHING_TO_REDUCE, text))
    old = position.attached
    if _is_same(old, trigger, source):
        return _UNCHANGED
    if trigger is None:
        return _replace(floor, position, None, at_us=at_us)
    stop = attached_stop(floor, position, trigger=trigger, source=source, at_us=at_us)
    problem = _problem(stop)
    if problem is not None:
        return Answer(problem=problem)
    return _replace(floor, position, stop, at_us=at_us)


def _is_same(old: BookOrder | None, trigger: Decimal | None, source: TriggerSource) -> bool:
    if old is None or trigger is None:
        return old is None and trigger is None
    return old.trigger_price == trigger and old.trigger_source is source


def _problem(stop: BookOrder) -> Problem | None:
    trigger, tick = stop.trigger_price, stop.market.tick
    if trigger is not None and trigger % tick:
        return refuse(Reason.FILTER, f"price {trigger} is not on the tick {tick}")
    return trigger_problem(stop)


def _replace(floor: Floor, position: OpenPosition, stop: BookOrder | None, *, at_us: int) -> Answer:
    old = position.attached
    if old is not None:
        end(floor, old, _CANCELLED, at_us=at_us, text="replaced" if stop is not None else "")
    if stop is None:
        return Answer()
    keep_attached(floor, position, stop)
    return Answer(order=stop.shown())
