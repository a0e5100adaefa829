"""Candles by WebSocket through ccxt.pro: an exchange object, and connection, for each line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.timeframe import Timeframe
from snipersight.market.ccxt_client import CcxtClient
from snipersight.market.ccxt_errors import translated
from snipersight.market.streams.bars import LineLimits, StreamKey, Tell
from snipersight.market.streams.ccxt_frames import READERS
from snipersight.market.streams.ccxt_listening import (
    End,
    StreamExchange,
    connected,
    conversations,
    first_failure,
    read_frames,
    stopped,
    subscriptions,
)

_PING_MS: Final = 10_000  # a dead connection is noticed after two that are not answered
# Binance allows 1024 streams a connection and 5 messages a second, which ccxt spaces; Bybit
# takes 10 topics in a message.
_LIMITS: Final[Mapping[str, LineLimits]] = {
    "binance": LineLimits(keys=200, keys_per_message=50),
    "binanceusdm": LineLimits(keys=200, keys_per_message=50),
    "bybit": LineLimits(keys=200, keys_per_message=10),
}
_CAUTIOUS: Final = LineLimits(keys=40, keys_per_message=10)


class CcxtLines:
    """The streams of a venue, as `CandleLines`; nothing is contacted before `follow`.

    Binance's and Bybit's frames are read as they come, so that the venue's word that a bar is
    closed counts and nothing merges; those of other venues as ccxt tells them.

    Args:
        client: of the same venue; its list of markets and its way of connecting are shared.
        load_markets: makes sure that the client knows the markets.
    """

    def __init__(
        self, client: CcxtClient, *, load_markets: Callable[[], Awaitable[object]]
    ) -> None:
        self._client = client
        self._load_markets = load_markets
        self._venue = client.exchange_id

    @property
    def limits(self) -> LineLimits:
        """Return what one connection carries."""
        return _LIMITS.get(self._venue, _CAUTIOUS)

    def serves(self, timeframe: Timeframe) -> bool:
        """Return whether the venue streams bars of this length."""
        return timeframe.name in self._client.timeframes

    async def follow(
        self, keys: Sequence[StreamKey], *, tell: Tell, on_up: Callable[[], None]
    ) -> None:
        """Listen on one connection until it breaks; markets that are not listed are left out.

        Raises:
            UnknownSymbol: the venue lists none of them.
            SniperSightError: the connection broke or could not be made, or a frame about candles
                could not be read.
        """
        await self._load_markets()
        async with self._exchange() as exchange:
            listed = [key for key in keys if key.symbol in exchange.markets]
            if not listed:
                raise UnknownSymbol(
                    f"{self._venue} lists none of {len(keys)} markets that were to be streamed",
                    where=", ".join(str(key) for key in keys[:3]),
                    next_step="name symbols that the venue lists",
                )
            try:
                await self._listen(exchange, listed, tell=tell, on_up=on_up)
            except Exception as error:
                where = f"{self._venue} candle stream"
                raise translated(error, venue=self._venue, where=where) from error

    async def _listen(
        self,
        exchange: StreamExchange,
        keys: Sequence[StreamKey],
        *,
        tell: Tell,
        on_up: Callable[[], None],
    ) -> None:
        ends: list[End] = []
        most = self.limits.keys_per_message
        if (read := READERS.get(self._venue)) is not None:
            ends.append(read_frames(exchange, keys, read, tell=tell))
            work = subscriptions(exchange, keys, most=most)
        else:
            work = conversations(exchange, keys, tell=tell, most=most)
        ends.extend(asyncio.ensure_future(one) for one in work)
        try:
            if await connected(exchange, ends):
                on_up()
            await first_failure(ends)
        finally:
            await stopped(ends)

    @asynccontextmanager
    async def _exchange(self) -> AsyncIterator[StreamExchange]:
        import ccxt.pro

        make_session = self._client.session_factory
        session = None if make_session is None else make_session()
        try:
            exchange = getattr(ccxt.pro, self._venue)(self._client.config(session))
            exchange.timeout_on_exit = 0
            exchange.streaming = {**exchange.streaming, "keepAlive": _PING_MS}
            exchange.set_markets_from_exchange(self._client.open())
            try:
                yield exchange
            finally:
                await exchange.close()
        finally:
            if session is not None:
                await session.close()
                await asyncio.sleep(0)  # lets the transports of TLS connections see it


def lines_of(
    client: CcxtClient, *, load_markets: Callable[[], Awaitable[object]]
) -> CcxtLines | None:
    """Return the streams of a venue; None where ccxt knows no stream of its candles.

    Args:
        client: of the venue.
        load_markets: makes sure that the client knows the markets.
    """
    import ccxt.pro

    if client.exchange_id not in ccxt.pro.exchanges:
        return None
    described = getattr(ccxt.pro, client.exchange_id)({})  # opens nothing
    if described.has.get("watchOHLCV") is not True:
        return None
    return CcxtLines(client, load_markets=load_markets)
