"""How a position is divided among its targets: shares on the lot that always sum to all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import Situation
from snipersight.bot.executor.managing.amounts import is_order, lot_of, stop_value_price
from snipersight.bot.executor.managing.legs import of_leg, open_of
from snipersight.domain.execution import Leg
from snipersight.domain.units import Size, to_size

_ZERO: Final = Decimal(0)

IsEnough = Callable[[Decimal], bool]


def target_sizes(situation: Situation, total: Decimal) -> tuple[Decimal, ...]:
    """Return the base units that each target still has to close, nearest first.

    The plan's fractions apply to the position before its targets were hit. A share that is too
    small for the venue goes to the next farther target, the last one's to the one before it.

    Args:
        situation: of the trade.
        total: base units to divide, a multiple of the lot; they are what the sizes sum to,
            unless all of it is too small: then every size is 0.
    """
    price, lot = stop_value_price(situation), lot_of(situation.instrument)

    def is_enough(size: Decimal) -> bool:
        return is_order(size, price, situation.instrument)

    fractions = [one.fraction for one in situation.trade.exits]
    filled = _filled(situation)
    shares = _merged(_divided(total + sum(filled, _ZERO), fractions, lot), is_enough)
    wanted = _without(shares, filled, total)
    resting = {one.index: one.rest for one in open_of(situation, Leg.TARGET)}
    # What remains of an order that is being filled may be small: it is in the book already.
    return tuple(_merged(wanted, is_enough, resting=resting))


def _divided(base: Decimal, fractions: Sequence[Decimal], lot: Decimal) -> list[Decimal]:
    """Return shares of a size by cumulated fractions, each border rounded down to the lot."""
    borders = [
        to_size(base * sum(fractions[: n + 1], _ZERO), lot=lot) for n in range(len(fractions))
    ]
    borders[-1] = Size(base)
    return [upper - lower for lower, upper in zip([_ZERO, *borders], borders, strict=False)]


def _filled(situation: Situation) -> list[Decimal]:
    filled = [_ZERO] * len(situation.trade.exits)
    for one in of_leg(situation, Leg.TARGET):
        filled[one.index] += one.filled_size
    return filled


def _without(shares: list[Decimal], filled: list[Decimal], total: Decimal) -> list[Decimal]:
    """Return what of each share is left, so that all together are the total."""
    left, wanted = total, []
    for share, done in zip(shares, filled, strict=True):
        size = min(max(share - done, _ZERO), left)
        wanted.append(size)
        left -= size
    wanted[-1] += left
    return wanted


def _merged(
    sizes: list[Decimal], is_enough: IsEnough, *, resting: Mapping[int, Decimal] | None = None
) -> list[Decimal]:
    kept = list(sizes)
    rests = resting or {}

    def stands(index: int) -> bool:
        return kept[index] == rests.get(index) or is_enough(kept[index])

    for index in range(len(kept) - 1):
        if kept[index] and not stands(index):
            kept[index + 1] += kept[index]
            kept[index] = _ZERO
    _merge_last(kept, stands)
    return kept


def _merge_last(kept: list[Decimal], stands: Callable[[int], bool]) -> None:
    """Give a last share that is too small to the one before it, as far back as it takes."""
    last = len(kept) - 1
    while kept[last] and not stands(last):
        before = next((n for n in reversed(range(last)) if kept[n]), None)
        if before is None:
            kept[last] = _ZERO
            return
        kept[before] += kept[last]
        kept[last] = _ZERO
        last = before
