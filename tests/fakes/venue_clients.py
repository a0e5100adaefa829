"""Unmodified exchange clients whose name resolution leads to the sandbox exchange."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from snipersight.sandbox.exchange import ExchangeSandbox, SandboxAccount
from snipersight.sandbox.exchange.signing import signature_of


async def until(is_so: Callable[[], bool], *, within_s: float = 5.0) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it is not in time.
    """
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110 — what is waited for knows no events
            await asyncio.sleep(0.005)


class LoopbackResolver(AbstractResolver):
    """Finds the sandbox's hosts on the loopback address and refuses every other name."""

    def __init__(self, server: ExchangeSandbox) -> None:
        self._server = server
        self.seen: set[str] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.seen.add(host)
        if host not in self._server.hosts:
            raise OSError(f"{host} is not to be asked by a test")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._server.port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        return None


@asynccontextmanager
async def web_session(server: ExchangeSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that reaches the sandbox under the venues' names."""
    context = ssl.create_default_context(cafile=str(server.ca_pem))
    connector = aiohttp.TCPConnector(
        resolver=LoopbackResolver(server), ssl=context, use_dns_cache=False
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@asynccontextmanager
async def ccxt_client(
    server: ExchangeSandbox,
    venue: str,
    *,
    account: SandboxAccount | None = None,
    options: Mapping[str, object] | None = None,
    is_demo: bool = True,
) -> AsyncIterator[Any]:
    """A ccxt.pro client of a venue's demo environment (or its live names), as it is shipped."""
    import ccxt.pro

    account = account or SandboxAccount()
    async with web_session(server) as session:
        client = getattr(ccxt.pro, venue)(
            {
                "apiKey": account.api_key,
                "secret": account.secret,
                "session": session,
                "timeout": 5_000,
                "options": {"fetchCurrencies": False, "fetchMargins": False, **(options or {})},
            }
        )
        if is_demo:
            client.enable_demo_trading(True)
        try:
            yield client
        finally:
            await client.close()


async def binance_call(
    server: ExchangeSandbox,
    session: aiohttp.ClientSession,
    method: str,
    path: str,
    fields: Mapping[str, str] | None = None,
    *,
    host: str = "demo-fapi.binance.com",
    account: SandboxAccount | None = None,
    now_ms: int | None = None,
) -> tuple[int, Any]:
    """Send one signed request by hand and return HTTP status and JSON (or text)."""
    account = account or SandboxAccount()
    at_ms = server.world("binanceusdm").clock() // 1_000 if now_ms is None else now_ms
    query = urlencode({**(fields or {}), "timestamp": str(at_ms)})
    signed = f"{query}&signature={signature_of(account.secret, query)}"
    url = URL(f"https://{host}{path}?{signed}", encoded=True)
    headers = {"X-MBX-APIKEY": account.api_key}
    async with session.request(method, url, headers=headers) as response:
        if response.content_type == "application/json":
            return response.status, await response.json()
        return response.status, await response.text()
