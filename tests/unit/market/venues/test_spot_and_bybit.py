"""What Binance spot and Bybit do differently, on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import FindingLevel, ProblemClass, Reason, StopRests
from snipersight.market.venues import binance_keys, bybit_keys
from snipersight.market.venues.base import CcxtVenue
from tests.builders.venue_contract import PERPETUAL, a_stop, an_order
from tests.fakes.exchange_server import bybit_market
from tests.fakes.scripted_venue_wire import Told, VenueWire

SPOT = Symbol("BTC/USDT")
OCO = "POST /api/v3/orderList/oco"
LEVERAGE = "POST /v5/position/set-leverage"
MODE = "POST /v5/account/set-margin-mode"
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
async def spot(tmp_path) -> AsyncIterator[tuple[VenueWire, CcxtVenue]]:
    async with VenueWire("binance", tmp_path) as wire:
        venue = wire.open_venue()
        await venue.instruments()
        yield wire, venue
        await venue.close()


@pytest.fixture
async def linear(tmp_path) -> AsyncIterator[tuple[VenueWire, CcxtVenue]]:
    async with VenueWire("bybit", tmp_path) as wire:
        wire.always("GET /v5/position/list", bybit(list=[{"positionIdx": 0, "size": "0"}]))
        wire.always("GET /v5/account/info", bybit(marginMode="ISOLATED_MARGIN"))
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


class OneAnswer:
    """Calls of which every one is answered the same."""

    def __init__(self, payload: Any) -> None:
        self._payload = payload

    async def ask(self, method: str, params: Any) -> Any:
        return self._payload


GOOD_BINANCE = {
    "enableFutures": True,
    "ipRestrict": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "permitsUniversalTransfer": False,
}
GOOD_BYBIT = {
    "readOnly": 0,
    "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": []},
    "ips": ["203.0.113.7"],
}


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, []),
        ({"enableFutures": False}, ["permissions"]),
        ({"enableWithdrawals": True}, ["withdrawal"]),
        ({"permitsUniversalTransfer": True}, ["withdrawal"]),
        ({"enableInternalTransfer": True}, ["withdrawal"]),
        ({"ipRestrict": False}, ["addresses"]),
        # What the venue does not say is not taken for a no.
        ({"enableWithdrawals": None}, ["withdrawal"]),
        ({"permitsUniversalTransfer": ""}, ["withdrawal"]),
    ],
)
async def test_a_binance_key_that_can_more_than_trade_fails(changes, failing):
    calls: Any = OneAnswer({**GOOD_BINANCE, **changes})
    found = await binance_keys.key_findings(calls, needs="enableFutures")
    assert [each.name for each in found if each.level is FindingLevel.FAILED] == failing


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({}, []),
        ({"readOnly": 1}, ["permissions"]),
        ({"permissions": {"ContractTrade": ["Order"], "Wallet": []}}, ["permissions"]),
        (
            {"permissions": {**GOOD_BYBIT["permissions"], "Wallet": ["Withdraw"]}},  # type: ignore[dict-item]
            ["withdrawal"],
        ),
        ({"permissions": {"ContractTrade": ["Order", "Position"]}}, ["withdrawal"]),
        ({"ips": ["*"]}, ["addresses"]),
        ({"ips": []}, ["addresses"]),
    ],
)
async def test_a_bybit_key_that_can_more_than_trade_fails(changes, failing):
    calls: Any = OneAnswer({"result": {**GOOD_BYBIT, **changes}})
    found = await bybit_keys.key_findings(calls)
    assert [each.name for each in found if each.level is FindingLevel.FAILED] == failing
