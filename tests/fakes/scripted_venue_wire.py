"""A TLS server under the venues' real names that answers what a test tells it to."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

import trustme
from aiohttp import web

from snipersight.domain.venue import Environment
from snipersight.market.venues import Gateway, VenueConfig, open_venue
from snipersight.market.venues.base import CcxtVenue
from snipersight.market.venues.config import hosts_of
from tests.fakes.exchange_server import bybit_market, spot_market, usdm_market

KEY, SECRET = "practice-key-of-a-test", "practice-secret-of-a-test"
ENVIRONMENTS = {
    "binance": Environment.TESTNET,
    "binanceusdm": Environment.DEMO,
    "bybit": Environment.DEMO,
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the server answers, or does instead."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    is_dropped: bool = False  # the connection closes without an answer
    keep: int | None = None  # of the answer's text, the connection closes after it


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that arrived."""

    host: str
    method: str
    path: str
    fields: Mapping[str, Any]  # of query, form or JSON, as they were sent


class VenueWire:
    """The server; use it as an asynchronous context manager.

    Args:
        venue: which venue's market list and time it knows by itself.
        folder: where the certificate to trust is written.
    """

    def __init__(self, venue: str, folder: Path) -> None:
        self.venue = venue
        self.asked: list[Asked] = []
        self.ahead_ms = 0
        self._ca = folder / "ca.pem"
        self._script: defaultdict[str, deque[Told]] = defaultdict(deque)
        self._always: dict[str, Told] = {}
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.lines: list[web.WebSocketResponse] = []
        self.logged_on: list[str] = []
        self.answers_lines = True

    async def __aenter__(self) -> Self:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._ca))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        hosts = hosts_of(self.venue, ENVIRONMENTS[self.venue])
        authority.issue_cert(*hosts).configure_cert(context)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def open_venue(self, **changes: Any) -> CcxtVenue:
        """Return the venue's account that talks to this server."""
        config = {
            "venue": self.venue,
            "environment": ENVIRONMENTS[self.venue],
            "api_key": KEY,
            "api_secret": SECRET,
            "gateway": Gateway(port=self.port, ca_file=self._ca),
            "timeout_ms": 500,
        }
        return open_venue(VenueConfig(**{**config, **changes}))

    def tell(self, call: str, *answers: Told | Any) -> None:
        """Give these answers to the next requests `METHOD path`; a body alone is enough."""
        told = [answer if isinstance(answer, Told) else Told(body=answer) for answer in answers]
        self._script[call].extend(told)

    def always(self, call: str, body: Any) -> None:
        """Give this answer whenever the script has none."""
        self._always[call] = Told(body=body)

    def requests(self, call: str) -> list[Asked]:
        """Return the requests `METHOD path` that arrived."""
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == call]

    async def say(self, frame: Mapping[str, Any]) -> None:
        """Send a frame to the newest line."""
        await self.lines[-1].send_json(frame)

    async def cut(self) -> None:
        """End every line."""
        for line in self.lines:
            await line.close()
        self.lines.clear()

    async def _line(self, request: web.Request) -> web.StreamResponse:
        line = web.WebSocketResponse(autoping=True)
        await line.prepare(request)
        self.logged_on.append(f"{request.host.split(':')[0]}{request.path_qs}")
        self.lines.append(line)
        async for message in line:
            if self.answers_lines and (answer := _line_answer(message.json())) is not None:
                await line.send_json(answer)
        return line

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._line(request)
        asked = await _read(request)
        self.asked.append(asked)
        told = self._answer(f"{asked.method} {asked.path}")
        if told.delay_s:
            await asyncio.sleep(told.delay_s)
        text = told.body if isinstance(told.body, str) else json.dumps(told.body)
        if told.is_dropped or told.keep is not None:
            return await _broken(request, text[: told.keep or 0], has_head=told.keep is not None)
        return web.Response(
            status=told.status, text=text, content_type="application/json", headers=told.headers
        )

    def _answer(self, call: str) -> Told:
        if self._script[call]:
            return self._script[call].popleft()
        if call in self._always:
            return self._always[call]
        return Told(body=self._known(call))

    def _known(self, call: str) -> Any:
        now_ms = _now_ms() + self.ahead_ms
        if call.endswith("/time"):
            nano = f"{now_ms}000000"
            return _bybit({"timeNano": nano}) if self.venue == "bybit" else {"serverTime": now_ms}
        if call.endswith("exchangeInfo"):
            orders = ["LIMIT", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT"]
            market = usdm_market("BTC") if "fapi" in call else spot_market("BTC", orderTypes=orders)
            return {"timezone": "UTC", "serverTime": now_ms, "symbols": [market]}
        if call.endswith("instruments-info"):
            return _bybit(
                {
                    "category": "linear",
                    "list": [bybit_market("BTC", kind="linear")],
                    "nextPageCursor": "",
                }
            )
        raise AssertionError(f"nobody said what {call} answers")


def _line_answer(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if message.get("method") == "userDataStream.subscribe.signature":
        return {"id": message["id"], "status": 200, "result": {"subscriptionId": 0}}
    if message.get("op") == "ping":
        return {"success": True, "ret_msg": "pong", "op": "ping"}
    if message.get("op") in ("auth", "subscribe"):
        return {"success": True, "ret_msg": "", "op": message["op"]}
    return None


def _now_ms() -> int:
    import time

    return time.time_ns() // 1_000_000


def _bybit(result: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "time": _now_ms()}


async def _read(request: web.Request) -> Asked:
    text = await request.text()
    if request.method == "POST" and text.startswith("{"):
        fields: dict[str, Any] = json.loads(text)
    else:
        fields = dict(parse_qsl(text or request.query_string, keep_blank_values=True))
    return Asked(
        host=request.host.split(":")[0], method=request.method, path=request.path, fields=fields
    )


async def _broken(request: web.Request, text: str, *, has_head: bool) -> web.StreamResponse:
    response = web.StreamResponse()
    if has_head:
        response.content_length = len(text) + 100
        await response.prepare(request)
        await response.write(text.encode())
    assert request.transport is not None
    request.transport.abort()
    return response
