"""The live stream as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.access import Caller, Scope
from snipersight.web.api.answering import router
from snipersight.web.api.live import topics_of
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from snipersight.web.api.live import Live

Reader = Annotated[Caller, Depends(require(Scope.READ))]
Topics = Annotated[list[Topic] | None, Query(max_length=20, description="All of them without.")]
_EVENTS: Final = "text/event-stream"
_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {_EVENTS: {"schema": {"type": "string"}}}, "description": "Events."}
}
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Events(StreamingResponse):
    """An answer that goes on until somebody leaves."""

    media_type = _EVENTS


def stream_routes(live: Live) -> APIRouter:
    """Return the route of the stream.

    Args:
        live: tells what changes.
    """
    routes = router("stream")

    @routes.get(
        "/stream", response_class=Events, responses=_ANSWER, summary="What changes, as it changes"
    )
    async def stream(caller: Reader, topic: Topics = None) -> StreamingResponse:
        return Events(_told(topics_of(topic)), headers=_HEADERS)

    async def _told(topics: frozenset[Topic]) -> AsyncIterator[bytes]:
        async with live.listening(topics) as client:
            async for message in client.messages():
                yield message.wire

    return routes
