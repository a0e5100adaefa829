"""What every answer tells browsers not to do."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import Message

# The pages' framework compiles templates and handlers in the browser, and writes its start into the
# page: without `unsafe-eval` and `unsafe-inline` it shows nothing. Texts of others are never markup.
_PAGES: Final = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'"
)
_LOGIN: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),  # with none, browsers hide where a form comes from
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_BEFORE_THE_DOOR: Final = frozenset({"/login", "/login/once", "/login/style.css", "/logout"})
_ASSETS: Final = "/_nicegui/"  # with their version in the address; they hold nothing of the account


def secure(start: Message, *, path: str) -> None:
    """Add them to the start of an answer, in the place of what it says itself.

    Args:
        start: ASGI's `http.response.start`; changed.
        path: that was asked for.
    """
    headers = MutableHeaders(scope=start)
    headers["Content-Security-Policy"] = _LOGIN if path in _BEFORE_THE_DOOR else _PAGES
    for name, value in _ALWAYS:
        headers[name] = value
    if not path.startswith(_ASSETS):
        headers["Cache-Control"] = "no-store"
    if "server" in headers:
        del headers["server"]
