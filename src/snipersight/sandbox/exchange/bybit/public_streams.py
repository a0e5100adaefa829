"""Bybit's public topics: candles, trades, tickers and books of one market each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from snipersight.domain.units import Symbol
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.market import INTERVALS_MS, book_body
from snipersight.sandbox.exchange.bybit.names import BybitSide, shown
from snipersight.sandbox.exchange.bybit.tickers import ticker_body
from snipersight.sandbox.exchange.calls import dumps
from snipersight.sandbox.exchange.candle_news import CandleNews
from snipersight.sandbox.exchange.prices import Bar
from snipersight.sandbox.exchange.streams import Line

_KINDS: Final = frozenset({"kline", "publicTrade", "tickers", "orderbook"})
_SNAPSHOT: Final = "snapshot"
_MOST_LEVELS: Final = 50


class _Topic(NamedTuple):
    """A topic such as `kline.5.BTCUSDT`."""

    kind: str
    detail: str  # interval or depth; empty where there is none
    market: str


class PublicStreams:
    """Tells the lines that asked for a market of its prices.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world
        self._news = CandleNews(self._world)
        self._number = 0

    def knows(self, topic: str) -> bool:
        """Return whether there is such a topic."""
        parts = _parsed(topic)
        if parts.kind not in _KINDS or self._world.symbol_of(parts.market) is None:
            return False
        if parts.kind == "kline":
            return parts.detail in INTERVALS_MS
        return parts.kind != "orderbook" or parts.detail.isdecimal()

    def follow(self, topics: Collection[str]) -> None:
        """Take note of what a line is about to ask for."""
        for topic in topics:
            parts = _parsed(topic)
            symbol = self._world.symbol_of(parts.market)
            if parts.kind == "kline" and symbol is not None:
                self._news.follow(topic, symbol, INTERVALS_MS[parts.detail])

    async def greet(self, line: Line, topics: Collection[str]) -> None:
        """Show a line that has just asked how things stand: books and tickers."""
        for topic in sorted(topics):
            parts = _parsed(topic)
            symbol = self._world.symbol_of(parts.market)
            if symbol is None:
                continue
            await self._world.freshen([symbol])
            await self._world.learn_days([symbol])
            if parts.kind in ("orderbook", "tickers") and symbol in self._world.tape.last:
                line.show(dumps(self._event(symbol, topic)))

    def on_price(self, symbol: Symbol) -> None:
        """Tell of a new price."""
        end = f".{self._world.venue_id_of(symbol)}"
        for topic in self._world.lines.topics():
            if topic.endswith(end):
                message = dumps(self._event(symbol, topic))
                for line in self._world.lines.of_topic(topic):
                    line.show(message)

    def _event(self, symbol: Symbol, topic: str) -> dict[str, Any]:
        self._number += 1
        parts = _parsed(topic)
        at_ms = self._world.clock() // 1_000
        event = {"topic": topic, "type": _SNAPSHOT, "ts": at_ms}
        if parts.kind == "kline":
            return {**event, "data": self._klines(symbol, topic, parts.detail)}
        if parts.kind == "publicTrade":
            return {**event, "data": [self._trade(symbol, at_ms)]}
        if parts.kind == "tickers":
            return {**event, "cs": self._number, "data": ticker_body(self._desk, symbol)}
        depth = min(max(int(parts.detail), 1), _MOST_LEVELS)
        return {**event, "cts": at_ms, "data": self._book(symbol, depth)}

    def _book(self, symbol: Symbol, depth: int) -> dict[str, Any]:
        return {**book_body(self._desk, symbol, depth=depth), "u": self._number}

    def _klines(self, symbol: Symbol, topic: str, interval: str) -> list[dict[str, Any]]:
        """Return the candle as it stands, and before it those that have closed since."""
        now_ms = self._world.clock() // 1_000
        return [
            _kline(bar, interval, now_ms=now_ms, is_closed=is_closed)
            for bar, is_closed in self._news.of(topic, symbol, INTERVALS_MS[interval])
        ]

    def _trade(self, symbol: Symbol, at_ms: int) -> dict[str, Any]:
        return {
            "T": at_ms,
            "s": self._world.venue_id_of(symbol),
            "S": BybitSide.BUY.value,
            "v": shown(self._world.instruments[symbol].lot, "1"),
            "p": shown(self._world.tape.last[symbol]),
            "i": f"t-{self._number}",
            "BT": False,
        }


def _parsed(topic: str) -> _Topic:
    kind, *between, market = topic.split(".") if topic.count(".") else (topic, "")
    return _Topic(kind, ".".join(between), market)


def _kline(bar: Bar, interval: str, *, now_ms: int, is_closed: bool) -> dict[str, Any]:
    return {
        "start": bar.open_ms,
        "end": bar.open_ms + INTERVALS_MS[interval] - 1,
        "interval": interval,
        "open": shown(bar.open),
        "close": shown(bar.close),
        "high": shown(bar.high),
        "low": shown(bar.low),
        "volume": shown(bar.volume),
        "turnover": shown(bar.volume * bar.close),
        "confirm": is_closed,
        "timestamp": now_ms,
    }
