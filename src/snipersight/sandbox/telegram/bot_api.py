"""From a request to its answer, or to what a fault makes of it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Final

from aiohttp import web

from snipersight.sandbox.telegram.answers import (
    Refusal,
    failure_body,
    success_body,
    too_many_requests,
)
from snipersight.sandbox.telegram.faults import Fault, FaultDice, FaultKind
from snipersight.sandbox.telegram.methods import method_of
from snipersight.sandbox.telegram.parameters import Parameters, read_parameters
from snipersight.sandbox.telegram.tokens import check_token, read_path
from snipersight.sandbox.telegram.world import World

_REASONS: Final = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class BotApi:
    """Answers `/bot<token>/<method>` as Telegram would, with faults thrown in."""

    def __init__(self, world: World, dice: FaultDice, *, token: str) -> None:
        self.world = world
        self.dice = dice
        self._token = token

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Return the answer to a request for a bot; its connection may break on purpose."""
        try:
            call = read_path(request.rel_url.raw_path)
            check_token(call.token, known=self._token)
            # The whole request, before anything goes wrong with it: a client that has stopped
            # waiting meanwhile has said all the same what it wanted.
            parameters = await read_parameters(request)
        except Refusal as refusal:
            return self._failure(refusal)
        except web.HTTPRequestEntityTooLarge:
            return self._failure(Refusal(413))
        self.world.requests[call.method] += 1
        fault = self.dice.throw(call.method)
        if fault is None:
            return await self._carry_out(call.method, parameters, "")
        spoiled = await self._spoil(request, fault)
        if spoiled is not None:
            return spoiled
        answer = await self._carry_out(call.method, parameters, str(fault.kind))
        return self._spoil_after(request, fault) or answer

    async def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """Return what a fault answers before anything is carried out; None: nothing."""
        kind = fault.kind
        if kind is FaultKind.DELAY:
            await asyncio.sleep(self.dice.plan.delay_s)
        elif kind is FaultKind.FLOOD:
            return self._failure(too_many_requests(self.dice.plan.retry_after_s))
        elif kind is FaultKind.SERVER_ERROR:
            return self._page(fault.status)
        elif kind in (FaultKind.RESET, FaultKind.DROP_BEFORE):
            return _hang_up(request, is_reset=kind is FaultKind.RESET)
        return None

    def _spoil_after(self, request: web.Request, fault: Fault) -> web.StreamResponse | None:
        """Return what a fault answers though everything was carried out; None: nothing."""
        if fault.kind is FaultKind.SERVER_ERROR_AFTER:
            return self._page(fault.status)
        return _hang_up(request, is_reset=False) if fault.kind is FaultKind.DROP_AFTER else None

    async def _carry_out(self, name: str, parameters: Parameters, fault: str) -> web.Response:
        try:
            result = await method_of(name)(self.world, parameters, fault)
        except Refusal as refusal:
            return self._failure(refusal)
        self.world.codes[200] += 1
        return web.json_response(success_body(result))

    def _failure(self, refusal: Refusal) -> web.Response:
        self.world.codes[refusal.code] += 1
        wait = refusal.parameters.get("retry_after")
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return web.json_response(failure_body(refusal), status=refusal.code, headers=headers)

    def _page(self, status: int) -> web.Response:
        self.world.codes[status] += 1
        title = f"{status} {_REASONS[status]}"
        page = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
            f"<center><h1>{title}</h1></center>\r\n<hr><center>nginx</center>\r\n"
            "</body>\r\n</html>\r\n"
        )
        return web.Response(status=status, text=page, content_type="text/html")


def _hang_up(request: web.Request, *, is_reset: bool) -> web.StreamResponse:
    """Close the connection in place of an answer, politely or by a reset."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if is_reset and connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()
        else:
            transport.close()
    return web.Response()  # goes nowhere: the connection is closed
