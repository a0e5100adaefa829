"""What faults do to requests, seen by a client, and what the venue has done all the same."""

import asyncio

import aiohttp
import pytest

from snipersight.sandbox.exchange import ExchangeSandbox, FaultKind, FaultPlan, RequestKind
from tests.fakes.venue_clients import binance_call, web_session

ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.01",
    "price": "59000",
}


def every_order(kind: FaultKind, **numbers: float) -> FaultPlan:
    return FaultPlan(rates={kind: 1.0}, requests=frozenset({RequestKind.ORDER}), **numbers)  # type: ignore[arg-type]


def orders(server: ExchangeSandbox) -> int:
    return len(server.world("binanceusdm").engine.orders("practice"))


async def place(server: ExchangeSandbox, client_id: str = "ss-one") -> tuple[int, object]:
    fields = {**ORDER, "newClientOrderId": client_id}
    async with web_session(server) as session:
        return await binance_call(server, session, "POST", "/fapi/v1/order", fields)


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        running.world("binanceusdm").print("BTC/USDT:USDT", "60000")
        yield running


@pytest.mark.parametrize(
    ("kind", "is_done"),
    [
        (FaultKind.DROP_BEFORE, False),
        (FaultKind.DROP_AFTER, True),
        (FaultKind.RESET_MID_BODY, True),
    ],
)
async def test_a_broken_connection_tells_nothing_of_what_was_done(
    server: ExchangeSandbox, kind: FaultKind, is_done: bool
):
    server.set_faults(every_order(kind))
    with pytest.raises(aiohttp.ClientError):
        await place(server)
    assert orders(server) == is_done
    assert server.report()["faults"][kind] == 1


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (FaultKind.UNAVAILABLE, 503, -1000),
        (FaultKind.OVERLOADED, 503, -1008),
        (FaultKind.RATE_LIMITED, 429, -1003),
        (FaultKind.CLOCK_SKEW, 400, -1021),
    ],
)
async def test_a_definite_failure_does_nothing(
    server: ExchangeSandbox, kind: FaultKind, status: int, code: int
):
    server.set_faults(every_order(kind))
    answer = await place(server)
    assert answer[0] == status
    assert isinstance(answer[1], dict)
    assert answer[1]["code"] == code
    assert orders(server) == 0


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.OUTCOME_UNKNOWN, 503),
        (FaultKind.BACKEND_TIMEOUT, 408),
        (FaultKind.BAD_GATEWAY, 502),
        (FaultKind.GATEWAY_TIMEOUT, 504),
    ],
)
async def test_an_unknown_outcome_is_sometimes_done_and_sometimes_not(
    server: ExchangeSandbox, kind: FaultKind, status: int
):
    server.set_faults(every_order(kind))
    done = 0
    for number in range(30):
        before = orders(server)
        assert (await place(server, f"ss-{number}"))[0] == status
        done += orders(server) - before
    assert 5 < done < 25
    report = server.report()
    assert report["faults"][kind] == 30
    assert report["carried_out_unsaid"][kind] == done


async def test_a_delayed_request_is_carried_out_though_its_client_has_gone(
    server: ExchangeSandbox,
):
    server.set_faults(every_order(FaultKind.DELAY, delay_s=0.2))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(place(server), 0.1)
    await asyncio.sleep(0.3)
    assert orders(server) == 1


async def test_an_overloaded_venue_still_takes_what_reduces(server: ExchangeSandbox):
    assert (await place(server))[0] == 200
    server.world("binanceusdm").print("BTC/USDT:USDT", "58990")
    server.set_faults(every_order(FaultKind.OVERLOADED))
    exit_order = {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "0.01"}
    async with web_session(server) as session:
        status, _ = await binance_call(
            server, session, "POST", "/fapi/v1/order", {**exit_order, "reduceOnly": "true"}
        )
    assert status == 200
    assert server.world("binanceusdm").engine.positions("practice") == ()


async def test_a_restarting_venue_is_gone_and_comes_back_with_everything(
    server: ExchangeSandbox,
):
    await place(server)
    server.set_faults(every_order(FaultKind.RESTART, restart_s=0.2))
    equity = server.world("binanceusdm").engine.equity("practice")
    with pytest.raises(aiohttp.ClientError):
        await place(server)
    server.set_faults(FaultPlan())
    path = "/fapi/v1/openOrders"
    async with web_session(server) as session:
        with pytest.raises(aiohttp.ClientError):
            await binance_call(server, session, "GET", path)
        await asyncio.sleep(0.25)
        status, found = await binance_call(server, session, "GET", path)
    assert status == 200
    assert len(found) == 1
    assert server.world("binanceusdm").engine.equity("practice") == equity
