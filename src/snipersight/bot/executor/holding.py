"""What a trade holds by all evidence there is: fills where they are known, orders where not yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.execution import BookedFill, Leg, OrderIntent
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import Side
from snipersight.domain.units import Price, Size

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What entries filled and exits have left of it.

    Args:
        held: base units in the position, at least 0.
        entered: base units filled by entries, fees in the base currency taken off.
        average_entry: of what was filled; None before.
        unbooked: client ids of orders of which the venue showed more filled than is booked.
    """

    held: Size
    entered: Size
    average_entry: Price | None
    unbooked: tuple[str, ...] = ()


def holding_of(
    intents: Iterable[OrderIntent], fills: Iterable[BookedFill], instrument: Instrument
) -> Holding:
    """Return what is held by the larger evidence, order by order.

    Args:
        intents: all orders of a trade.
        fills: all its booked fills, those of orders that were not ours too.
        instrument: its market; a spot buy whose fills are not known yet is taken to have paid its
            fee in the base currency, so that an exit never sells more than there is.
    """
    booked = _by_order(fills)
    entered, exited, value, bought = _ZERO, _ZERO, _ZERO, _ZERO
    unbooked = []
    for intent in intents:
        known = booked.pop(intent.client_id, _NOTHING)
        missing = max(intent.filled_size - known.gross, _ZERO)
        if missing > 0:
            unbooked.append(str(intent.client_id))
        if intent.leg is Leg.ENTRY:
            net = known.net + missing * _kept(intent, instrument)
            entered += net
            bought += known.gross + missing
            value += known.value + missing * (intent.average_price or intent.request.price or _ZERO)
        else:
            exited += known.net + missing
    exited += sum((one.net for one in booked.values()), _ZERO)
    return Holding(
        held=Size(max(entered - exited, _ZERO)),
        entered=Size(entered),
        # Over what was traded: the costs of a plan count the fee, in whatever it was paid.
        average_entry=Price(value / bought) if bought > 0 else None,
        unbooked=tuple(unbooked),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Executed:
    """Fills of one order added up: base units traded and moved, and their value."""

    gross: Decimal = _ZERO
    net: Decimal = _ZERO
    value: Decimal = _ZERO


_NOTHING: Final = _Executed()


def _by_order(fills: Iterable[BookedFill]) -> dict[str, _Executed]:
    sums: dict[str, _Executed] = {}
    for one in fills:
        known: Mapping[str, _Executed] = sums
        before = known.get(one.client_id, _NOTHING)
        sums[one.client_id] = _Executed(
            gross=before.gross + one.fill.size,
            net=before.net + one.net_size,
            value=before.value + one.fill.size * one.fill.price,
        )
    return sums


def _kept(intent: OrderIntent, instrument: Instrument) -> Decimal:
    """Return the share of an unbooked buy that surely remains after a fee in base currency."""
    is_spot_buy = instrument.kind is MarketKind.SPOT and intent.request.side is Side.BUY
    if not is_spot_buy or instrument.fees is None:
        return _ONE
    return _ONE - max(instrument.fees.taker, instrument.fees.maker, _ZERO)
