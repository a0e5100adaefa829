"""One ccxt client for public market data: built, watched and closed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from snipersight.domain.errors import ConfigInvalid
from snipersight.market.ccxt_errors import near
from snipersight.market.ccxt_gate import RequestGate

if TYPE_CHECKING:
    import aiohttp

SessionFactory = Callable[[], "aiohttp.ClientSession"]


class PublicExchange(Protocol):
    """What we use of a ccxt exchange; ccxt ships no type information."""

    id: str
    has: Mapping[str, object]
    timeframes: Mapping[str, object] | None
    timeout_on_exit: float
    precisionMode: int  # noqa: N815 — ccxt's spelling
    rateLimit: float  # noqa: N815 — milliseconds between requests of weight 1
    on_rest_response: Callable[..., str]
    on_json_response: Callable[[str], object]

    async def load_markets(self, reload: bool) -> Mapping[str, Mapping[str, Any]]:
        """Return the venue's markets in ccxt's unified structure."""
        ...

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: int, limit: int
    ) -> Sequence[Sequence[float | None]]:
        """Return rows of open time, open, high, low, close, volume."""
        ...

    async def fetch_funding_rate_history(
        self, symbol: str, since: int, limit: int
    ) -> Sequence[Mapping[str, Any]]:
        """Return rows with `timestamp` and `fundingRate`, oldest first."""
        ...

    async def fetch_tickers(
        self, symbols: None, params: Mapping[str, str]
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return the tickers of all markets of one kind."""
        ...

    async def fetch_time(self) -> int:
        """Return the venue's time, milliseconds UTC."""
        ...

    def feature_value(self, symbol: str, method: str, parameter: str) -> int | None:
        """Return a limit ccxt knows about the venue, or None."""
        ...

    async def close(self) -> None:
        """Close the session that ccxt made, if it made one."""
        ...


ExchangeFactory = Callable[[Mapping[str, object]], PublicExchange]

# Which market lists to load: without it these two ask for inverse futures and options as well.
_OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "binance": {"fetchMarkets": {"types": ["spot"]}},
    "bybit": {"fetchMarkets": {"types": ["spot", "linear"]}},
}
_TIMEOUT_MS: Final = 10_000


class CcxtClient:
    """A ccxt exchange, created at the first request, inside the running event loop.

    Args:
        exchange_id: ccxt's name of the exchange, `binance`, `binanceusdm`, `bybit` …
        gate: learns of rate limits and bans from every answer.
        session_factory: makes the HTTP session; None leaves that to ccxt.
        timeout_ms: longest wait for one answer.
        pace: how much faster than ours the venue's time runs, and its limits with it; 1 is real.

    Attributes:
        exchange_id: ccxt's name of the exchange.
        session_factory: makes an HTTP session; None leaves that to ccxt.
        timeframes: short names of the bars the venue serves.

    Raises:
        ConfigInvalid: ccxt knows no such exchange, or cannot fetch its candles.
    """

    def __init__(
        self,
        exchange_id: str,
        *,
        gate: RequestGate,
        session_factory: SessionFactory | None = None,
        timeout_ms: int = _TIMEOUT_MS,
        pace: float = 1.0,
    ) -> None:
        self._factory = exchange_class(exchange_id)
        described = self._factory({})  # opens nothing
        if described.has.get("fetchOHLCV") is not True:
            raise ConfigInvalid(
                f"{exchange_id} serves no candles",
                where="--exchange",
                next_step="use another exchange, for example binance or bybit",
            )
        self._abilities = described.has
        self.timeframes: frozenset[str] = frozenset(described.timeframes or ())
        self.exchange_id = exchange_id
        self._gate = gate
        self.session_factory = session_factory
        self._timeout_ms = timeout_ms
        self._between_ms = described.rateLimit / pace
        self._session: aiohttp.ClientSession | None = None
        self._exchange: PublicExchange | None = None

    def open(self) -> PublicExchange:
        """Return the exchange, created now if need be; call it inside the event loop."""
        if self._exchange is None:
            self._session = self.session_factory() if self.session_factory else None
            self._exchange = self._factory(self.config(self._session))
            if self._session is not None:
                self._exchange.timeout_on_exit = 0  # ccxt's pause for the session it made itself
            _watch(self._exchange, self._gate)
        return self._exchange

    def has(self, ability: str) -> bool:
        """Return whether the venue itself offers a call, `fetchTickers` (not ccxt's emulation)."""
        return self._abilities.get(ability) is True

    async def close(self) -> None:
        """Close the exchange and its session; a later request opens new ones."""
        exchange, self._exchange = self._exchange, None
        session, self._session = self._session, None
        try:
            if exchange is not None:
                await exchange.close()
        finally:
            if session is not None:
                await session.close()

    def config(self, session: aiohttp.ClientSession | None) -> dict[str, object]:
        """Return what an exchange is made with.

        Args:
            session: that it talks over; None: it makes its own.
        """
        config: dict[str, object] = {
            "enableRateLimit": True,
            "rateLimit": self._between_ms,
            "timeout": self._timeout_ms,
            "aiohttp_trust_env": True,  # the machine's proxy settings count
            # currencies and margin modes come from private endpoints
            "options": {
                "fetchCurrencies": False,
                "fetchMargins": False,
                **_OPTIONS.get(self.exchange_id, {}),
            },
        }
        return config if session is None else {**config, "session": session}


def exchange_class(exchange_id: str) -> ExchangeFactory:
    """Return ccxt's asynchronous class of an exchange.

    Raises:
        ConfigInvalid: there is none; near names are given.
    """
    import ccxt.async_support as ccxt

    if exchange_id not in ccxt.exchanges:
        matches = near(exchange_id, ccxt.exchanges)
        raise ConfigInvalid(
            f"unknown exchange {exchange_id!r}",
            where="--exchange",
            next_step=f"did you mean {matches}?" if matches else "for example binance or bybit",
        )
    found: ExchangeFactory = getattr(ccxt, exchange_id)
    return found


def _watch(exchange: PublicExchange, gate: RequestGate) -> None:
    """Tell the gate of every answer; name server errors; refuse what is not whole JSON.

    Some exchanges' error handlers take the body of a server error for a definite refusal. And
    ccxt hands unreadable text on: several of its parsers then find an empty list in it, and a
    truncated answer would look like a market without trades.
    """
    import ccxt

    read_answer, read_json = exchange.on_rest_response, exchange.on_json_response

    def on_rest_response(code: int, reason: str, url: str, method: str, *rest: Any) -> str:
        headers, body = rest[:2]
        gate.note_answer(code, headers, body)
        if code >= 500:
            raise ccxt.ExchangeNotAvailable(f"{exchange.id} {url} {code} {reason} {body}")
        if code < 300 and body.lstrip()[:1] in ("", "<"):
            raise ccxt.BadResponse(f"{exchange.id} {method} {url} answered without JSON")
        return read_answer(code, reason, url, method, *rest)

    def on_json_response(body: str) -> object:
        try:
            return read_json(body)
        except ValueError as error:
            raise ccxt.BadResponse(f"{exchange.id} answered with damaged JSON: {error}") from error

    exchange.on_rest_response = on_rest_response
    exchange.on_json_response = on_json_response
