"""Exits on spot that a look-up did not find: what may be sold again without selling too much.

Nothing keeps a spot sell to reducing but the balance: it is taken whole, or refused where less than
its size is free. A second order for the same units is harmless as long as the account has too few
other units to fill both: whichever comes second is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Situation
from snipersight.bot.executor.managing.amounts import lot_of
from snipersight.bot.executor.managing.legs import (
    is_fresh,
    is_unsettled,
    is_working,
    open_of,
    rest_of,
)
from snipersight.domain.execution import Leg, OrderIntent

_ZERO: Final = Decimal(0)
_MOST_SUMS: Final = 1000  # beyond it the question is not answered: the doubt is waited out
_EXITS: Final = (Leg.TARGET, Leg.STOP, Leg.FLATTEN)

Lists = dict[tuple[Leg, int, int], tuple[OrderIntent, ...]]


def is_doubtful(order: OrderIntent, situation: Situation) -> bool:
    """Return whether units are to be disposed of as if an order were not there.

    That is so where what else the account has of the coin was asked for, after nobody found the
    order, and it is not too early for that.
    """
    is_asked = situation.spare is not None
    return is_asked and is_unsettled(order) and not is_fresh(order, situation)


def standing(situation: Situation, *legs: Leg) -> tuple[OrderIntent, ...]:
    """Return the open orders of some legs that hold their units, or must be taken to."""
    return tuple(one for one in open_of(situation, *legs) if not is_doubtful(one, situation))


def lists_of(orders: Iterable[OrderIntent]) -> Lists:
    """Return exits by what ties the same units up: target and stop of one generation, or one order.

    The keys are leg (that of a target for both), index and generation.
    """
    lists: Lists = {}
    for one in orders:
        leg = Leg.TARGET if one.leg is Leg.STOP else one.leg
        key = leg, one.index, one.generation
        lists[key] = (*lists.get(key, ()), one)
    return lists


def tied(situation: Situation) -> Decimal:
    """Return the base units that open targets and stops tie up; a pair ties its units up once."""
    return _sum_of(standing(situation, Leg.TARGET, Leg.STOP))


def is_bounded(situation: Situation, sizes: Iterable[Decimal]) -> bool:
    """Return whether no more than is held can be sold, whichever doubtful orders come through.

    Every set of orders that the balance would cover is added up, those without the new ones too:
    its sum must be within what is held, or beyond all that the account has. Less than a lot that is
    not the trade's is nothing: it is what fees left over, and no order could sell it.

    Args:
        situation: of the trade.
        sizes: base units of the new orders.
    """
    spare, orders = situation.spare, open_of(situation, *_EXITS)
    if spare is None or not any(is_doubtful(one, situation) for one in orders):
        return True
    if spare < lot_of(situation.instrument):
        return True
    most = situation.held + spare
    sums = {_ZERO}
    for size in (*(_rest(one) for one in lists_of(orders).values()), *sizes):
        sums |= {total + size for total in sums if total + size <= most}
        if len(sums) > _MOST_SUMS:
            return False
    return all(total <= situation.held for total in sums)


def selling(situation: Situation) -> Decimal:
    """Return the base units that market orders sell, or must be taken to."""
    return rest_of(standing(situation, Leg.FLATTEN))


def surely_selling(situation: Situation) -> Decimal:
    """Return the base units of market orders that are seen, or too new to be looked up.

    What others should have sold needs a stop, sooner or later.
    """
    sales = open_of(situation, Leg.FLATTEN)
    return rest_of(one for one in sales if is_working(one) or is_fresh(one, situation))


def _sum_of(orders: Iterable[OrderIntent]) -> Decimal:
    return sum((_rest(one) for one in lists_of(orders).values()), _ZERO)


def _rest(orders: tuple[OrderIntent, ...]) -> Decimal:
    return max(one.rest for one in orders)
