"""A small application behind the dashboard's door, and those who knock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Request, WebSocket
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocketDisconnect

from snipersight.bootstrap.access.logins import Links, Logins
from snipersight.web.security.guard import Gatekeeping, Guard
from snipersight.web.security.leaving import Lasting
from snipersight.web.security.login_routes import login_router
from snipersight.web.security.origins import Origins, Place
from snipersight.web.security.scopes import Caller, Scope, caller_of, require
from snipersight.web.security.throttle import LoginThrottle
from tests.fakes.dashboard_access import Door

HOST = "127.0.0.1:8321"
OWN = f"http://{HOST}"


def a_keeping(door: Door, place: Place | None = None) -> Gatekeeping:
    """Return what the door of a home works with; it looks after what lasts all the time."""
    return Gatekeeping(
        doorkeeper=door.doorkeeper,
        origins=Origins(Place(host="127.0.0.1") if place is None else place),
        throttle=LoginThrottle(clock_s=door.hands.now_s),
        lasting=Lasting(look_s=0.01),
    )


def a_guarded_app(keeping: Gatekeeping, logins: Logins) -> FastAPI:
    """Return an application with a route of each kind."""
    app = FastAPI()
    app.include_router(login_router(logins, keeping))
    for scope in Scope:
        app.add_api_route(f"/{scope}", _needing(scope), methods=["GET", "POST"])
    app.add_api_route("/", _who, methods=["GET"])
    app.add_api_route("/size", _size, methods=["POST"])
    app.add_api_route("/fault", _fault, methods=["GET"])
    app.add_api_route("/healthz", _well, methods=["GET"])
    app.add_api_route("/api/v1/stream", _stream, methods=["GET"])
    app.add_api_websocket_route("/ws", _echo)
    app.add_middleware(Guard, keeping=keeping)
    return app


def logins_of(door: Door, links: Links | None = None) -> Logins:
    """Return who lets browsers in at a home."""
    return Logins(door.store, door.doorkeeper, Links() if links is None else links)


def knocking(app: Any, *, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """Return a client of an application in this process."""
    transport = httpx.ASGITransport(app, client=(address, 5))
    return httpx.AsyncClient(transport=transport, base_url=OWN, headers=headers)


def _needing(scope: Scope) -> Callable[..., Any]:
    async def answer(caller: Annotated[Caller, Depends(require(scope))]) -> dict[str, str]:
        return {"actor": caller.actor}

    return answer


async def _who(request: Request) -> dict[str, str | None]:
    caller = caller_of(request)
    return {"name": None if caller is None else caller.name}


async def _size(request: Request) -> dict[str, int]:
    return {"size": len(await request.body())}


async def _fault() -> None:
    raise RuntimeError("sst_0123abcd_" + "s" * 43)


async def _well() -> dict[str, str]:
    return {"status": "ok"}


async def _stream() -> Response:
    async def told() -> AsyncIterator[bytes]:
        while True:
            yield b": tick\n\n"
            await asyncio.sleep(0.01)

    return StreamingResponse(told(), media_type="text/event-stream")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect as left:
        socket.app.state.left = left.code


class Line:
    """A WebSocket to an application in this process.

    Args:
        app: the application.
        path: where to.
        headers: that are sent.
    """

    def __init__(self, app: Any, path: str = "/ws", **headers: str) -> None:
        sent = {"host": HOST, **headers}
        raw = [(name.encode(), value.encode()) for name, value in sent.items()]
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("127.0.0.1", 8321),
            "root_path": "",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "subprotocols": [],
            "headers": raw,
            "client": ("127.0.0.1", 5),
        }
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(app(scope, self._to_app.get, self._from_app.put))

    async def heard(self) -> dict[str, Any]:
        """Return what the application says next."""
        return await asyncio.wait_for(self._from_app.get(), 5)

    def say(self, text: str) -> None:
        """Send a text."""
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    async def leave(self) -> None:
        """Leave, and wait for the application to notice."""
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self._task, 5)

    async def ended(self) -> None:
        """Wait until the application has ended it."""
        await asyncio.wait_for(self._task, 5)
