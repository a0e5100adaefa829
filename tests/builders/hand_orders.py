"""Orders that somebody else places at the venue by hand."""

from decimal import Decimal

from snipersight.domain.direction import Direction
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest
from snipersight.domain.units import Price, Size, Symbol


def by_hand(
    client_id: str,
    size: str,
    *,
    is_reducing: bool = False,
    price: str | None = None,
    trigger: str | None = None,
    direction: Direction = Direction.LONG,
    symbol: str = "BTC/USDT:USDT",
) -> OrderRequest:
    """Return an order that somebody else places: a limit, a stop at a trigger, or at market."""
    kind = OrderKind.MARKET if price is None else OrderKind.LIMIT
    return OrderRequest(
        client_id=ClientOrderId(client_id),
        symbol=Symbol(symbol),
        direction=direction,
        is_reducing=is_reducing,
        kind=kind if trigger is None else OrderKind.STOP_MARKET,
        size=Size(Decimal(size)),
        price=None if price is None else Price(Decimal(price)),
        trigger_price=None if trigger is None else Price(Decimal(trigger)),
    )
