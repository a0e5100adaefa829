"""The addresses and streams of Binance spot."""

from __future__ import annotations

from typing import ClassVar, Final

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.matching import MatchEvent, MatchingRules
from snipersight.sandbox.exchange.binance.market_streams import MarketStreams
from snipersight.sandbox.exchange.binance.meter import Limits
from snipersight.sandbox.exchange.binance.protocol import (
    BinanceProtocol,
    Handle,
    Route,
    Routes,
    Security,
)
from snipersight.sandbox.exchange.binance.refusals import Refusal
from snipersight.sandbox.exchange.calls import Call, FaultAnswer
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from snipersight.sandbox.exchange.protocol import StreamRefused
from snipersight.sandbox.exchange.spot.account import AccountDesk
from snipersight.sandbox.exchange.spot.desk import Desk
from snipersight.sandbox.exchange.spot.events import UserStream
from snipersight.sandbox.exchange.spot.line_requests import LineRequests
from snipersight.sandbox.exchange.spot.lists import ListDesk
from snipersight.sandbox.exchange.spot.market import MarketDesk
from snipersight.sandbox.exchange.spot.orders import OrderDesk
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

_LIMITS: Final = Limits(weight_per_minute=6_000, orders_per_10s=100, orders_per_day=200_000)
_LIVE: Final = "api.binance.com"
_WALLET: Final = "/sapi/"  # not offered where money is practice money
_REQUESTS: Final = "/ws-api/v3"
_ASKING: Final = "(requests)"  # a topic of our own: on this line the client asks
_INTERNAL: Final = "Internal error; unable to process your request. Please try again."
_ORDER, _CANCEL, _PUBLIC = RequestKind.ORDER, RequestKind.CANCEL, RequestKind.PUBLIC


class SpotProtocol(BinanceProtocol):
    """Binance spot over HTTP and WebSocket; an account's stream is asked for on a line itself."""

    name: ClassVar[str] = "binance"
    kind: ClassVar[MarketKind] = MarketKind.SPOT
    hosts: ClassVar[frozenset[str]] = frozenset(
        {
            _LIVE,
            "demo-api.binance.com",
            "demo-stream.binance.com",
            "demo-ws-api.binance.com",
            "stream.binance.com",
            "stream.testnet.binance.vision",
            "testnet.binance.vision",
            "ws-api.binance.com",
            "ws-api.testnet.binance.vision",
        }
    )

    def __init__(self, world: VenueWorld) -> None:
        desk = Desk(world)
        self._orders = OrderDesk(desk)
        self._lists = ListDesk(desk, self._orders)
        self._account = AccountDesk(desk)
        self._market = MarketDesk(desk, self.limits().times(world.limit_factor))
        self._stream = UserStream(desk)
        self._requests = LineRequests(world)
        self._public = MarketStreams(world, is_futures=False)
        super().__init__(world)

    @classmethod
    def matching_rules(cls) -> MatchingRules:
        """Return how its engine differs from others: filters are looked at before it."""
        return MatchingRules()

    def limits(self) -> Limits:
        """Return what passes within a minute and a day."""
        return _LIMITS

    def routes(self) -> Routes:
        """Return every address, by method and path."""
        return {**self._market_routes(), **self._order_routes(), **self._account_routes()}

    def documented(self, kind: FaultKind, *, retry_after_s: int) -> FaultAnswer | None:
        """Return spot's answer in a fault; of no server error it says that nothing was done."""
        if kind is FaultKind.UNAVAILABLE:
            return None
        if kind is FaultKind.OUTCOME_UNKNOWN:
            return FaultAnswer(
                reply=Refusal(-1001, _INTERNAL, status=500).reply(), may_be_done=True
            )
        return super().documented(kind, retry_after_s=retry_after_s)

    async def open_line(self, call: Call, line: Line) -> None:
        """Make a line one for requests or one for prices, by its address.

        Raises:
            StreamRefused: there is no such stream.
        """
        if call.path == _REQUESTS:
            line.topics.add(_ASKING)
        elif call.path.startswith(("/ws", "/stream")):
            await self._public.open(call, line)
        else:
            raise StreamRefused(Refusal(-1000, "no such stream", status=404).reply())

    async def hear(self, line: Line, message: str) -> None:
        """Act on a request or on a subscription to prices; anything else is passed over."""
        if _ASKING in line.topics:
            self._requests.hear(line, message)
        else:
            await self._public.hear(line, message)

    def on_event(self, event: MatchEvent) -> None:
        """Tell the lines of an account what the engine did."""
        self._stream.on_event(event)

    def on_price(self, symbol: Symbol) -> None:
        """Tell the lines that asked for it of a new price."""
        self._public.on_price(symbol)

    def _route(self, call: Call) -> Route | None:
        if call.path.startswith(_WALLET) and call.host != _LIVE:
            return None
        return super()._route(call)

    def _market_routes(self) -> Routes:
        market = self._market

        def public(handle: Handle, weight: int = 1, of_all: int | None = None) -> Route:
            return Route(
                handle=handle,
                weight=weight,
                weight_of_all=of_all,
                security=Security.NONE,
                kind=_PUBLIC,
            )

        return {
            ("GET", "/api/v3/ping"): public(market.ping),
            ("GET", "/api/v3/time"): public(market.time),
            ("GET", "/api/v3/exchangeInfo"): public(market.exchange_info, 20),
            ("GET", "/api/v3/klines"): public(market.klines, 2),
            ("GET", "/api/v3/depth"): public(market.depth, 5),
            ("GET", "/api/v3/ticker/price"): public(market.ticker_price, 2, 4),
            ("GET", "/api/v3/ticker/bookTicker"): public(market.book_ticker, 2, 4),
            ("GET", "/api/v3/ticker/24hr"): public(market.ticker_day, 2, 80),
        }

    def _order_routes(self) -> Routes:
        orders, lists = self._orders, self._lists
        return {
            ("POST", "/api/v3/order"): Route(handle=orders.place, kind=_ORDER),
            ("DELETE", "/api/v3/order"): Route(handle=orders.cancel, kind=_CANCEL),
            ("GET", "/api/v3/order"): Route(handle=orders.query, weight=4),
            ("GET", "/api/v3/openOrders"): Route(
                handle=orders.open_orders, weight=6, weight_of_all=80
            ),
            ("DELETE", "/api/v3/openOrders"): Route(handle=orders.cancel_all, kind=_CANCEL),
            ("GET", "/api/v3/allOrders"): Route(handle=orders.all_orders, weight=20),
            ("GET", "/api/v3/myTrades"): Route(handle=orders.trades, weight=20),
            ("POST", "/api/v3/orderList/oco"): Route(handle=lists.place, kind=_ORDER, orders=2),
            ("DELETE", "/api/v3/orderList"): Route(handle=lists.cancel, kind=_CANCEL),
            ("GET", "/api/v3/orderList"): Route(handle=lists.query, weight=4),
            ("GET", "/api/v3/openOrderList"): Route(handle=lists.open_lists, weight=6),
        }

    def _account_routes(self) -> Routes:
        account = self._account
        return {
            ("GET", "/api/v3/account"): Route(handle=account.account, weight=20),
            ("GET", "/sapi/v1/account/apiRestrictions"): Route(handle=account.api_restrictions),
        }
