"""Requests leave once, exactly as meant, to the hosts that are meant; what comes back is understood."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from snipersight.domain.errors import VenueStopped, VenueUnavailable
from snipersight.domain.orders import OrderKind, OrderStatus
from snipersight.domain.units import Symbol
from snipersight.domain.venue import ProblemClass, Reason
from tests.builders.venue_contract import PERPETUAL, a_stop, an_order
from tests.fakes.exchange_server import usdm_market
from tests.fakes.scripted_venue_wire import KEY, SECRET, Told, VenueWire
from tests.fakes.venue_clients import until

ORDER = "POST /fapi/v1/order"
QUERY = "GET /fapi/v1/order"
TIME = "GET /fapi/v1/time"
TAKEN = {
    "orderId": 7,
    "symbol": "BTCUSDT",
    "status": "NEW",
    "clientOrderId": "ss-abcdefghijklmnop-E0-0",
    "price": "49500.10",
    "avgPrice": "0.00",
    "origQty": "0.010",
    "executedQty": "0",
    "type": "LIMIT",
    "origType": "LIMIT",
    "reduceOnly": False,
    "side": "BUY",
    "positionSide": "BOTH",
    "stopPrice": "0",
    "updateTime": 1_700_000_000_123,
}
ETHER = Symbol("ETH/USDT:USDT")
ENTRY = an_order("E0-0", price="49500.1")


@pytest.fixture
async def wire(tmp_path) -> AsyncIterator[VenueWire]:
    async with VenueWire("binanceusdm", tmp_path) as wire:
        wire.always("GET /fapi/v1/positionSide/dual", {"dualSidePosition": False})
        yield wire


@pytest.fixture
async def venue(wire):
    venue = wire.open_venue()
    await venue.instruments()
    await venue.now_us()
    yield venue
    await venue.close()


async def test_numbers_are_sent_as_they_are_and_the_answer_is_read_exactly(wire, venue):
    wire.tell(ORDER, TAKEN)
    answer = await venue.submit(an_order("E0-0", size="0.010", price="49500.10"))
    [asked] = wire.requests(ORDER)
    assert asked.host == "demo-fapi.binance.com"
    sent = {k: v for k, v in asked.fields.items() if k not in ("timestamp", "signature")}
    assert sent == {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "quantity": "0.01",
        "price": "49500.1",
        "timeInForce": "GTC",
        "newClientOrderId": "ss-abcdefghijklmnop-E0-0",
        "newOrderRespType": "RESULT",
        "recvWindow": "5000",
    }
    assert answer.order is not None
    assert (answer.order.venue_id, answer.order.price) == ("7", Decimal("49500.10"))
    assert answer.order.updated_us == 1_700_000_000_123_000


async def test_a_stop_goes_to_the_service_for_conditional_orders(wire, venue):
    wire.tell("POST /fapi/v1/algoOrder", Told(status=400, body={"code": -2021, "msg": "Order …"}))
    answer = await venue.submit(a_stop("S0-0", trigger="48000"))
    assert answer.problem is not None
    assert answer.problem.reason is Reason.WOULD_TRIGGER
    [asked] = wire.requests("POST /fapi/v1/algoOrder")
    assert asked.fields["clientAlgoId"] == "ss-abcdefghijklmnop-S0-0"
    assert (asked.fields["type"], asked.fields["algoType"]) == ("STOP_MARKET", "CONDITIONAL")
    assert (asked.fields["triggerPrice"], asked.fields["workingType"]) == (
        "48000",
        "CONTRACT_PRICE",
    )
    assert (asked.fields["reduceOnly"], asked.fields["quantity"]) == ("true", "0.01")
    assert "price" not in asked.fields


@pytest.mark.parametrize(
    "fault",
    [
        Told(is_dropped=True),
        Told(body=TAKEN, keep=30),
        Told(status=502, body="<html>Bad Gateway</html>"),
        Told(status=503, body={"code": 0, "msg": "Unknown error, please check your request"}),
        Told(status=504, body=""),
        Told(status=400, body={"code": -1007, "msg": "Timeout waiting for response"}),
        Told(body="<html>maintenance</html>"),
        Told(body=TAKEN, delay_s=1.0),
    ],
    ids=["dropped", "cut", "502", "503", "504", "-1007", "no JSON", "late"],
)
async def test_complaint_17_what_may_have_been_done_is_unknown_and_never_sent_again(
    wire, venue, fault
):
    wire.tell(ORDER, fault)
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.UNKNOWN
    assert len(wire.requests(ORDER)) == 1


async def test_complaint_18_a_second_try_after_an_acceptance_is_a_duplicate(wire, venue):
    taken = {"code": -4116, "msg": "ClientOrderId is duplicated."}
    wire.tell(ORDER, Told(is_dropped=True), Told(status=400, body=taken))
    await venue.submit(ENTRY)
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.reason is Reason.DUPLICATE


async def test_a_cancel_goes_out_once_where_a_kept_connection_breaks(wire, venue):
    call = "DELETE /fapi/v1/order"
    wire.tell(call, Told(is_dropped=True), TAKEN)
    answer = await venue.cancel(PERPETUAL, ENTRY.client_id, is_conditional=False)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.UNKNOWN
    assert len(wire.requests(call)) == 1


async def test_a_request_that_found_nobody_was_certainly_not_done(wire, venue):
    await wire.__aexit__()
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert (answer.problem.kind, answer.problem.is_mapped) == (ProblemClass.RETRY_LATER, True)
    await wire.__aenter__()


async def test_what_is_taken_in_words_that_cannot_be_read_is_looked_up(wire, venue):
    wire.tell(ORDER, {**TAKEN, "status": "SOMETHING_NEW"})
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert (answer.problem.kind, answer.problem.is_mapped) == (ProblemClass.UNKNOWN, False)


async def test_a_question_is_asked_again_and_an_order_never(wire, venue):
    wire.tell(QUERY, Told(is_dropped=True), Told(status=502, body="<html>"), TAKEN)
    found = await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    assert found is not None
    assert len(wire.requests(QUERY)) == 3


async def test_a_question_that_is_never_answered_says_so(wire, venue):
    wire.tell(QUERY, *[Told(is_dropped=True)] * 3)
    with pytest.raises(VenueUnavailable, match="does not answer"):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    wire.tell(QUERY, {"orderId": 7})
    with pytest.raises(VenueUnavailable, match="cannot be read"):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)


async def test_complaint_24_a_wrong_clock_is_set_and_the_next_try_is_right(wire, venue):
    late = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
    wire.tell(ORDER, Told(status=400, body=late), TAKEN)
    wire.ahead_ms = 90_000
    first = await venue.submit(ENTRY)
    assert first.problem is not None
    assert first.problem.kind is ProblemClass.RETRY_LATER
    assert await venue.submit(ENTRY)
    before, after = (int(asked.fields["timestamp"]) for asked in wire.requests(ORDER))
    assert 89_000 < after - before < 92_000


async def test_complaint_27_while_the_venue_limits_us_nothing_is_sent(wire, venue):
    wire.tell(
        QUERY, Told(status=429, headers={"Retry-After": "30"}, body={"code": -1003, "msg": "…"})
    )
    with pytest.raises(VenueUnavailable):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.RETRY_LATER
    assert 25_000_000 < (answer.problem.retry_after_us or 0) <= 30_000_000
    assert wire.requests(ORDER) == []


async def test_complaint_27_an_order_leaves_as_soon_as_a_limit_of_a_moment_is_over(wire, venue):
    wire.tell(
        QUERY, Told(status=429, headers={"Retry-After": "1"}, body={"code": -1003, "msg": "…"})
    )
    wire.tell(ORDER, TAKEN)
    asked = asyncio.create_task(venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False))
    await until(lambda: venue.calls._pace.limited_s > 0)
    began = time.monotonic()
    assert await venue.submit(ENTRY)
    assert time.monotonic() - began > 0.5
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)


async def test_complaint_27_after_a_ban_everything_stops(wire, venue):
    wire.tell(
        QUERY, Told(status=418, headers={"Retry-After": "300"}, body={"code": -1003, "msg": "…"})
    )
    with pytest.raises(VenueStopped):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.STOP
    with pytest.raises(VenueStopped):
        await venue.quote(PERPETUAL)
    assert len(wire.requests(QUERY)) == 1
    assert wire.requests(ORDER) == []


async def test_orders_pass_while_questions_save_the_budget(wire, venue):
    wire.tell(QUERY, Told(body=TAKEN, headers={"X-MBX-USED-WEIGHT-1M": "2300"}))
    await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    with pytest.raises(VenueUnavailable, match="budget"):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)
    wire.tell(ORDER, TAKEN)
    assert await venue.submit(ENTRY)


async def test_complaint_29_a_key_of_another_environment_stops_everything(wire, venue):
    wire.tell(ORDER, Told(status=401, body={"code": -2015, "msg": f"Invalid API-key {KEY}"}))
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.STOP
    assert KEY not in answer.problem.text


async def test_complaint_29_a_redirection_is_not_followed(wire, venue):
    wire.tell(QUERY, Told(status=302, headers={"Location": "https://fapi.binance.com/"}, body=""))
    with pytest.raises(VenueStopped, match=r"fapi\.binance\.com"):
        await venue.order(PERPETUAL, ENTRY.client_id, is_conditional=False)


async def test_complaint_29_an_address_of_another_world_is_refused_before_anything_leaves(
    wire, venue
):
    exchange = venue.client.open()
    exchange.urls["api"]["fapiPrivate"] = "https://fapi.binance.com/fapi/v1"
    answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.STOP
    assert wire.requests(ORDER) == []


async def test_no_secret_stands_in_a_message_or_a_log(wire, venue, caplog):
    with caplog.at_level(logging.DEBUG):
        wire.tell(ORDER, Told(is_dropped=True))
        answer = await venue.submit(ENTRY)
    assert answer.problem is not None
    for text in (answer.problem.text, repr(venue.config)):
        assert KEY not in text
        assert SECRET not in text
    assert SECRET not in caplog.text


async def test_a_key_that_was_pasted_with_a_line_end_is_hidden_too(wire):
    venue = wire.open_venue(api_key=f"{KEY}\n", api_secret=f" {SECRET}")
    assert venue.calls.masked(f"{KEY} and {SECRET}") == "*** and ***"
    await venue.close()


async def test_an_order_in_hedge_mode_names_the_position_instead_of_reduce_only(wire):
    wire.always("GET /fapi/v1/positionSide/dual", {"dualSidePosition": True})
    venue = wire.open_venue()
    try:
        wire.tell(ORDER, TAKEN)
        flatten = an_order("X0-0", is_reducing=True, kind=OrderKind.MARKET)
        await venue.submit(flatten)
        [asked] = wire.requests(ORDER)
        assert asked.fields["positionSide"] == "LONG"
        assert "reduceOnly" not in asked.fields
    finally:
        await venue.close()


async def test_an_order_waits_for_no_list_and_no_clock_that_is_old(wire, venue):
    wire.tell(ORDER, TAKEN)
    venue.time.doubt()
    venue._listed_at_ms = 0
    seen = len(wire.asked)
    await venue.submit(ENTRY)
    new = [f"{asked.method} {asked.path}" for asked in wire.asked[seen:]]
    assert new == [ORDER]


@pytest.mark.parametrize("listed", [[usdm_market("BTC", status="SETTLING")], []])
async def test_what_is_held_in_a_market_that_is_halted_is_still_known_by_its_name(
    wire, venue, listed
):
    other = usdm_market("ETH")
    wire.always("GET /fapi/v1/exchangeInfo", {"timezone": "UTC", "symbols": [*listed, other]})
    venue._listed_at_ms = 0
    assert PERPETUAL not in await venue.instruments()
    row = {"symbol": "BTCUSDT", "positionAmt": "0.01", "entryPrice": "50000"}
    wire.tell("GET /fapi/v3/positionRisk", [row])
    [position] = await venue.positions()
    assert position.symbol == PERPETUAL
    wire.tell(ORDER, TAKEN)
    assert await venue.submit(an_order("X0-0", is_reducing=True, kind=OrderKind.MARKET))
    wire.always("GET /fapi/v1/ticker/price", {"symbol": "ETHUSDT", "price": "3000", "time": 1})
    wire.always("GET /fapi/v1/premiumIndex", {"symbol": "ETHUSDT", "markPrice": "3000", "time": 1})
    assert set(await venue.quotes([PERPETUAL, ETHER])) == {ETHER}


async def test_complaint_25_a_position_mode_changed_by_hand_is_asked_for_again(wire, venue):
    wrong = {"code": -4061, "msg": "Order's position side does not match user's setting."}
    wire.tell(ORDER, Told(status=400, body=wrong), TAKEN)
    wire.always("GET /fapi/v1/positionSide/dual", {"dualSidePosition": True})
    assert not await venue.submit(ENTRY)
    assert await venue.submit(ENTRY)
    first, second = wire.requests(ORDER)
    assert "positionSide" not in first.fields
    assert second.fields["positionSide"] == "LONG"


async def test_executions_of_a_triggered_stop_carry_the_stops_id(wire, venue):
    trade = {
        "symbol": "BTCUSDT",
        "id": 5,
        "orderId": 88,
        "side": "SELL",
        "price": "47990.1",
        "qty": "0.010",
        "commission": "0.19",
        "commissionAsset": "USDT",
        "time": 1_700_000_000_000,
        "positionSide": "BOTH",
        "buyer": False,
        "maker": False,
    }
    algo = {"clientAlgoId": "ss-abcdefghijklmnop-S0-0", "actualOrderId": "88"}
    wire.tell("GET /fapi/v1/userTrades", [trade], [])
    wire.tell("GET /fapi/v1/allAlgoOrders", [algo])
    now_us = await venue.now_us()
    [fill] = await venue.fills(PERPETUAL, since_us=now_us - 60_000_000)
    assert fill.client_id == "ss-abcdefghijklmnop-S0-0"
    assert (fill.size, fill.fee) == (Decimal("0.010"), Decimal("0.19"))


async def test_the_cancel_of_a_triggered_stop_limit_cancels_what_it_placed(wire, venue):
    stop_id = "ss-abcdefghijklmnop-S0-0"
    algo = {
        "algoId": 5,
        "clientAlgoId": stop_id,
        "orderType": "STOP",
        "side": "SELL",
        "quantity": "0.010",
        "algoStatus": "TRIGGERED",
        "actualOrderId": "88",
        "triggerPrice": "48000",
        "price": "47520",
    }
    resting = {**TAKEN, "orderId": 88, "clientOrderId": "made-by-the-venue", "side": "SELL"}
    gone = {"code": -2011, "msg": "Unknown order sent."}
    wire.tell("DELETE /fapi/v1/algoOrder", Told(status=400, body=gone))
    wire.tell("GET /fapi/v1/algoOrder", algo)
    wire.tell(QUERY, resting)
    wire.tell("DELETE /fapi/v1/order", {**resting, "status": "CANCELED"})
    answer = await venue.cancel(PERPETUAL, stop_id, is_conditional=True)
    assert answer.order is not None
    assert (answer.order.client_id, answer.order.status) == (stop_id, OrderStatus.CANCELLED)
    [asked] = wire.requests("DELETE /fapi/v1/order")
    assert asked.fields["orderId"] == "88"


async def test_a_triggered_stop_whose_order_cannot_be_asked_for_is_unknown(wire, venue):
    gone = {"code": -2011, "msg": "Unknown order sent."}
    wire.tell("DELETE /fapi/v1/algoOrder", Told(status=400, body=gone))
    wire.tell("GET /fapi/v1/algoOrder", *[Told(is_dropped=True)] * 3)
    answer = await venue.cancel(PERPETUAL, "ss-abcdefghijklmnop-S0-0", is_conditional=True)
    assert answer.problem is not None
    assert answer.problem.kind is ProblemClass.UNKNOWN
