"""From a fill as the venue tells it to what it does to the position and what it cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.execution import BookedFill, Leg, TradeId
from snipersight.domain.instrument import Instrument, MarketKind
from snipersight.domain.orders import ClientOrderId, Fill, Side
from snipersight.domain.units import Size

_ZERO: Final = Decimal(0)


def needs_rate(fill: Fill, instrument: Instrument) -> bool:
    """Return whether a fee was paid in a currency that is neither base nor quote."""
    return fill.fee != 0 and fill.fee_currency not in (instrument.base, instrument.quote)


def booked_fill(
    fill: Fill,
    instrument: Instrument,
    *,
    trade_id: TradeId,
    client_id: ClientOrderId,
    leg: Leg,
    rate: Decimal | None = None,
) -> BookedFill:
    """Return a fill as it goes into the ledger.

    The fee of a spot buy in base currency makes what was bought less; every other fee is counted
    in quote currency: one in the base currency at the fill's price, one in a third currency at
    its rate, or by the instrument's fee fraction where no rate is known.

    Args:
        fill: as the venue told it.
        instrument: its market.
        trade_id, client_id, leg: of the order.
        rate: quote currency for one unit of a third fee currency; None: unknown.
    """
    takes_base = (
        instrument.kind is MarketKind.SPOT
        and fill.side is Side.BUY
        and fill.fee_currency == instrument.base
        and _ZERO < fill.fee < fill.size
    )
    return BookedFill(
        trade_id=trade_id,
        client_id=client_id,
        leg=leg,
        fill=fill,
        net_size=Size(fill.size - fill.fee) if takes_base else fill.size,
        fee_quote=_ZERO if takes_base else _in_quote(fill, instrument, rate),
    )


def _in_quote(fill: Fill, instrument: Instrument, rate: Decimal | None) -> Decimal:
    if fill.fee == 0 or fill.fee_currency == instrument.quote:
        return fill.fee
    if fill.fee_currency == instrument.base:
        return fill.fee * fill.price
    if rate is not None:
        return fill.fee * rate
    fraction = _ZERO
    if instrument.fees is not None:
        fraction = instrument.fees.maker if fill.is_maker else instrument.fees.taker
    return fill.size * fill.price * fraction
