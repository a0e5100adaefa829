"""An order's life at the venues' own practice environments; runs when asked for, with keys.

    SNIPERSIGHT_TEST_BINANCEUSDM_DEMO_KEY=… SNIPERSIGHT_TEST_BINANCEUSDM_DEMO_SECRET=… \\
        pytest -m network tests/integration/test_venue_network.py
"""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from snipersight.domain.instrument import Instrument
from snipersight.domain.orders import ClientOrderId, OrderKind, OrderRequest, OrderStatus
from snipersight.domain.units import Price, Rounding, Size, Symbol, on_step
from snipersight.domain.venue import Environment, EventKind, FindingLevel, Reason
from snipersight.market.venues import VenueConfig, open_venue
from tests.builders.venue_contract import LONG, Ears, ended

WORLDS = [
    ("binance", Environment.TESTNET, Symbol("BTC/USDT")),
    ("binance", Environment.DEMO, Symbol("BTC/USDT")),
    ("binanceusdm", Environment.DEMO, Symbol("BTC/USDT:USDT")),
    ("bybit", Environment.TESTNET, Symbol("BTC/USDT:USDT")),
    ("bybit", Environment.DEMO, Symbol("BTC/USDT:USDT")),
]


def keys_of(venue: str, environment: Environment) -> tuple[str, str]:
    """Return key and secret from the environment; the test is skipped without."""
    name = f"SNIPERSIGHT_TEST_{venue}_{environment}".upper()
    key, secret = os.environ.get(f"{name}_KEY", ""), os.environ.get(f"{name}_SECRET", "")
    if not key or not secret:
        pytest.skip(f"needs {name}_KEY and {name}_SECRET")
    return key, secret


@pytest.mark.network
@pytest.mark.parametrize(("name", "environment", "symbol"), WORLDS)
async def test_an_order_rests_is_found_and_is_cancelled(name, environment, symbol):
    key, secret = keys_of(name, environment)
    venue = open_venue(
        VenueConfig(venue=name, environment=environment, api_key=key, api_secret=secret)
    )
    ears = Ears(venue)
    try:
        findings = await venue.preflight([symbol])
        failed = [each for each in findings if each.level is FindingLevel.FAILED]
        assert failed == []
        await ears.until(EventKind.CONNECTED)
        request = await far_order(venue, symbol)
        assert await venue.submit(request)
        try:
            found = await ended(venue, request, OrderStatus.WORKING)
            assert (found.size, found.price) == (request.size, request.price)
            await ears.until(EventKind.ORDER, client_id=request.client_id)
        finally:
            await venue.cancel(symbol, request.client_id, is_conditional=False)
        await ended(venue, request, OrderStatus.CANCELLED)
        again = await venue.cancel(symbol, request.client_id, is_conditional=False)
        assert again.problem is not None
        assert again.problem.reason is Reason.NOT_FOUND
    finally:
        await ears.close()
        await venue.close()


async def far_order(venue, symbol: Symbol) -> OrderRequest:
    """Return a small buy five percent below the price, where nobody meets it."""
    rules: Instrument = (await venue.instruments())[symbol]
    assert rules.tick is not None
    assert rules.lot is not None
    quote = await venue.quote(symbol)
    price = on_step(quote.last * Decimal("0.95"), rules.tick, Rounding.DOWN)
    nothing = Decimal(0)
    by_value = (rules.min_notional or nothing) * Decimal("1.2") / price
    least = max(by_value, rules.min_size or nothing)
    stamp = await venue.now_us() // 1000
    return OrderRequest(
        client_id=ClientOrderId(f"ss-test-{stamp}"),
        symbol=symbol,
        direction=LONG,
        is_reducing=False,
        kind=OrderKind.LIMIT,
        size=Size(on_step(least, rules.lot, Rounding.UP)),
        price=Price(price),
    )
