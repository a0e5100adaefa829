"""What each answer of a venue means: a table that a reader can check, then everything recorded."""

import json
from collections import Counter

import ccxt
import pytest

from snipersight.domain.errors import VenueStopped
from snipersight.domain.venue import ProblemClass, Reason
from snipersight.market.venues.problems import classify, classify_lost
from snipersight.market.venues.problems.classify import is_success
from tests.unit.market.venues.protocol import needs_protocol, recorded

REFUSED, LATER = ProblemClass.REFUSED, ProblemClass.RETRY_LATER
UNKNOWN, STOP, HARMLESS = ProblemClass.UNKNOWN, ProblemClass.STOP, ProblemClass.HARMLESS


def binance(code: int, message: str) -> str:
    return json.dumps({"code": code, "msg": message})


def bybit(code: int, message: str) -> str:
    return json.dumps({"retCode": code, "retMsg": message, "result": {}, "time": 1})


USDM = [
    (400, binance(-4116, "ClientOrderId is duplicated."), REFUSED, Reason.DUPLICATE),
    (400, binance(-2019, "Margin is insufficient."), REFUSED, Reason.FUNDS),
    (400, binance(-2021, "Order would immediately trigger."), REFUSED, Reason.WOULD_TRIGGER),
    (400, binance(-4142, "REJECT: take profit or stop …"), REFUSED, Reason.WOULD_TRIGGER),
    (400, binance(-2022, "ReduceOnly Order is rejected."), REFUSED, Reason.NOTHING_TO_REDUCE),
    (400, binance(-2011, "Unknown order sent."), REFUSED, Reason.NOT_FOUND),
    (400, binance(-2013, "Order does not exist."), REFUSED, Reason.NOT_FOUND),
    (400, binance(-4164, "Order's notional must be no smaller than 5"), REFUSED, Reason.FILTER),
    (400, binance(-1111, "Precision is over the maximum"), REFUSED, Reason.FILTER),
    (400, binance(-4045, "Reach max stop order limit."), REFUSED, Reason.TOO_MANY),
    (400, binance(-4120, "Order type not supported for this endpoint."), REFUSED, Reason.OTHER),
    (400, binance(-4061, "Order's position side does not match"), REFUSED, Reason.OTHER),
    (
        400,
        binance(-4140, "Invalid symbol status for opening position."),
        REFUSED,
        Reason.MARKET_CLOSED,
    ),
    (400, binance(-4046, "No need to change margin type."), HARMLESS, Reason.OTHER),
    (400, binance(-4059, "No need to change position side."), HARMLESS, Reason.OTHER),
    (400, binance(-1021, "Timestamp for this request is outside"), LATER, Reason.OTHER),
    (400, binance(-1007, "Timeout waiting for response"), UNKNOWN, Reason.OTHER),
    (503, binance(-1008, "Server is currently overloaded"), LATER, Reason.OTHER),
    (503, '{"code":0,"msg":"Service Unavailable."}', LATER, Reason.OTHER),
    # A server in between that says so may have passed the order on first.
    (504, "<h1>Service Unavailable: no answer in time</h1>", UNKNOWN, Reason.OTHER),
    (500, '{"code":-1000,"msg":"Service unavailable"}', UNKNOWN, Reason.OTHER),
    (503, "<html><h1>503 Service Unavailable</h1></html>", UNKNOWN, Reason.OTHER),
    (503, "Unknown error, please check your request or try again later.", UNKNOWN, Reason.OTHER),
    (502, "<html>Bad Gateway</html>", UNKNOWN, Reason.OTHER),
    (504, "", UNKNOWN, Reason.OTHER),
    (500, binance(-1001, "Internal error"), UNKNOWN, Reason.OTHER),
    (401, binance(-2015, "Invalid API-key, IP, or permissions"), STOP, Reason.OTHER),
    (400, binance(-2008, "Invalid Api-Key ID."), STOP, Reason.OTHER),
    (400, binance(-1022, "Signature for this request is not valid."), STOP, Reason.OTHER),
    (418, binance(-1003, "Way too much request weight used; IP banned"), STOP, Reason.OTHER),
    (403, "<html>WAF</html>", STOP, Reason.OTHER),
    (451, "Service unavailable from a restricted location", STOP, Reason.OTHER),
    (429, binance(-1003, "Too much request weight used"), LATER, Reason.OTHER),
]
SPOT = [
    (400, binance(-2010, "Duplicate order sent."), REFUSED, Reason.DUPLICATE),
    (400, binance(-2010, "Account has insufficient balance for …"), REFUSED, Reason.FUNDS),
    (400, binance(-2010, "Stop price would trigger immediately."), REFUSED, Reason.WOULD_TRIGGER),
    (400, binance(-2010, "Market is closed."), REFUSED, Reason.MARKET_CLOSED),
    (400, binance(-2010, "This account may not place or cancel orders."), STOP, Reason.OTHER),
    (
        400,
        binance(-2010, "The relationship of the prices for the orders is not correct."),
        REFUSED,
        Reason.WOULD_TRIGGER,
    ),
    (400, binance(-2010, "Something that was never said before."), REFUSED, Reason.OTHER),
    (400, binance(-1013, "Filter failure: NOTIONAL"), REFUSED, Reason.FILTER),
    (400, binance(-1013, "Filter failure: MAX_NUM_ALGO_ORDERS"), REFUSED, Reason.TOO_MANY),
    # The same numbers mean other things than on USD-M.
    (400, binance(-2021, "Order cancel-replace partially failed."), UNKNOWN, Reason.OTHER),
    (400, binance(-2022, "Order cancel-replace failed."), REFUSED, Reason.OTHER),
    # Spot asks to look up after any server error, whatever it says.
    (503, binance(-1008, "Server is currently overloaded"), UNKNOWN, Reason.OTHER),
    (503, "Service Unavailable", UNKNOWN, Reason.OTHER),
]
BYBIT = [
    (200, bybit(110072, "OrderLinkedID is duplicate"), REFUSED, Reason.DUPLICATE),
    (200, bybit(110007, "ab not enough for new order"), REFUSED, Reason.FUNDS),
    (200, bybit(110017, "orderQty will be truncated to zero"), REFUSED, Reason.NOTHING_TO_REDUCE),
    (200, bybit(110093, "expect Falling, but trigger_price[1] >="), REFUSED, Reason.WOULD_TRIGGER),
    (
        200,
        bybit(10001, "StopLoss:5 set for Buy position should lower than base_price:4"),
        REFUSED,
        Reason.WOULD_TRIGGER,
    ),
    (200, bybit(10001, "params error: wrong side"), REFUSED, Reason.OTHER),
    (200, bybit(110001, "Order does not exist"), REFUSED, Reason.NOT_FOUND),
    (200, bybit(110094, "Order notional value below the lower limit"), REFUSED, Reason.FILTER),
    (200, bybit(110009, "The number of stop orders exceeds"), REFUSED, Reason.TOO_MANY),
    (200, bybit(110043, "Set leverage has not been modified."), HARMLESS, Reason.OTHER),
    (200, bybit(110026, "margin mode has not been modified"), HARMLESS, Reason.OTHER),
    (200, bybit(10016, "Server error."), UNKNOWN, Reason.OTHER),
    (200, bybit(10000, "Server Timeout"), UNKNOWN, Reason.OTHER),
    (200, bybit(10002, "invalid request, check your server timestamp"), LATER, Reason.OTHER),
    (200, bybit(10006, "Too many visits."), LATER, Reason.OTHER),
    (200, bybit(110079, "The order is processing"), LATER, Reason.OTHER),
    (200, bybit(10003, "API key is invalid."), STOP, Reason.OTHER),
    (200, bybit(10010, "Unmatched IP"), STOP, Reason.OTHER),
    (403, "access too frequent", STOP, Reason.OTHER),
    (401, "", STOP, Reason.OTHER),
    (502, "<html>", UNKNOWN, Reason.OTHER),
]


