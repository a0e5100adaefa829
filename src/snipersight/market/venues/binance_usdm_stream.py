"""The stream of a Binance USD-M account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from snipersight.domain.orders import VenueOrder
from snipersight.domain.venue import EventKind, VenueEvent
from snipersight.market.venues.binance_algo import placed_id, streamed_conditional
from snipersight.market.venues.binance_rows import Row, streamed_fill, streamed_order
from snipersight.market.venues.ccxt_line import CcxtLine, connected_line, route_frames
from snipersight.market.venues.numbers import decimal_of, us_of
from snipersight.market.venues.stream import OpenStream, StreamEnded

if TYPE_CHECKING:
    from snipersight.market.venues.binance_usdm import BinanceUsdm

_RENEW_S: Final = 1_200.0  # a listen key lives for an hour
_UNSUSPICIOUS: Final = ("ORDER", "FUNDING_FEE")  # changes that leave a market's settings alone
_EVENTS: Final = frozenset(
    {
        "ORDER_TRADE_UPDATE",
        "ALGO_UPDATE",
        "ACCOUNT_UPDATE",
        "ACCOUNT_CONFIG_UPDATE",
        "MARGIN_CALL",
        "listenKeyExpired",
    }
)


class UsdmStreamLink:
    """Opens the stream with a listen key, and reads its frames.

    Args:
        venue: whose account.
    """

    def __init__(self, venue: BinanceUsdm) -> None:
        self._venue = venue

    async def open(self, on_frame: Callable[[Mapping[str, Any]], None]) -> OpenStream:
        """Fetch a listen key, anew for every connection, and connect.

        Raises:
            VenueUnavailable: there is no key to be had, or the line could not be connected.
            VenueStopped: keys, permissions, ban, wrong host.
        """
        await self._venue.markets()
        exchange = self._venue.client.open()
        route_frames(exchange, is_event=lambda frame: frame.get("e") in _EVENTS, on_frame=on_frame)
        row = await self._venue.calls.ask("fapiPrivatePostListenKey", {})
        url = exchange.get_private_ws_url("linear", str(row["listenKey"]))
        return _Renewed(await connected_line(exchange, url), self._venue)

    def read(self, frame: Mapping[str, Any]) -> tuple[VenueEvent, ...]:
        """Return what a frame tells.

        Raises:
            StreamEnded: the listen key has expired.
        """
        event = frame.get("e")
        if event == "listenKeyExpired":
            raise StreamEnded("the listen key has expired")
        if event == "ORDER_TRADE_UPDATE":
            return self._of_order(frame["o"])
        if event == "ALGO_UPDATE":
            return self._of_conditional(frame["o"], at_us=us_of(frame, "T", "E"))
        if event == "ACCOUNT_CONFIG_UPDATE":
            return self._of_settings(frame)
        return self._of_positions(frame, str(event))

    def _of_settings(self, frame: Mapping[str, Any]) -> tuple[VenueEvent, ...]:
        """Take note of a leverage that was set, by us too; it asks for nothing."""
        row = frame.get("ac")
        if row is None:
            self._venue.prepared.doubt()
        else:
            self._venue.prepared.tell(self._symbol(row), decimal_of(row, "l"))
        return ()

    def _of_order(self, row: Row) -> tuple[VenueEvent, ...]:
        symbol = self._symbol(row)
        known = self._venue.ids.client_id(symbol, str(row["i"]))
        client_id = known if known is not None else str(row.get("c") or "")
        order = streamed_order(row, symbol, client_id=client_id, is_spot=False)
        fill = streamed_fill(row, symbol, client_id=client_id, fee_currency="")
        told = VenueEvent(kind=EventKind.ORDER, order=self._venue.keep_ids(order))
        if fill is None:
            return (told,)
        return (told, VenueEvent(kind=EventKind.FILL, order=order, fill=fill))

    def _of_positions(self, frame: Mapping[str, Any], text: str) -> tuple[VenueEvent, ...]:
        """Return a hint for each market that is named; one for all of them where none is."""
        account = frame.get("a", {})
        if account.get("m") not in _UNSUSPICIOUS:
            self._venue.prepared.doubt()
        rows = account.get("P") or ()
        told = tuple(
            VenueEvent(kind=EventKind.POSITION, symbol=self._symbol(row), text=text) for row in rows
        )
        return told or (VenueEvent(kind=EventKind.POSITION, text=text),)

    def _of_conditional(self, row: Row, *, at_us: int) -> tuple[VenueEvent, ...]:
        symbol = self._symbol(row)
        order: VenueOrder = streamed_conditional(row, symbol, at_us=at_us)
        self._venue.ids.learn(symbol, placed_id(row), order.client_id)
        return (VenueEvent(kind=EventKind.ORDER, order=order),)

    def _symbol(self, row: Row) -> Any:  # noqa: ANN401 — a Symbol; markets are there once it is open
        markets = self._venue.known_markets
        return markets.symbol_of(str(row["s"])) if markets is not None else str(row["s"])


class _Renewed:
    """A line whose listen key is renewed while it is up."""

    def __init__(self, line: CcxtLine, venue: BinanceUsdm) -> None:
        self._line = line
        self._venue = venue
        self._renewed_s = time.monotonic()
        self.down = line.down
        self.heard_s_ago = line.heard_s_ago
        self.close = line.close

    async def tend(self) -> None:
        """Renew the listen key every twenty minutes; what fails there ends the line."""
        if time.monotonic() - self._renewed_s > _RENEW_S:
            self._renewed_s = time.monotonic()
            await self._venue.calls.ask("fapiPrivatePutListenKey", {})
