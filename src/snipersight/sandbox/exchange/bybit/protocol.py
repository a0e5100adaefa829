"""Bybit v5 as its clients know it: addresses, limits, faults and lines."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Final

from snipersight.domain.instrument import MarketKind
from snipersight.domain.units import Symbol
from snipersight.matching import DuplicateIds, MatchEvent, MatchingRules
from snipersight.sandbox.exchange.bybit.account import AccountDesk
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.executions import ExecutionDesk
from snipersight.sandbox.exchange.bybit.fields import Fields
from snipersight.sandbox.exchange.bybit.keys import account_of_signed
from snipersight.sandbox.exchange.bybit.market import MarketDesk
from snipersight.sandbox.exchange.bybit.meter import Meter
from snipersight.sandbox.exchange.bybit.orders import OrderDesk
from snipersight.sandbox.exchange.bybit.position_stop import PositionStopDesk
from snipersight.sandbox.exchange.bybit.positions import PositionDesk
from snipersight.sandbox.exchange.bybit.private_streams import PrivateStreams
from snipersight.sandbox.exchange.bybit.public_streams import PublicStreams
from snipersight.sandbox.exchange.bybit.refusals import Refusal, documented_fault, envelope
from snipersight.sandbox.exchange.bybit.routes import Asked, Handle, Route, Routes
from snipersight.sandbox.exchange.bybit.talking import Talk
from snipersight.sandbox.exchange.bybit.transaction_log import TransactionLog
from snipersight.sandbox.exchange.calls import Call, FaultAnswer, Reply
from snipersight.sandbox.exchange.faults import FaultKind, RequestKind
from snipersight.sandbox.exchange.protocol import VenueProtocol
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

_GET: Final = "GET"
_POST: Final = "POST"
_KEY: Final = "x-bapi-api-key"
_NO_PAGE: Final = Reply(status=404, body="404 page not found")


class BybitProtocol(VenueProtocol):
    """Bybit's linear perpetuals in a unified account."""

    name: ClassVar[str] = "bybit"
    kind: ClassVar[MarketKind] = MarketKind.PERPETUAL
    hosts: ClassVar[frozenset[str]] = frozenset(
        f"{name}.bybit.com"
        for name in (
            "api",
            "api-testnet",
            "api-demo",
            "stream",
            "stream-testnet",
            "stream-demo",
        )
    )

    def __init__(self, world: VenueWorld) -> None:
        super().__init__(world)
        self.meter = Meter(factor=world.limit_factor)
        self._desk = Desk(world)
        self._market = MarketDesk(self._desk)
        self._orders = OrderDesk(self._desk)
        self._positions = PositionDesk(self._desk)
        self._executions = ExecutionDesk(self._desk)
        self._account = AccountDesk(self._desk)
        self._log = TransactionLog(self._desk, self._executions)
        self._public = PublicStreams(self._desk)
        self._private = PrivateStreams(
            self._desk, executions=self._executions, account=self._account
        )
        self._talk = Talk(world, self._public)
        self._routes: Routes = {
            **self._market_routes(),
            **self._order_routes(),
            **self._account_routes(),
            **self._setting_routes(),
        }

    @classmethod
    def matching_rules(cls) -> MatchingRules:
        """Return Bybit's limits; client ids are never free again.

        A conditional order outlives its position unless it is the position's own stop.
        """
        return MatchingRules(
            max_open=500,
            max_conditional=10,
            rejects_duplicate_ids=DuplicateIds.EVER,
            default_leverage=Decimal(10),
            buy_fee_in_base=False,
            conditionals_outlive_position=True,
        )

    def request_kind(self, call: Call) -> RequestKind:
        """Return what a request is about; an unknown address is public."""
        route = self._route(call)
        return RequestKind.PUBLIC if route is None else route.kind

    def admit(self, call: Call) -> Reply | None:
        """Count a request; a page of 403 for the address, `retCode` 10006 for a key."""
        banned = self.meter.count_address(at_us=call.at_us)
        route = self._route(call)
        if banned is not None or route is None or route.per_second is None:
            return banned
        refusal = self.meter.count_key(
            self._known_key(call), call.path, most=route.per_second, at_us=call.at_us
        )
        return None if refusal is None else refusal.reply(at_ms=call.at_ms)

    async def answer(self, call: Call) -> Reply:
        """Carry a request out and answer it."""
        route = self._route(call)
        if route is None:
            return _NO_PAGE
        self._desk.notice_restart(at_us=self.world.clock())
        try:
            result = await route.handle(self._asked(route, call))
            return Reply(body=envelope(result, at_ms=call.at_ms))
        except Refusal as refusal:
            return refusal.reply(at_ms=call.at_ms)
        finally:
            self.world.tell()

    def documented(self, kind: FaultKind, *, retry_after_s: int) -> FaultAnswer | None:
        """Return Bybit's answer in a fault."""
        at_ms = self.world.clock() // 1_000
        return documented_fault(kind, at_ms=at_ms, retry_after_s=retry_after_s)

    def headers(self, call: Call) -> dict[str, str]:
        """Return how much of the limit of a request is left."""
        return self.meter.headers(self._known_key(call), call.path, at_us=call.at_us)

    def limits_used(self) -> dict[str, int]:
        """Return the busiest window of each limit, and how often one was exceeded."""
        return self.meter.used()

    async def open_line(self, call: Call, line: Line) -> None:
        """Open a public line, or a private one that has yet to authenticate.

        Raises:
            StreamRefused: there is no such stream.
        """
        self._talk.open(call, line)

    async def hear(self, line: Line, message: str) -> None:
        """Answer a client."""
        await self._talk.hear(line, message)

    def on_event(self, event: MatchEvent) -> None:
        """Learn from an event of the engine, and tell the account's lines of it."""
        self._desk.learn(event)
        self._private.on_event(event)

    def on_price(self, symbol: Symbol) -> None:
        """Tell the lines that asked for it of a new price."""
        self._public.on_price(symbol)

    def _route(self, call: Call) -> Route | None:
        return self._routes.get((call.method, call.path))

    def _known_key(self, call: Call) -> str:
        """Return the key of a request; all unknown ones count as one."""
        key = call.headers.get(_KEY, "")
        return key if self.world.accounts.of_key(key) is not None else ""

    def _asked(self, route: Route, call: Call) -> Asked:
        account = account_of_signed(call, self.world.accounts) if route.is_signed else None
        return Asked(fields=Fields.of(call), call=call, account=account)

    def _market_routes(self) -> Routes:
        market = self._market
        handles: Mapping[str, Handle] = {
            "time": market.time,
            "instruments-info": market.instruments,
            "kline": market.candles,
            "funding/history": market.funding,
            "tickers": market.tickers,
            "orderbook": market.book,
            "risk-limit": market.limits,
        }
        return {
            (_GET, f"/v5/market/{name}"): Route(
                handle=handle, per_second=None, kind=RequestKind.PUBLIC
            )
            for name, handle in handles.items()
        }

    def _order_routes(self) -> Routes:
        orders = self._orders
        create = Route(handle=orders.create, per_second=10, kind=RequestKind.ORDER)
        cancel = Route(handle=orders.cancel, per_second=10, kind=RequestKind.CANCEL)
        cancel_all = Route(handle=orders.cancel_all, per_second=10, kind=RequestKind.CANCEL)
        return {
            (_POST, "/v5/order/create"): create,
            (_POST, "/v5/order/cancel"): cancel,
            (_POST, "/v5/order/cancel-all"): cancel_all,
            (_GET, "/v5/order/realtime"): Route(handle=orders.realtime),
            (_GET, "/v5/order/history"): Route(handle=orders.history),
            (_GET, "/v5/execution/list"): Route(handle=self._executions.executions),
        }

    def _account_routes(self) -> Routes:
        account = self._account
        return {
            (_GET, "/v5/position/list"): Route(handle=self._positions.positions),
            (_GET, "/v5/account/wallet-balance"): Route(handle=account.wallet),
            (_GET, "/v5/account/info"): Route(handle=account.info),
            (_GET, "/v5/account/transaction-log"): Route(handle=self._log.entries, per_second=30),
            (_GET, "/v5/user/query-api"): Route(handle=account.key, per_second=10),
            (_GET, "/v5/asset/coin/query-info"): Route(handle=account.coins, per_second=5),
        }

    def _setting_routes(self) -> Routes:
        positions = self._positions
        handles: Mapping[str, Handle] = {
            "position/set-leverage": positions.set_leverage,
            "position/switch-isolated": positions.switch_isolated,
            "position/switch-mode": positions.switch_mode,
            "position/trading-stop": PositionStopDesk(self._desk).set_stop,
            "account/set-margin-mode": self._account.set_margin_mode,
        }
        return {
            (_POST, f"/v5/{name}"): Route(handle=handle, per_second=10, kind=RequestKind.SETTING)
            for name, handle in handles.items()
        }
