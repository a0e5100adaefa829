"""Binance spot."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, Final

from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderKind,
    OrderRequest,
    Quote,
    Side,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Price, Symbol, plain
from snipersight.domain.venue import (
    Answer,
    Finding,
    FindingLevel,
    StopRests,
    VenueCapabilities,
)
from snipersight.market.venues.base import CcxtVenue, not_sent, refused
from snipersight.market.venues.binance_keys import key_findings
from snipersight.market.venues.binance_rows import Row, execution_of, order_of
from snipersight.market.venues.binance_spot_stream import SpotStreamLink
from snipersight.market.venues.calls import NotThere
from snipersight.market.venues.numbers import decimal_of, flag_of
from snipersight.market.venues.pace import Limits
from snipersight.market.venues.paging import trades_since
from snipersight.market.venues.questions import question
from snipersight.market.venues.stream import StreamLink

_DAY_MS: Final = 86_400_000
_TYPES: Final[Mapping[OrderKind, str]] = MappingProxyType(
    {
        OrderKind.LIMIT: "LIMIT",
        OrderKind.MARKET: "MARKET",
        OrderKind.STOP_MARKET: "STOP_LOSS",
        OrderKind.STOP_LIMIT: "STOP_LOSS_LIMIT",
        OrderKind.TAKE_PROFIT_MARKET: "TAKE_PROFIT",
        OrderKind.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
    }
)
_LONGEST_ID: Final = 36


class BinanceSpot(CcxtVenue):
    """One account of Binance spot.

    What is held is a balance and no position: an exit sells, and each alone ties up the units it
    would sell, so that target and stop go as one list of which only one can be filled (OCO).
    Triggers watch the last price; there is no other.
    """

    limits: ClassVar[Limits] = Limits(
        changes_per_s=5,
        changes_burst=50,
        questions_per_s=30,
        questions_burst=200,
        weight_per_minute=6_000,
    )

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return what a market takes; before its rules are known, no market stops."""
        types = self.known_markets.order_types.get(symbol) if self.known_markets else None
        return VenueCapabilities(
            stop_rests=StopRests.AFTER_FILL,
            has_reduce_only=False,
            pairs_exits=True,
            has_mark=False,
            has_stop_market=types is not None and "STOP_LOSS" in types,
            max_conditional=5,
            orders_alone=13,  # 6 each; those of the whole account weigh 80
        )

    async def learn_modes(self) -> None:
        """Ask nothing: spot has one way to hold."""

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Do nothing: there is no margin and no leverage.

        A leverage other than 1 is refused.
        """
        return Answer() if leverage == 1 else refused(f"{self.name} has no leverage")

    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once."""
        if request.attached_stop is not None:
            return refused(f"{self.name} attaches no stop to an entry")
        try:
            market_id = (await self.known()).id_of(request.symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to an order that never left
            return not_sent(error)
        return await self.change(
            "privatePostOrder",
            order_fields(request, market_id=market_id),
            lambda row: self._order(row, request.symbol),
        )

    async def submit_pair(self, target: OrderRequest, stop: OrderRequest) -> Answer:
        """Send target and stop of the same units as one list; the answer tells of the stop."""
        if (why := _no_pair(target, stop)) is not None:
            return refused(why)
        try:
            market_id = (await self.known()).id_of(stop.symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to an order that never left
            return not_sent(error)
        return await self.change(
            "privatePostOrderListOco",
            pair_fields(target, stop, market_id=market_id),
            lambda row: self._of_list(row, stop),
        )

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; of a list, both."""
        try:
            market_id = (await self.known()).id_of(symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to a cancel that never left
            return not_sent(error)
        return await self.change(
            "privateDeleteOrder",
            {"symbol": market_id, "origClientOrderId": client_id},
            lambda row: self._of_cancel(row, symbol, client_id),
        )

    @question
    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id, open or ended."""
        market_id = (await self.known()).id_of(symbol)
        asked = {"symbol": market_id, "origClientOrderId": client_id}
        try:
            return self._order(await self.calls.ask("privateGetOrder", asked), symbol)
        except NotThere:
            return None

    @question
    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order; conditional ones are among them."""
        markets = await self.known()
        where = {} if symbol is None else {"symbol": markets.id_of(symbol)}
        rows = await self.calls.ask("privateGetOpenOrders", where)
        return tuple(self._order(row, markets.symbol_of(str(row["symbol"]))) for row in rows)

    @question
    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment, oldest first, with our order ids."""
        market_id = (await self.known()).id_of(symbol)
        rows = await trades_since(
            lambda span: self.calls.ask("privateGetMyTrades", {"symbol": market_id, **span}),
            since_ms=since_us // 1000,
            now_ms=await self.now_us() // 1000,
            window_ms=_DAY_MS,
        )
        for order_id in dict.fromkeys(str(row["orderId"]) for row in rows):
            await self._learn_id(symbol, market_id, order_id)
        return tuple(
            execution_of(
                row, symbol, client_id=self.ids.client_id(symbol, str(row["orderId"])) or ""
            )
            for row in rows
        )

    @question
    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return nothing: spot pays none."""
        return ()

    @question
    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return nothing: what is held are balances."""
        return ()

    @question
    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds."""
        row = await self.calls.ask("privateGetAccount", {"omitZeroBalances": "true"})
        held = (
            Balance(
                currency=Currency(str(each["asset"])),
                total=decimal_of(each, "free") + decimal_of(each, "locked"),
                free=decimal_of(each, "free"),
            )
            for each in row["balances"]
        )
        return tuple(balance for balance in held if balance.total > 0)

    @question
    async def quote(self, symbol: Symbol) -> Quote:
        """Return the last price, which is the mark price too."""
        where = {"symbol": (await self.known()).id_of(symbol)}
        row = await self.calls.ask("publicGetTickerPrice", where, is_signed=False)
        return _quote_of(row, symbol, at_us=await self.now_us())

    @question
    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the last prices of several markets in one question."""
        markets = await self.known()
        # One name that the venue has dropped would leave all of them without a price.
        names = [markets.ids[symbol] for symbol in symbols if symbol in markets.instruments]
        if not names:
            return {}
        asked = {"symbols": json.dumps(names, separators=(",", ":"))}
        rows = await self.calls.ask("publicGetTickerPrice", asked, is_signed=False)
        at_us = await self.now_us()
        told = ((markets.symbol_of(str(row["symbol"])), row) for row in rows)
        return {symbol: _quote_of(row, symbol, at_us=at_us) for symbol, row in told}

    @question
    async def key_findings(self) -> tuple[Finding, ...]:
        """Ask what the key may do."""
        return await key_findings(self.calls, needs="enableSpotAndMarginTrading")

    @question
    async def mode_findings(self) -> tuple[Finding, ...]:
        """Ask whether the account may trade; spot has no position mode."""
        row = await self.calls.ask("privateGetAccount", {"omitZeroBalances": "true"})
        if flag_of(row, "canTrade"):
            sentence = "spot has no position mode, and the account may trade"
            return (Finding(name="position_mode", level=FindingLevel.OK, sentence=sentence),)
        sentence = "the venue does not let this account trade: look at its own pages"
        return (Finding(name="position_mode", level=FindingLevel.FAILED, sentence=sentence),)

    def stream_link(self) -> StreamLink:
        """Return the account's stream."""
        return SpotStreamLink(self)

    @question
    async def _ask_time_ms(self) -> int:
        row = await self.calls.ask("publicGetTime", {}, is_signed=False)
        return int(row["serverTime"])

    def _order(self, row: Row, symbol: Symbol) -> VenueOrder:
        return self.keep_ids(order_of(row, symbol, is_spot=True))

    def _of_list(self, row: Row, stop: OrderRequest) -> VenueOrder | None:
        orders = [self._order(each, stop.symbol) for each in row["orderReports"]]
        return next((order for order in orders if order.client_id == stop.client_id), None)

    def _of_cancel(self, row: Row, symbol: Symbol, client_id: str) -> VenueOrder | None:
        if "orderReports" not in row:
            return self._order(row, symbol)
        orders = [self._order(each, symbol) for each in row["orderReports"]]
        return next((order for order in orders if order.client_id == client_id), None)

    async def _learn_id(self, symbol: Symbol, market_id: str, order_id: str) -> None:
        if self.ids.client_id(symbol, order_id) is not None:
            return
        asked = {"symbol": market_id, "orderId": order_id}
        try:
            row = await self.calls.ask("privateGetOrder", asked)
        except NotThere:
            return  # archived: whose it was cannot be known any more
        self.ids.learn(symbol, order_id, str(row["clientOrderId"]))


def order_fields(request: OrderRequest, *, market_id: str) -> Mapping[str, object]:
    """Return what is sent for an order: exact numbers as text."""
    fields: dict[str, object] = {
        "symbol": market_id,
        "side": request.side.value.upper(),
        "type": _TYPES[request.kind],
        "quantity": plain(request.size),
        "newClientOrderId": request.client_id,
        "newOrderRespType": "FULL",
    }
    if request.price is not None:
        fields |= {"price": plain(request.price), "timeInForce": "GTC"}
    if request.trigger_price is not None:
        fields["stopPrice"] = plain(request.trigger_price)
    return fields


def pair_fields(
    target: OrderRequest, stop: OrderRequest, *, market_id: str
) -> Mapping[str, object]:
    """Return what is sent for a list of which one leg is filled: the higher and the lower price."""
    is_sale = stop.side is Side.SELL
    above, below = (target, stop) if is_sale else (stop, target)
    return {
        "symbol": market_id,
        "side": stop.side.value.upper(),
        "quantity": plain(stop.size),
        "listClientOrderId": f"{stop.client_id}L"[-_LONGEST_ID:],
        **_leg_fields("above", above),
        **_leg_fields("below", below),
        "newOrderRespType": "FULL",
    }


def _quote_of(row: Row, symbol: Symbol, *, at_us: int) -> Quote:
    last = Price(decimal_of(row, "price"))
    return Quote(symbol=symbol, last=last, mark=last, at_us=at_us)


def _leg_fields(name: str, request: OrderRequest) -> dict[str, object]:
    is_plain = request.kind is OrderKind.LIMIT
    fields: dict[str, object] = {
        f"{name}Type": "LIMIT_MAKER" if is_plain else _TYPES[request.kind],
        f"{name}ClientOrderId": request.client_id,
    }
    if request.price is not None:
        fields[f"{name}Price"] = plain(request.price)
    if request.trigger_price is not None:
        fields[f"{name}StopPrice"] = plain(request.trigger_price)
    if request.price is not None and not is_plain:
        fields[f"{name}TimeInForce"] = "GTC"
    return fields


def _no_pair(target: OrderRequest, stop: OrderRequest) -> str | None:
    if (target.symbol, target.side, target.size) != (stop.symbol, stop.side, stop.size):
        return "target and stop of a pair are not of the same units"
    if not stop.kind.is_stop or target.kind.is_stop or target.kind is OrderKind.MARKET:
        return f"{target.kind} and {stop.kind} make no pair"
    return None
