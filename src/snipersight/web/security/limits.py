"""How much a request may be, how long it may take, and how many connections stay open."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from snipersight.web.security.problems import Problem

MOST_BODY: Final = 64 * 1024
_MOST_OF_PAGES: Final = 1024 * 1024  # what the pages' framework posts where it has no WebSocket
_PAGES: Final = "/_nicegui_ws/"
BODY_S: Final = 15.0  # a sender that is silent for longer is not waited for
SEND_S: Final = 30.0  # nor is a reader
_OF_ONE: Final = 64
_OF_ALL: Final = 256


class Refused(HTTPException):
    """A problem that shows while an application is at work already.

    Args:
        problem: which.
    """

    def __init__(self, problem: Problem) -> None:
        detail = {"what": problem.what, "where": problem.where, "next_step": problem.next_step}
        super().__init__(problem.status, detail, {**problem.headers, "Connection": "close"})
        self.problem: Final = problem


class NobodyReads(Exception):
    """Whoever asked does not take the answer."""


TOO_LARGE: Final = Problem(
    status=413,
    what="the request is too large",
    where="body",
    next_step=f"send at most {MOST_BODY // 1024} KiB",
)
TOO_SLOW: Final = Problem(
    status=408, what="the request did not arrive in time", where="body", next_step="send it again"
)
TOO_MANY: Final = Problem(
    status=429,
    what="too many streams are open",
    where="connections",
    next_step="close some of them",
    headers={"Retry-After": "10"},
)


def most_body(path: str) -> int:
    """Return how many bytes a request to a path may have."""
    return _MOST_OF_PAGES if path.startswith(_PAGES) else MOST_BODY


def is_said_too_large(scope: Scope) -> bool:
    """Return whether a request says of itself that it is larger than it may be."""
    said = Headers(scope=scope).get("content-length", "0")
    return not said.isdecimal() or int(said[:18]) > most_body(scope["path"])


def limited(scope: Scope, receive: Receive) -> Receive:
    """Return what receives a body as long as it is small and comes in time.

    Raises, when called:
        Refused: it is larger than it may be, or nothing came for too long.
    """
    left, is_whole = most_body(scope["path"]), False

    async def received() -> Message:
        nonlocal left, is_whole
        if is_whole:
            return await receive()  # it now waits for the caller to leave
        try:
            message = await asyncio.wait_for(receive(), BODY_S)
        except TimeoutError:
            raise Refused(TOO_SLOW) from None
        left -= len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if left < 0:
            raise Refused(TOO_LARGE)
        return message

    return received


def patient(send: Send) -> Send:
    """Return what sends as long as somebody reads.

    Raises, when called:
        NobodyReads: for too long.
    """

    async def sent(message: Message) -> None:
        try:
            await asyncio.wait_for(send(message), SEND_S)
        except TimeoutError:
            raise NobodyReads from None

    return sent


class OpenStreams:
    """Counts WebSockets and streams, of each token and of all; belongs to one event loop."""

    def __init__(self) -> None:
        self._of: Final[Counter[str]] = Counter()

    @contextmanager
    def one_more(self, holder: str) -> Iterator[bool]:
        """Count one until the end of the block; yield whether there is room for it.

        Args:
            holder: whose it is.
        """
        has_room = self._of[holder] < _OF_ONE and self._of.total() < _OF_ALL
        self._of[holder] += 1 if has_room else 0
        try:
            yield has_room
        finally:
            self._of[holder] -= 1 if has_room else 0
            if not self._of[holder]:
                del self._of[holder]
