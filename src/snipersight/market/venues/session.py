"""The HTTP session of a venue: which hosts it reaches, and whether a request has left."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from snipersight.domain.errors import VenueStopped
from snipersight.market.venues.config import Gateway


@dataclass(slots=True)
class Journey:
    """What is known of one request on its way.

    Args:
        has_left: it began to be written to the network; before that it cannot have been done.
        status: HTTP status of the answer; None while there is none.
        headers: of the answer, names in lower case.
        body: of the answer.
    """

    has_left: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


# Each request runs in the task that asked for it, so that concurrent ones are told apart.
JOURNEY: Final[ContextVar[Journey | None]] = ContextVar("journey", default=None)


def open_session(hosts: frozenset[str], gateway: Gateway | None) -> aiohttp.ClientSession:
    """Return a session that reaches these hosts and nothing else; call it in the event loop.

    A request to another host, and any redirection, raises `VenueStopped` before it leaves.
    """
    session = aiohttp.ClientSession(
        connector=_connector(gateway),
        trace_configs=[_guard(hosts)],
        trust_env=gateway is None,  # the machine's proxy settings count, but not for loopback
    )
    # aiohttp repeats DELETE by itself where a kept connection broke; every request goes out once.
    session._retry_connection = False
    return session


def _connector(gateway: Gateway | None) -> aiohttp.TCPConnector:
    if gateway is None:
        return aiohttp.TCPConnector()
    context = ssl.create_default_context(cafile=str(gateway.ca_file))
    return aiohttp.TCPConnector(resolver=_Loopback(gateway), ssl=context, use_dns_cache=False)


class _Loopback(AbstractResolver):
    """Finds every host at the gateway; which hosts may be asked for is the guard's matter."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the gateway's address, whatever port was asked for."""
        is_v6 = ":" in self._gateway.host
        return [
            ResolveResult(
                hostname=host,
                host=self._gateway.host,
                port=self._gateway.port,
                family=socket.AF_INET6 if is_v6 else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Hold nothing."""


def _guard(hosts: frozenset[str]) -> aiohttp.TraceConfig:
    async def on_start(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        if params.url.host not in hosts or params.url.scheme not in ("https", "wss"):
            raise _wrong_host(params.url.host, hosts)

    async def on_redirect(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestRedirectParams,
    ) -> None:
        raise _wrong_host(params.response.headers.get("Location"), hosts)

    async def on_headers_sent(
        session: aiohttp.ClientSession,
        context: SimpleNamespace,
        params: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        # Told just before the first byte is written.
        if (journey := JOURNEY.get()) is not None:
            journey.has_left = True

    guard = aiohttp.TraceConfig()
    guard.on_request_start.append(on_start)
    guard.on_request_redirect.append(on_redirect)
    guard.on_request_headers_sent.append(on_headers_sent)
    return guard


def _wrong_host(host: str | None, hosts: frozenset[str]) -> VenueStopped:
    return VenueStopped(
        f"a request was about to go to {host or 'no host'}",
        where=", ".join(sorted(hosts)),
        next_step="check the environment, and proxies that redirect",
    )
