"""The account's stream: opened, watched, opened again; frames become events in one place each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from snipersight.domain.errors import SniperSightError
from snipersight.domain.venue import EventKind, VenueEvent
from snipersight.market.ccxt_errors import redacted
from snipersight.market.venues.questions import UNREADABLE

_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 15.0
_STABLE_S: Final = 30.0  # a connection that lasted so long starts the pauses anew
_LOOK_S: Final = 0.5
_MOST_WAITING: Final = 10_000
_CONNECTED: Final = VenueEvent(kind=EventKind.CONNECTED)


class StreamEnded(Exception):
    """The venue ended the stream and says so in a frame."""


class StreamLink(Protocol):
    """How one venue's stream is opened and what its frames say."""

    async def open(self, on_frame: Callable[[Mapping[str, Any]], None]) -> OpenStream:
        """Connect and subscribe; every frame of the account goes to `on_frame` from then on."""
        ...

    def read(self, frame: Mapping[str, Any]) -> tuple[VenueEvent, ...]:
        """Return what a frame tells; nothing for those that concern no order.

        Raises:
            StreamEnded: it says that nothing more will come.
        """
        ...


class OpenStream(Protocol):
    """A stream that is up."""

    @property
    def down(self) -> asyncio.Future[Any]:
        """Return what is done, or has failed, once the line is down."""
        ...

    def heard_s_ago(self) -> float:
        """Return how long ago anything came, an answer to a ping too; seconds."""
        ...

    async def tend(self) -> None:
        """Do what keeps it alive, if it is time; called every half second."""
        ...

    async def close(self) -> None:
        """Let go of the line."""
        ...


class UserStream:
    """Turns a link into events without end.

    Args:
        link: of the venue.
        silent_after_s: a line that says nothing for so long counts as down.
        masked: takes secrets out of a text.
        sleep: waits for seconds.
        monotonic: seconds, never set back.
    """

    def __init__(
        self,
        link: StreamLink,
        *,
        silent_after_s: float,
        masked: Callable[[str], str] = str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._link = link
        self._silent_after_s = silent_after_s
        self._masked = masked
        self._sleep = sleep
        self._monotonic = monotonic
        self._waiting: asyncio.Queue[VenueEvent] = asyncio.Queue()
        self._ended: asyncio.Event = asyncio.Event()
        self._why_ended = ""

    async def events(self) -> AsyncGenerator[VenueEvent, None]:
        """Yield events until the iterator is closed; `CONNECTED` first, after each connection."""
        line = asyncio.create_task(self._keep_up())
        try:
            while True:
                yield await self._waiting.get()
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    async def _keep_up(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            began_s = self._monotonic()
            why = await self._live_once()
            self._put(VenueEvent(kind=EventKind.SILENT, text=self._masked(redacted(why))))
            if self._monotonic() - began_s > _STABLE_S:
                pause_s = _FIRST_PAUSE_S
            await self._sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)

    async def _live_once(self) -> str:
        """Return why the line went down."""
        stream: OpenStream | None = None
        self._ended.clear()
        try:
            stream = await self._link.open(self._on_frame)
            self._put(_CONNECTED)
            return await self._watch(stream)
        except Exception as error:  # noqa: BLE001 — whatever breaks a line, it is opened again
            return str(error) or type(error).__name__
        finally:
            if stream is not None:
                await stream.close()

    async def _watch(self, stream: OpenStream) -> str:
        while True:
            await asyncio.wait({stream.down}, timeout=_LOOK_S)
            if stream.down.done():
                return _reason(stream.down)
            if self._ended.is_set():
                return self._why_ended
            if (silence_s := stream.heard_s_ago()) > self._silent_after_s:
                return f"nothing was heard for {silence_s:.0f} s"
            await stream.tend()

    def _on_frame(self, frame: Mapping[str, Any]) -> None:
        try:
            events = self._link.read(frame)
        except StreamEnded as error:
            self._why_ended = str(error)
            self._ended.set()
            return
        except (SniperSightError, *UNREADABLE) as error:
            # Something happened that we cannot read: whoever listens looks for himself.
            text = f"a frame cannot be read: {type(error).__name__} {error}"
            events = (VenueEvent(kind=EventKind.POSITION, text=self._masked(redacted(text))),)
        for event in events:
            self._put(event)

    def _put(self, event: VenueEvent) -> None:
        if self._waiting.qsize() >= _MOST_WAITING:
            # Nobody read for long; whoever reads again is told to look for himself.
            while not self._waiting.empty():
                self._waiting.get_nowait()
            self._waiting.put_nowait(_CONNECTED)
        self._waiting.put_nowait(event)


def _reason(down: asyncio.Future[Any]) -> str:
    if down.cancelled():
        return "the line was closed"
    error = down.exception()
    return str(error) if error is not None else "the line was closed"
