"""Whether recorded prices lie on the price step a rule book states."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from snipersight.domain.candles import Floats
from snipersight.domain.units import exact, plain

# After a venue coarsens its tick, orders resting on the old one still trade for weeks: a few
# prices in a hundred at first. A tick that is really finer shows in every second price at least.
_STRAY_SHARE: Final = 0.05
_ENOUGH_LEVELS: Final = 50  # chance of 50 levels being all even: 1e-15


def tick_problem(tick: Decimal, prices: Floats) -> str | None:
    """Return why recorded prices contradict a tick, or None if they agree.

    Two contradictions exist: prices between the ticks (it is finer) and prices on every second,
    fifth or tenth tick only (it is coarser; judged from 50 different prices on).

    Args:
        tick: stated price step, above 0.
        prices: recorded prices, any order.
    """
    units, is_on = _in_ticks(tick, prices)
    if len(prices) == 0:
        return None
    if np.mean(~is_on) > _STRAY_SHARE:
        first = exact(float(prices[np.argmin(is_on)]))
        return f"{np.mean(~is_on):.0%} of them lie between its ticks, such as {plain(first)}"
    levels = np.unique(units[is_on])
    if len(levels) < _ENOUGH_LEVELS:
        return None
    for factor in (10, 5, 2):
        if np.mean(levels % factor == 0) >= 1 - _STRAY_SHARE:
            return f"nearly all lie on multiples of {plain(tick * factor)}"
    return None


def _in_ticks(tick: Decimal, prices: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return prices in whole ticks and whether each is exactly so many ticks."""
    places = max(0, -int(tick.normalize().as_tuple().exponent))
    scale = 10.0**places
    step = int(tick.scaleb(places))
    decimal_units = np.rint(prices * scale)
    is_on = (decimal_units / scale == prices) & (decimal_units % step == 0)
    return (decimal_units // step).astype(np.int64), is_on


def digits_tick(price: float, digits: int) -> Decimal:
    """Return the price step at a venue that quotes so many significant digits (5: 62,271; 2,088.4).

    Args:
        price: above 0.
        digits: significant digits, at least 1.
    """
    return Decimal(1).scaleb(max(exact(price).adjusted() - digits + 1, -8))


def digits_problem(digits: int, prices: Floats) -> str | None:
    """Return why recorded prices contradict a number of significant digits, or None."""
    places = digits - 1 - np.floor(np.log10(prices)).astype(np.int64)
    for count in np.unique(places):
        some = prices[places == count]
        tick = digits_tick(float(some[0]), digits)
        _, is_on = _in_ticks(tick, some)
        if len(some) and np.mean(~is_on) > _STRAY_SHARE:
            first = exact(float(some[np.argmin(is_on)]))
            return f"{plain(first)} has more than {digits} digits"
    return None
