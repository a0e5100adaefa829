"""The live stream: one look at the store for all clients, and each is told what it asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import Changes, Topic
from snipersight.domain.errors import SniperSightError
from snipersight.web.api.live_values import LiveValues
from snipersight.web.api.messages import Message, hello, recovered, ticked, troubled

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.reads import Reads

EVERY_S: Final = 0.1
TICK_S: Final = 5.0  # a client that hears nothing for longer knows that the connection is gone
RETRY_S: Final = 1.0
_LONGEST_LINE: Final = 200


@dataclass(slots=True, eq=False)
class Client:
    """One who listens.

    Args:
        topics: what it wants to hear of.
    """

    topics: frozenset[Topic]
    line: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(_LONGEST_LINE))

    def tell(self, message: Message) -> None:
        """Put a message in line; a client that does not keep up loses the oldest and is told so."""
        if self.line.full():
            while not self.line.empty():
                self.line.get_nowait()
            self.line.put_nowait(hello(self.topics, is_again=True))
        self.line.put_nowait(message)

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what there is to hear, and a sign of life where there is nothing."""
        yield hello(self.topics)
        while True:
            try:
                yield await asyncio.wait_for(self.line.get(), TICK_S)
            except TimeoutError:
                yield ticked()


class Live:
    """Looks at the store as long as somebody listens; belongs to one event loop.

    Args:
        reader: is asked what has changed, and how it stands now.
        reads: in one of its threads.
        every_s: between two looks, seconds.
    """

    def __init__(self, reader: DashboardReader, reads: Reads, *, every_s: float = EVERY_S) -> None:
        self._reader: Final = reader
        self._reads: Final = reads
        self._every_s: Final = every_s
        self._clients: Final[set[Client]] = set()
        self._values = LiveValues(reader)
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, topics: frozenset[Topic]) -> AsyncIterator[Client]:
        """Yield a client that is told what changes until the end of the block."""
        client = Client(topics)
        self._clients.add(client)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="live stream")
        try:
            yield client
        finally:
            self._clients.discard(client)

    async def _look(self) -> None:
        before: Changes | None = None
        is_away = False
        self._values = LiveValues(self._reader)
        while self._clients:
            try:
                now = await self._reads.call(self._reader.changes)
                await self._tell_changes(now, before)
            except SniperSightError as error:
                if not is_away:
                    self._tell_all(troubled(error))
                is_away, before = True, None
                await asyncio.sleep(RETRY_S)
                continue
            if is_away:
                self._tell_all(recovered())
            is_away, before = False, now
            await asyncio.sleep(self._every_s)

    async def _tell_changes(self, now: Changes, before: Changes | None) -> None:
        """Tell what changed; at the first look, only remember how far things have come."""
        changed = frozenset(Topic) if before is None else now.since(before)
        wanted: Counter[Topic] = Counter()
        for client in self._clients:
            wanted.update(client.topics)
        for topic in sorted(changed & frozenset(wanted)):
            message = await self._reads.call(self._values.message, topic, is_first=before is None)
            if message is not None:
                self._tell(topic, message)

    def _tell(self, topic: Topic, message: Message) -> None:
        for client in tuple(self._clients):
            if topic in client.topics:
                client.tell(message)

    def _tell_all(self, message: Message) -> None:
        for client in tuple(self._clients):
            client.tell(message)


def topics_of(names: Iterable[Topic] | None) -> frozenset[Topic]:
    """Return the topics that are named; all of them if none is."""
    return frozenset(names or Topic)
