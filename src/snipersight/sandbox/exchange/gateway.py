"""From a request to its answer, or to what a fault makes of it; by host to the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from aiohttp import WSMsgType, web

from snipersight.sandbox.exchange.calls import Call, Reply
from snipersight.sandbox.exchange.faults import FaultDice, FaultKind
from snipersight.sandbox.exchange.protocol import StreamRefused, VenueProtocol
from snipersight.sandbox.exchange.streams import Line

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_NOT_DONE: Final = frozenset({FaultKind.DROP_BEFORE, FaultKind.RESTART})


class Gateway:
    """Answers under every venue's names, with faults thrown in."""

    def __init__(self, protocols: Iterable[VenueProtocol], dice: FaultDice) -> None:
        self.protocols = {protocol.name: protocol for protocol in protocols}
        self.dice = dice
        self._by_host = {
            host: protocol for protocol in self.protocols.values() for host in protocol.hosts
        }

    @property
    def hosts(self) -> frozenset[str]:
        """Return every name that is answered for."""
        return frozenset(self._by_host)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Return the answer to a request; its connection may break on purpose."""
        host = request.host.partition(":")[0].lower()
        protocol = self._by_host.get(host)
        if protocol is None:
            return web.json_response({"error": f"no venue is called {host}"}, status=421)
        if protocol.world.is_down:
            return _hang_up(request, is_reset=False)
        call = await _read(request, host, at_us=protocol.world.clock())
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request, protocol, call)
        return await self._answer(request, protocol, call)

    async def _answer(
        self, request: web.Request, protocol: VenueProtocol, call: Call
    ) -> web.StreamResponse:
        protocol.requests[f"{call.method} {call.path}"] += 1
        refused = protocol.admit(call)
        if refused is not None:
            return _response(protocol, call, refused)
        kind = protocol.request_kind(call)
        fault = self.dice.throw(kind, befalls=lambda fault: protocol.befalls(fault, call))
        if fault is None:
            return _response(protocol, call, await protocol.answer(call))
        return await self._spoilt(request, protocol, call, fault)

    async def _spoilt(
        self, request: web.Request, protocol: VenueProtocol, call: Call, fault: FaultKind
    ) -> web.StreamResponse:
        """Return what a fault makes of a request."""
        plan = self.dice.plan
        if fault is FaultKind.RESTART:
            protocol.world.restart(down_s=plan.restart_s)
        if fault in _NOT_DONE:
            return _hang_up(request, is_reset=False)
        if fault is FaultKind.DELAY:
            await asyncio.sleep(plan.delay_s)
        elif fault is FaultKind.CLOCK_SKEW:
            call = replace(call, at_us=call.at_us + plan.skew_ms * 1_000)
        said = protocol.fault_answer(fault, retry_after_s=plan.retry_after_s)
        if said is not None:
            if said.may_be_done and self.dice.is_carried_out(fault):
                await protocol.answer(call)
            return _response(protocol, call, said.reply)
        reply = await protocol.answer(call)
        if fault is FaultKind.DROP_AFTER:
            return _hang_up(request, is_reset=False)
        if fault is FaultKind.RESET_MID_BODY:
            return await _half_of(request, reply)
        return _response(protocol, call, reply)

    async def _stream(
        self, request: web.Request, protocol: VenueProtocol, call: Call
    ) -> web.StreamResponse:
        socket_ = web.WebSocketResponse(compress=False)
        line = Line(request, socket_, self.dice)
        try:
            await protocol.open_line(call, line)
        except StreamRefused as refused:
            return _response(protocol, call, refused.reply)
        await socket_.prepare(request)
        with protocol.world.lines.opened(line):
            sending = asyncio.create_task(line.deliver())
            try:
                async for message in socket_:
                    if message.type is WSMsgType.TEXT:
                        await protocol.hear(line, message.data)
            finally:
                sending.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sending
        return socket_


async def _read(request: web.Request, host: str, *, at_us: int) -> Call:
    headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
    return Call(
        method=request.method,
        host=host,
        path=request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        body=await request.read(),
        headers=headers,
        at_us=at_us,
    )


def _response(protocol: VenueProtocol, call: Call, reply: Reply) -> web.Response:
    protocol.statuses[reply.status] += 1
    return web.Response(
        body=reply.encoded(),
        status=reply.status,
        content_type="text/html" if reply.is_page else "application/json",
        headers={**protocol.headers(call), **reply.headers},
    )


async def _half_of(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Send the first half of an answer and reset the connection."""
    body = reply.encoded()
    response = web.StreamResponse(status=reply.status)
    response.content_type = "application/json"
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _hang_up(request, is_reset=True)
    return response


def _hang_up(request: web.Request, *, is_reset: bool) -> web.StreamResponse:
    """Close the connection in place of an answer, politely or by a reset."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if is_reset and connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response()  # goes nowhere: the connection is closed
