"""Orders, executions and positions are read exactly as the venues wrote them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid
from snipersight.domain.orders import OrderKind, OrderStatus, Side, TriggerSource
from snipersight.domain.units import Size, Symbol, plain
from snipersight.market.venues import binance_spot, binance_usdm_rows, bybit_rows
from snipersight.market.venues.binance_algo import (
    conditional_of,
    followed,
    streamed_conditional,
)
from snipersight.market.venues.binance_rows import order_of, streamed_fill, streamed_order
from snipersight.market.venues.numbers import decimal_of, flag_of, price_of, us_of
from tests.builders.venue_contract import LONG, PERPETUAL, SHORT, a_stop, an_order
from tests.unit.market.venues.protocol import needs_protocol, recorded

SPOT = Symbol("BTC/USDT")
BINANCE = "binance_nautilus_fixtures.json"
BYBIT = "bybit_nautilus_fixtures.json"


def of(name: str, end: str) -> Any:
    """Return the recorded answer whose file name ends so."""
    [found] = [body for path, body in recorded(name).items() if path.endswith(end)]
    return found


@pytest.mark.parametrize(
    ("direction", "is_reducing", "side"),
    [(LONG, False, "BUY"), (LONG, True, "SELL"), (SHORT, False, "SELL"), (SHORT, True, "BUY")],
)
def test_complaint_26_an_exit_is_never_an_entry_in_any_mode(direction, is_reducing, side):
    request = an_order("E0-0", direction=direction, is_reducing=is_reducing, kind=OrderKind.MARKET)
    fields = binance_usdm_rows.order_fields
    one_way = fields(request, market_id="BTCUSDT", is_hedged=False)
    assert (one_way["side"], one_way.get("reduceOnly")) == (side, "true" if is_reducing else None)
    assert "positionSide" not in one_way
    hedged = fields(request, market_id="BTCUSDT", is_hedged=True)
    assert (hedged["side"], hedged["positionSide"]) == (side, direction.value)
    assert "reduceOnly" not in hedged
    for is_hedged in (False, True):
        sent = bybit_rows.order_fields(request, market_id="BTCUSDT", is_hedged=is_hedged)
        assert (sent["side"], sent["reduceOnly"]) == (side.capitalize(), is_reducing)
        index = {Direction.LONG: 1, Direction.SHORT: 2}[direction] if is_hedged else 0
        assert sent["positionIdx"] == index


@pytest.mark.parametrize(
    ("direction", "kind", "turn"),
    [
        (LONG, OrderKind.STOP_MARKET, bybit_rows.FALLING),
        (SHORT, OrderKind.STOP_MARKET, bybit_rows.RISING),
        (LONG, OrderKind.TAKE_PROFIT_MARKET, bybit_rows.RISING),
        (SHORT, OrderKind.TAKE_PROFIT_MARKET, bybit_rows.FALLING),
    ],
)
def test_bybit_is_told_from_which_side_price_comes(direction, kind, turn):
    request = an_order(
        "S0-0",
        direction=direction,
        is_reducing=True,
        kind=kind,
        trigger="50000.50",
        source=TriggerSource.MARK,
    )
    sent = bybit_rows.order_fields(request, market_id="BTCUSDT", is_hedged=False)
    assert sent["triggerDirection"] == turn
    assert (sent["triggerPrice"], sent["triggerBy"]) == ("50000.5", "MarkPrice")
    assert (sent["orderType"], "price" in sent) == ("Market", False)


def test_an_attached_stop_is_a_market_order_for_the_whole_position():
    request = an_order("E0-0", price="50000", attached="49000.5", source=TriggerSource.MARK)
    sent = bybit_rows.order_fields(request, market_id="BTCUSDT", is_hedged=False)
    assert (sent["stopLoss"], sent["tpslMode"], sent["slTriggerBy"]) == (
        "49000.5",
        "Full",
        "MarkPrice",
    )
    assert "slOrderType" not in sent


def test_a_pair_names_the_higher_price_above_and_the_lower_below():
    target = an_order("T0-0", symbol=SPOT, is_reducing=True, price="52000.10")
    stop = an_order(
        "S0-0",
        symbol=SPOT,
        is_reducing=True,
        kind=OrderKind.STOP_LIMIT,
        trigger="48000",
        price="47520",
    )
    sent = binance_spot.pair_fields(target, stop, market_id="BTCUSDT")
    assert sent == {
        "symbol": "BTCUSDT",
        "side": "SELL",
        "quantity": "0.01",
        "listClientOrderId": "ss-abcdefghijklmnop-S0-0L",
        "aboveType": "LIMIT_MAKER",
        "aboveClientOrderId": "ss-abcdefghijklmnop-T0-0",
        "abovePrice": "52000.1",
        "belowType": "STOP_LOSS_LIMIT",
        "belowClientOrderId": "ss-abcdefghijklmnop-S0-0",
        "belowPrice": "47520",
        "belowStopPrice": "48000",
        "belowTimeInForce": "GTC",
        "newOrderRespType": "FULL",
    }


def test_a_stop_on_spot_is_a_market_order_where_it_may_be():
    stop = an_order(
        "S0-0", symbol=SPOT, is_reducing=True, kind=OrderKind.STOP_MARKET, trigger="48000"
    )
    sent = binance_spot.order_fields(stop, market_id="BTCUSDT")
    assert (sent["type"], sent["stopPrice"], sent["side"]) == ("STOP_LOSS", "48000", "SELL")
    assert "price" not in sent
    assert "timeInForce" not in sent


@given(st.decimals("0.00000001", "1000000", places=8))
def test_every_size_is_sent_digit_by_digit(size):
    request = an_order("E0-0", size=str(size), kind=OrderKind.MARKET)
    sent = (
        binance_spot.order_fields(request, market_id="X")["quantity"],
        binance_usdm_rows.order_fields(request, market_id="X", is_hedged=False)["quantity"],
        bybit_rows.order_fields(request, market_id="X", is_hedged=False)["qty"],
    )
    assert set(sent) == {plain(size)}
    assert Decimal(str(sent[0])) == size
    assert "E" not in str(sent[0])


def algo(**changes: Any) -> dict[str, Any]:
    row = {
        "algoId": 2148719,
        "clientAlgoId": "ss-abcdefghijklmnop-S0-0",
        "orderType": "STOP_MARKET",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "positionSide": "BOTH",
        "quantity": "0.010",
        "algoStatus": "NEW",
        "actualOrderId": "",
        "triggerPrice": "48000.00",
        "price": "0",
        "reduceOnly": True,
        "createTime": 1,
        "updateTime": 2,
    }
    return {**row, **changes}


def placed(**changes: Any) -> dict[str, Any]:
    row = {
        "orderId": 88,
        "clientOrderId": "made-by-the-venue",
        "status": "FILLED",
        "origQty": "0.010",
        "executedQty": "0.004",
        "avgPrice": "47990.5",
        "type": "MARKET",
        "side": "SELL",
        "positionSide": "BOTH",
        "reduceOnly": True,
        "price": "0",
        "updateTime": 5,
    }
    return {**row, **changes}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, OrderStatus.WORKING),
        ({"algoStatus": "TRIGGERING"}, OrderStatus.WORKING),
        ({"algoStatus": "TRIGGERED", "actualOrderId": "88"}, OrderStatus.WORKING),
        ({"algoStatus": "FINISHED", "actualOrderId": "88"}, OrderStatus.WORKING),
        ({"algoStatus": "FINISHED", "actualOrderId": "0"}, OrderStatus.EXPIRED),
        ({"algoStatus": "CANCELED"}, OrderStatus.CANCELLED),
        ({"algoStatus": "EXPIRED"}, OrderStatus.EXPIRED),
        ({"algoStatus": "REJECTED"}, OrderStatus.REJECTED),
    ],
)
def test_a_conditional_order_has_ended_only_when_its_service_says_so(changes, status):
    order = conditional_of(algo(**changes), PERPETUAL)
    assert (order.status, order.client_id) == (status, "ss-abcdefghijklmnop-S0-0")


def test_a_triggered_stop_is_what_it_placed_under_the_id_of_the_stop():
    order = conditional_of(algo(algoStatus="FINISHED", actualOrderId="88"), PERPETUAL)
    done = followed(order, order_of(placed(), PERPETUAL, is_spot=False))
    assert (done.client_id, done.venue_id) == ("ss-abcdefghijklmnop-S0-0", "88")
    assert (done.status, done.filled_size) == (OrderStatus.FILLED, Decimal("0.004"))
    assert (done.kind, done.trigger_price) == (OrderKind.STOP_MARKET, Decimal(48000))
    # Triggered is not flat: what it placed may have expired.
    gone = followed(
        order, order_of(placed(status="EXPIRED", executedQty="0"), PERPETUAL, is_spot=False)
    )
    assert (gone.status, gone.filled_size) == (OrderStatus.EXPIRED, Decimal(0))
    assert followed(order, None).status is OrderStatus.WORKING


def test_both_services_count_for_themselves():
    assert conditional_of(algo(algoId=88), PERPETUAL).venue_id == "algo-88"


def test_an_answer_to_a_cancel_names_the_cancelled_order():
    row = placed(origClientOrderId="ss-abcdefghijklmnop-E0-0", clientOrderId="the-cancels-own")
    assert order_of(row, PERPETUAL, is_spot=False).client_id == "ss-abcdefghijklmnop-E0-0"


def test_in_hedge_mode_the_side_of_the_position_says_what_reduces():
    long_exit = placed(positionSide="LONG", side="SELL", reduceOnly=False)
    short_entry = placed(positionSide="SHORT", side="SELL", reduceOnly=False)
    assert order_of(long_exit, PERPETUAL, is_spot=False).is_reducing
    assert not order_of(short_entry, PERPETUAL, is_spot=False).is_reducing


def test_words_of_a_venue_that_are_new_are_not_guessed():
    with pytest.raises(DataInvalid, match="BRAND_NEW"):
        order_of(placed(status="BRAND_NEW"), PERPETUAL, is_spot=False)
    with pytest.raises(DataInvalid, match="BRAND_NEW"):
        order_of(placed(type="BRAND_NEW"), PERPETUAL, is_spot=False)
    with pytest.raises(DataInvalid, match="quantity"):
        conditional_of(algo(quantity="NaN"), PERPETUAL)


def test_numbers_are_read_exactly_or_not_at_all():
    assert decimal_of({"a": "", "b": None, "c": "0.1"}, "a", "b", "c") == Decimal("0.1")
    assert decimal_of({}, "a") == 0
    assert price_of({"a": "0.00"}, "a") is None
    assert us_of({"a": 1_700_000_000_123}, "a") == 1_700_000_000_123_000
    assert flag_of({"a": True}, "a")
    assert flag_of({"a": "true"}, "a")
    assert not flag_of({"a": "false"}, "a")
    for wrong in ("abc", "Infinity"):
        with pytest.raises(DataInvalid):
            decimal_of({"a": wrong}, "a")


@needs_protocol
def test_recorded_binance_streams_are_read() -> None:
    row = of(BINANCE, "futures/user_data_json/order_update_trade_partial.json")["o"]
    order = streamed_order(row, PERPETUAL, client_id="TEST", is_spot=False)
    assert (order.size, order.filled_size) == (Decimal("0.002"), Decimal("0.001"))
    assert (order.status, order.price) == (OrderStatus.WORKING, Decimal("7100.50"))
    fill = streamed_fill(row, PERPETUAL, client_id="TEST", fee_currency="")
    assert fill is not None
    assert (fill.fill_id, fill.fee, fill.fee_currency) == ("12345678", Decimal("0.01"), "USDT")
    assert (fill.is_maker, fill.at_us) == (True, 1_568_879_465_651_000)
    liquidation = of(BINANCE, "order_update_calculated.json")["o"]
    assert streamed_fill(liquidation, PERPETUAL, client_id="", fee_currency="") is not None
    news = of(BINANCE, "futures/user_data_json/order_update_new.json")["o"]
    assert streamed_fill(news, PERPETUAL, client_id="", fee_currency="") is None


@needs_protocol
def test_a_recorded_stop_that_triggered_and_was_not_filled_did_not_fill() -> None:
    row = of(BINANCE, "ws_futures_algo_update_finished_canceled.json")["data"]["o"]
    order = streamed_conditional(row, PERPETUAL, at_us=1)
    assert (order.status, order.filled_size) == (OrderStatus.EXPIRED, Decimal(0))
    done = of(BINANCE, "ws_futures_algo_update_finished.json")["data"]["o"]
    filled = streamed_conditional(done, PERPETUAL, at_us=1)
    assert (filled.status, filled.filled_size) == (OrderStatus.FILLED, Decimal(38))
    assert (filled.venue_id, filled.average_price) == ("88937381063", Decimal("0.13856"))


@needs_protocol
def test_every_recorded_binance_order_event_is_read() -> None:
    count = 0
    for path, body in recorded(BINANCE).items():
        frame = body.get("data", body) if isinstance(body, dict) else {}
        frame = frame.get("event", frame) if isinstance(frame, dict) else {}
        kind = frame.get("e") if isinstance(frame, dict) else None
        if kind in ("executionReport", "ORDER_TRADE_UPDATE"):
            is_spot = kind == "executionReport"
            row = frame if is_spot else frame["o"]
            order = streamed_order(row, SPOT, client_id="", is_spot=is_spot)
            assert order.size == Decimal(row["q"]), path
            count += 1
    assert count > 30


@needs_protocol
def test_recorded_bybit_answers_are_read() -> None:
    rows = of(BYBIT, "http_get_orders_realtime_tp_sl.json")["result"]["list"]
    kinds = [bybit_rows.order_of(row, PERPETUAL).kind for row in rows]
    assert kinds == [OrderKind.TAKE_PROFIT_MARKET, OrderKind.STOP_LIMIT]
    [half] = of(BYBIT, "http_get_order_partially_filled_rejected.json")["result"]["list"]
    order = bybit_rows.order_of(half, PERPETUAL)
    assert (order.status, order.filled_size) == (OrderStatus.REJECTED, Decimal("0.005"))
    assert order.text == "INSUFFICIENT_MARGIN"
    executions = of(BYBIT, "http_get_executions.json")["result"]["list"]
    fill = bybit_rows.execution_of(executions[0], PERPETUAL, quote="USDT")
    assert (fill.size, fill.fee, fill.side) == (Decimal("0.1"), Decimal("0.015"), Side.BUY)
    long, short = of(BYBIT, "http_get_positions.json")["result"]["list"][:2]
    assert bybit_rows.position_of(long, PERPETUAL, is_isolated=True).size == Decimal("0.5")
    held = bybit_rows.position_of(short, PERPETUAL, is_isolated=True)
    assert (held.direction, held.leverage, held.is_isolated) == (SHORT, Decimal(5), True)


def test_bybit_says_whether_it_or_we_ended_an_order():
    row = {
        "orderId": "a",
        "orderLinkId": "b",
        "side": "Buy",
        "orderType": "Market",
        "qty": "1",
        "cumExecQty": "0",
        "triggerPrice": "",
        "orderStatus": "Cancelled",
        "cancelType": "CancelByUser",
        "rejectReason": "EC_PerCancelRequest",
    }
    ours = bybit_rows.order_of(row, PERPETUAL)
    assert (ours.status, ours.text) == (OrderStatus.CANCELLED, "")
    theirs = bybit_rows.order_of({**row, "cancelType": "CancelByReduceOnly"}, PERPETUAL)
    assert (theirs.status, theirs.text) == (OrderStatus.EXPIRED, "CancelByReduceOnly")


def test_bybit_counts_funding_that_was_paid_as_a_fee():
    row = {"execId": "f1", "execFee": "0.7", "execTime": "1700000000000", "feeCurrency": ""}
    paid = bybit_rows.payment_of(row, PERPETUAL, quote="USDT")
    assert (paid.amount, paid.currency) == (Decimal("-0.7"), "USDT")


def test_the_size_of_a_stop_is_that_of_its_request():
    sent = binance_usdm_rows.order_fields(
        a_stop("S0-0", trigger="48000"), market_id="BTCUSDT", is_hedged=False
    )
    assert Size(Decimal(str(sent["quantity"]))) == Decimal("0.01")
    assert "closePosition" not in sent
