"""Connections that last: ended when their holder may not stay, and when the process ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.access import AccessRefused
from snipersight.domain.errors import StateUnavailable

LOOK_S: Final = 2.0
_POLICY: Final = 1008  # of WebSockets: whoever reads this logs in again
_LEFT: Final[dict[str, Message]] = {
    "websocket": {"type": "websocket.disconnect", "code": _POLICY, "reason": ""},
    "http": {"type": "http.disconnect"},
}

Check = Callable[[], Awaitable[None]]


class Lasting:
    """Runs connections that last; belongs to one event loop.

    Args:
        look_s: how often it is asked whether a holder may stay, real seconds.
    """

    def __init__(self, *, look_s: float = LOOK_S) -> None:
        self._look_s: Final = look_s
        self._open: Final[set[asyncio.Event]] = set()

    async def run(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, check: Check
    ) -> None:
        """Run the application as long as the caller may stay; then it seems to it that they left.

        Args:
            app: what answers.
            scope, receive, send: of the connection.
            check: raises `AccessRefused` once they may not stay.
        """
        is_over = asyncio.Event()
        self._open.add(is_over)
        watch = asyncio.create_task(self._watch(check, is_over))
        try:
            await app(scope, _until(is_over, scope, receive), send)
        finally:
            self._open.discard(is_over)
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
        if is_over.is_set() and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY})

    def end_all(self) -> None:
        """End every connection that lasts."""
        for is_over in self._open:
            is_over.set()

    async def _watch(self, check: Check, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            await asyncio.sleep(self._look_s)
            try:
                await check()
            except AccessRefused as error:
                log_structured(f"a connection was ended: {error.what}", stage="dashboard")
                is_over.set()
            except StateUnavailable as error:
                log_structured(f"a connection was ended: {error}", stage="dashboard")
                is_over.set()


def _until(is_over: asyncio.Event, scope: Scope, receive: Receive) -> Receive:
    async def received() -> Message:
        taking = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(is_over.wait())
        try:
            await asyncio.wait({taking, ending}, return_when=asyncio.FIRST_COMPLETED)
            return taking.result() if taking.done() else _LEFT[scope["type"]]
        finally:
            taking.cancel()
            ending.cancel()

    return received
