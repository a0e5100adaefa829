"""How venues write a candle on a stream, with the word that it is closed, which ccxt drops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from snipersight.domain.errors import DataInvalid
from snipersight.market.streams.bars import Bar, bar_of

Frame = Mapping[str, Any]


class ReadBar(NamedTuple):
    """A bar of a frame.

    Args:
        market: the venue's own name of the market, `BTCUSDT`.
        interval: its own name of the timeframe, `5m` or `5`.
        bar: as it stands.
        is_closed: what the venue says of it.
    """

    market: str
    interval: str
    bar: Bar
    is_closed: bool


ReadFrame = Callable[[Frame], Iterator[ReadBar] | None]
"""Returns the bars of a frame, None for one that is not about candles; raises `DataInvalid`."""


def binance_bars(frame: Frame) -> Iterator[ReadBar] | None:
    """Return the bar of a `kline` event."""
    return _binance_bars(frame) if frame.get("e") == "kline" else None


def bybit_bars(frame: Frame) -> Iterator[ReadBar] | None:
    """Return the bars of a frame of a topic `kline.5.BTCUSDT`."""
    topic = frame.get("topic")
    is_candle = isinstance(topic, str) and topic.startswith("kline.")
    return _bybit_bars(frame) if is_candle else None


def _binance_bars(frame: Frame) -> Iterator[ReadBar]:
    try:
        row = frame["k"]
        values = [row[name] for name in "tohlcv"]
        market, interval, is_closed = str(row["s"]), str(row["i"]), _claim(row["x"])
    except (KeyError, TypeError) as error:
        raise _unreadable(frame) from error
    yield ReadBar(market, interval, bar_of(values, where=f"{market} {interval}"), is_closed)


def _bybit_bars(frame: Frame) -> Iterator[ReadBar]:
    try:
        _, interval, market = frame["topic"].split(".")
        rows = [
            ([row[name] for name in _BYBIT_COLUMNS], _claim(row["confirm"]))
            for row in frame["data"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(frame) from error
    for values, is_closed in rows:
        yield ReadBar(market, interval, bar_of(values, where=f"{market} {interval}"), is_closed)


_BYBIT_COLUMNS: Final = ("start", "open", "high", "low", "close", "volume")


def _claim(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} says neither that a bar is closed nor that it is not")
    return value


def _unreadable(frame: Frame) -> DataInvalid:
    return DataInvalid(
        f"a frame about candles cannot be read: {str(dict(frame))[:200]}",
        where="stream",
        next_step="candles are asked for by request; the venue may have changed its streams",
    )


READERS: Final[Mapping[str, ReadFrame]] = {
    "binance": binance_bars,
    "binanceusdm": binance_bars,
    "bybit": bybit_bars,
}
"""Venues whose frames are read here; those of others pass through ccxt."""
