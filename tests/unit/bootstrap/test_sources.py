from pathlib import Path

import pytest

from snipersight.bootstrap.sources import SourceChoice, open_source
from snipersight.bot.telemetry.events import NullSink
from snipersight.domain.errors import ConfigInvalid, NoData
from snipersight.domain.ports import CandleSource

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
