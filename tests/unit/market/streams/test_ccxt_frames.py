"""Frames about candles, as the venues document them."""

from __future__ import annotations

from typing import Any

import pytest

from snipersight.domain.errors import DataInvalid
from snipersight.market.streams.bars import Bar
from snipersight.market.streams.ccxt_frames import ReadBar, binance_bars, bybit_bars

BINANCE: dict[str, Any] = {
    "e": "kline", "E": 1672515782136, "s": "BNBBTC",
    "k": {
        "t": 1672515780000, "T": 1672515839999, "s": "BNBBTC", "i": "1m", "f": 100, "L": 200,
        "o": "0.0010", "c": "0.0020", "h": "0.0025", "l": "0.0015", "v": "1000", "n": 100,
        "x": False, "q": "1.0000", "V": "500", "Q": "0.500", "B": "123456",
    },
}  # fmt: skip
BYBIT: dict[str, Any] = {
    "topic": "kline.5.BTCUSDT", "ts": 1672324988882, "type": "snapshot",
    "data": [{
        "start": 1672324800000, "end": 1672325099999, "interval": "5", "open": "16649.5",
        "close": "16677", "high": "16677", "low": "16608", "volume": "2.081",
        "turnover": "34666.4005", "confirm": True, "timestamp": 1672324988882,
    }],
}  # fmt: skip


def test_binance_says_with_x_whether_a_bar_is_closed():
    bar = Bar(1672515780000, 0.001, 0.0025, 0.0015, 0.002, 1000.0)
    assert list(binance_bars(BINANCE) or ()) == [ReadBar("BNBBTC", "1m", bar, False)]
    closed = {**BINANCE, "k": {**BINANCE["k"], "x": True}}
    assert [one.is_closed for one in binance_bars(closed) or ()] == [True]


def test_bybit_says_with_confirm_whether_a_bar_is_closed():
    bar = Bar(1672324800000, 16649.5, 16677.0, 16608.0, 16677.0, 2.081)
    assert list(bybit_bars(BYBIT) or ()) == [ReadBar("BTCUSDT", "5", bar, True)]


@pytest.mark.parametrize(
    "frame", [{"result": None, "id": 1}, {"e": "trade"}, {"op": "pong"}, {"topic": "tickers.BTC"}]
)
def test_other_frames_are_left_to_ccxt(frame: dict[str, Any]):
    assert binance_bars(frame) is None
    assert bybit_bars(frame) is None


@pytest.mark.parametrize(
    "k",
    [
        {**BINANCE["k"], "x": "true"},
        {**BINANCE["k"], "o": None},
        {**BINANCE["k"], "c": "n/a"},
        {name: value for name, value in BINANCE["k"].items() if name != "x"},
        None,
    ],
)
def test_a_frame_of_binance_that_cannot_be_read_is_refused(k: object):
    with pytest.raises(DataInvalid, match="cannot be read"):
        list(binance_bars({**BINANCE, "k": k}) or ())


@pytest.mark.parametrize(
    "changes",
    [
        {"data": [{**BYBIT["data"][0], "confirm": 1}]},
        {"data": [{"start": 1}]},
        {"data": None},
        {"topic": "kline.5"},
    ],
)
def test_a_frame_of_bybit_that_cannot_be_read_is_refused(changes: dict[str, object]):
    with pytest.raises(DataInvalid, match="cannot be read"):
        list(bybit_bars({**BYBIT, **changes}) or ())
