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
from snipersight.bot.executor.managing.legs import (
    cancel_each,
    latest,
    may_try,
    next_generation,
    open_of,
    rest_of,
)
from snipersight.bot.executor.managing.ordering import stop_intent, target_intent
from snipersight.bot.executor.managing.shares import target_sizes
from snipersight.domain.execution import IntentState, Leg, OrderIntent
from snipersight.domain.venue import Reason

_ZERO: Final = Decimal(0)


def pair_exits(situation: Situation) -> tuple[Action, ...]:
    """Return what brings the exits to one pair for each target's share of what is held."""
    selling = rest_of(open_of(situation, Leg.FLATTEN))
    total = max(usable(situation) - selling, _ZERO)
    if situation.trade.exit_reason or total == 0:
        why = "everything is being closed" if total else "nothing is held"
        return _cancelled(situation, range(len(situation.trade.exits)), why)
    sizes = target_sizes(situation, total)
    wrong = [index for index in range(len(sizes)) if not _is_right(situation, index, sizes[index])]
    return (
        *_cancelled(situation, wrong, "its share of the position or the stop changed"),
        *_placed(situation, wrong, sizes, total - tied(situation)),
    )


def tied(situation: Situation) -> Decimal:
    """Return the base units that open exits tie up; a pair ties its units up once."""
    return sum(
        (
            max(_rest(situation, Leg.TARGET, index), _rest(situation, Leg.STOP, index))
            for index in range(len(situation.trade.exits))
        ),
        _ZERO,
    )


def _rest(situation: Situation, leg: Leg, index: int) -> Decimal:
    return rest_of(one for one in open_of(situation, leg) if one.index == index)


def _exits(situation: Situation, index: int) -> tuple[OrderIntent | None, OrderIntent | None]:
    """Return the newest open target and stop of an index."""
    newest = (latest(situation, leg, index) for leg in (Leg.TARGET, Leg.STOP))
    target, stop = (one if one and one.state.is_open else None for one in newest)
    return target, stop


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


def _cancelled(situation: Situation, indexes: range | list[int], why: str) -> tuple[Action, ...]:
    asked: list[OrderIntent] = []
    for index in indexes:
        target, stop = _exits(situation, index)
        # The venue cancels both of a pair when it is asked for one.
        asked += [one for one in (target or stop,) if one is not None]
        if target and stop and stop.pair_id != target.client_id:
            asked.append(stop)
    return cancel_each(situation, asked, why)


def _placed(
    situation: Situation, indexes: list[int], sizes: tuple[Decimal, ...], free: Decimal
) -> tuple[Action, ...]:
    placed = []
    for index in indexes:
        size = sizes[index]
        is_clear = _exits(situation, index) == (None, None)
        if is_clear and 0 < size <= free and _may_try(situation, index):
            placed.append(Place(intents=_orders(situation, size, index)))
            free -= size
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
    return last.reason is not Reason.WOULD_TRIGGER
