"""Who may ask: key, signature, time."""

from dataclasses import replace
from typing import Any

import ccxt
import pytest

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from tests.fakes.venue_clients import binance_call, ccxt_client, web_session

PATH = "/fapi/v2/balance"


async def code_of(server: ExchangeSandbox, **wrong: Any) -> tuple[int, int]:
    async with web_session(server) as session:
        status, body = await binance_call(server, session, "GET", PATH, **wrong)
    return status, body["code"]


async def test_an_account_sees_its_own_money_only():
    rich = SandboxAccount(name="rich", api_key="key-of-the-rich", secret="secret-of-the-rich")
    async with ExchangeSandbox(accounts=[SandboxAccount(), rich]) as server:
        async with ccxt_client(server, "binanceusdm", account=rich) as client:
            await client.set_leverage(3, "BTC/USDT:USDT")
        engine = server.world("binanceusdm").engine
        assert engine.leverage("rich", Symbol("BTC/USDT:USDT")) == 3
        assert engine.leverage("practice", Symbol("BTC/USDT:USDT")) == 20


async def test_a_key_of_impossible_shape_and_an_unknown_one_are_refused():
    async with ExchangeSandbox() as server:
        shape = replace(SandboxAccount(), api_key="with a blank")
        assert await code_of(server, account=shape) == (401, -2014)
        unknown = replace(SandboxAccount(), api_key="nobody-has-this-key")
        assert await code_of(server, account=unknown) == (401, -2015)


async def test_a_signature_with_another_secret_is_refused():
    async with ExchangeSandbox() as server:
        wrong = replace(SandboxAccount(), secret="not-the-secret")
        assert await code_of(server, account=wrong) == (400, -1022)


@pytest.mark.parametrize(
    ("off_ms", "fields", "code"),
    [
        (-5_900, {}, -1021),
        (-5_900, {"recvWindow": "30000"}, None),
        (1_500, {}, -1021),
        (500, {}, None),
        (0, {"recvWindow": "60001"}, -1131),
        (0, {"recvWindow": "soon"}, -1100),
    ],
)
async def test_a_request_is_good_for_its_window(
    off_ms: int, fields: dict[str, str], code: int | None
):
    async with ExchangeSandbox() as server, web_session(server) as session:
        now_ms = server.world("binanceusdm").clock() // 1_000 + off_ms
        status, body = await binance_call(server, session, "GET", PATH, fields, now_ms=now_ms)
    expected = (200, None) if code is None else (400, code)
    assert (status, body["code"] if isinstance(body, dict) else None) == expected


async def test_a_request_without_signature_or_time_is_refused():
    async with ExchangeSandbox() as server, web_session(server) as session:
        headers = {"X-MBX-APIKEY": SandboxAccount().api_key}
        for query, field in (("", "timestamp"), ("?timestamp=1", None)):
            url = f"https://fapi.binance.com{PATH}{query}"
            async with session.get(url, headers=headers) as response:
                body = await response.json()
            assert body["code"] == (-1102 if field else -1021)


async def test_what_was_signed_must_be_what_was_sent():
    async with ExchangeSandbox() as server:
        server.world("binanceusdm").print("BTC/USDT:USDT", "60000")
        async with ccxt_client(server, "binanceusdm") as client:
            sign = client.sign

            def tampered(*arguments: Any, **named: Any) -> Any:
                request = sign(*arguments, **named)
                if request["body"]:
                    request["body"] = request["body"].replace("quantity=0.01", "quantity=9.01")
                return request

            client.sign = tampered
            with pytest.raises(ccxt.AuthenticationError, match="-1022"):
                await client.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 59_000)
        assert server.world("binanceusdm").engine.orders("practice") == ()
