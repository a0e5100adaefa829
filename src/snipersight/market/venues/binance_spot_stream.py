"""The stream of a Binance spot account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from snipersight.domain.units import Symbol
from snipersight.domain.venue import EventKind, VenueEvent
from snipersight.market.venues.binance_rows import Row, streamed_fill, streamed_order
from snipersight.market.venues.ccxt_line import connected_line, route_frames
from snipersight.market.venues.stream import OpenStream, StreamEnded

if TYPE_CHECKING:
    from snipersight.market.venues.binance_spot import BinanceSpot


class SpotStreamLink:
    """Logs on to the WebSocket interface with a signature, and reads its frames.

    Args:
        venue: whose account.
    """

    def __init__(self, venue: BinanceSpot) -> None:
        self._venue = venue

    async def open(self, on_frame: Callable[[Mapping[str, Any]], None]) -> OpenStream:
        """Connect and subscribe.

        Raises:
            VenueUnavailable: the line could not be connected.
            Exception: what ccxt made of a refusal to subscribe.
        """
        await self._venue.markets()
        exchange = self._venue.client.open()
        route_frames(exchange, is_event=_is_event, on_frame=on_frame)
        line = await connected_line(exchange, exchange.urls["api"]["ws"]["ws-api"]["spot"])
        try:
            await exchange.ensure_user_data_stream_ws_subscribe_signature("spot")
        except BaseException:
            await line.close()
            raise
        return line

    def read(self, frame: Mapping[str, Any]) -> tuple[VenueEvent, ...]:
        """Return what a frame tells.

        Raises:
            StreamEnded: the venue ended the subscription.
        """
        row = frame.get("event", frame)
        if row.get("e") == "eventStreamTerminated":
            raise StreamEnded("the venue ended the stream")
        if row.get("e") != "executionReport":
            return ()
        return self._of_order(row)

    def _of_order(self, row: Row) -> tuple[VenueEvent, ...]:
        markets = self._venue.known_markets
        market_id = str(row["s"])
        symbol = markets.symbol_of(market_id) if markets is not None else Symbol(market_id)
        # A cancel has an id of its own; that of the cancelled order is told as the original one.
        client_id = str(row.get("C") or row.get("c") or "")
        order = streamed_order(row, symbol, client_id=client_id, is_spot=True)
        told = VenueEvent(kind=EventKind.ORDER, order=self._venue.keep_ids(order))
        fill = streamed_fill(row, symbol, client_id=client_id, fee_currency="")
        if fill is None:
            return (told,)
        return (told, VenueEvent(kind=EventKind.FILL, order=order, fill=fill))


def _is_event(frame: Mapping[str, Any]) -> bool:
    row = frame.get("event", frame)
    return isinstance(row, dict) and "e" in row
