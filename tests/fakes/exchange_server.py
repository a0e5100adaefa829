"""Public market data of Binance spot, Binance USD-M and Bybit v5, served over TLS on loopback.

An unmodified ccxt client talks to it under the real host names: only name resolution and the
trusted certificate are the test's. Any other host is refused, which also proves that nothing else
is contacted.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Self

import aiohttp
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

SPOT_HOST, USDM_HOST, BYBIT_HOST = "api.binance.com", "fapi.binance.com", "api.bybit.com"
HOSTS = (SPOT_HOST, USDM_HOST, BYBIT_HOST)

_MINUTE_MS = 60_000
_BYBIT_NAMES = {"60": "1h", "120": "2h", "240": "4h", "360": "6h", "720": "12h"}
_BYBIT_NAMES |= {"D": "1d", "W": "1w"} | {str(m): f"{m}m" for m in (1, 3, 5, 15, 30)}
_UNIT_MS = {"m": _MINUTE_MS, "h": 60 * _MINUTE_MS, "d": 1440 * _MINUTE_MS, "w": 10080 * _MINUTE_MS}

Row = Sequence[float | None]
Paging = Literal["forward", "window", "newest_in_window", "newest"]


def duration_ms(timeframe: str) -> int:
    """Return the length of `5m`, `1h` …"""
    return int(timeframe[:-1]) * _UNIT_MS[timeframe[-1]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server sends instead of the right answer."""

    status: int = 200
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    keep_fraction: float = 1.0  # of the right body, to truncate it
    is_dropped: bool = False  # the connection closes without an answer


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request that arrived."""

    host: str
    path: str
    query: Mapping[str, str]


class ExchangeServer:
    """The server and everything it knows; use it as an asynchronous context manager.

    `paging` says what "since, at most n" means: the first n bars that exist (Binance), the bars
    within n intervals (all, or the newest the server's own limit allows), or the newest n bars
    whatever was asked.
    """

    def __init__(self, *, now_ms: int, paging: Paging = "forward") -> None:
        self.now_ms = now_ms
        self.paging = paging
        self.most_rows = 1000
        self.is_listening = True
        self.seen: list[Seen] = []
        self.refused_hosts: set[str] = set()
        self.spot: list[dict[str, Any]] = []
        self.usdm: list[dict[str, Any]] = []
        self.bybit: dict[str, list[dict[str, Any]]] = {"spot": [], "linear": []}
        self.quote_volumes: dict[str, float] = {}
        self._bars: dict[tuple[str, str], dict[int, Row]] = {}
        self._verbatim: dict[tuple[str, str], list[Row]] = {}
        self._faults: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._always: dict[str, Answer] = {}
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=_certificates()[0])
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def session(self) -> aiohttp.ClientSession:
        """Return a client session that finds the real host names here and nothing else."""
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(self), ssl=_certificates()[1], use_dns_cache=False, force_close=True
        )
        return aiohttp.ClientSession(connector=connector)

    def put_bars(self, symbol_id: str, timeframe: str, rows: Sequence[Row]) -> None:
        """Add bars, or replace those of the same open time."""
        bars = self._bars.setdefault((symbol_id, timeframe), {})
        bars.update({int(row[0] or 0): row for row in rows})

    def send_rows(self, symbol_id: str, timeframe: str, rows: Sequence[Row]) -> None:
        """Answer every request for these bars with exactly these rows, in this order."""
        self._verbatim[symbol_id, timeframe] = list(rows)

    def fail_next(self, path_part: str, *answers: Answer) -> None:
        """Send these answers to the next requests whose path contains the part."""
        self._faults[path_part].extend(answers)

    def fail_always(self, path_part: str, answer: Answer) -> None:
        """Send this answer to every request whose path contains the part."""
        self._always[path_part] = answer

    def count(self, path_part: str) -> int:
        """Return how many requests had the part in their path."""
        return sum(path_part in request.path for request in self.seen)

    @property
    def connect_port(self) -> int:
        """Return where clients are sent: port 1, where nobody listens, while it is refused."""
        return self._port if self.is_listening else 1

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(host=request.host.split(":")[0], path=request.path, query=dict(request.query))
        self.seen.append(seen)
        fault = self._fault(seen.path)
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.is_dropped:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        status, payload = (fault.status, None) if fault.body is not None else self._payload(seen)
        body = fault.body if fault.body is not None else json.dumps(payload)
        body = body[: int(len(body) * fault.keep_fraction)]
        return web.Response(
            status=status, text=body, content_type="application/json", headers=fault.headers
        )

    def _fault(self, path: str) -> Answer:
        for part, queue in self._faults.items():
            if part in path and queue:
                return queue.popleft()
        return next((answer for part, answer in self._always.items() if part in path), Answer())

    def _payload(self, seen: Seen) -> tuple[int, object]:
        if seen.host == BYBIT_HOST:
            return 200, {"retCode": 0, "retMsg": "OK", "time": self.now_ms, **self._bybit(seen)}
        return self._binance(seen)

    def _binance(self, seen: Seen) -> tuple[int, object]:
        markets = self.usdm if seen.host == USDM_HOST else self.spot
        call = seen.path.rsplit("/", 1)[-1]
        if call == "exchangeInfo":
            return 200, {"timezone": "UTC", "serverTime": self.now_ms, "symbols": markets}
        if call == "time":
            return 200, {"serverTime": self.now_ms}
        if call == "24hr":
            return 200, [
                {"symbol": name, "quoteVolume": str(value), "lastPrice": "1", "closeTime": 1}
                for name, value in self.quote_volumes.items()
            ]
        if seen.query["symbol"] not in {market["symbol"] for market in markets}:
            return 400, {"code": -1121, "msg": "Invalid symbol."}
        rows = self._page(
            seen.query["symbol"],
            seen.query["interval"],
            since=int(seen.query["startTime"]),
            limit=int(seen.query["limit"]),
        )
        return 200, [[row[0], *map(_text, row[1:6]), 0, "0", 0, "0", "0", "0"] for row in rows]

    def _bybit(self, seen: Seen) -> dict[str, object]:
        category = seen.query.get("category", "")
        call = seen.path.rsplit("/", 1)[-1]
        if call == "time":
            text = str(self.now_ms)
            return {"result": {"timeSecond": text[:-3], "timeNano": text + "000000"}}
        if call == "instruments-info":
            listed = [] if "status" in seen.query else self.bybit[category]
            return {"result": {"category": category, "list": listed, "nextPageCursor": ""}}
        if call == "tickers":
            ids = {market["symbol"] for market in self.bybit[category]}
            interest = {"openInterestValue": "1"} if category == "linear" else {}
            tickers = [
                {"symbol": name, "turnover24h": str(value), "lastPrice": "1"} | interest
                for name, value in self.quote_volumes.items()
                if name in ids
            ]
            return {"result": {"category": category, "list": tickers}}
        rows = self._page(
            seen.query["symbol"],
            _BYBIT_NAMES[seen.query["interval"]],
            since=int(seen.query["start"]),
            limit=int(seen.query["limit"]),
        )
        newest_first = [[str(row[0]), *map(_text, row[1:6]), "0"] for row in reversed(rows)]
        return {"result": {"category": category, "list": newest_first}}

    def _page(self, symbol_id: str, timeframe: str, *, since: int, limit: int) -> list[Row]:
        if (symbol_id, timeframe) in self._verbatim:
            return self._verbatim[symbol_id, timeframe]
        bars = self._bars.get((symbol_id, timeframe), {})
        opened = [bars[time] for time in sorted(bars) if time <= self.now_ms]
        later = [row for row in opened if (row[0] or 0) >= since]
        most = min(limit, self.most_rows)
        if self.paging == "newest":
            return opened[-most:]
        if self.paging == "forward":
            return later[:most]
        end = since + limit * duration_ms(timeframe)
        inside = [row for row in later if (row[0] or 0) < end]
        return inside[-most:] if self.paging == "newest_in_window" else inside[:most]


class _Resolver(AbstractResolver):
    """Finds the served hosts on loopback and refuses every other name."""

    def __init__(self, server: ExchangeServer) -> None:
        self._server = server

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in HOSTS:
            self._server.refused_hosts.add(host)
            raise OSError(f"{host} is not served here")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=self._server.connect_port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    async def close(self) -> None:
        """Hold nothing."""


@cache
def _certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of the server and of a client that trusts it."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


def _text(value: float | None) -> str | None:
    return None if value is None else repr(value)


def spot_market(base: str, quote: str = "USDT", **changes: Any) -> dict[str, Any]:
    """Return one symbol of Binance spot's exchangeInfo."""
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1e6", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0", "maxQty": "120", "stepSize": "0"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
    ]
    return {
        "symbol": f"{base}{quote}",
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": quote,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "isSpotTradingAllowed": True,
        "permissionSets": [["SPOT"]],
        "filters": filters,
    } | changes


