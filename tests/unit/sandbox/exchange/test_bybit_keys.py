"""Whose request it is at Bybit: key, time, window and signature."""

import json
from typing import Any

import pytest

from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.signing import signature_of
from tests.fakes.bybit_desk import ENTRY, BybitDesk

PATH = "/v5/account/info"


@pytest.fixture
def desk() -> BybitDesk:
    return BybitDesk()


async def body(desk: BybitDesk, call: Call) -> Any:
    return json.loads((await desk.reply(call)).encoded())


async def test_a_rightly_signed_request_is_answered(desk: BybitDesk):
    assert (await body(desk, desk.call("GET", PATH)))["retCode"] == 0


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"api-key": "nobody-has-this-key"}, 10003),
        ({"api-key": ""}, 10003),
        ({"sign": "00"}, 10004),
        ({"sign": ""}, 10004),
        ({"timestamp": "soon"}, 10002),
        ({"timestamp": ""}, 10002),
        ({"recv-window": "ever"}, 10002),
    ],
)
async def test_a_wrong_header_is_refused(desk: BybitDesk, headers: dict[str, str], code: int):
    found = await body(desk, desk.call("GET", PATH, headers=headers))
    assert (found["retCode"], found["result"]) == (code, {})


@pytest.mark.parametrize(
    ("late_ms", "window_ms", "code"),
    [(5_000, 5_000, 0), (5_001, 5_000, 10002), (-999, 5_000, 0), (-1_000, 5_000, 10002)],
)
async def test_a_request_is_good_within_its_window_and_a_second_ahead(
    desk: BybitDesk, late_ms: int, window_ms: int, code: int
):
    call = desk.call("GET", PATH, late_ms=late_ms, window_ms=window_ms)
    assert (await body(desk, call))["retCode"] == code


async def test_the_refusal_of_a_time_says_both_times(desk: BybitDesk):
    found = await body(desk, desk.call("GET", PATH, late_ms=9_000))
    now_ms = desk.now_us // 1_000
    assert f"req_timestamp[{now_ms - 9_000}],server_timestamp[{now_ms}]" in found["retMsg"]


async def test_a_changed_body_or_query_does_not_fit_its_signature(desk: BybitDesk):
    posted = desk.call("POST", "/v5/order/create", ENTRY)
    asked = desk.call("GET", "/v5/order/realtime", {"category": "linear", "symbol": "BTCUSDT"})
    for call, changed in (
        (posted, {"body": posted.body.replace(b"0.01", b"9.01")}),
        (asked, {"query": asked.query.replace("BTC", "ETH")}),
    ):
        fields = {name: getattr(call, name) for name in Call.__slots__} | changed
        assert (await body(desk, Call(**fields)))["retCode"] == 10004
    assert desk.world.engine.orders("practice") == ()


async def test_public_questions_need_no_key(desk: BybitDesk):
    call = Call(method="GET", host="api.bybit.com", path="/v5/market/time", at_us=desk.now_us)
    found = await body(desk, call)
    assert found["result"]["timeNano"] == f"{desk.now_us}000"
    assert found["time"] == desk.now_us // 1_000


async def test_an_address_that_is_not_there_is_a_page(desk: BybitDesk):
    reply = await desk.reply(desk.call("GET", "/v5/no/such"))
    assert (reply.status, reply.is_page) == (404, True)


async def test_a_body_that_is_no_object_is_refused(desk: BybitDesk):
    call = desk.call("POST", "/v5/order/create", ENTRY)
    for text in (b"[]", b"{", b'"x"'):
        broken = desk.call("POST", "/v5/order/create")
        fields = {name: getattr(broken, name) for name in Call.__slots__} | {"body": text}
        signed = _signed(desk, Call(**fields))
        assert (await body(desk, signed))["retCode"] == 10001
    assert (await body(desk, call))["retCode"] == 0


def _signed(desk: BybitDesk, call: Call) -> Call:
    names = ("timestamp", "api-key", "recv-window")
    stamp, key, window = (call.headers[f"x-bapi-{name}"] for name in names)
    sign = signature_of(desk.account.secret, f"{stamp}{key}{window}{call.text}")
    fields = {name: getattr(call, name) for name in Call.__slots__}
    return Call(**fields | {"headers": {**call.headers, "x-bapi-sign": sign}})
