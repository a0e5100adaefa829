"""The sandbox's own addresses: what another process reads and changes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange import ExchangeSandbox
from tests.fakes.venue_clients import binance_call, web_session

BTC = Symbol("BTC/USDT:USDT")
VENUE = "binanceusdm"


@pytest.fixture
async def server():
    async with ExchangeSandbox() as running:
        yield running


async def post(server: ExchangeSandbox, name: str, body: object, **more: Any) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/sandbox/{name}", json=body, **more) as response,
    ):
        return response.status, await response.json()


async def get(server: ExchangeSandbox, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{server.url}/sandbox/{path}") as response,
    ):
        return response.status, await response.json()


async def test_a_price_is_printed_from_outside(server: ExchangeSandbox):
    body = {"venue": VENUE, "symbol": BTC, "price": "60000", "mark": "60010"}
    status, _ = await post(server, "print", body)
    assert status == 200
    quote = server.world(VENUE).engine.quote(BTC)
    assert (quote.last, quote.mark) == (Decimal(60_000), Decimal(60_010))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("print", {"venue": "nowhere", "symbol": BTC, "price": "1"}),
        ("print", {"venue": VENUE, "symbol": "NO/SUCH", "price": "1"}),
        ("print", {"venue": VENUE, "symbol": BTC, "price": "much"}),
        ("print", {"venue": VENUE, "symbol": BTC, "price": "-1"}),
        ("print", {"venue": VENUE, "symbol": BTC}),
        ("print", {"venue": VENUE, "symbol": BTC, "price": "NaN"}),
        ("fund", {"venue": VENUE, "symbol": BTC, "rate": "often"}),
        ("faults", {"rates": {"plague": 1}}),
        ("faults", {"rates": {"delay": 2}}),
        ("faults", {"rates": [1]}),
        ("faults", {"speed": 1}),
        ("faults", {"requests": ["gossip"]}),
        ("restart", {"venue": VENUE, "down_s": "long"}),
        ("print", ["no object"]),
        ("move", {"at": "soon"}),
        ("move", {"at": "2024-01-01T00:00:00Z"}),
        ("move", {"at": "2099-01-01T00:00:00"}),
        ("move", {}),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    server: ExchangeSandbox, name: str, body: object
):
    status, answer = await post(server, name, body)
    assert status == 400
    assert answer["error"]
    assert server.world(VENUE).tape.last == {}


async def test_a_form_of_a_web_page_changes_nothing(server: ExchangeSandbox):
    headers = {"Content-Type": "text/plain"}
    assert (await post(server, "restart", {"venue": VENUE}, headers=headers))[0] == 415
    elsewhere = {"Origin": "https://example.org"}
    assert (await post(server, "restart", {"venue": VENUE}, headers=elsewhere))[0] == 403
    renamed = {"Host": "example.org"}
    assert (await post(server, "restart", {"venue": VENUE}, headers=renamed))[0] == 403
    assert server.world(VENUE).restarted_us == 0


async def test_faults_follow_another_plan_and_the_report_counts_them(server: ExchangeSandbox):
    plan = {"rates": {"unavailable": 1.0}, "seed": 3, "requests": ["query"]}
    assert (await post(server, "faults", plan))[0] == 200
    async with web_session(server) as session:
        status, _ = await binance_call(server, session, "GET", "/fapi/v2/balance")
    assert status == 503
    _, report = await get(server, "report")
    assert report["at_us"] <= server.clock()
    assert report["faults"]["unavailable"] == 1
    venue = report["venues"][VENUE]
    assert venue["requests"] == {"GET /fapi/v2/balance": 1}
    assert venue["answers"] == {"503": 1}
    assert venue["accounts"]["practice"] == {
        "equity": "100000",
        "orders": 0,
        "open_orders": 0,
        "positions": 0,
    }


async def test_a_plan_from_outside_can_spoil_public_events(server: ExchangeSandbox):
    plan = {"rates": {"stream_disconnect": 1.0}, "spoils_public_events": True}
    assert (await post(server, "faults", plan))[0] == 200
    async with web_session(server) as session:
        url = "wss://fstream.binance.com/market/ws/btcusdt@kline_5m"
        async with session.ws_connect(url) as line:
            server.world(VENUE).print(BTC, "60000")
            message = await line.receive(timeout=5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


async def test_the_journal_is_open(server: ExchangeSandbox):
    status, answer = await get(server, f"journal?venue={VENUE}&account=practice")
    assert status == 200
    assert [posting["amount"] for posting in answer["postings"]] == ["100000", "-100000"]
    assert (await get(server, f"journal?venue={VENUE}&account=nobody"))[0] == 400


async def test_a_venue_is_restarted_from_outside(server: ExchangeSandbox):
    assert (await post(server, "restart", {"venue": VENUE, "down_s": 30}))[0] == 200
    assert server.world(VENUE).is_down
    async with web_session(server) as session:
        with pytest.raises(aiohttp.ClientError):
            await binance_call(server, session, "GET", "/fapi/v2/balance")


async def test_time_is_moved_on_from_outside(server: ExchangeSandbox):
    later = datetime.now(UTC) + timedelta(hours=2)
    assert (await post(server, "move", {"at": later.isoformat()}))[0] == 200
    assert server.clock() >= int(later.timestamp() * 1_000_000)
    assert server.world(VENUE).clock() >= int(later.timestamp() * 1_000_000)
