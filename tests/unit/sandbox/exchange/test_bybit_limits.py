"""Bybit's limits and faults: what passes in a second, and what is said when nothing does."""

import json

import pytest

from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from tests.fakes.bybit_desk import ENTRY, BybitDesk

CREATE = "/v5/order/create"


async def codes(desk: BybitDesk, count: int) -> list[int]:
    """Send orders at one moment and return their `retCode`s."""
    found = []
    for number in range(count):
        fields = {**ENTRY, "orderLinkId": f"ss-{desk.now_us}-{number}"}
        reply = await desk.reply(desk.call("POST", CREATE, fields))
        found.append(json.loads(reply.encoded())["retCode"])
    return found


async def test_the_eleventh_order_of_a_second_is_refused_and_not_taken():
    desk = BybitDesk()
    assert await codes(desk, 12) == [0] * 10 + [10006] * 2
    assert len(desk.world.engine.orders("practice")) == 10
    for _ in range(2):
        desk.now_us += 1_000_000
        assert await codes(desk, 10) == [0] * 10


async def test_the_headers_say_how_much_is_left_and_until_when():
    desk = BybitDesk()
    await codes(desk, 4)
    call = desk.call("POST", CREATE)
    assert desk.protocol.headers(call) == {
        "X-Bapi-Limit": "10",
        "X-Bapi-Limit-Status": "6",
        "X-Bapi-Limit-Reset-Timestamp": str(desk.now_us // 1_000 + 1_000),
    }
    assert desk.protocol.headers(desk.call("GET", "/v5/market/time")) == {}


async def test_the_refusal_says_when_to_come_back():
    desk = BybitDesk()
    await codes(desk, 10)
    refused = await desk.reply(desk.call("POST", CREATE, ENTRY))
    assert refused.status == 200
    reset_ms = int(refused.headers["X-Bapi-Limit-Reset-Timestamp"])
    assert reset_ms == desk.now_us // 1_000 + 1_000


async def test_each_address_has_a_limit_of_its_own():
    desk = BybitDesk()
    await codes(desk, 10)
    reply = await desk.reply(desk.call("GET", "/v5/account/info"))
    assert json.loads(reply.encoded())["retCode"] == 0


async def test_unknown_keys_share_one_limit_and_leave_the_known_ones_alone():
    desk = BybitDesk()
    strangers = [
        desk.call("POST", CREATE, ENTRY, headers={"api-key": f"nobody-number-{number}"})
        for number in range(11)
    ]
    replies = [json.loads((await desk.reply(call)).encoded()) for call in strangers]
    assert [reply["retCode"] for reply in replies] == [10003] * 10 + [10006]
    assert await codes(desk, 1) == [0]


async def test_an_address_that_asks_too_much_is_shut_out_for_ten_minutes():
    desk = BybitDesk()
    time = Call(method="GET", host="api.bybit.com", path="/v5/market/time", at_us=desk.now_us)
    statuses = [(await desk.reply(time)).status for _ in range(602)]
    assert statuses == [200] * 600 + [403] * 2
    desk.now_us += 9 * 60_000_000
    still = [(await desk.reply(desk.call("GET", "/v5/account/info"))).status for _ in range(700)]
    assert set(still) == {403}
    desk.now_us += 2 * 60_000_000  # asking in between makes it no longer
    assert (await desk.reply(desk.call("GET", "/v5/account/info"))).status == 200
    assert desk.protocol.limits_used()["exceeded_address"] == 702


async def test_a_factor_lets_more_pass():
    assert await codes(BybitDesk(limit_factor=3), 31) == [0] * 30 + [10006]


@pytest.mark.parametrize(
    ("kind", "status", "code", "may_be_done"),
    [
        (FaultKind.BACKEND_TIMEOUT, 200, 10000, True),
        (FaultKind.SYSTEM_ERROR, 200, 10016, True),
        (FaultKind.RATE_LIMITED, 200, 10006, False),
        (FaultKind.OVERLOADED, 429, 10429, False),
    ],
)
def test_a_fault_is_said_in_bybits_words(
    kind: FaultKind, status: int, code: int, may_be_done: bool
):
    said = BybitDesk().protocol.documented(kind, retry_after_s=2)
    assert said is not None
    assert (said.reply.status, said.reply.body["retCode"]) == (status, code)
    assert said.may_be_done is may_be_done


def test_a_fault_of_another_venue_is_unknown():
    protocol = BybitDesk().protocol
    assert protocol.documented(FaultKind.OUTCOME_UNKNOWN, retry_after_s=1) is None
    # Its 403 is no passing failure: an address is shut out for ten minutes.
    assert protocol.documented(FaultKind.UNAVAILABLE, retry_after_s=1) is None


def test_a_limited_request_is_told_to_wait_as_long_as_the_plan_says():
    desk = BybitDesk()
    said = desk.protocol.documented(FaultKind.RATE_LIMITED, retry_after_s=7)
    assert said is not None
    reset_ms = int(said.reply.headers["X-Bapi-Limit-Reset-Timestamp"])
    assert reset_ms == desk.now_us // 1_000 + 7_000


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", CREATE, RequestKind.ORDER),
        ("POST", "/v5/order/cancel", RequestKind.CANCEL),
        ("POST", "/v5/order/cancel-all", RequestKind.CANCEL),
        ("POST", "/v5/position/trading-stop", RequestKind.SETTING),
        ("GET", "/v5/order/realtime", RequestKind.QUERY),
        ("GET", "/v5/market/time", RequestKind.PUBLIC),
        ("GET", "/v5/no/such", RequestKind.PUBLIC),
    ],
)
def test_requests_are_told_apart_for_plans_of_faults(method: str, path: str, kind: RequestKind):
    desk = BybitDesk()
    assert desk.protocol.request_kind(desk.call(method, path)) is kind
