"""The server as a whole: what it needs, its built-in market, its limits."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from snipersight.domain.errors import ConfigInvalid, UnknownSymbol, VenueUnavailable
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.sandbox import SyntheticMarket
from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount, scaled_clock
from tests.fakes.venue_clients import binance_call, ccxt_client, until, web_session

BTC = Symbol("BTC/USDT:USDT")
START_US = 1_735_689_600_000_000  # 2025-01-01


def test_accounts_need_names_and_keys_of_their_own():
    twin = SandboxAccount(name="twin")
    for accounts in ([], [SandboxAccount(), SandboxAccount()], [SandboxAccount(), twin]):
        with pytest.raises(ConfigInvalid):
            ExchangeSandbox(accounts=accounts)
    with pytest.raises(ConfigInvalid, match="shorter"):
        SandboxAccount(secret="short")


def test_secrets_are_no_part_of_what_is_shown():
    assert SandboxAccount().secret not in repr(SandboxAccount())


async def test_a_port_that_is_taken_is_said():
    async with ExchangeSandbox() as server:
        with pytest.raises(VenueUnavailable, match=str(server.port)):
            await ExchangeSandbox(port=server.port).__aenter__()


async def test_a_venue_or_market_that_is_not_there_is_said():
    server = ExchangeSandbox()
    with pytest.raises(ConfigInvalid, match="nowhere"):
        server.world("nowhere")
    with pytest.raises(UnknownSymbol):
        server.world("binanceusdm").print("NO/SUCH", "1")
    with pytest.raises(ConfigInvalid):
        _ = server.ca_pem


async def test_the_certificate_can_be_kept(tmp_path: Path):
    async with ExchangeSandbox(folder=tmp_path / "new") as server:
        path = server.ca_pem
    assert path.parent == tmp_path / "new"
    assert path.is_file()


async def test_more_requests_pass_with_a_factor():
    with pytest.raises(ConfigInvalid):
        ExchangeSandbox(limit_factor=0)
    async with ExchangeSandbox(limit_factor=3) as server, web_session(server) as session:
        statuses = set()
        for _ in range(100):  # 40 each, 4,000 together
            status, _ = await binance_call(server, session, "GET", "/fapi/v1/openOrders")
            statuses.add(status)
    assert statuses == {200}


async def test_the_built_in_market_walks_by_itself_and_triggers_orders():
    clock = scaled_clock(600.0, start_us=START_US)
    market = SyntheticMarket(7, clock=lambda: clock() // 1_000)
    async with ExchangeSandbox(markets=market, clock=clock) as server:
        world = server.world("binanceusdm")
        async with ccxt_client(server, "binanceusdm") as client:
            client.milliseconds = lambda: clock() // 1_000
            ticker = await client.fetch_ticker(BTC)
            assert ticker["last"] > 0
            bought = await client.create_order(BTC, "market", "buy", 0.01)
            assert bought["status"] == "closed"
            first = world.tape.last_us[BTC]
            await until(lambda: world.tape.last_us[BTC] > first + 300_000_000)
            candles = await client.fetch_ohlcv(BTC, "5m", limit=20)
            assert len(candles) == 20
            times = [candle[0] for candle in candles]
            steps = {later - earlier for earlier, later in pairwise(times)}
            assert steps == {300_000}
            closed = await market.candles(
                BTC,
                Timeframe.parse("5m"),
                start_ms=candles[0][0],
                end_ms=candles[-1][0],
            )
            assert [candle[4] for candle in candles[:-1]] == closed.close.tolist()


async def test_every_balance_follows_from_the_journal_after_a_day_of_trading():
    async with ExchangeSandbox(limit_factor=10) as server, web_session(server) as session:
        world = server.world("binanceusdm")
        for number in range(60):
            world.print(BTC, str(60_000 + (number * 37) % 500))
            side = "BUY" if number % 3 else "SELL"
            fields = {"symbol": "BTCUSDT", "side": side, "type": "MARKET", "quantity": "0.013"}
            assert (await binance_call(server, session, "POST", "/fapi/v1/order", fields))[0] == 200
        postings = world.engine.journal("practice")
        own = sum((p.amount for p in postings if p.book.is_own), Decimal(0))
        assert own == world.engine.equity("practice")
