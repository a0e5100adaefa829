"""Exits on spot: target and stop of the same units as one list, because each alone ties them up.

Every unit held belongs to one pair. A pair is never changed: it is cancelled, and the units it
freed go into the next one at once.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Action, Place, Situation
from snipersight.bot.executor.managing.amounts import has_reached, is_protectable, usable
from snipersight.bot.executor.managing.doubts import (
    Lists,
    is_bounded,
    lists_of,
    selling,
    standing,
    surely_selling,
    tied,
)
from snipersight.bot.executor.managing.legs import (
    cancel_each,
    is_working,
    latest,
    may_try,
    next_generation,
    open_of,
)
from snipersight.bot.executor.managing.ordering import stop_intent, target_intent
from snipersight.bot.executor.managing.shares import target_sizes
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.venue import Reason

_ZERO: Final = Decimal(0)


def pair_exits(situation: Situation) -> tuple[Action, ...]:
    """Return what brings the exits to one pair for each target's share of what is held."""
    total = _total(situation)
    if situation.trade.exit_reason or total == 0:
        why = "everything is being closed" if total else "nothing is held"
        return _cancelled(situation, lists_of(open_of(situation, Leg.TARGET, Leg.STOP)), why)
    sizes = target_sizes(situation, total)
    wrong = [index for index in range(len(sizes)) if not _is_right(situation, index, sizes[index])]
    unfit = {key: one for key, one in _pairs(situation).items() if key[1] in wrong}
    doubled = {key: one for key, one in _superseded(situation).items() if key[1] not in wrong}
    return (
        *_cancelled(situation, unfit, "its share of the position or the stop changed"),
        *_cancelled(situation, doubled, "another one took its place"),
        *_placed(situation, wrong, sizes, usable(situation) - selling(situation) - tied(situation)),
    )


def _total(situation: Situation) -> Decimal:
    """Return the base units that belong in pairs: what no market order is selling.

    What one that nobody finds should have sold stays in a pair where it was put into one.
    """
    sold = surely_selling(situation)
    room = max(usable(situation) - sold, _ZERO)
    lost = selling(situation) - sold
    return max(room - lost, min(tied(situation), room))


def _pairs(situation: Situation) -> Lists:
    return lists_of(standing(situation, Leg.TARGET, Leg.STOP))


def _chosen(situation: Situation, index: int) -> tuple[OrderIntent, ...]:
    """Return the exits of an index that count: the newest that are at work, else the newest.

    An earlier generation may turn up after it was replaced because nobody had found it.
    """
    own = [one for key, one in _pairs(situation).items() if key[1] == index]
    return max(own, key=lambda one: (_is_at_work(one), one[0].generation), default=())


def _is_at_work(orders: tuple[OrderIntent, ...]) -> bool:
    return any(is_working(one) for one in orders)


def _superseded(situation: Situation) -> Lists:
    """Return what is at work beside the exits that count."""
    return {
        key: one
        for key, one in _pairs(situation).items()
        if _is_at_work(one) and one != _chosen(situation, key[1])
    }


def _exits(situation: Situation, index: int) -> tuple[OrderIntent | None, OrderIntent | None]:
    """Return the target and the stop of an index that count."""
    by_leg = {one.leg: one for one in _chosen(situation, index)}
    return by_leg.get(Leg.TARGET), by_leg.get(Leg.STOP)


def _is_right(situation: Situation, index: int, size: Decimal) -> bool:
    target, stop = _exits(situation, index)
    if target is not None and stop is None and not is_protectable(situation):
        return True  # the last of a target that is being filled could not be ordered again
    if size == 0:
        return target is None and stop is None
    if target is not None and (target.rest != size or not _is_at_target(target, situation)):
        return False
    if stop is None:
        # Alone, a target is right only where price reached it: it fills there.
        return target is not None and target.pair_id is None and _is_reached(situation, index)
    return stop.rest == size and _belongs(situation, index, target=target, stop=stop)


def _belongs(
    situation: Situation, index: int, *, target: OrderIntent | None, stop: OrderIntent
) -> bool:
    """Return whether a stop is where it should be, and its target with it or watched from here."""
    if stop.request.trigger_price != situation.trade.stop_price:
        return False
    if target is None:
        return stop.pair_id is None and not _is_reached(situation, index)
    return stop.pair_id == target.client_id


def _is_at_target(target: OrderIntent, situation: Situation) -> bool:
    return target.request.price == situation.trade.exits[target.index].price


def _is_reached(situation: Situation, index: int) -> bool:
    quote, trade = situation.quote, situation.trade
    return quote is not None and has_reached(quote.last, trade.exits[index].price, trade.direction)


def _cancelled(situation: Situation, lists: Lists, why: str) -> tuple[Action, ...]:
    asked: list[OrderIntent] = []
    for orders in lists.values():
        first = min(orders, key=lambda one: one.leg is not Leg.TARGET)
        # The venue cancels both of a pair when it is asked for one.
        others = [one for one in orders if one is not first]
        asked += [first, *(one for one in others if one.pair_id != first.client_id)]
    return cancel_each(situation, asked, why)


def _placed(
    situation: Situation, indexes: list[int], sizes: tuple[Decimal, ...], free: Decimal
) -> tuple[Action, ...]:
    placed: list[Action] = []
    taken: list[Decimal] = []
    for index in indexes:
        size = sizes[index]
        is_room = not _chosen(situation, index) and 0 < size <= free - sum(taken, _ZERO)
        is_possible = is_room and _may_try(situation, index)
        if is_possible and is_bounded(situation, (*taken, size)):
            placed.append(Place(intents=_orders(situation, size, index)))
            taken.append(size)
    return tuple(placed)


def _may_try(situation: Situation, index: int) -> bool:
    newest = [latest(situation, leg, index) for leg in (Leg.TARGET, Leg.STOP)]
    # Where our cancel of one ended the pair, the other was never asked for: no failure, no pause.
    if any(one is not None and one.cancel_us is not None for one in newest):
        return True
    return may_try(situation, Leg.STOP, index) and may_try(situation, Leg.TARGET, index)


def _orders(situation: Situation, size: Decimal, index: int) -> tuple[OrderIntent, ...]:
    generation = next_generation(situation, Leg.TARGET, Leg.STOP, index=index)
    target = target_intent(situation, size, index=index, generation=generation)
    stop = stop_intent(situation, size, index=index, generation=generation)
    if _is_reached(situation, index):
        return (target,)
    if _is_pair_refused(situation, index):
        return (stop,)
    return (
        replace(target, pair_id=stop.client_id),
        replace(stop, pair_id=target.client_id),
    )


def _is_pair_refused(situation: Situation, index: int) -> bool:
    """Return whether the venue definitely would not take the last pair, or the lone stop after it.

    A stop alone protects where a list of two is refused; its target is then watched from here.
    """
    last = latest(situation, Leg.STOP, index)
    if last is None or last.state is not IntentState.REFUSED or last.may_retry:
        return last is not None and last.pair_id is None
    # Units that something else ties up are refused to a lone stop too.
    return last.reason not in (Reason.WOULD_TRIGGER, Reason.FUNDS)
