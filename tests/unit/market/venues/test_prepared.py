"""A market's settings are asked for once, and again as soon as anything speaks against them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Price, Size, Symbol
from snipersight.domain.venue import EventKind
from snipersight.market.venues.base import CcxtVenue
from snipersight.market.venues.prepared import PreparedMarkets
from tests.builders.venue_contract import Ears
from tests.fakes.scripted_venue_wire import Told, VenueWire
from tests.fakes.venue_clients import until
from tests.unit.market.venues.test_streams import listening

BTC, ETH = Symbol("BTC/USDT:USDT"), Symbol("ETH/USDT:USDT")
FIVE = Decimal(5)
MARGIN, LEVERAGE = "POST /fapi/v1/marginType", "POST /fapi/v1/leverage"
BY_HAND: dict[str, dict[str, Any]] = {
    "binanceusdm": {"e": "ACCOUNT_CONFIG_UPDATE", "E": 1, "T": 1, "ac": {"s": "BTCUSDT", "l": 20}},
    "bybit": {
        "topic": "position",
        "data": [{"category": "linear", "symbol": "BTCUSDT", "leverage": "20", "size": "0"}],
    },
}
OURS: dict[str, dict[str, Any]] = {
    "binanceusdm": {"e": "ACCOUNT_CONFIG_UPDATE", "E": 1, "T": 1, "ac": {"s": "BTCUSDT", "l": 5}},
    "bybit": {
        "topic": "position",
        "data": [{"category": "linear", "symbol": "BTCUSDT", "leverage": "5", "size": "0"}],
    },
}


class Clock:
    now_ms = 0

    def __call__(self) -> int:
        return self.now_ms


def watched(clock: Clock | None = None, *, is_up: bool = True) -> PreparedMarkets:
    """Markets of which BTC was set to 5."""
    markets = PreparedMarkets(clock or Clock())
    if is_up:
        markets.hear(EventKind.CONNECTED)
    markets.begin(BTC)
    markets.done(BTC, FIVE)
    return markets


def a_position(**changes: object) -> VenuePosition:
    values = {"leverage": FIVE, "is_isolated": True} | changes
    return VenuePosition(
        symbol=BTC,
        direction=Direction.LONG,
        size=Size(Decimal(1)),
        entry_price=Price(Decimal(100)),
        **values,  # type: ignore[arg-type]
    )


def test_what_was_confirmed_is_certain_for_this_market_and_this_leverage():
    markets = watched()
    assert markets.are_so(BTC, FIVE)
    assert not markets.are_so(BTC, Decimal(6))
    assert not markets.are_so(ETH, FIVE)


def test_without_a_stream_nothing_is_certain():
    assert not watched(is_up=False).are_so(BTC, FIVE)


def test_after_an_hour_it_is_set_again():
    clock = Clock()
    markets = watched(clock)
    clock.now_ms = 3_599_999
    assert markets.are_so(BTC, FIVE)
    clock.now_ms = 3_600_000
    assert not markets.are_so(BTC, FIVE)


@pytest.mark.parametrize(
    "happens",
    [
        lambda it: it.hear(EventKind.SILENT),
        lambda it: it.hear(EventKind.CONNECTED),
        lambda it: (it.hear(EventKind.SILENT), it.hear(EventKind.CONNECTED)),
        lambda it: it.unwatched(),
        lambda it: it.tell(BTC, Decimal(20)),
        lambda it: it.tell(BTC, None),
        lambda it: it.compare([a_position(leverage=Decimal(20))]),
        lambda it: it.compare([a_position(is_isolated=False)]),
        lambda it: it.doubt(),
        lambda it: it.doubt(BTC),
        lambda it: it.begin(BTC),
    ],
)
def test_any_doubt_has_it_set_again(happens: Callable[[PreparedMarkets], object]):
    markets = watched()
    happens(markets)
    assert not markets.are_so(BTC, FIVE)


@pytest.mark.parametrize(
    "happens",
    [
        lambda it: it.hear(EventKind.FILL),
        lambda it: it.tell(BTC, FIVE),
        lambda it: it.tell(ETH, Decimal(20)),
        lambda it: it.compare([a_position(), a_position(leverage=None, is_isolated=None)]),
        lambda it: it.doubt(ETH),
    ],
)
def test_what_agrees_or_is_of_another_market_leaves_it_certain(
    happens: Callable[[PreparedMarkets], object],
):
    markets = watched()
    happens(markets)
    assert markets.are_so(BTC, FIVE)


def test_a_leverage_that_was_told_while_ours_was_set_is_not_overlooked():
    markets = watched()
    markets.begin(BTC)
    markets.tell(BTC, Decimal(20))
    markets.done(BTC, FIVE)
    assert not markets.are_so(BTC, FIVE)


@asynccontextmanager
async def streaming(name: str, folder: Path) -> AsyncIterator[tuple[VenueWire, CcxtVenue, Ears]]:
    """A venue whose stream is up, and whose settings are always taken."""
    async with listening(name, folder) as (wire, venue, ears):
        isolated = {"retCode": 0, "result": {"marginMode": "ISOLATED_MARGIN"}}
        wire.always("GET /v5/account/info", isolated)
        wire.always("POST /v5/position/set-leverage", {"retCode": 0, "retMsg": "OK", "result": {}})
        wire.always(MARGIN, {"code": 200, "msg": "success"})
        wire.always(LEVERAGE, {"leverage": 5, "symbol": "BTCUSDT"})
        await ears.until(EventKind.CONNECTED)
        yield wire, venue, ears


def settings(wire: VenueWire) -> int:
    """How often a leverage was sent."""
    return len(wire.requests(LEVERAGE)) + len(wire.requests("POST /v5/position/set-leverage"))


@pytest.mark.parametrize("name", ["binanceusdm", "bybit"])
async def test_a_market_is_set_once_until_the_stream_tells_of_another_leverage(name, tmp_path):
    async with streaming(name, tmp_path) as (wire, venue, _ears):
        for _ in range(3):
            assert await venue.prepare(BTC, leverage=FIVE)
            await wire.say(OURS[name])
        assert settings(wire) == 1
        await wire.say(BY_HAND[name])
        await until(lambda: not venue.prepared.are_so(BTC, FIVE))
        assert await venue.prepare(BTC, leverage=FIVE)
        assert settings(wire) == 2


async def test_a_refused_setting_is_not_remembered(tmp_path):
    async with streaming("binanceusdm", tmp_path) as (wire, venue, _ears):
        wire.tell(MARGIN, Told(status=400, body={"code": -4047, "msg": "open orders"}))
        assert not await venue.prepare(BTC, leverage=FIVE)
        assert await venue.prepare(BTC, leverage=FIVE)
        assert settings(wire) == 2


async def test_a_stream_that_was_cut_has_the_market_set_again(tmp_path):
    async with streaming("binanceusdm", tmp_path) as (wire, venue, ears):
        assert await venue.prepare(BTC, leverage=FIVE)
        await wire.cut()
        await ears.until(EventKind.SILENT)
        assert await venue.prepare(BTC, leverage=FIVE)
        assert settings(wire) == 2