@pytest.mark.parametrize(
    ("venue", "status", "body", "kind", "reason"),
    [("binanceusdm", *row) for row in USDM]
    + [("binance", *row) for row in SPOT]
    + [("bybit", *row) for row in BYBIT],
)
def test_an_answer_means_what_the_venue_means(venue, status, body, kind, reason) -> None:
    problem = classify(venue, status, body)
    assert (problem.kind, problem.reason, problem.is_mapped) == (kind, reason, True)


@pytest.mark.parametrize(
    ("venue", "status", "body"),
    [
        ("binanceusdm", 400, binance(-9999, "New since yesterday.")),
        ("binance", 400, "not even JSON"),
        ("bybit", 200, bybit(987654, "New since yesterday.")),
        ("bybit", 404, ""),
    ],
)
def test_what_no_table_knows_may_have_been_done_and_says_so(venue, status, body) -> None:
    problem = classify(venue, status, body)
    assert (problem.kind, problem.is_mapped) == (UNKNOWN, False)


def test_ccxt_is_asked_only_where_the_tables_are_silent() -> None:
    unheard = binance(-9999, "no such key")
    told = classify("binance", 400, unheard, error=ccxt.PermissionDenied("x"))
    assert told.kind is STOP
    known = binance(-2013, "Order does not exist.")
    assert classify("binance", 400, known, error=ccxt.PermissionDenied("x")).kind is REFUSED


