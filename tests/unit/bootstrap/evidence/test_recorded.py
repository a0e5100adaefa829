"""Which markets of a folder or an exchange a backtest reads, whole or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from snipersight.bootstrap.evidence.choosing import Asked, choose_markets
from snipersight.bootstrap.evidence.recorded import RecordedRequest, open_recorded, remarks_on
from snipersight.bootstrap.evidence.venue_history import Exchange, VenueHistory
from snipersight.domain.errors import ConfigInvalid, DataInvalid
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.recording import Period
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.market.universe import select_universe
from tests.fakes.candle_table import CandleTable, with_prices
from tests.fakes.ccxt_bench import open_bench
from tests.fakes.exchange_server import ExchangeServer, spot_market
from tests.fakes.live_scanning import BTC, ETH, SOL, markets
from tests.fakes.scanning import NOON_MS, a_lively_profile

PROFILE = a_lively_profile()
VENUE = Exchange(name="binance")
COLUMNS = ("open", "high", "low", "close", "volume")


def request_at(start_ms: int | None, *, symbols: str, **changes: Any) -> Asked:
    period = None if start_ms is None else Period(start_ms=start_ms, end_ms=NOON_MS)
    return Asked(symbols=symbols, period=period, **changes)


def chosen(
    table: CandleTable, symbols: str, start_ms: int | None = None, **changes: Any
) -> tuple[Symbol, ...]:
    asked = request_at(start_ms, symbols=symbols, **changes)
    return asyncio.run(choose_markets(asked, table, table.listed)).symbols


def louder(table: CandleTable, symbol: Symbol, *, from_ms: int) -> CandleTable:
    """Return markets of which one is traded a million times as much from a moment on."""
    bars = table.base[symbol]
    volume = np.where(bars.open_time >= from_ms, bars.volume * 1e6, bars.volume / 1e6)
    return replace(table, base={**table.base, symbol: with_prices(bars, volume=volume)})


def test_the_largest_of_an_exchange_are_those_of_the_day_before_the_start():
    start_ms = NOON_MS - 2 * DAY_MS
    late = louder(markets(), SOL, from_ms=start_ms)
    assert SOL not in chosen(late, "top2", start_ms)
    assert SOL in chosen(late, "top2", start_ms + DAY_MS)
    assert chosen(late, "top3", start_ms) == (BTC, ETH, SOL)


def written(folder: Path, table: CandleTable) -> Path:
    """Write markets as files of a folder."""
    folder.mkdir()
    for symbol, bars in table.base.items():
        columns = {name: getattr(bars, name) for name in COLUMNS}
        frame = pl.DataFrame({"timestamp": bars.open_time, **columns})
        frame.write_parquet(
            folder / f"{symbol.split(':')[0].replace('/', '')}-{bars.timeframe}.parquet"
        )
    return folder


async def test_the_largest_of_a_folder_are_chosen_anew_every_hour(tmp_path):
    loud_ms = NOON_MS - DAY_MS
    table = louder(markets(), SOL, from_ms=loud_ms)
    source = ParquetDirectory(written(tmp_path / "binance_usdm_made_up", table))
    listed = await source.instruments()
    asked = request_at(NOON_MS - 2 * DAY_MS, symbols="top2")
    found = await choose_markets(asked, source, listed)
    assert found.universe is not None
    for hour_ms in range(NOON_MS - 2 * DAY_MS, NOON_MS + 1, HOUR_MS):
        volumes = await source.quote_volumes(list(listed), at_ms=hour_ms)
        then = select_universe("top2", instruments=listed, volumes=volumes, watchlists={})
        for at_ms in (hour_ms, hour_ms + HOUR_MS - 1):
            held = {one for one in listed if found.universe.holds(one, at_ms)}
            assert held == set(then.symbols)
    assert len(found.symbols) == 3
    assert found.remarks[0].endswith("in the 24 hours before each hour, chosen anew every hour")


@pytest.mark.parametrize(
    ("symbols", "start_ms", "changes", "words"),
    [
        ("top2", None, {}, "known at its end only"),
        ("top2", HOUR_MS, {}, "nothing is known of what was traded"),
        ("FOO/USDT", None, {}, "unknown symbol"),
        ("all", None, {"exchange": "binance"}, "binance lists 3 markets"),
    ],
)
def test_markets_that_cannot_be_chosen_are_refused(symbols, start_ms, changes, words):
    with pytest.raises(ConfigInvalid, match=words):
        chosen(markets(), symbols, start_ms, **changes)


def test_what_was_chosen_is_remarked():
    asked = request_at(NOON_MS - DAY_MS, symbols="top20", exchange="binance")
    table = markets()
    (ranked,) = asyncio.run(choose_markets(asked, table, table.listed)).remarks
    assert ranked.startswith("the top20 by what was traded in the 24 hours before 20")
    assert ranked.endswith("chosen once")
    (venue,) = remarks_on(RecordedRequest(profile=PROFILE, exchange=VENUE), "binance")
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
