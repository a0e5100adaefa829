"""The same facts in a mirrored or scaled market, for the mirror law and the scale law."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from snipersight.analysis.facts import PriceZone, Reading
from snipersight.analysis.momentum import Momentum
from snipersight.analysis.smc.later import Later
from snipersight.domain.direction import Direction

T = TypeVar("T")

# Every field of the facts that holds a price, and those that hold a distance between prices.
_PRICES = {"close", "origin", "extreme", "price", "level", "protected", "low", "high"}
_PRICES |= {"swing_low", "swing_high"}
_DISTANCES = {"atr"}
_SIGNS = {"internal_trend", "swing_trend", "trend", "balance", "lowest", "highest"}
# Fields whose prices swap places: a mirrored low is a high.
_SWAPPED = {
    PriceZone: {"low": "high", "high": "low"},
    Reading: {"swing_low": "swing_high", "swing_high": "swing_low"},
    Momentum: {"lowest": "highest", "highest": "lowest"},
}


def mirrored(facts: T, *, about: float) -> T:
    """Return the facts (or momentum, or leader) of the market whose prices are `about - price`.

    Exact where both are dyadic numbers of moderate size.
    """
    turned: T = _turned(facts, lambda price: about - price, lambda distance: distance, flip=True)
    return turned


def scaled(facts: T, *, by: float) -> T:
    """Return the facts of the market whose prices are `price * by`; exact for powers of two."""
    turned: T = _turned(facts, lambda price: price * by, lambda atr: atr * by, flip=False)
    return turned


def _turned(value: Any, price: Any, distance: Any, *, flip: bool) -> Any:
    if isinstance(value, tuple | Later):
        return tuple(_turned(item, price, distance, flip=flip) for item in value)
    if flip and isinstance(value, Direction):
        return value.opposite
    if not is_dataclass(value) or isinstance(value, type):
        return value
    swaps = _SWAPPED.get(type(value), {}) if flip else {}
    changes: dict[str, Any] = {}
    for field in fields(value):
        old = getattr(value, swaps.get(field.name, field.name))
        if old is None:
            changes[field.name] = None
        elif field.name in _PRICES:
            changes[field.name] = price(old)
        elif field.name in _DISTANCES:
            changes[field.name] = distance(old)
        elif flip and field.name in _SIGNS:
            changes[field.name] = -old
        else:
            changes[field.name] = _turned(old, price, distance, flip=flip)
    return type(value)(**changes)