def test_a_ban_says_how_long_it_lasts() -> None:
    body = binance(-1003, "Way too much request weight used; IP banned until 1660090423228.")
    problem = classify("binance", 418, body, now_ms=1_660_090_363_228)
    assert problem.retry_after_us == 60_000_000
    told = classify("binance", 429, body, headers={"retry-after": "7"})
    assert told.retry_after_us == 7_000_000
    assert classify("bybit", 403, "access too frequent").retry_after_us == 600_000_000


def test_an_order_that_was_taken_is_a_success_and_a_code_in_it_is_read() -> None:
    assert is_success("binanceusdm", 200, {"code": "200", "msg": "success"})
    assert is_success("binanceusdm", 200, {"orderId": 1})
    assert is_success("bybit", 200, {"retCode": 0})
    assert not is_success("bybit", 200, {"retCode": 110007})
    assert not is_success("binance", 200, {"code": -2010, "msg": "…"})
    assert not is_success("binance", 200, None)
    assert not is_success("binance", None, None)


def test_a_request_that_never_left_was_not_done_and_one_that_left_may_have_been() -> None:
    lost = ccxt.ExchangeNotAvailable("connection reset")
    assert classify_lost(lost, has_left=False).kind is LATER
    assert classify_lost(lost, has_left=True).kind is UNKNOWN
    assert classify_lost(None, has_left=True).kind is UNKNOWN
    assert classify_lost(ccxt.RequestTimeout("late"), has_left=True).kind is UNKNOWN
    assert classify_lost(VenueStopped("wrong host"), has_left=False).kind is STOP
    assert classify_lost(ValueError("ours"), has_left=False) == classify_lost(
        ValueError("ours"), has_left=False
    )
    assert not classify_lost(ValueError("ours"), has_left=False).is_mapped


@needs_protocol
def test_every_recorded_error_is_known() -> None:
    for row in recorded("recorded_errors.json"):
        bodies = row["body"] if isinstance(row["body"], list) else [row["body"]]
        for body in bodies:
            if "orderId" in body:
                continue
            problem = classify(row["exchange"], row["http_status"] or 400, json.dumps(body))
            assert problem.is_mapped, body


@needs_protocol
def test_every_code_and_message_of_binance_spot_is_known() -> None:
    listed = recorded("binance_spot_errors.json")
    for row in listed["codes"]:
        for message in row["messages"]:
            assert classify("binance", 400, binance(row["code"], message)).is_mapped, row
    for name, rows in listed["tables"].items():
        code = -1013 if name == "Filter failures" else -2010
        for message, *_ in rows[1:]:
            assert classify("binance", 400, binance(code, message)).is_mapped, message


@needs_protocol
def test_every_code_of_bybit_that_orders_can_meet_is_known_and_the_rest_is_unknown() -> None:
    listed = recorded("bybit_v5_errors.json")
    ours = ("WS OE General code", "UTA", "Spot Trade")
    unmapped: Counter[str] = Counter()
    for section, rows in listed.items():
        for code, *said in rows[1:]:
            number = code.strip("~")
            if section == "HTTP Code" or not number.lstrip("-").isdigit() or number == "0":
                continue
            problem = classify("bybit", 200, bybit(int(number), str(said[0])))
            if not problem.is_mapped:
                unmapped[section] += 1
                assert problem.kind is UNKNOWN
    assert {section: unmapped[section] for section in ours if unmapped[section]} == {}
