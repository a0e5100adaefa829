"""One ccxt.pro exchange that listens: subscribed once and its frames read, or asked for news."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from snipersight.domain.errors import VenueUnavailable
from snipersight.market.streams.bars import StreamKey, Tell, bar_of
from snipersight.market.streams.ccxt_frames import Frame, ReadFrame

_CONNECT_S: Final = 20.0
_LOOK_S: Final = 0.02
_ALL_AT_ONCE: Final = "watchOHLCVForSymbols"

Rows = Sequence[Sequence[float]]
End = asyncio.Future[Any]
"""What is done, and has failed, once a connection is down."""


class StreamClient(Protocol):
    """One connection of ccxt's."""

    connected: asyncio.Future[Any]


class StreamExchange(Protocol):
    """What we use of a ccxt.pro exchange; ccxt ships no type information."""

    has: Mapping[str, object]
    markets: Mapping[str, Mapping[str, Any]]
    timeframes: Mapping[str, str]
    clients: Mapping[str, StreamClient]
    handle_message: Callable[[StreamClient, object], object]

    async def watch_ohlcv_for_symbols(
        self, symbols_and_timeframes: Sequence[Sequence[str]]
    ) -> Mapping[str, Mapping[str, Rows]]:
        """Subscribe if need be and return the news, by symbol and timeframe."""
        ...

    async def watch_ohlcv(self, symbol: str, timeframe: str) -> Rows:
        """Subscribe if need be and return the news."""
        ...


def read_frames(
    exchange: StreamExchange, keys: Iterable[StreamKey], read: ReadFrame, *, tell: Tell
) -> asyncio.Future[None]:
    """Take the frames about candles; ccxt handles the others, answers to pings among them.

    Returns:
        What fails once a frame about candles could not be taken.
    """
    by_name = {_venue_name(exchange, key): key for key in keys}
    handle = exchange.handle_message
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    broken.add_done_callback(_seen)

    def take(frame: Frame) -> bool:
        bars = read(frame)
        for one in bars or ():
            if (key := by_name.get((one.market, one.interval))) is not None:
                tell(key, one.bar, one.is_closed)
        return bars is not None

    def on_message(client: StreamClient, message: object) -> None:
        try:
            is_taken = isinstance(message, dict) and take(message)
        except Exception as error:  # noqa: BLE001 — the transport would lose it; `broken` raises it
            if not broken.done():
                broken.set_exception(error)
            return
        if not is_taken:
            handle(client, message)

    exchange.handle_message = on_message
    return broken


def subscriptions(
    exchange: StreamExchange, keys: Sequence[StreamKey], *, most: int
) -> list[Coroutine[Any, Any, object]]:
    """Return what subscribes, so many keys a message, and then waits for the connection's end."""
    return [exchange.watch_ohlcv_for_symbols(_names(some)) for some in _parts(keys, most)]


def conversations(
    exchange: StreamExchange, keys: Sequence[StreamKey], *, tell: Tell, most: int
) -> list[Coroutine[Any, Any, object]]:
    """Return what asks ccxt for news again and again, until the connection's end."""
    if exchange.has.get(_ALL_AT_ONCE) is True:
        return [_talk_of_many(exchange, some, tell) for some in _parts(keys, most)]
    return [_talk_of_one(exchange, key, tell) for key in keys]


async def connected(exchange: StreamExchange, ends: Sequence[End]) -> bool:
    """Wait until every connection stands that was begun; False if one has ended before.

    Raises:
        VenueUnavailable: it takes too long.
    """
    try:
        async with asyncio.timeout(_CONNECT_S):
            while not exchange.clients and not _any_done(ends):  # noqa: ASYNC110 — ccxt tells nobody
                await asyncio.sleep(_LOOK_S)
            waiting = {client.connected for client in exchange.clients.values()}
            while waiting and not _any_done(ends):
                done, _ = await asyncio.wait({*waiting, *ends}, return_when="FIRST_COMPLETED")
                waiting -= done
            return not _any_done(ends)
    except TimeoutError as error:
        raise VenueUnavailable(
            "the stream could not be connected in time", next_step="it is tried again"
        ) from error


async def first_failure(ends: Sequence[End]) -> None:
    """Wait until a connection ends and raise why; it has no other end.

    Raises:
        Exception: what ccxt made of it.
        VenueUnavailable: it was closed without a word.
    """
    done, _ = await asyncio.wait(ends, return_when="FIRST_COMPLETED")
    for end in done:
        if not end.cancelled():
            end.result()
    raise VenueUnavailable("the stream was closed", next_step="it is opened again")


async def stopped(tasks: Sequence[End]) -> None:
    """End tasks, whatever has become of them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _talk_of_many(exchange: StreamExchange, keys: Sequence[StreamKey], tell: Tell) -> None:
    by_name = {(str(key.symbol), key.timeframe.name): key for key in keys}
    while True:
        news = await exchange.watch_ohlcv_for_symbols(_names(keys))
        for symbol, by_timeframe in news.items():
            for timeframe, rows in by_timeframe.items():
                if (key := by_name.get((symbol, timeframe))) is not None:
                    _tell_rows(key, rows, tell)


async def _talk_of_one(exchange: StreamExchange, key: StreamKey, tell: Tell) -> None:
    while True:
        _tell_rows(key, await exchange.watch_ohlcv(key.symbol, key.timeframe.name), tell)


def _tell_rows(key: StreamKey, rows: Rows, tell: Tell) -> None:
    for bar in sorted(bar_of(row[:6], where=str(key)) for row in rows):
        tell(key, bar, None)


def _venue_name(exchange: StreamExchange, key: StreamKey) -> tuple[str, str]:
    return str(exchange.markets[key.symbol]["id"]), exchange.timeframes[key.timeframe.name]


def _names(keys: Iterable[StreamKey]) -> list[list[str]]:
    return [[key.symbol, key.timeframe.name] for key in keys]


def _parts(keys: Sequence[StreamKey], most: int) -> list[Sequence[StreamKey]]:
    return [keys[first : first + most] for first in range(0, len(keys), most)]


def _any_done(ends: Iterable[End]) -> bool:
    return any(end.done() for end in ends)


def _seen(end: End) -> None:
    # Where another end came first nobody asks this one, and asyncio would complain about that.
    if not end.cancelled():
        end.exception()
