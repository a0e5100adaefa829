"""Recorded market lists and candles of real venues, through the whole live source."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.instrument import MarketKind
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.ccxt_source import CcxtSource
from tests.fakes.events import RecordingEvents
from tests.fakes.exchange_server import Answer, ExchangeServer, spot_market

PROTOCOL = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "protocol"
BYBIT_FIXTURES = "tests/integration_tests/adapters/bybit/resources/http_responses"

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not PROTOCOL.is_dir(), reason="recorded protocol data is absent"),
]


def recorded(name: str) -> Any:
    raw = (PROTOCOL / name).read_bytes()
    return json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)


@pytest.fixture
async def server():
    async with ExchangeServer(now_ms=1_694_736_000_123) as running:
        yield running


def source(server: ExchangeServer, exchange: str, events: RecordingEvents) -> CcxtSource:
    return CcxtSource(
        exchange,
        cache_dir=None,
        clock=lambda: server.now_ms,
        events=events,
        session_factory=server.session,
        sleep=_no_sleep,
    )


async def _no_sleep(_seconds: float) -> None:
    return


async def test_binance_spots_recorded_rules_are_read_to_the_last_digit(server):
    server.spot = recorded("binance_spot_exchangeInfo_2021-08-26.json.gz")["symbols"]
    async with source(server, "binance", RecordingEvents()) as live:
        found = await live.instruments()
    listed = {f"{m['baseAsset']}/{m['quoteAsset']}": m for m in server.spot}
    renamed = set(found) - set(listed)
    assert len(found) > 1000
    assert len(renamed) <= 5  # ccxt tells currencies of one code apart by another name
    for symbol in set(found) - renamed:
        instrument, market = found[symbol], listed[symbol]
        rules = {rule["filterType"]: rule for rule in market["filters"]}
        assert market["status"] == "TRADING"
        assert instrument.kind is MarketKind.SPOT
        assert instrument.tick == Decimal(rules["PRICE_FILTER"]["tickSize"])
        assert instrument.lot == Decimal(rules["LOT_SIZE"]["stepSize"])
        assert instrument.min_notional == Decimal(rules["MIN_NOTIONAL"]["minNotional"])


async def test_binance_usdms_recorded_perpetuals_are_read_and_dated_futures_left_out(server):
    server.usdm = recorded("binance_usdm_exchangeInfo_2026-03-31_sdk.json.gz")["symbols"]
    events = RecordingEvents()
    async with source(server, "binanceusdm", events) as live:
        found = await live.instruments()
    pepe = found[Symbol("1000PEPE/USDT:USDT")]
    assert (pepe.underlying, pepe.kind) == ("PEPE", MarketKind.PERPETUAL)
    assert found[Symbol("BTC/USDT:USDT")].tick == Decimal("0.1")
    assert found[Symbol("BTC/USDT:USDT")].max_market_size == Decimal(120)
    assert len(found) > 400
    assert all(item.kind is MarketKind.PERPETUAL for item in found.values())


async def test_bybits_recorded_markets_and_candles_are_read(server):
    fixtures = recorded("bybit_nautilus_fixtures.json")
    for kind in ("spot", "linear"):
        listed = fixtures[f"{BYBIT_FIXTURES}/{kind}/instruments.json"]["result"]["list"]
        server.bybit[kind] = [market for market in listed if market["symbol"] == "BTCUSDT"]
    klines = fixtures[f"{BYBIT_FIXTURES}/linear/klines_btc.json"]
    server.fail_always("/kline", Answer(body=json.dumps(klines)))
    day = Timeframe.parse("1d")
    async with source(server, "bybit", RecordingEvents()) as live:
        assert set(await live.instruments()) == {"BTC/USDT", "BTC/USDT:USDT"}
        candles = await live.candles(
            Symbol("BTC/USDT:USDT"), day, start_ms=1_694_476_800_000, end_ms=server.now_ms
        )
    oldest_first = [[float(text) for text in row[:6]] for row in reversed(klines["result"]["list"])]
    assert candles.open_time.tolist() == [row[0] for row in oldest_first]
    assert candles.close.tolist() == [row[4] for row in oldest_first]
    assert candles.volume.tolist() == [row[5] for row in oldest_first]


@pytest.mark.parametrize("status", [418, 429, 500, 503])
async def test_recorded_error_bodies_are_the_venue_unavailable(server, status):
    server.spot = [spot_market("BTC")]
    bodies = [
        error["body"]
        for error in recorded("recorded_errors.json")
        if error["exchange"] == "binance" and error["http_status"] == status
    ]
    assert bodies
    for body in bodies:
        server.fail_always("exchangeInfo", Answer(status=status, body=json.dumps(body)))
        async with source(server, "binance", RecordingEvents()) as live:
            with pytest.raises(VenueUnavailable) as raised:
                await live.instruments()
        assert raised.value.next_step
