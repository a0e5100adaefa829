"""The filters of Binance spot, each at its border."""

from decimal import Decimal

import pytest

from snipersight.domain.orders import OrderKind
from snipersight.sandbox.exchange.binance.refusals import Refusal
from snipersight.sandbox.exchange.spot.rules import check_filters
from tests.builders.instruments import an_instrument
from tests.builders.venue_contract import SPOT, an_order

RULES = an_instrument(
    SPOT,
    lot="0.001",
    min_size=Decimal("0.002"),
    max_size=Decimal(9),
    max_market_size=Decimal(5),
    min_notional=Decimal(10),
)
LIMIT, MARKET = OrderKind.LIMIT, OrderKind.MARKET


def verdict(size: str, *, kind: OrderKind = LIMIT, price: str = "10000") -> str:
    """Return the name of the filter that does not let an order pass; empty if all do."""
    named = price if kind is LIMIT else None
    request = an_order("E0-0", symbol=SPOT, kind=kind, size=size, price=named)
    try:
        check_filters(request, RULES, last=Decimal(price))
    except Refusal as refusal:
        return refusal.what.removeprefix("Filter failure: ")
    return ""


@pytest.mark.parametrize(
    ("size", "kind", "expected"),
    [
        ("0.002", LIMIT, ""),
        ("0.001", LIMIT, "LOT_SIZE"),
        ("0.0025", LIMIT, "LOT_SIZE"),
        ("9", LIMIT, ""),
        ("9.001", LIMIT, "LOT_SIZE"),
        ("5", MARKET, ""),
        ("5.001", MARKET, "MARKET_LOT_SIZE"),
        ("9.001", MARKET, "LOT_SIZE"),
    ],
)
def test_sizes(size, kind, expected):
    assert verdict(size, kind=kind) == expected


@pytest.mark.parametrize(("price", "expected"), [("5000", ""), ("4999.99", "NOTIONAL")])
def test_the_least_value(price, expected):
    assert verdict("0.002", price=price) == expected
    assert verdict("0.002", kind=MARKET, price=price) == expected
