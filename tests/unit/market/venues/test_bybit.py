"""What Bybit does differently, on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import StopRests
from snipersight.market.venues.base import CcxtVenue
from tests.builders.venue_contract import PERPETUAL, a_stop, an_order
from tests.fakes.exchange_server import bybit_market
from tests.fakes.scripted_venue_wire import VenueWire

SPOT = Symbol("BTC/USDT")
LEVERAGE = "POST /v5/position/set-leverage"
MODE = "POST /v5/account/set-margin-mode"
TARGET = an_order("T0-0", symbol=SPOT, is_reducing=True, price="52000")
STOP = an_order("S0-0", symbol=SPOT, is_reducing=True, kind=OrderKind.STOP_MARKET, trigger="48000")


def bybit(code: int = 0, **result: Any) -> dict[str, Any]:
    return {"retCode": code, "retMsg": f"code {code}", "result": result, "time": 1}


def bybit_order(**changes: Any) -> dict[str, Any]:
    row = {
        "symbol": "BTCUSDT",
        "orderId": "u-1",
        "orderLinkId": "ss-abcdefghijklmnop-E0-0",
        "side": "Buy",
        "orderType": "Limit",
        "price": "49500.10",
        "qty": "0.01",
        "cumExecQty": "0",
        "orderStatus": "New",
        "updatedTime": "1700000000000",
    }
    return {**row, **changes}


@pytest.fixture
async def linear(tmp_path) -> AsyncIterator[tuple[VenueWire, CcxtVenue]]:
    async with VenueWire("bybit", tmp_path) as wire:
        wire.always("GET /v5/position/list", bybit(list=[{"positionIdx": 0, "size": "0"}]))
        wire.always("GET /v5/account/info", bybit(marginMode="ISOLATED_MARGIN"))
        venue = wire.open_venue()
        await venue.instruments()
        yield wire, venue
        await venue.close()


async def test_bybits_answer_is_an_acknowledgement_and_tells_nothing_more(linear):
    wire, venue = linear
    wire.tell("POST /v5/order/create", bybit(orderId="u-1", orderLinkId="x"))
    answer = await venue.submit(an_order("E0-0", size="0.010", price="49500.10"))
    assert (answer.problem, answer.order) == (None, None)
    [asked] = wire.requests("POST /v5/order/create")
    assert asked.host == "api-demo.bybit.com"
    assert (asked.fields["qty"], asked.fields["price"]) == ("0.01", "49500.1")
    assert asked.fields["orderLinkId"] == "ss-abcdefghijklmnop-E0-0"


async def test_an_order_is_looked_for_among_the_recent_and_then_in_the_history(linear):
    wire, venue = linear
    wire.tell("GET /v5/order/realtime", bybit(list=[]), bybit(list=[]))
    wire.tell(
        "GET /v5/order/history",
        bybit(list=[bybit_order(orderStatus="Filled", cumExecQty="0.01", avgPrice="49500")]),
        bybit(list=[]),
    )
    found = await venue.order(PERPETUAL, "ss-abcdefghijklmnop-E0-0", is_conditional=False)
    assert found is not None
    assert (found.status, found.filled_size) == (OrderStatus.FILLED, Decimal("0.01"))
    assert await venue.order(PERPETUAL, "ss-abcdefghijklmnop-E0-0", is_conditional=False) is None


async def test_every_page_of_open_orders_is_read_and_ended_ones_are_left_out(linear):
    wire, venue = linear
    attached = bybit_order(
        orderId="u-9",
        orderLinkId="",
        side="Sell",
        orderType="Market",
        orderStatus="Untriggered",
        stopOrderType="StopLoss",
        triggerPrice="48000",
        triggerDirection=2,
        closeOnTrigger=True,
    )
    wire.tell(
        "GET /v5/order/realtime",
        bybit(list=[bybit_order()], nextPageCursor="next"),
        bybit(
            list=[attached, bybit_order(orderId="u-2", orderStatus="Cancelled")],
            nextPageCursor="next",
        ),
        bybit(list=[], nextPageCursor=""),
    )
    first, second = await venue.open_orders()
    assert first.client_id == "ss-abcdefghijklmnop-E0-0"
    assert (second.client_id, second.kind, second.is_reducing) == ("", OrderKind.STOP_MARKET, True)
    coins = [asked.fields.get("settleCoin") for asked in wire.requests("GET /v5/order/realtime")]
    assert coins == ["USDT", "USDT", "USDC"]


async def test_leverage_that_is_so_already_is_harmless(linear):
    wire, venue = linear
    wire.tell(LEVERAGE, bybit(110043))
    assert await venue.prepare(PERPETUAL, leverage=Decimal(5))
    assert wire.requests(MODE) == []


async def test_the_margin_mode_of_an_empty_account_is_set_once(linear):
    wire, venue = linear
    wire.always("GET /v5/account/info", bybit(marginMode="REGULAR_MARGIN"))
    wire.always("GET /v5/order/realtime", bybit(list=[]))
    wire.tell(MODE, bybit())
    wire.tell(LEVERAGE, bybit(), bybit())
    for _ in range(2):
        assert await venue.prepare(PERPETUAL, leverage=Decimal(5))
    [asked] = wire.requests(MODE)
    assert asked.fields["setMarginMode"] == "ISOLATED_MARGIN"


async def test_the_margin_mode_is_not_touched_while_something_is_open(linear):
    wire, venue = linear
    wire.always("GET /v5/account/info", bybit(marginMode="REGULAR_MARGIN"))
    wire.always("GET /v5/order/realtime", bybit(list=[bybit_order(orderLinkId="by-hand")]))
    answer = await venue.prepare(PERPETUAL, leverage=Decimal(5))
    assert answer.problem is not None
    assert "by hand" in answer.problem.text
    assert wire.requests(MODE) == []
    assert wire.requests(LEVERAGE) == []


async def test_a_margin_mode_that_cannot_be_set_refuses_the_entry(linear):
    wire, venue = linear
    wire.always("GET /v5/account/info", bybit(marginMode="REGULAR_MARGIN"))
    wire.always("GET /v5/order/realtime", bybit(list=[]))
    wire.tell(MODE, bybit(3400045))
    answer = await venue.prepare(PERPETUAL, leverage=Decimal(5))
    assert answer.problem is not None
    assert answer.problem.code == "3400045"
    assert wire.requests(LEVERAGE) == []


async def test_complaint_26_bybits_position_mode_changed_by_hand_is_asked_for_again(linear):
    wire, venue = linear
    wrong = {**bybit(10001), "retMsg": "position idx not match position mode"}
    wire.tell("POST /v5/order/create", wrong, bybit(orderId="u-1"))
    wire.always("GET /v5/position/list", bybit(list=[{"positionIdx": 1}, {"positionIdx": 2}]))
    stop = a_stop("S0-0", trigger="48000")
    assert not await venue.submit(stop)
    assert await venue.submit(stop)
    first, second = wire.requests("POST /v5/order/create")
    assert (first.fields["positionIdx"], second.fields["positionIdx"]) == (0, 1)
    assert second.fields["reduceOnly"] is True


async def test_complaint_26_the_position_mode_is_each_markets_own_at_bybit(tmp_path):
    listed = [bybit_market(name, kind="linear") for name in ("BTC", "ETH")]
    one_way, hedged = {"positionIdx": 0, "size": "0"}, {"positionIdx": 2, "size": "0"}
    async with VenueWire("bybit", tmp_path) as wire:
        wire.always(
            "GET /v5/market/instruments-info",
            bybit(category="linear", list=listed, nextPageCursor=""),
        )
        wire.always("POST /v5/order/create", bybit(orderId="u-1"))
        wire.tell("GET /v5/position/list", bybit(list=[one_way]), bybit(list=[hedged]))
        venue = wire.open_venue()
        await venue.instruments()
        ether = Symbol("ETH/USDT:USDT")
        for symbol in (PERPETUAL, ether, ether):
            assert await venue.submit(an_order("E0-0", symbol=symbol, price="48000"))
        await venue.close()
        asked = [each.fields["symbol"] for each in wire.requests("GET /v5/position/list")]
        sent = [each.fields["positionIdx"] for each in wire.requests("POST /v5/order/create")]
        assert (asked, sent) == (["BTCUSDT", "ETHUSDT"], [0, 1, 1])


async def test_what_is_held_tells_its_position_mode(linear):
    wire, venue = linear
    row = {
        "symbol": "BTCUSDT",
        "positionIdx": 1,
        "side": "Buy",
        "size": "0.01",
        "avgPrice": "50000",
        "leverage": "5",
    }
    wire.tell("GET /v5/position/list", bybit(list=[row]), bybit(list=[]))
    assert len(await venue.positions()) == 1
    wire.tell("POST /v5/order/create", bybit(orderId="u-1"))
    assert await venue.submit(a_stop("S0-0", trigger="48000"))
    assert wire.requests("POST /v5/order/create")[0].fields["positionIdx"] == 1


async def test_funding_is_not_an_execution(linear):
    wire, venue = linear
    trade = {
        "execId": "e1",
        "orderId": "u-1",
        "orderLinkId": "ss-abcdefghijklmnop-E0-0",
        "side": "Buy",
        "execQty": "0.01",
        "execPrice": "50000",
        "execFee": "0.1",
        "execType": "Trade",
        "execTime": "1700000000001",
    }
    paid = {**trade, "execId": "f1", "execType": "Funding", "execFee": "-0.3"}
    wire.tell("GET /v5/execution/list", bybit(list=[paid, trade]), bybit(list=[paid]))
    [fill] = await venue.fills(PERPETUAL, since_us=await venue.now_us())
    assert (fill.fill_id, fill.fee_currency) == ("e1", "USDT")
    [payment] = await venue.funding(PERPETUAL, since_us=await venue.now_us())
    assert (payment.payment_id, payment.amount) == ("f1", Decimal("0.3"))
    assert wire.requests("GET /v5/execution/list")[1].fields["execType"] == "Funding"


async def test_bybit_stops_rest_with_the_fill(linear):
    _, venue = linear
    abilities = venue.capabilities(PERPETUAL)
    assert abilities.attaches_stop
    assert (abilities.stop_rests, abilities.max_conditional) == (StopRests.WITH_FILL, 10)
    answer = await venue.submit_pair(TARGET, STOP)
    assert not answer