def usdm_market(base: str, quote: str = "USDT", **changes: Any) -> dict[str, Any]:
    """Return one symbol of Binance USD-M's exchangeInfo."""
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "1e6", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "maxQty": "120", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "100"},
    ]
    return {
        "symbol": f"{base}{quote}",
        "pair": f"{base}{quote}",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": quote,
        "marginAsset": quote,
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "filters": filters,
    } | changes


def bybit_market(base: str, quote: str = "USDT", *, kind: str, **changes: Any) -> dict[str, Any]:
    """Return one symbol of Bybit's instruments-info; `kind` is `spot` or `linear`."""
    common = {
        "symbol": f"{base}{quote}",
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": quote,
        "priceFilter": {"tickSize": "0.10"},
    }
    if kind == "spot":
        lots = {"basePrecision": "0.000001", "minOrderQty": "0.00004", "minOrderAmt": "1"}
        return common | {"lotSizeFilter": lots} | changes
    lots = {"qtyStep": "0.001", "minOrderQty": "0.001", "minNotionalValue": "5"}
    return (
        common
        | {
            "contractType": "LinearPerpetual",
            "settleCoin": quote,
            "launchTime": "1585526400000",
            "deliveryTime": "0",
            "lotSizeFilter": lots,
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100"},
        }
        | changes
    )
