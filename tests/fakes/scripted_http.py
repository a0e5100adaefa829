"""A loopback server that answers each request with the next thing on its list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import BodyPartReader, web


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer: raw bytes under a status, after a while; `hang_up` closes without any."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    hang_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it arrived: form fields where it has any, else the raw body."""

    path: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]
    files: Mapping[str, bytes]
    body: bytes


class ScriptedHttp:
    """`async with ScriptedHttp(Reply(…), …) as server:`; the last reply is given for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.asked: list[Asked] = []
        self._replies = list(replies)
        self._server: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def methods(self) -> list[str]:
        """Return the last part of each path that was asked for."""
        return [asked.path.rpartition("/")[2] for asked in self.asked]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", 0).start()
        self.port = self._server.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        await self._server.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(await _read(request))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        await asyncio.sleep(reply.after_s)
        if reply.hang_up:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=reply.status, body=reply.body, headers=dict(reply.headers))


async def _read(request: web.Request) -> Asked:
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    body = b""
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            content = bytes(await part.read())
            if part.filename:
                files[part.name or ""] = content
            else:
                fields[part.name or ""] = content.decode()
    elif request.content_type == "application/x-www-form-urlencoded":
        fields = {name: str(value) for name, value in (await request.post()).items()}
    else:
        body = await request.read()
    return Asked(
        path=request.path, headers=dict(request.headers), fields=fields, files=files, body=body
    )
