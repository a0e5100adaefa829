"""Binance's market streams: subscriptions by name, and what each price makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.candles import INTERVALS_MS
from snipersight.sandbox.exchange.calls import Call, dumps
from snipersight.sandbox.exchange.candle_news import CandleNews
from snipersight.sandbox.exchange.prices import Bar
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

_COMBINED: Final = "/stream"
_WRAPPED: Final = "(combined)"  # a topic of our own: this line wants each event with its name


class MarketStreams:
    """The public lines of one venue.

    Args:
        world: whose prices are told.
        is_futures: whether events carry what only futures have.
    """

    def __init__(self, world: VenueWorld, *, is_futures: bool) -> None:
        self._world = world
        self._is_futures = is_futures
        self._news = CandleNews(world)
        self._number = 0

    async def open(self, call: Call, line: Line) -> None:
        """Subscribe to what the address names: `/ws/a@b` or `/stream?streams=a@b/c@d`."""
        path = call.path.rpartition("/ws/")[2] if "/ws/" in call.path else ""
        if call.path.endswith(_COMBINED):
            line.topics.add(_WRAPPED)
            path = call.parameters().get("streams", "")
        await self._subscribe(line, [name for name in path.split("/") if "@" in name])

    async def hear(self, line: Line, message: str) -> bool:
        """Act on a subscription; False if the message is none."""
        try:
            said = json.loads(message)
        except ValueError:
            return False
        names = said.get("params", []) if isinstance(said, dict) else []
        method = said.get("method") if isinstance(said, dict) else None
        if method == "SUBSCRIBE":
            await self._subscribe(line, names)
        elif method == "UNSUBSCRIBE":
            line.topics.difference_update(names)
        elif method != "LIST_SUBSCRIPTIONS":
            return False
        listed = sorted(line.topics - {_WRAPPED}) if method == "LIST_SUBSCRIPTIONS" else None
        line.reply(dumps({"result": listed, "id": said.get("id")}))
        return True

    def on_price(self, symbol: Symbol) -> None:
        """Tell the lines that asked for a market of its new price."""
        prefix = f"{self._world.venue_id_of(symbol).lower()}@"
        for topic in self._world.lines.topics():
            if topic.startswith(prefix):
                for event in self._events(symbol, topic):
                    self._show(topic, event)

    def _show(self, topic: str, event: dict[str, Any]) -> None:
        for line in self._world.lines.of_topic(topic):
            is_wrapped = _WRAPPED in line.topics
            line.show(dumps({"stream": topic, "data": event} if is_wrapped else event))

    async def _subscribe(self, line: Line, names: Iterable[object]) -> None:
        known = {str(name) for name in names}
        for name in known:
            self._follow(name)
        line.topics.update(known)
        found = (self._world.symbol_of(name.partition("@")[0].upper()) for name in known)
        await self._world.freshen([symbol for symbol in found if symbol is not None])

    def _follow(self, topic: str) -> None:
        market, _, stream = topic.partition("@")
        symbol = self._world.symbol_of(market.upper())
        step_ms = INTERVALS_MS.get(stream.removeprefix("kline_"))
        if symbol is not None and step_ms is not None:
            self._news.follow(topic, symbol, step_ms)

    def _events(self, symbol: Symbol, topic: str) -> list[dict[str, Any]]:
        stream = topic.partition("@")[2]
        if stream.startswith("kline_"):
            return self._klines(symbol, topic, stream.removeprefix("kline_"))
        if stream in ("aggTrade", "trade"):
            return [self._trade(symbol, stream)]
        if stream == "bookTicker":
            return [self._book_ticker(symbol)]
        if stream.startswith("markPrice") and self._is_futures:
            return [self._mark_price(symbol)]
        return []

    def _stamped(self, event: str, symbol: Symbol) -> dict[str, Any]:
        self._number += 1
        at_ms = self._world.clock() // 1_000
        return {"e": event, "E": at_ms, "s": self._world.venue_id_of(symbol)}

    def _klines(self, symbol: Symbol, topic: str, interval: str) -> list[dict[str, Any]]:
        """Return the candle as it stands, and before it those that have closed since."""
        step_ms = INTERVALS_MS.get(interval)
        if step_ms is None:
            return []
        return [
            {
                **self._stamped("kline", symbol),
                "k": self._kline(symbol, bar, interval, is_closed=is_closed),
            }
            for bar, is_closed in self._news.of(topic, symbol, step_ms)
        ]

    def _kline(self, symbol: Symbol, bar: Bar, interval: str, *, is_closed: bool) -> dict[str, Any]:
        value = plain(bar.volume * bar.close)
        return {
            "t": bar.open_ms,
            "T": bar.open_ms + INTERVALS_MS[interval] - 1,
            "s": self._world.venue_id_of(symbol),
            "i": interval,
            "f": self._number,
            "L": self._number,
            "o": plain(bar.open),
            "c": plain(bar.close),
            "h": plain(bar.high),
            "l": plain(bar.low),
            "v": plain(bar.volume),
            "n": 1,
            "x": is_closed,
            "q": value,
            "V": plain(bar.volume / 2),
            "Q": value,
            "B": "0",
        }

    def _trade(self, symbol: Symbol, stream: str) -> dict[str, Any]:
        price = plain(self._world.tape.last[symbol])
        event = self._stamped(stream, symbol)
        number = {"a": self._number, "f": self._number, "l": self._number}
        return {
            **event,
            **(number if stream == "aggTrade" else {"t": self._number}),
            "p": price,
            "q": "1",
            "T": event["E"],
            "m": False,
        }

    def _book_ticker(self, symbol: Symbol) -> dict[str, Any]:
        quote, event = self._world.engine.quote(symbol), self._stamped("bookTicker", symbol)
        sides = {
            "s": event["s"],
            "b": plain(quote.bid or Decimal(0)),
            "B": "1",
            "a": plain(quote.ask or Decimal(0)),
            "A": "1",
        }
        if self._is_futures:
            return {**event, "u": self._number, "T": event["E"], **sides}
        return {"u": self._number, **sides}

    def _mark_price(self, symbol: Symbol) -> dict[str, Any]:
        mark, event = plain(self._world.engine.quote(symbol).mark), None
        event = self._stamped("markPriceUpdate", symbol)
        next_ms = (event["E"] // 28_800_000 + 1) * 28_800_000
        return {**event, "p": mark, "i": mark, "P": mark, "r": "0.00010000", "T": next_ms}
