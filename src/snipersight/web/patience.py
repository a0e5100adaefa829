"""Connections of the dashboard: how many there may be, and how long one may say nothing."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

MOST_CONNECTIONS: Final = 512  # well below what a process may have open, 1024 as a rule
HEAD_S: Final = 10.0  # for the first line and the headers of a request


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that closes connections which ask nothing.

    The server itself waits for ever for the first request of a connection, and takes every one that
    comes: a thousand of them that say nothing would keep a person from stopping the bot. Here one
    that is idle makes room for a new one, the oldest first.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """Begin with no request."""
        super().__init__(*args, **options)
        self._waiting: asyncio.TimerHandle | None = None
        self._began_s = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there is no room for it."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._make_room()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a request that is not whole yet has its time."""
        super().data_received(data)
        if self.is_busy:
            self._wait_no_more()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait()

    @property
    def is_busy(self) -> bool:
        """Return whether a request is being answered, or it has become a WebSocket."""
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        is_answering = cycle is not None and not cycle.response_complete
        return is_answering or self.transport.get_protocol() is not self

    def _make_room(self) -> None:
        others = [one for one in cast("set[object]", self.connections) if one is not self]
        idle = [one for one in others if isinstance(one, PatientProtocol) and not one.is_busy]
        oldest = min(idle, key=lambda one: one._began_s, default=self)
        oldest.transport.abort()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_S, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.is_busy and not self.transport.is_closing():
            self.transport.abort()
