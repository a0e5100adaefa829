"""Whatever is asked, Binance USD-M answers: with a body, or with a refusal of its own."""

import asyncio
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange import SandboxAccount
from snipersight.sandbox.exchange.accounts import Accounts
from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.signing import signature_of
from snipersight.sandbox.exchange.usdm import UsdmProtocol
from snipersight.sandbox.exchange.world import VenueWorld
from snipersight.sandbox.market_listing import listings

BTC, ETH = Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT")
NOW_US = 1_800_000_000_000_000
NUMBERS = ("", "0", "1", "0.01", "0.013", "59000", "61000.5", "1e5", "-1", "NaN", "9" * 30)
VALUES = {
    "symbol": ("BTCUSDT", "ETHUSDT", "NOPE", ""),
    "side": ("BUY", "SELL", "buy"),
    "type": ("LIMIT", "MARKET", "STOP_MARKET", "STOP", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "X"),
    "algoType": ("CONDITIONAL", ""),
    "timeInForce": ("GTC", "IOC"),
    "quantity": NUMBERS,
    "price": NUMBERS,
    "triggerPrice": NUMBERS,
    "workingType": ("MARK_PRICE", "CONTRACT_PRICE", "X"),
    "reduceOnly": ("true", "false", "x"),
    "closePosition": ("true", "false"),
    "positionSide": ("BOTH", "LONG", "SHORT"),
    "newClientOrderId": ("a", "ss-1", "no blanks"),
    "clientAlgoId": ("a", "ss-1"),
    "orderId": ("1", "2", "x", "99"),
    "algoId": ("1", "1000000000000001", "x"),
    "origClientOrderId": ("a", "ss-1"),
    "leverage": ("1", "20", "500", "x"),
    "marginType": ("ISOLATED", "CROSSED", "X"),
    "dualSidePosition": ("true", "false", "x"),
    "interval": ("1m", "5m", "9q"),
    "limit": NUMBERS,
    "startTime": ("0", "1800000000000", "x"),
    "endTime": ("0", "1800000000000"),
    "incomeType": ("COMMISSION", "X"),
    "fromId": ("0", "1"),
}


def a_protocol() -> UsdmProtocol:
    markets = {symbol: listings()[symbol].instrument for symbol in (BTC, ETH)}
    world = VenueWorld(
        "binanceusdm",
        markets,
        rules=UsdmProtocol.matching_rules(),
        accounts=Accounts([SandboxAccount()]),
        clock=lambda: NOW_US,
    )
    protocol = UsdmProtocol(world)
    world.print(BTC, "60000")  # and never a price of the other one
    return protocol


ROUTES = sorted(a_protocol().routes())
FIELDS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in VALUES.items()}
)


def signed(method: str, path: str, fields: dict[str, str]) -> Call:
    account = SandboxAccount()
    query = urlencode({**fields, "timestamp": str(NOW_US // 1_000)})
    return Call(
        method=method,
        host="fapi.binance.com",
        path=path,
        query=f"{query}&signature={signature_of(account.secret, query)}",
        headers={"x-mbx-apikey": account.api_key},
        at_us=NOW_US,
    )


@given(requests=st.lists(st.tuples(st.sampled_from(ROUTES), FIELDS), min_size=1, max_size=12))
def test_every_request_has_an_answer(requests: list[tuple[tuple[str, str], dict[str, str]]]):
    protocol = a_protocol()

    async def ask() -> None:
        for number, ((method, path), fields) in enumerate(requests):
            reply = await protocol.answer(signed(method, path, fields))
            assert json.loads(reply.encoded()) is not None
            assert reply.status == 200 or reply.body["code"] < 0
            protocol.world.print(BTC, str(60_000 + number % 3 * 700))

    asyncio.run(ask())
    postings = protocol.world.engine.journal("practice")
    own = sum(posting.amount for posting in postings if posting.book.is_own)
    assert own == protocol.world.engine.equity("practice")


@pytest.mark.parametrize("route", ROUTES)
def test_every_address_answers_a_request_without_fields(route: tuple[str, str]):
    reply = asyncio.run(a_protocol().answer(signed(*route, {})))
    assert reply.status in (200, 400)


def test_another_address_is_not_found():
    reply = asyncio.run(a_protocol().answer(signed("PATCH", "/fapi/v9/order", {})))
    assert reply.status == 404
