"""Whatever is asked, Binance spot answers: with a body, or with a refusal of its own."""

import asyncio
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.spot_desk import BUY, SpotDesk

NUMBERS = ("", "0", "1", "0.01", "0.005", "59000", "61000.5", "1e5", "-1", "NaN", "9" * 30)
TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "X")
NAMES = ("a", "ss-1", "no blanks")
VALUES = {
    "symbol": ("BTCUSDT", "ETHUSDT", "NOPE", ""),
    "symbols": ('["BTCUSDT"]', "[1]", "{}", "x"),
    "side": ("BUY", "SELL", "buy"),
    "type": TYPES,
    "aboveType": TYPES,
    "belowType": TYPES,
    "timeInForce": ("GTC", "IOC"),
    "quantity": NUMBERS,
    **dict.fromkeys(("price", "abovePrice", "belowPrice"), NUMBERS),
    **dict.fromkeys(("stopPrice", "aboveStopPrice", "belowStopPrice"), NUMBERS),
    **dict.fromkeys(("newClientOrderId", "aboveClientOrderId", "belowClientOrderId"), NAMES),
    **dict.fromkeys(("listClientOrderId", "origClientOrderId"), NAMES),
    "newOrderRespType": ("ACK", "RESULT", "FULL", "X"),
    "omitZeroBalances": ("true", "x"),
    "orderId": ("1", "2", "x", "99"),
    "orderListId": ("1", "x", "99"),
    "interval": ("1m", "5m", "9q"),
    "limit": NUMBERS,
    "startTime": ("0", "1735689600000", "x"),
    "endTime": ("0", "1735689600000"),
    "fromId": ("0", "1"),
}
ROUTES = sorted(SpotDesk().protocol.routes())
FIELDS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in VALUES.items()}
)
LIVE = "api.binance.com"


@given(requests=st.lists(st.tuples(st.sampled_from(ROUTES), FIELDS), min_size=1, max_size=12))
def test_every_request_has_an_answer_and_no_unit_is_sold_twice(requests):
    desk = SpotDesk()

    async def ask() -> None:
        await desk.place(BUY)
        for number, ((method, path), fields) in enumerate(requests):
            reply = await desk.reply(method, path, fields, host=LIVE)
            assert json.loads(reply.encoded()) is not None
            assert reply.status == 200 or reply.body["code"] < 0
            desk.print(str(60_000 + number % 3 * 700))

    asyncio.run(ask())
    own: dict[str, Decimal] = {}
    for posting in desk.world.engine.journal("practice"):
        if posting.book.is_own:
            own[posting.currency] = own.get(posting.currency, Decimal(0)) + posting.amount
    held = {row.currency: row.total for row in desk.world.engine.balances("practice")}
    assert held == own
    assert min(held.values()) >= 0


@pytest.mark.parametrize("route", ROUTES)
async def test_every_address_answers_a_request_without_fields(route):
    method, path = route
    assert (await SpotDesk().reply(method, path, {}, host=LIVE)).status in (200, 400)


async def test_another_address_is_not_found():
    assert (await SpotDesk().reply("PATCH", "/api/v9/order")).status == 404
