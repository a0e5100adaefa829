"""A WebSocket line of ccxt.pro: its transport and pings, with the frames as they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from snipersight.domain.errors import VenueUnavailable

_CONNECT_S: Final = 15.0
_HASH: Final = "snipersight"  # under which ccxt keeps the future that fails when the line does

Frame = Mapping[str, Any]


def route_frames(
    exchange: Any,  # noqa: ANN401 — ccxt ships no type information
    *,
    is_event: Callable[[Frame], bool],
    on_frame: Callable[[Frame], None],
) -> None:
    """Send the account's frames to us, and the others (logging on, pings) to ccxt.

    ccxt would read the numbers as floats and merge what follows in quick succession.
    """
    handle = type(exchange).handle_message

    def handle_message(client: Any, message: Any) -> None:  # noqa: ANN401 — as above
        if isinstance(message, dict) and is_event(message):
            on_frame(message)
        else:
            handle(exchange, client, message)

    exchange.handle_message = handle_message


class CcxtLine:
    """A line that is up.

    Args:
        exchange: ccxt's.
        url: of the line.
        down: what ccxt fails when the line goes down.
    """

    def __init__(self, exchange: Any, url: str, down: asyncio.Future[Any]) -> None:  # noqa: ANN401
        self._exchange = exchange
        self._url = url
        self._down = down
        self._client = exchange.client(url)

    @property
    def down(self) -> asyncio.Future[Any]:
        """Return what has failed once the line is down."""
        return self._down

    def heard_s_ago(self) -> float:
        """Return how long ago a frame came, an answer to a ping too; seconds."""
        heard_ms = self._client.last_message_at or self._client.connectionEstablished or 0
        return time.time() - heard_ms / 1000

    async def tend(self) -> None:
        """Do nothing: ccxt pings by itself."""

    async def close(self) -> None:
        """Close the line and forget it, so that the next one is a new one."""
        self._exchange.clients.pop(self._url, None)
        await self._client.close()
        if self._down.done() and not self._down.cancelled():
            self._down.exception()  # seen: it would be complained about otherwise


async def connected_line(exchange: Any, url: str) -> CcxtLine:  # noqa: ANN401 — as above
    """Return a line that is connected.

    Raises:
        VenueUnavailable: it could not be connected in time.
        Exception: what ccxt made of the failure.
    """
    down = exchange.watch(url, _HASH)
    line = CcxtLine(exchange, url, down)
    client = exchange.client(url)
    await asyncio.wait({down, client.connected}, timeout=_CONNECT_S, return_when="FIRST_COMPLETED")
    if down.done():
        await line.close()
        down.result()
    if not client.connected.done():
        await line.close()
        raise VenueUnavailable(
            "the stream could not be connected",
            where=url.partition("?")[0],
            next_step="it is tried again",
        )
    return line
