"""What Binance USD-M is sent for an order, and its positions and payments as ours."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from snipersight.domain.direction import Direction
from snipersight.domain.orders import (
    FundingPayment,
    OrderRequest,
    Quote,
    TriggerSource,
    VenuePosition,
)
from snipersight.domain.units import Currency, Price, Size, Symbol, plain
from snipersight.market.venues.binance_algo import TYPES
from snipersight.market.venues.binance_rows import Row
from snipersight.market.venues.numbers import decimal_of, price_of, us_of


def order_fields(request: OrderRequest, *, market_id: str, is_hedged: bool) -> Mapping[str, object]:
    """Return what is sent for an order: exact numbers as text, in the words of its service."""
    fields: dict[str, object] = {
        "symbol": market_id,
        "side": request.side.value.upper(),
        "type": TYPES[request.kind],
        "quantity": plain(request.size),
    }
    if is_hedged:
        # There the side of the position keeps an exit from opening the opposite one.
        fields["positionSide"] = request.direction.value
    elif request.is_reducing:
        fields["reduceOnly"] = "true"
    if request.price is not None:
        fields |= {"price": plain(request.price), "timeInForce": "GTC"}
    if request.trigger_price is None:
        return fields | {"newClientOrderId": request.client_id, "newOrderRespType": "RESULT"}
    is_mark = request.trigger_source is TriggerSource.MARK
    return fields | {
        "algoType": "CONDITIONAL",
        "clientAlgoId": request.client_id,
        "triggerPrice": plain(request.trigger_price),
        "workingType": "MARK_PRICE" if is_mark else "CONTRACT_PRICE",
    }


def position_of(row: Row, symbol: Symbol) -> VenuePosition:
    """Return a position that is not empty."""
    amount = decimal_of(row, "positionAmt")
    side = str(row.get("positionSide", "BOTH"))
    direction = Direction.of_sign(1 if amount > 0 else -1) if side == "BOTH" else Direction(side)
    return VenuePosition(
        symbol=symbol,
        direction=direction,
        size=Size(abs(amount)),
        entry_price=Price(decimal_of(row, "entryPrice")),
        mark_price=price_of(row, "markPrice"),
        leverage=_leverage(row),
        is_isolated=_is_isolated(row),
        liquidation_price=price_of(row, "liquidationPrice"),
    )


def _leverage(row: Row) -> Decimal | None:
    if (stated := decimal_of(row, "leverage")) > 0:
        return stated
    # The newer answer names the margin instead; leverages are whole numbers here.
    margin = decimal_of(row, "positionInitialMargin")
    if margin <= 0:
        return None
    return (abs(decimal_of(row, "notional")) / margin).quantize(Decimal(1))


def _is_isolated(row: Row) -> bool | None:
    if (stated := row.get("marginType")) is not None:
        return str(stated).lower() == "isolated"
    if "isolatedWallet" not in row and "isolatedMargin" not in row:
        return None
    return decimal_of(row, "isolatedWallet", "isolatedMargin") != 0


def quote_of(symbol: Symbol, last: Row, mark: Row) -> Quote:
    """Return the prices of a market.

    Args:
        symbol: ours.
        last: with the last price.
        mark: with the mark price.
    """
    return Quote(
        symbol=symbol,
        last=Price(decimal_of(last, "price")),
        mark=Price(decimal_of(mark, "markPrice")),
        at_us=max(us_of(last, "time"), us_of(mark, "time")),
    )


def payment_of(row: Row, symbol: Symbol) -> FundingPayment:
    """Return one payment of an account's list of income."""
    return FundingPayment(
        payment_id=str(row["tranId"]),
        symbol=symbol,
        amount=decimal_of(row, "income"),
        currency=Currency(str(row["asset"])),
        at_us=us_of(row, "time"),
    )
