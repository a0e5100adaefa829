"""Lines to clients over WebSocket: messages in order, events with faults thrown in."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from snipersight.sandbox.exchange.faults import FaultDice, FaultKind

_HELD_S: Final = 0.3  # an event that was to come after the next one comes by then in any case


class Line:
    """One WebSocket: what is put on it is sent in order by a task of its own.

    Args:
        request: that asked for it.
        socket: the WebSocket.
        dice: throws the faults of events.

    Attributes:
        account: whose events come here; empty for a public line.
        topics: what the client asked for, in the protocol's words.
        sent: messages that went out.
    """

    def __init__(
        self, request: web.Request, socket: web.WebSocketResponse, dice: FaultDice
    ) -> None:
        self.account = ""
        self.topics: set[str] = set()
        self.sent = 0
        self._request = request
        self._socket = socket
        self._dice = dice
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._held: str | None = None
        self._silent_until_s = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether messages may still arrive."""
        return not self._socket.closed

    def reply(self, message: str) -> None:
        """Send an answer to something the client said; no fault befalls it."""
        self._queue.put_nowait(message)

    def tell(self, message: str) -> None:
        """Send an event, or what a fault makes of it."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._silent_until_s:
            return
        fault = self._dice.throw_event()
        if fault is FaultKind.STREAM_SILENCE:
            self._silent_until_s = loop.time() + self._dice.plan.silence_s
        elif fault is FaultKind.STREAM_DISCONNECT:
            self.cut()
        elif fault is FaultKind.EVENT_REORDER and self._held is None:
            self._held = message
            loop.call_later(_HELD_S, self._release)
        else:
            for _ in range(1 + (fault is FaultKind.EVENT_DUPLICATE)):
                self._queue.put_nowait(message)
            self._release()

    def show(self, message: str) -> None:
        """Send a public event; it is lost in a silence, and to other faults if the plan says so."""
        if self._dice.plan.spoils_public_events:
            self.tell(message)
        elif asyncio.get_running_loop().time() >= self._silent_until_s:
            self._queue.put_nowait(message)

    def cut(self) -> None:
        """End the line as a broken network does: without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def deliver(self) -> None:
        """Send what is put on the line until it ends."""
        with contextlib.suppress(ConnectionError):
            while self.is_open:
                message = await self._queue.get()
                await self._socket.send_str(message)
                self.sent += 1

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._queue.put_nowait(held)


class Lines:
    """The open lines of a venue."""

    def __init__(self) -> None:
        self._lines: set[Line] = set()
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._lines)

    @contextlib.contextmanager
    def opened(self, line: Line) -> Iterator[Line]:
        """Keep a line among the open ones for a while."""
        self._lines.add(line)
        self.counts["opened"] += 1
        try:
            yield line
        finally:
            self._lines.discard(line)

    def of_account(self, account: str) -> tuple[Line, ...]:
        """Return the lines that an account's events go to."""
        return tuple(line for line in self._lines if line.account == account)

    def of_topic(self, topic: str) -> tuple[Line, ...]:
        """Return the lines that asked for a topic."""
        return tuple(line for line in self._lines if topic in line.topics)

    def topics(self) -> frozenset[str]:
        """Return every topic that a line asked for."""
        return frozenset(topic for line in self._lines for topic in line.topics)

    def cut(self) -> None:
        """End every line."""
        for line in tuple(self._lines):
            line.cut()
