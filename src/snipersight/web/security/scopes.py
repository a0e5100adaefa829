"""What a route needs its caller to be: `Depends(require(Scope.TRADE))`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any, Final

from fastapi import HTTPException, status
from starlette.requests import HTTPConnection

from snipersight.domain.access import Caller, Scope

__all__ = ["Caller", "Scope", "caller_of", "require"]

_CALLER: Final = "caller"  # in the connection's state, put there by whoever checked its token
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_UNKNOWN: Final = {
    "what": "no valid token was shown",
    "where": "Authorization",
    "next_step": "send `Authorization: Bearer …`, or log in at /login",
}


def caller_of(connection: HTTPConnection) -> Caller | None:
    """Return who sent a request or opened a WebSocket; None: they showed no valid token."""
    found = connection.scope.get("state", {}).get(_CALLER)
    return found if isinstance(found, Caller) else None


def put_caller(scope: MutableMapping[str, Any], caller: Caller) -> None:
    """Note on an ASGI scope who opened it."""
    scope.setdefault("state", {})[_CALLER] = caller


@cache
def require(least: Scope) -> Callable[[HTTPConnection], Awaitable[Caller]]:
    """Return the dependency that lets only callers of a scope in, and hands them on.

    It is the same object for the same scope, so that a test can override it.

    Args:
        least: what the route needs.

    The dependency answers 401 to whoever is not known, and 403 to whoever has too small a scope.
    """

    async def checked(connection: HTTPConnection) -> Caller:
        caller = caller_of(connection)
        if caller is None:
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, _UNKNOWN, _CHALLENGE)
        if not caller.may(least):
            raise HTTPException(status.HTTP_403_FORBIDDEN, _too_small(caller, least))
        return caller

    return checked


def _too_small(caller: Caller, least: Scope) -> dict[str, str]:
    return {
        "what": f"the token {caller.name} has scope {caller.scope}, this needs {least}",
        "where": "Authorization",
        "next_step": f"`snipersight dashboard token add NAME --scope {least}` makes one that may",
    }
