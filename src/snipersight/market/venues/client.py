"""One ccxt exchange with keys: built for one environment, and asked exactly once a request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from snipersight.domain.errors import VenueStopped
from snipersight.domain.venue import Environment
from snipersight.market.venues.config import VenueConfig
from snipersight.market.venues.session import JOURNEY, Journey, open_session

if TYPE_CHECKING:
    import aiohttp

_RECV_WINDOW_MS: Final = 5_000
_LONGEST_WINDOW_MS: Final = 60_000  # that venues accept
_PING_S: Final = 10
_MARKETS: Final[Mapping[str, object]] = {
    "binance": {"types": ["spot"]},
    "binanceusdm": {"types": ["linear"]},
    "bybit": {"types": ["linear"]},
}
# The sections of ccxt's address book that our requests use.
_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "binance": ("public", "private"),
    "binanceusdm": ("fapiPublic", "fapiPrivate", "fapiPrivateV3"),
    "bybit": ("public", "private"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back of one request, or how far it got.

    Args:
        has_left: whether it may have reached the venue.
        status: HTTP status; None where no answer came.
        headers: of the answer, names in lower case.
        body: of the answer.
        error: what ccxt or the network raised; None where the call went through.
    """

    has_left: bool
    status: int | None = None
    headers: Mapping[str, str]
    body: str = ""
    error: Exception | None = None

    @property
    def payload(self) -> Any:  # noqa: ANN401 — any JSON
        """Return the answer read as JSON with exact numbers; None where it is none, or cut off."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            return None


class VenueClient:
    """A ccxt.pro exchange, created at the first request, inside the running event loop.

    Args:
        config: which account.
        clock_ms: the venue's time, milliseconds UTC; requests are signed with it.
    """

    def __init__(self, config: VenueConfig, *, clock_ms: Callable[[], int]) -> None:
        self._config = config
        self._clock_ms = clock_ms
        self._session: aiohttp.ClientSession | None = None
        self._exchange: Any = None

    def open(self) -> Any:  # noqa: ANN401 — ccxt ships no type information
        """Return the exchange, created now if need be.

        Raises:
            VenueStopped: ccxt would send requests to another host than this environment's.
        """
        if self._exchange is None:
            self._session = open_session(self._config.hosts, self._config.gateway)
            exchange = _exchange_of(self._config, self._session, self._clock_ms)
            _require_hosts(exchange, self._config)
            exchange.on_rest_response = _noting(exchange.on_rest_response)
            self._exchange = exchange
        return self._exchange

    async def call(self, method: str, params: Mapping[str, object]) -> Reply:
        """Send one request, once, and return all that is known of it; nothing is raised.

        Args:
            method: ccxt's name of the venue's own call, `fapiPrivatePostOrder`.
            params: exactly what is sent beside key, time and signature.
        """
        reply, _ = await self._run(lambda exchange: getattr(exchange, method)(dict(params)))
        return reply

    async def markets(self) -> tuple[Reply, Mapping[str, Mapping[str, Any]]]:
        """Fetch the list of markets anew; empty where that failed, the reply says why."""
        reply, found = await self._run(lambda exchange: exchange.load_markets(True))
        return reply, found or {}

    async def _run(self, request: Callable[[Any], Awaitable[Any]]) -> tuple[Reply, Any]:
        journey = Journey()
        token = JOURNEY.set(journey)
        error: Exception | None = None
        result: Any = None
        try:
            with localcontext():  # ccxt's rounding changes the context that it finds
                result = await request(self.open())
        except Exception as raised:  # noqa: BLE001 — the vendor boundary: the answer decides
            error = raised
        finally:
            JOURNEY.reset(token)
        reply = Reply(
            has_left=journey.has_left,
            status=journey.status,
            headers=journey.headers,
            body=journey.body,
            error=error,
        )
        return reply, result

    async def close(self) -> None:
        """Close streams, exchange and session; a later request opens new ones."""
        exchange, self._exchange = self._exchange, None
        session, self._session = self._session, None
        try:
            if exchange is not None:
                await exchange.close()
        finally:
            if session is not None:
                await session.close()
                await asyncio.sleep(0)  # lets the transports of TLS connections see it


def recv_window_ms(time_scale: float) -> int:
    """Return how old a request may be when it arrives, by the venue's clock, milliseconds.

    Args:
        time_scale: how much faster than ours that clock runs: the way takes real time.
    """
    return min(_LONGEST_WINDOW_MS, round(_RECV_WINDOW_MS * max(1.0, time_scale)))


def _exchange_of(
    config: VenueConfig, session: aiohttp.ClientSession, clock_ms: Callable[[], int]
) -> Any:  # noqa: ANN401 — ccxt ships no type information
    import ccxt.pro

    exchange = getattr(ccxt.pro, config.venue)(
        {
            "apiKey": config.api_key.strip(),
            "secret": config.api_secret.strip(),
            "session": session,
            "timeout": config.timeout_ms,
            "enableRateLimit": False,  # its queue would hold a stop back behind a long question
            "options": {
                "fetchMargins": False,
                "fetchMarkets": _MARKETS[config.venue],
                "maxRetriesOnFailure": 0,
                "recvWindow": recv_window_ms(config.time_scale),
            },
        }
    )
    if config.environment is Environment.DEMO:
        exchange.enable_demo_trading(True)
    elif config.environment is Environment.TESTNET:
        exchange.set_sandbox_mode(True)
    exchange.has["fetchCurrencies"] = False  # a private question, and of no use to us
    exchange.timeout_on_exit = 0  # ccxt's pause for a session that it made itself
    exchange.streaming = {**exchange.streaming, "keepAlive": _PING_S * 1000}
    exchange.milliseconds = exchange.nonce = clock_ms
    return exchange


def _noting(read_answer: Callable[..., str]) -> Callable[..., str]:
    def on_rest_response(code: int, reason: str, url: str, method: str, *rest: Any) -> str:
        headers, body = rest[:2]
        if (journey := JOURNEY.get()) is not None:
            journey.status, journey.body = code, body
            journey.headers = {str(name).lower(): str(value) for name, value in headers.items()}
        return read_answer(code, reason, url, method, *rest)

    return on_rest_response


def _require_hosts(exchange: Any, config: VenueConfig) -> None:  # noqa: ANN401 — as above
    for section in _SECTIONS[config.venue]:
        host = urlsplit(exchange.implode_hostname(exchange.urls["api"][section])).hostname
        if host not in config.hosts:
            raise VenueStopped(
                f"{config.venue} {config.environment} would be asked at {host}",
                where=", ".join(sorted(config.hosts)),
                next_step="this version of ccxt knows the environment under another address",
            )
