"""A channel that remembers what it was given and answers as it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from snipersight.domain.channels import Body, Delivered, Rendered, SendOutcome


class RecordingNotifier:
    """Sends nothing.

    Args:
        name: of the channel.
        outcomes: what becomes of the messages, in order; after them each is delivered.
        parts: how many messages a rendering becomes.
    """

    def __init__(
        self, name: str = "telegram", *, outcomes: Iterable[SendOutcome] = (), parts: int = 1
    ) -> None:
        self._name = name
        self._outcomes = list(outcomes)
        self._parts = parts
        self.prepared: list[Rendered] = []
        self.sent: list[tuple[str, Body, str]] = []
        self.is_closed = False
        self.has_sent = asyncio.Event()

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return self._name

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return as many parts as it was told, with the title and the Markdown."""
        self.prepared.append(message)
        body = {"title": message.title, "markdown": message.markdown, "silent": message.is_silent}
        return tuple(body | {"part": part} for part in range(1, self._parts + 1))

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Remember a message and answer."""
        self.sent.append((address, body, reply_to))
        self.has_sent.set()
        if self._outcomes:
            return self._outcomes.pop(0)
        return Delivered(message_id=str(len(self.sent)))

    async def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True
