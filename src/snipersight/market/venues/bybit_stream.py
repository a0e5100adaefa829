"""The stream of a Bybit account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, VenueEvent
from snipersight.market.venues.bybit_rows import TRADES, Row, execution_of, order_of
from snipersight.market.venues.ccxt_line import connected_line, route_frames
from snipersight.market.venues.numbers import decimal_of
from snipersight.market.venues.stream import OpenStream

if TYPE_CHECKING:
    from snipersight.market.venues.bybit import Bybit

_TOPICS: Final = ("order", "execution", "position")
_ANSWER_S: Final = 10.0
_LINEAR: Final = "linear"


class BybitStreamLink:
    """Logs on, subscribes to orders, executions and positions, and reads the frames.

    Args:
        venue: whose account.
    """

    def __init__(self, venue: Bybit) -> None:
        self._venue = venue

    async def open(self, on_frame: Callable[[Mapping[str, Any]], None]) -> OpenStream:
        """Connect, log on and subscribe.

        Raises:
            VenueUnavailable: the line could not be connected, or the subscription is not answered.
            Exception: what ccxt made of a refusal.
        """
        await self._venue.markets()
        exchange = self._venue.client.open()
        taken = asyncio.Event()

        def note(frame: Mapping[str, Any]) -> None:
            if frame.get("op") == "subscribe":
                taken.set()
            else:
                on_frame(frame)

        route_frames(exchange, is_event=_is_event, on_frame=note)
        url = exchange.implode_hostname(exchange.urls["api"]["ws"]["private"]["contract"])
        line = await connected_line(exchange, url)
        try:
            async with asyncio.timeout(_ANSWER_S):
                await exchange.authenticate(url)
                await exchange.client(url).send({"op": "subscribe", "args": list(_TOPICS)})
                await taken.wait()
        except TimeoutError:
            await line.close()
            raise VenueUnavailable(
                "the stream does not answer", where=url, next_step="it is tried again"
            ) from None
        except BaseException:
            await line.close()
            raise
        return line

    def read(self, frame: Mapping[str, Any]) -> tuple[VenueEvent, ...]:
        """Return what a frame tells of linear perpetuals."""
        rows = [row for row in frame["data"] if row.get("category", _LINEAR) == _LINEAR]
        topic = str(frame["topic"])
        if topic == "order":
            return tuple(self._of_order(row) for row in rows)
        if topic == "execution":
            trades = [row for row in rows if str(row.get("execType")) in TRADES]
            return tuple(self._of_execution(row) for row in trades)
        return tuple(self._of_position(row, topic) for row in rows)

    def _of_position(self, row: Row, topic: str) -> VenueEvent:
        symbol, leverage = self._symbol(row), row.get("leverage")
        self._venue.prepared.tell(symbol, decimal_of(row, "leverage") if leverage else None)
        return VenueEvent(kind=EventKind.POSITION, symbol=symbol, text=topic)

    def _of_order(self, row: Row) -> VenueEvent:
        order = self._venue.keep_ids(order_of(row, self._symbol(row)))
        return VenueEvent(kind=EventKind.ORDER, order=order)

    def _of_execution(self, row: Row) -> VenueEvent:
        symbol = self._symbol(row)
        fill = execution_of(row, symbol, quote=symbol.rpartition(":")[2])
        return VenueEvent(kind=EventKind.FILL, fill=fill)

    def _symbol(self, row: Row) -> Symbol:
        markets, market_id = self._venue.known_markets, str(row["symbol"])
        return markets.symbol_of(market_id) if markets is not None else Symbol(market_id)


def _is_event(frame: Mapping[str, Any]) -> bool:
    if frame.get("op") == "subscribe":
        return frame.get("success") is True
    return str(frame.get("topic") or "") in _TOPICS and isinstance(frame.get("data"), list)
