from pathlib import Path

import pytest

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.sources import SourceChoice, StandIn, open_source
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.ports import CandleSource
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.market.streams import StreamedSource

NOON_MS = 1_717_761_600_000


def open_at(choice: SourceChoice, as_of_ms: int | None = None) -> CandleSource:
    return open_source(
        choice, cache=None, clock=lambda: NOON_MS, as_of_ms=as_of_ms, events=NullSink()
    )


async def test_the_built_in_market_is_the_default_and_may_be_named():
    for choice in (SourceChoice(), SourceChoice(is_market=True, seed=3)):
        source = open_at(choice)
        assert source.venue == "sandbox"
        assert await source.now_ms() == NOON_MS


async def test_the_built_in_market_knows_later_days():
    later = NOON_MS + 86_400_000
    assert await open_at(SourceChoice(), later).now_ms() == later


@pytest.mark.parametrize(
    "arguments",
    [
        {"exchange": "binance", "data": Path("x")},
        {"exchange": "binance", "is_market": True},
        {"data": Path("x"), "is_market": True},
    ],
)
def test_two_sources_are_refused(arguments):
    with pytest.raises(ConfigInvalid, match="name two sources"):
        SourceChoice(**arguments)


def test_options_of_another_source_are_refused():
    with pytest.raises(ConfigInvalid, match="--instruments belongs to --data"):
        SourceChoice(instruments=Path("x.toml"))
    with pytest.raises(ConfigInvalid, match="--seed belongs to the built-in market"):
        SourceChoice(exchange="binance", seed=1)


@pytest.mark.parametrize("choice", [SourceChoice(exchange="binance"), SourceChoice(data=Path("x"))])
def test_the_future_of_a_real_market_is_refused(choice):
    with pytest.raises(ConfigInvalid, match="future"):
        open_at(choice, NOON_MS + 1)


def test_an_empty_directory_is_no_source(tmp_path):
    with pytest.raises((NoData, ConfigInvalid)):
        open_at(SourceChoice(data=tmp_path))


def test_an_unknown_exchange_is_refused():
    with pytest.raises(ConfigInvalid, match="binanc"):
        open_at(SourceChoice(exchange="binanc"))


async def test_the_built_in_market_may_list_more_and_prices_the_others_the_same():
    btc, hour = Symbol("BTC/USDT"), Timeframe.parse("1h")
    usual = open_at(SourceChoice())
    larger = open_source(
        SourceChoice(),
        cache=None,
        clock=lambda: NOON_MS,
        as_of_ms=None,
        events=NullSink(),
        markets=120,
    )
    listed = await larger.instruments()
    assert len(listed) == 120
    assert len(await usual.instruments()) == load_settings()[0].built_in_markets
    period = {"start_ms": NOON_MS - 86_400_000, "end_ms": NOON_MS}
    bars = [await one.candles(btc, hour, **period) for one in (usual, larger)]
    assert list(bars[0].close) == list(bars[1].close)
    made_up = await larger.candles(Symbol("SIM042/USDT:USDT"), hour, **period)
    assert len(made_up.close) == 24


@pytest.mark.parametrize(("pace", "patience_s"), [(1.0, 1.5), (3.0, 0.5), (1000.0, 0.05)])
def test_the_stream_of_a_stand_in_is_waited_for_by_its_own_pace(tmp_path, pace, patience_s):
    stand_in = StandIn(host="127.0.0.1", port=1, ca_file=tmp_path / "ca.pem")
    source = open_source(
        SourceChoice(exchange="binanceusdm"),
        cache=None,
        clock=lambda: NOON_MS,
        as_of_ms=None,
        events=NullSink(),
        stand_in=stand_in,
        streams=True,
        pace=pace,
    )
    assert isinstance(source, StreamedSource)
    assert source.patience_s == patience_s
