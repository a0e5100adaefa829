"""Clients that die in mid-request."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler


@web.middleware
async def end_quietly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """End the request of a client that is gone; nothing of it counts.

    Raises:
        ConnectionError: the client is still there, so the trouble is the sandbox's own.
    """
    try:
        return await handler(request)
    except ConnectionError:
        if request.transport is not None:
            raise
        return web.Response()  # goes nowhere: the connection is closed
