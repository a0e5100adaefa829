"""Executed trades, their orders, fills and funding: 10 units at 100, the stop at 90."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.execution import (
    BookedFill,
    Exit,
    Leg,
    ManagementRules,
    Mode,
    OrderIntent,
    Trade,
    TradeId,
)
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.orders import (
    ClientOrderId,
    Fill,
    FundingPayment,
    OrderKind,
    OrderRequest,
    Side,
)
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Currency, Price, Size, Symbol
from snipersight.domain.venue import Environment

SYMBOL = "BTC/USDT:USDT"
AT_US = 1_700_000_000_000_000


def a_trade(trade_id: str = "trade-1", symbol: str = SYMBOL, **overrides: Any) -> Trade:
    """Return a staged trade of the account `main` in a simulated market."""
    values: dict[str, Any] = {
        "trade_id": TradeId(trade_id),
        "account_id": "main",
        "plan_id": PlanId(f"plan-{trade_id}"),
        "setup_id": SetupId(f"setup-{trade_id}"),
        "venue": "sandbox",
        "environment": Environment.SIMULATED,
        "mode": Mode.PAPER,
        "symbol": Symbol(symbol),
        "market": parse_symbol(symbol)[2],
        "direction": Direction.LONG,
        "size": Size(Decimal(10)),
        "leverage": Decimal(2),
        "entry_near": Price(Decimal(100)),
        "entry_mid": Price(Decimal("99.5")),
        "entry_far": Price(Decimal(99)),
        "initial_stop": Price(Decimal(90)),
        "exits": (
            Exit(price=Price(Decimal(110)), fraction=Decimal("0.5")),
            Exit(price=Price(Decimal(120)), fraction=Decimal("0.5")),
        ),
        "valid_until_us": AT_US + 3_600_000_000,
        "cost_per_unit": Decimal("0.1"),
        "risk_quote": Decimal(101),
        "atr": Decimal(2),
        "rules": ManagementRules(),
        "created_us": AT_US,
        "stop_price": Price(Decimal(90)),
    }
    return Trade(**(values | overrides))


def an_intent(
    client_id: str = "ss-a-E0-0", trade_id: str = "trade-1", **overrides: Any
) -> OrderIntent:
    """Return a journaled limit entry for 10 units at 100."""
    request = OrderRequest(
        client_id=ClientOrderId(client_id),
        symbol=Symbol(SYMBOL),
        direction=Direction.LONG,
        is_reducing=False,
        kind=OrderKind.LIMIT,
        size=Size(Decimal(10)),
        price=Price(Decimal(100)),
    )
    values: dict[str, Any] = {
        "client_id": ClientOrderId(client_id),
        "trade_id": TradeId(trade_id),
        "account_id": "main",
        "leg": Leg.ENTRY,
        "index": 0,
        "generation": 0,
        "request": request,
        "created_us": AT_US,
        "updated_us": AT_US,
    }
    return OrderIntent(**(values | overrides))


def a_booked_fill(
    fill_id: str = "1",
    *,
    leg: Leg = Leg.ENTRY,
    size: str = "10",
    price: str = "100",
    fee: str = "0",
    net: str | None = None,
    side: Side | None = None,
    trade_id: str = "trade-1",
    symbol: str = SYMBOL,
    at_us: int = AT_US,
) -> BookedFill:
    """Return a fill of a long trade; an entry buys, an exit sells.

    Args:
        size, price, fee: as text; the fee is in quote currency.
        net: what it changed the position by, where the fee was kept back of that; the fee in
            quote currency is 0 then.
    """
    fill = Fill(
        fill_id=fill_id,
        client_id=f"ss-a-{leg}0-0",
        venue_id=f"v{fill_id}",
        symbol=Symbol(symbol),
        side=side or (Side.BUY if leg is Leg.ENTRY else Side.SELL),
        size=Size(Decimal(size)),
        price=Price(Decimal(price)),
        fee=Decimal(fee),
        fee_currency=Currency("USDT"),
        is_maker=True,
        at_us=at_us,
    )
    return BookedFill(
        trade_id=TradeId(trade_id),
        client_id=ClientOrderId(fill.client_id),
        leg=leg,
        fill=fill,
        net_size=Size(Decimal(net or size)),
        fee_quote=Decimal(0) if net else Decimal(fee),
    )


def a_payment(payment_id: str = "f1", amount: str = "-1.5", **overrides: Any) -> FundingPayment:
    """Return a funding payment in USDT."""
    values: dict[str, Any] = {
        "payment_id": payment_id,
        "symbol": Symbol(SYMBOL),
        "amount": Decimal(amount),
        "currency": Currency("USDT"),
        "at_us": AT_US,
    }
    return FundingPayment(**(values | overrides))
