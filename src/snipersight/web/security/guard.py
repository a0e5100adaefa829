"""The door of the dashboard: nothing behind it sees a request that was not looked at here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from snipersight.bootstrap.access.doorkeeper import Doorkeeper
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.access import Caller
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.web.security import limits
from snipersight.web.security.cookies import cookie_of
from snipersight.web.security.headers import secure
from snipersight.web.security.leaving import Lasting
from snipersight.web.security.origins import Origins
from snipersight.web.security.problems import Problem, answer_to, wants_page
from snipersight.web.security.scopes import put_caller
from snipersight.web.security.throttle import LoginThrottle

OPEN: Final = frozenset({"/healthz", "/login", "/login/once", "/login/style.css", "/favicon.ico"})
STREAMS: Final = frozenset({"/api/v1/stream"})
_POLICY: Final = 1008
_UNKNOWN: Final = Problem(
    status=401,
    what="no valid token was shown",
    where="Authorization",
    next_step="send `Authorization: Bearer …`, or log in at /login",
    headers={"WWW-Authenticate": "Bearer"},
)
_FAULT: Final = Problem(
    status=500,
    what="a fault of the program stopped this",
    next_step="its log says what went wrong",
)


@dataclass(frozen=True, kw_only=True)
class Gatekeeping:
    """What the door works with; the application shares it.

    Args:
        doorkeeper: knows who may come in.
        origins: know under which names and from which pages.
        throttle: counts wrong tokens.
        lasting: connections that last.
        streams: how many of them there are.
    """

    doorkeeper: Doorkeeper
    origins: Origins
    throttle: LoginThrottle = field(default_factory=LoginThrottle)
    lasting: Lasting = field(default_factory=Lasting)
    streams: limits.OpenStreams = field(default_factory=limits.OpenStreams)
    admitted: set[str] = field(default_factory=set)  # tokens that were shown to this process


class Guard:
    """ASGI middleware; the outermost one.

    Args:
        app: what it protects.
        keeping: what it works with.
    """

    def __init__(self, app: ASGIApp, keeping: Gatekeeping) -> None:
        self._app: Final = app
        self._keeping: Final = keeping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on with its caller noted."""
        if scope["type"] == "http":
            await self._http(scope, receive, _Answering(scope, send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, answering: _Answering) -> None:
        receive = limits.limited(scope, receive)
        try:
            refusal = await self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, answering)
            elif scope["path"] in STREAMS:
                await self._stream(scope, receive, answering)
            else:
                await self._app(scope, receive, answering)
        except limits.Refused as refused:
            await answering.end(refused.problem)
        except limits.NobodyReads:
            answering.give_up()
        except Exception as bug:  # noqa: BLE001 - the last border: the others go on being served
            log_structured(
                f"{scope['method']} {scope['path']}: {type(bug).__name__}: {bug}",
                level="ERROR",
                stage="dashboard",
            )
            await answering.end(_FAULT)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return why a request is not handed on; None: it is, with its caller noted."""
        problem = self._keeping.origins.problem(scope)
        if problem is None and limits.is_said_too_large(scope):
            problem = limits.TOO_LARGE
        if problem is None and scope["path"] not in OPEN:
            problem = await self._identify(scope)
        if problem is None:
            return None
        if problem is _UNKNOWN and wants_page(scope):
            return _to_login(scope)
        return answer_to(scope, problem)

    async def _stream(self, scope: Scope, receive: Receive, answering: _Answering) -> None:
        caller = _noted(scope)
        with self._keeping.streams.one_more(caller.token_id) as has_room:
            if not has_room:
                await answer_to(scope, limits.TOO_MANY)(scope, receive, answering)
                return
            await self._lasting(caller, scope, receive, answering)
            await answering.finish()

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._keeping.origins.problem(scope) or await self._identify(scope)
        if problem is not None:
            await send({"type": "websocket.close", "code": _POLICY, "reason": problem.what})
            return
        caller = _noted(scope)
        with self._keeping.streams.one_more(caller.token_id) as has_room:
            if has_room:
                await self._lasting(caller, scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1013})

    async def _lasting(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        cookie = None if Headers(scope=scope).get("authorization") else self._cookie(scope)

        async def check() -> None:
            await self._keeping.doorkeeper.again(caller, cookie=cookie)

        await self._keeping.lasting.run(self._app, scope, receive, send, check=check)

    async def _identify(self, scope: Scope) -> Problem | None:
        try:
            caller = await self._caller(scope)
        except StateUnavailable as error:
            return _away(error)
        if isinstance(caller, Problem):
            return caller
        put_caller(scope, caller)
        return None

    async def _caller(self, scope: Scope) -> Caller | Problem:
        shown = Headers(scope=scope).getlist("authorization")
        if shown:
            return await self._by_token(scope, shown)
        cookie = self._cookie(scope)
        found = None if cookie is None else await self._keeping.doorkeeper.by_cookie(cookie)
        return _UNKNOWN if found is None else found

    def _cookie(self, scope: Scope) -> str | None:
        return cookie_of(scope, is_secure=self._keeping.origins.is_public(scope))

    async def _by_token(self, scope: Scope, shown: list[str]) -> Caller | Problem:
        scheme, _, token = shown[0].partition(" ")
        is_one = len(shown) == 1 and scheme.lower() == "bearer"
        caller = await self._keeping.doorkeeper.by_token(token.strip()) if is_one else None
        address = address_of(scope)
        wait_s = self._keeping.throttle.wait_s(address)
        if caller is not None and (not wait_s or caller.token_id in self._keeping.admitted):
            self._keeping.admitted.add(caller.token_id)
            return caller
        if wait_s:
            return too_often(wait_s)
        self._keeping.throttle.was_wrong(address)
        return _UNKNOWN


class _Answering:
    """Sends an answer with the headers that every answer has, as long as somebody reads it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope: Final = scope
        self._send: Final = limits.patient(send)
        self._has_begun = False
        self._has_ended = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_begun = True
            secure(message, path=self._scope["path"])
        elif message["type"] == "http.response.body":
            self._has_ended = not message.get("more_body", False)
        await self._send(message)

    async def finish(self) -> None:
        """End a stream that has been cut off as one that is over: its reader asks again."""
        if self._has_begun and not self._has_ended:
            await self({"type": "http.response.body", "body": b"", "more_body": False})

    def give_up(self) -> None:
        """Note that nobody takes the answer: the server closes a connection that is left so."""
        log_structured("an answer was not read in time", level="DEBUG", stage="dashboard")

    async def end(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun: then it stays without its end."""
        if self._has_begun:
            return
        response = answer_to(self._scope, problem)
        response.headers["Connection"] = "close"
        try:
            await response(self._scope, _nothing, self)
        except limits.NobodyReads:
            self.give_up()


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def too_often(wait_s: int) -> Problem:
    """Return that somebody was wrong too often, and how long nothing of theirs is looked at."""
    return Problem(
        status=429,
        what="there were too many wrong tokens",
        where="Authorization",
        next_step=f"try again in {wait_s} s",
        headers={"Retry-After": str(wait_s)},
    )


def address_of(scope: Scope) -> str:
    """Return where a request comes from, as the connection says; nothing it says of itself counts."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _away(error: SniperSightError) -> Problem:
    return Problem(
        status=503,
        what=error.what,
        where=error.where,
        next_step=error.next_step or "it is tried again by itself",
        headers={"Retry-After": "2"},
    )


def _to_login(scope: Scope) -> Response:
    path = scope["path"]
    if scope["query_string"]:
        path = f"{path}?{scope['query_string'].decode('latin-1')}"
    return RedirectResponse(f"/login?next={quote(path, safe='/')}", 303)


def _noted(scope: Scope) -> Caller:
    found = scope["state"]["caller"]
    assert isinstance(found, Caller)  # noqa: S101 - `_identify` has noted it
    return found
