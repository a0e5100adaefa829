"""The cookie by which a browser that was let in is known again."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

_SECURE_PREFIX: Final = "__Host-"  # browsers take it over https only, for this host and all paths


def cookie_name(scope: Scope, *, is_secure: bool) -> str:
    """Return its name: one for each port, for browsers send cookies of one port to all others."""
    host = Headers(scope=scope).get("host", "")
    port = host.rpartition(":")[2]
    name = f"snipersight_{port}" if port.isdecimal() else "snipersight"
    return f"{_SECURE_PREFIX}{name}" if is_secure else name


def cookie_of(scope: Scope, *, is_secure: bool) -> str | None:
    """Return what the cookie of a request holds; None: there is none."""
    sent = Headers(scope=scope).get("cookie")
    return (
        None if sent is None else cookie_parser(sent).get(cookie_name(scope, is_secure=is_secure))
    )


def give_cookie(
    response: Response, scope: Scope, value: str, *, for_s: int, is_secure: bool
) -> None:
    """Let a browser keep it, out of reach of scripts and of other sites; `for_s` 0 takes it away."""
    response.set_cookie(
        cookie_name(scope, is_secure=is_secure),
        value,
        max_age=for_s,
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="strict",
    )
