"""The addresses and streams of Binance USD-M futures."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Final

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.matching import MatchEvent, MatchingRules
from snipersight.sandbox.exchange.binance.fields import Fields
from snipersight.sandbox.exchange.binance.listen_keys import ListenKeys
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
from snipersight.sandbox.exchange.calls import Call
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from snipersight.sandbox.exchange.protocol import StreamRefused
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.usdm.account import AccountDesk
from snipersight.sandbox.exchange.usdm.algo import AlgoDesk
from snipersight.sandbox.exchange.usdm.desk import DEFAULT_LEVERAGE, Desk
from snipersight.sandbox.exchange.usdm.events import UserStream
from snipersight.sandbox.exchange.usdm.market import MarketDesk
from snipersight.sandbox.exchange.usdm.orders import OrderDesk
from snipersight.sandbox.exchange.usdm.positions import PositionDesk
from snipersight.sandbox.exchange.usdm.terms import TermsDesk
from snipersight.sandbox.exchange.world import VenueWorld

_LIMITS: Final = Limits(weight_per_minute=2_400, orders_per_10s=300, orders_per_minute=1_200)
_ORDER, _CANCEL = RequestKind.ORDER, RequestKind.CANCEL
_SETTING, _PUBLIC = RequestKind.SETTING, RequestKind.PUBLIC


class UsdmProtocol(BinanceProtocol):
    """Binance USD-M over HTTP and WebSocket, conditional orders on their own service."""

    name: ClassVar[str] = "binanceusdm"
    kind: ClassVar[MarketKind] = MarketKind.PERPETUAL
    hosts: ClassVar[frozenset[str]] = frozenset(
        {
            "demo-fapi.binance.com",
            "fapi.binance.com",
            "fstream.binance.com",
            "fstream.binancefuture.com",
            "testnet.binancefuture.com",
        }
    )

    def __init__(self, world: VenueWorld) -> None:
        self._keys = ListenKeys()
        desk = Desk(world)
        self._orders = OrderDesk(desk)
        self._algo = AlgoDesk(desk, self._orders)
        self._positions = PositionDesk(desk)
        self._account = AccountDesk(desk, self._positions)
        self._terms = TermsDesk(desk, self._positions, self._keys)
        self._market = MarketDesk(desk, self.limits().times(world.limit_factor))
        self._stream = UserStream(desk)
        self._public = MarketStreams(world, is_futures=True)
        super().__init__(world)

    @classmethod
    def matching_rules(cls) -> MatchingRules:
        """Return how its engine differs from others."""
        return MatchingRules(
            price_band_fraction=Decimal("0.15"),
            default_leverage=Decimal(DEFAULT_LEVERAGE),
            conditionals_outlive_position=True,
        )

    def limits(self) -> Limits:
        """Return what passes within a minute."""
        return _LIMITS

    def routes(self) -> Routes:
        """Return every address, by method and path."""
        return {**self._market_routes(), **self._order_routes(), **self._account_routes()}

    def is_spared(self, kind: FaultKind, call: Call) -> bool:
        """Return whether a fault passes a request by; an overload spares what reduces."""
        if kind is not FaultKind.OVERLOADED:
            return super().is_spared(kind, call)
        fields = Fields(call.parameters())
        said = {fields.optional(name).lower() for name in ("reduceOnly", "closePosition")}
        return "true" in said

    async def open_line(self, call: Call, line: Line) -> None:
        """Make a line an account's if its address has a listen key, else a public one.

        Raises:
            StreamRefused: the key is unknown or over, or there is no such stream.
        """
        if "/ws" not in call.path and "/stream" not in call.path:
            raise StreamRefused(Refusal(-1000, "no such stream", status=404).reply())
        key = call.parameters().get("listenKey", "") or _key_in(call.path)
        if not key:
            await self._public.open(call, line)
            return
        account = self._keys.account_of(key, at_us=self.world.clock())
        if account is None:
            raise StreamRefused(
                Refusal(-1125, "This listenKey does not exist.", status=401).reply()
            )
        line.account = account

    async def hear(self, line: Line, message: str) -> None:
        """Act on a subscription; anything else is passed over."""
        await self._public.hear(line, message)

    def on_event(self, event: MatchEvent) -> None:
        """Tell the lines of an account what the engine did."""
        self._stream.on_event(event)

    def on_price(self, symbol: Symbol) -> None:
        """Tell the lines that asked for it of a new price."""
        self._public.on_price(symbol)

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
            ("GET", "/fapi/v1/ping"): public(market.ping),
            ("GET", "/fapi/v1/time"): public(market.time),
            ("GET", "/fapi/v1/exchangeInfo"): public(market.exchange_info),
            ("GET", "/fapi/v1/klines"): public(market.klines, 5),
            ("GET", "/fapi/v1/depth"): public(market.depth, 5),
            ("GET", "/fapi/v1/ticker/price"): public(market.ticker_price, 1, 2),
            ("GET", "/fapi/v2/ticker/price"): public(market.ticker_price, 1, 2),
            ("GET", "/fapi/v1/ticker/bookTicker"): public(market.book_ticker, 2, 5),
            ("GET", "/fapi/v1/ticker/24hr"): public(market.ticker_day, 1, 40),
            ("GET", "/fapi/v1/premiumIndex"): public(market.premium_index, 1, 10),
            ("GET", "/fapi/v1/fundingRate"): public(market.funding_rates),
        }

    def _order_routes(self) -> Routes:
        orders, algo = self._orders, self._algo
        return {
            ("POST", "/fapi/v1/order"): Route(handle=orders.place, weight=0, kind=_ORDER),
            ("DELETE", "/fapi/v1/order"): Route(handle=orders.cancel, kind=_CANCEL),
            ("GET", "/fapi/v1/order"): Route(handle=orders.query),
            ("DELETE", "/fapi/v1/allOpenOrders"): Route(handle=orders.cancel_all, kind=_CANCEL),
            ("GET", "/fapi/v1/openOrders"): Route(handle=orders.open_orders, weight_of_all=40),
            ("GET", "/fapi/v1/allOrders"): Route(handle=orders.all_orders, weight=5),
            ("GET", "/fapi/v1/userTrades"): Route(handle=orders.trades, weight=5),
            ("POST", "/fapi/v1/algoOrder"): Route(handle=algo.place, weight=0, kind=_ORDER),
            ("DELETE", "/fapi/v1/algoOrder"): Route(handle=algo.cancel, kind=_CANCEL),
            ("GET", "/fapi/v1/algoOrder"): Route(handle=algo.query),
            ("DELETE", "/fapi/v1/algoOpenOrders"): Route(handle=algo.cancel_all, kind=_CANCEL),
            ("GET", "/fapi/v1/openAlgoOrders"): Route(handle=algo.open_orders, weight_of_all=40),
            ("GET", "/fapi/v1/allAlgoOrders"): Route(handle=algo.all_orders, weight=5),
        }

    def _account_routes(self) -> Routes:
        account, positions, terms = self._account, self._positions, self._terms
        return {
            ("GET", "/fapi/v2/account"): Route(handle=account.account, weight=5),
            ("GET", "/fapi/v3/account"): Route(handle=account.account, weight=5),
            ("GET", "/fapi/v2/balance"): Route(handle=account.balance, weight=5),
            ("GET", "/fapi/v3/balance"): Route(handle=account.balance, weight=5),
            ("GET", "/fapi/v2/positionRisk"): Route(handle=positions.positions_v2, weight=5),
            ("GET", "/fapi/v3/positionRisk"): Route(handle=positions.positions_v3, weight=5),
            ("GET", "/fapi/v1/symbolConfig"): Route(handle=positions.symbol_config, weight=5),
            ("GET", "/fapi/v1/income"): Route(handle=account.income, weight=30),
            ("GET", "/fapi/v1/commissionRate"): Route(handle=account.commission_rate, weight=20),
            ("GET", "/fapi/v1/leverageBracket"): Route(handle=positions.brackets),
            ("GET", "/fapi/v1/multiAssetsMargin"): Route(handle=account.multi_assets, weight=30),
            ("POST", "/fapi/v1/leverage"): Route(handle=terms.set_leverage, kind=_SETTING),
            ("POST", "/fapi/v1/marginType"): Route(handle=terms.set_margin_type, kind=_SETTING),
            ("GET", "/fapi/v1/positionSide/dual"): Route(handle=terms.position_mode, weight=30),
            ("POST", "/fapi/v1/positionSide/dual"): Route(
                handle=terms.set_position_mode, kind=_SETTING
            ),
            **{
                (method, "/fapi/v1/listenKey"): Route(
                    handle=handle, security=Security.KEY, kind=_SETTING
                )
                for method, handle in (
                    ("POST", terms.give_key),
                    ("PUT", terms.renew_key),
                    ("DELETE", terms.end_key),
                )
            },
        }


def _key_in(path: str) -> str:
    """Return the listen key at the end of `/ws/KEY`; a stream's name or number is none."""
    last = path.rpartition("/ws/")[2] if "/ws/" in path else ""
    return "" if "@" in last or len(last) < 30 else last
