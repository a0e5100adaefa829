"""Keeps web pages of others away: a browser on this machine reaches the loopback address too."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_OWN_NAMES: Final = {"127.0.0.1", "localhost", "::1"}
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests that came under another name or from another page.

    A name that others point at this machine would let their page read the chats; a form of
    theirs would let it write.
    """
    host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
    if host not in _OWN_NAMES and not _is_loopback(host or ""):
        return web.json_response({"error": "ask under 127.0.0.1"}, status=403)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        return web.json_response({"error": "a page of another origin"}, status=403)
    return await handler(request)


def _is_loopback(host: str) -> bool:
    # The whole network 127.0.0.0/8 is this machine.
    parts = host.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isdecimal() for part in parts)
