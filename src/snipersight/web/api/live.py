"""The live stream: one look at the store for all clients, and each is told what it asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.errors import SniperSightError
from snipersight.web.api.live_values import LiveValues
from snipersight.web.api.messages import Message, hello, recovered, ticked, troubled
from snipersight.web.api.telling import Told

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.live_values import News
    from snipersight.web.api.reads import Reads
    from snipersight.web.feed import ChangeFeed, Look

TICK_S: Final = 5.0  # a client that hears nothing for longer knows that the connection is gone
_LONGEST_LINE: Final = 200


@dataclass(slots=True, eq=False)
class Client:
    """One who listens.

    Args:
        topics: what it wants to hear of.
    """

    topics: frozenset[Topic]
    is_greeted: bool = False
    line: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(_LONGEST_LINE))

    def tell(self, message: Message) -> bool:
        """Put a message in line; False: the client does not keep up, and the line is full."""
        if self.line.full():
            return False
        self.line.put_nowait(message)
        return True

    def greet(self, told: Sequence[Told]) -> None:
        """Say hello and how everything stands; whoever was told before has missed what was in line."""
        while not self.line.empty():
            self.line.get_nowait()
        revisions = {one.topic: one.revision for one in told}
        self.line.put_nowait(hello(revisions, is_again=self.is_greeted))
        for one in told:
            if one.whole is not None:
                self.line.put_nowait(one.whole)
        self.is_greeted = True

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what there is to hear, and a sign of life where there is nothing."""
        while True:
            try:
                yield await asyncio.wait_for(self.line.get(), TICK_S)
            except TimeoutError:
                yield ticked()


class Live:
    """Reads what has changed as long as somebody listens; belongs to one event loop.

    Args:
        reader: is asked how things stand now.
        reads: in its thread; it has one.
        feed: looks at the store, for this and for others.
    """

    def __init__(self, reader: DashboardReader, reads: Reads, feed: ChangeFeed) -> None:
        self._reads: Final = reads
        self._feed: Final = feed
        self._clients: Final[set[Client]] = set()
        self._values: Final = LiveValues(reader)
        self._told: Final[dict[Topic, Told]] = {}
        self._due: Final[set[Topic]] = set()
        self._telling: asyncio.Task[None] | None = None
        self._trouble: Message | None = None

    @asynccontextmanager
    async def listening(self, topics: frozenset[Topic]) -> AsyncIterator[Client]:
        """Yield a client that is told how things stand and what changes, until the end of the block."""
        client = Client(topics)
        self._clients.add(client)
        try:
            if self._trouble is not None:
                client.tell(self._trouble)
            await self._feed.add(self._looked)
            self._read(topics - self._told.keys())
            self._greet()
            yield client
        finally:
            self._clients.discard(client)
            if not self._clients:
                self._rest()

    def _rest(self) -> None:
        """Forget everything: nobody looks from now on, so what was known grows old."""
        self._feed.drop(self._looked)
        self._told.clear()
        self._due.clear()
        self._trouble = None

    def _looked(self, look: Look) -> None:
        if look.trouble is not None:
            self._fail(look.trouble)
            return
        for topic in look.changed - self._wanted():
            self._told.pop(topic, None)
        self._read(look.changed)

    def _wanted(self) -> frozenset[Topic]:
        return frozenset[Topic]().union(*(client.topics for client in self._clients))

    def _read(self, topics: Iterable[Topic]) -> None:
        """Have topics read and told, one after the other, in a task of its own."""
        self._due.update(topics)
        if self._due and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell_due(), name="live stream")

    async def _tell_due(self) -> None:
        while due := sorted(self._due & self._wanted()):
            self._due.clear()
            for topic in due:
                try:
                    news = await self._reads.call(self._values.read, topic)
                except SniperSightError as error:
                    self._due.update(due)
                    self._fail(error)
                    return
                self._recover()
                self._tell_news(topic, news)
            self._greet()

    def _tell_news(self, topic: Topic, news: News) -> None:
        before = self._told.get(topic)
        if topic not in self._wanted():  # they left while it was read
            self._told.pop(topic, None)
        elif before is None:
            self._told[topic] = Told.first(topic, news)
        elif found := before.then(news):
            self._told[topic], told = found
            self._tell(told, [one for one in self._clients if topic in one.topics])

    def _fail(self, error: SniperSightError) -> None:
        if self._trouble is None:
            self._trouble = troubled(error)
            for client in self._clients:
                client.tell(self._trouble)

    def _recover(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            self._tell(recovered(), self._clients)

    def _tell(self, message: Message, clients: Iterable[Client]) -> None:
        for client in clients:
            if client.is_greeted and not client.tell(message):
                client.greet(self._of(client))

    def _greet(self) -> None:
        """Have those begin of whose topics all are known."""
        for client in self._clients:
            if not client.is_greeted and client.topics <= self._told.keys():
                client.greet(self._of(client))

    def _of(self, client: Client) -> list[Told]:
        return [self._told[topic] for topic in sorted(client.topics & self._told.keys())]


def topics_of(names: Iterable[Topic] | None) -> frozenset[Topic]:
    """Return the topics that are named; all of them if none is."""
    return frozenset(names or Topic)
