"""How the size of a trade is spread over its entry zone: near edge, middle, far edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from snipersight.bot.executor.managing.amounts import (
    is_order,
    lot_of,
    stop_limit_price,
    tick_of,
    towards_loss,
)
from snipersight.domain.execution import Trade
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.quick import quick
from snipersight.domain.units import Price, Size, to_size
from snipersight.domain.venue import VenueCapabilities

_ZERO: Final = Decimal(0)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One entry order.

    Args:
        index: 0 near edge, 1 middle, 2 far edge.
        price: its limit.
        size: base units, a multiple of the lot.
    """

    index: int
    price: Price
    size: Size


def slices(trade: Trade, instrument: Instrument, abilities: VenueCapabilities) -> tuple[Slice, ...]:
    """Return the entry orders of a trade; their sizes sum to at most the size approved.

    The mid and far shares are rounded down to the lot, the near one takes the rest. A slice that
    is too small for the venue, or on spot for being sold again at the stop, is merged into its
    neighbour towards the near edge.

    Returns:
        Near edge first; empty where not even the whole size makes an order that can be closed.
    """
    tick, lot = tick_of(instrument), lot_of(instrument)
    prices = [
        towards_loss(price, trade.direction, tick=tick)
        for price in (trade.entry_near, trade.entry_mid, trade.entry_far)
    ]
    sizes = _shares(trade, lot)
    allows = _Minimum(trade, instrument, abilities).allows
    kept: list[Slice] = []
    carried = _ZERO
    for index in reversed(range(len(prices))):
        size = sizes[index] + carried
        carried = _ZERO
        if allows(size, prices[index]):
            kept.insert(0, Slice(index=index, price=prices[index], size=Size(size)))
        else:
            carried = size
    return _merged_at_near(carried, kept, prices[0], allows=allows)


def _merged_at_near(
    size: Decimal, kept: list[Slice], price: Price, *, allows: Callable[[Decimal, Price], bool]
) -> tuple[Slice, ...]:
    """Return the slices with what was too small at the near edge made large enough there."""
    if size == 0:
        return tuple(kept)
    rest = list(kept)
    while rest:
        size += rest.pop(0).size
        if allows(size, price):
            return (Slice(index=0, price=price, size=Size(size)), *rest)
    return ()


def _shares(trade: Trade, lot: Decimal) -> list[Decimal]:
    fractions = trade.rules.entry_fractions
    sizes: list[Decimal] = [to_size(trade.size * fraction, lot=lot) for fraction in fractions]
    nearest = next(index for index, fraction in enumerate(fractions) if fraction > 0)
    sizes[nearest] += to_size(trade.size, lot=lot) - sum(sizes, _ZERO)
    return sizes


class _Minimum(NamedTuple):
    """What a slice must be worth."""

    trade: Trade
    instrument: Instrument
    abilities: VenueCapabilities

    def allows(self, size: Decimal, price: Decimal) -> bool:
        """Return whether the venue takes the entry, and an exit of what remains of it."""
        if size <= 0 or size * price < (self.instrument.min_notional or _ZERO):
            return False
        return is_order(self._left(size), self._stop(), self.instrument)

    def _left(self, size: Decimal) -> Decimal:
        # Spot venues may take the fee of a buy from what was bought.
        fees = self.instrument.fees
        if self.instrument.kind is not MarketKind.SPOT or fees is None:
            return size
        kept = size * (1 - max(fees.taker, fees.maker, _ZERO))
        return to_size(kept, lot=lot_of(self.instrument))

    def _stop(self) -> Price:
        stop, direction = self.trade.initial_stop, self.trade.direction
        limit = stop_limit_price(
            stop, direction, instrument=self.instrument, abilities=self.abilities
        )
        return stop if limit is None else min(limit, stop)
