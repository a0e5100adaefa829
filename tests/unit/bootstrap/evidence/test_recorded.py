"""Which markets of a folder or an exchange a backtest reads, whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from snipersight.bootstrap.evidence.recorded import (
    RecordedRequest,
    chosen_symbols,
    open_recorded,
    remarks_on,
)
from snipersight.bootstrap.evidence.venue_history import Exchange, VenueHistory
from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.ccxt_bench import open_bench
from tests.fakes.exchange_server import ExchangeServer, spot_market
from tests.fakes.live_scanning import BTC, ETH, SOL, markets
from tests.fakes.scanning import NOON_MS, a_lively_profile

PROFILE = a_lively_profile()
VENUE = Exchange(name="binance")


def chosen(table: CandleTable, symbols: str, **request: Any) -> tuple[Symbol, ...]:
    asked = RecordedRequest(profile=PROFILE, symbols=symbols, **request)
    return asyncio.run(chosen_symbols(asked, table, table.listed))


def louder(table: CandleTable, symbol: Symbol, *, from_ms: int) -> CandleTable:
    """Return markets of which one is traded a million times as much from a moment on."""
    bars = table.base[symbol]
    volume = np.where(bars.open_time >= from_ms, bars.volume * 1e6, bars.volume / 1e6)
    return replace(table, base={**table.base, symbol: with_prices(bars, volume=volume)})


def test_the_largest_are_those_of_the_day_before_the_start_and_not_of_the_period():
    start_ms = NOON_MS - 2 * DAY_MS
    late = louder(markets(), SOL, from_ms=start_ms)
    assert SOL not in chosen(late, "top2", start_ms=start_ms)
    assert SOL in chosen(late, "top2", start_ms=start_ms + DAY_MS)
    assert chosen(late, "top3", start_ms=start_ms) == (BTC, ETH, SOL)


@pytest.mark.parametrize(
    ("symbols", "request_", "words"),
    [
        ("top2", {}, "known at its end only"),
        ("top2", {"start_ms": HOUR_MS}, "nothing is known of what was traded"),
        ("FOO/USDT", {}, "unknown symbol"),
        ("all", {"exchange": VENUE}, "binance lists 3 markets"),
    ],
)
def test_markets_that_cannot_be_chosen_are_refused(symbols, request_, words):
    with pytest.raises(ConfigInvalid, match=words):
        chosen(markets(), symbols, **request_)


def test_what_was_chosen_is_remarked():
    asked = RecordedRequest(profile=PROFILE, symbols="top20", exchange=VENUE, start_ms=DAY_MS)
    ranked, venue = remarks_on(asked, "binance")
    assert ranked.startswith("the top20 by what was traded in the 24 hours before 1970-01-02")
    assert "delisted since are missing" in venue
    assert remarks_on(RecordedRequest(profile=PROFILE), "binance") == ()


class HereInstead:
    """Stands where an exchange's stand-in stands: a server within the test."""

    def __init__(self, server: ExchangeServer) -> None:
        self.session = server.session


@pytest.fixture
async def bench(tmp_path):
    async with open_bench(tmp_path) as one:
        yield one


def put(server: ExchangeServer, table: CandleTable, symbol: Symbol, *, until_ms: int) -> None:
    name = symbol.split(":", maxsplit=1)[0].replace("/", "")
    for frame in ("5m", "15m", "1h"):
        bars = table.coarse(symbol, Timeframe.parse(frame), end_ms=until_ms)
        columns = (bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume)
        server.put_bars(name, frame, [list(row) for row in zip(*map(np.ndarray.tolist, columns), strict=True)])  # fmt: skip


def request_of(server: ExchangeServer, **changes: Any) -> RecordedRequest:
    values: dict[str, Any] = {
        "profile": PROFILE,
        "exchange": Exchange(name="binance", stand_in=HereInstead(server)),  # type: ignore[arg-type]
        "symbols": "BTC/USDT,ETH/USDT",
        "start_ms": NOON_MS - DAY_MS,
        "end_ms": NOON_MS,
    }
    return RecordedRequest(**values | changes)


async def test_candles_of_an_exchange_are_those_of_the_period_with_their_warm_up(bench):
    table, server = markets(), bench.server
    server.now_ms = NOON_MS + HOUR_MS
    server.spot = [spot_market("BTC"), spot_market("ETH")]
    for symbol in (BTC, ETH):
        put(server, table, symbol, until_ms=NOON_MS + HOUR_MS)
    opened = await open_recorded(request_of(server), Currency("USDT"))
    try:
        found = await opened.recording(Symbol("ETH/USDT"))
    finally:
        await opened.close()
    trigger = found.bars[PROFILE.timeframe("trigger")]
    assert int(trigger.close_time[-1]) == NOON_MS
    assert int(trigger.open_time[0]) <= NOON_MS - 2 * DAY_MS
    expected = table.base[ETH].between(int(trigger.open_time[0]), NOON_MS)
    assert trigger.close.tolist() == expected.close.tolist()
    assert opened.leader.at(NOON_MS).known_at_ms is not None
    assert found.funding is None
    assert found.quote_rate == Decimal(1)


async def test_a_market_whose_trading_ended_within_the_period_is_refused(bench):
    table, server = markets(), bench.server
    server.now_ms = NOON_MS + HOUR_MS
    server.spot = [spot_market("BTC"), spot_market("ETH")]
    put(server, table, BTC, until_ms=NOON_MS)
    put(server, table, ETH, until_ms=NOON_MS - 5 * HOUR_MS)
    opened = await open_recorded(request_of(server), Currency("USDT"))
    try:
        with pytest.raises(DataInvalid, match=r"its newest .* bar closed at"):
            await opened.recording(Symbol("ETH/USDT"))
    finally:
        await opened.close()


async def test_history_that_is_not_served_is_refused():
    history = VenueHistory(VENUE)
    fields = {"symbol": "ETH/USDT:USDT", "timeframe": "5m", "start": "a", "end": "b"}
    bars = markets().base[ETH]
    history.require_whole(ETH, bars, end_ms=NOON_MS)
    history.emit("history_not_served", fields)
    with pytest.raises(DataInvalid, match="does not serve its 5m candles of a to b"):
        history.require_whole(ETH, bars, end_ms=NOON_MS)
    history.require_whole(BTC, markets().base[BTC], end_ms=NOON_MS)
    await history.source.close()


async def test_an_exchange_needs_a_period(bench):
    with pytest.raises(ConfigInvalid, match="more history"):
        await open_recorded(request_of(bench.server, start_ms=None), Currency("USDT"))


async def test_a_request_without_a_source_is_refused():
    with pytest.raises(ConfigInvalid, match="no candles are named"):
        await open_recorded(RecordedRequest(profile=PROFILE), Currency("USDT"))
