"""What Binance spot does differently, on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import ProblemClass, Reason
from snipersight.market.venues.base import CcxtVenue
from tests.builders.venue_contract import an_order
from tests.fakes.scripted_venue_wire import Told, VenueWire

SPOT = Symbol("BTC/USDT")
OCO = "POST /api/v3/orderList/oco"
TARGET = an_order("T0-0", symbol=SPOT, is_reducing=True, price="52000")
STOP = an_order("S0-0", symbol=SPOT, is_reducing=True, kind=OrderKind.STOP_MARKET, trigger="48000")


def spot_order(**changes: Any) -> dict[str, Any]:
    row = {
        "symbol": "BTCUSDT",
        "orderId": 10,
        "orderListId": 1,
        "clientOrderId": STOP.client_id,
        "transactTime": 1_700_000_000_000,
        "price": "0.00",
        "origQty": "0.01",
        "executedQty": "0",
        "cummulativeQuoteQty": "0",
        "status": "NEW",
        "type": "STOP_LOSS",
        "side": "SELL",
        "stopPrice": "48000.00",
    }
    return {**row, **changes}


@pytest.fixture
async def spot(tmp_path) -> AsyncIterator[tuple[VenueWire, CcxtVenue]]:
    async with VenueWire("binance", tmp_path) as wire:
        venue = wire.open_venue()
        await venue.instruments()
        yield wire, venue
        await venue.close()


async def test_a_pair_goes_out_as_one_list_and_both_ids_are_known(spot):
    wire, venue = spot
    above = spot_order(
        orderId=11, clientOrderId=TARGET.client_id, type="LIMIT_MAKER", price="52000"
    )
    wire.tell(OCO, {"orderListId": 1, "orderReports": [spot_order(), above]})
    answer = await venue.submit_pair(TARGET, STOP)
    assert answer.order is not None
    assert (answer.order.client_id, answer.order.kind) == (STOP.client_id, OrderKind.STOP_MARKET)
    [asked] = wire.requests(OCO)
    assert (asked.fields["belowType"], asked.fields["aboveType"]) == ("STOP_LOSS", "LIMIT_MAKER")
    assert venue.ids.client_id(SPOT, "11") == TARGET.client_id


async def test_a_pair_that_price_has_crossed_is_refused_as_such(spot):
    wire, venue = spot
    said = "The relationship of the prices for the orders is not correct."
    wire.tell(OCO, Told(status=400, body={"code": -2010, "msg": said}))
    answer = await venue.submit_pair(TARGET, STOP)
    assert answer.problem is not None
    assert answer.problem.reason is Reason.WOULD_TRIGGER


async def test_a_pair_of_different_units_never_leaves(spot):
    wire, venue = spot
    other = an_order("T0-0", symbol=SPOT, is_reducing=True, price="52000", size="0.02")
    answer = await venue.submit_pair(other, STOP)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.REFUSED
    assert wire.requests(OCO) == []


async def test_the_cancel_of_one_of_a_pair_tells_of_the_one_that_was_asked_for(spot):
    wire, venue = spot
    gone = {"status": "CANCELED", "clientOrderId": "the-cancels-own"}
    reports = [
        spot_order(**gone, origClientOrderId=TARGET.client_id, orderId=11),
        spot_order(**gone, origClientOrderId=STOP.client_id),
    ]
    wire.tell("DELETE /api/v3/order", {"orderListId": 1, "orderReports": reports})
    answer = await venue.cancel(SPOT, STOP.client_id, is_conditional=True)
    assert answer.order is not None
    assert (answer.order.client_id, answer.order.status) == (STOP.client_id, OrderStatus.CANCELLED)


async def test_spot_can_what_the_market_says(spot):
    _, venue = spot
    abilities = venue.capabilities(SPOT)
    assert (abilities.pairs_exits, abilities.has_stop_market) == (True, True)
    assert (abilities.has_reduce_only, abilities.has_mark) == (False, False)
    assert not venue.capabilities(Symbol("NO/USDT")).has_stop_market


async def test_spot_has_no_leverage_no_positions_and_no_funding(spot):
    _, venue = spot
    assert await venue.prepare(SPOT, leverage=Decimal(1))
    assert not await venue.prepare(SPOT, leverage=Decimal(2))
    assert await venue.positions() == ()
    assert await venue.funding(SPOT, since_us=0) == ()


async def test_executions_on_spot_are_named_by_our_ids(spot):
    wire, venue = spot
    trade = {
        "id": 1,
        "orderId": 10,
        "price": "48000.01",
        "qty": "0.00500",
        "commission": "0.000005",
        "commissionAsset": "BTC",
        "time": 1_700_000_000_000,
        "isBuyer": True,
        "isMaker": False,
    }
    wire.tell("GET /api/v3/myTrades", [trade, {**trade, "id": 2}])
    wire.tell("GET /api/v3/order", spot_order(status="FILLED"))
    found = await venue.fills(SPOT, since_us=await venue.now_us())
    assert [fill.client_id for fill in found] == [STOP.client_id] * 2
    assert (found[0].fee, found[0].fee_currency) == (Decimal("0.000005"), "BTC")
    assert len(wire.requests("GET /api/v3/order")) == 1


async def test_balances_count_what_orders_tie_up(spot):
    wire, venue = spot
    row = {"asset": "BTC", "free": "0.5", "locked": "0.25"}
    wire.tell(
        "GET /api/v3/account", {"balances": [row, {"asset": "X", "free": "0", "locked": "0"}]}
    )
    [balance] = await venue.balances()
    assert (balance.total, balance.free) == (Decimal("0.75"), Decimal("0.5"))
