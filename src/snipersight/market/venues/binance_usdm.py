"""Binance USD-M perpetuals."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Final

from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    OrderStatus,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Symbol, plain
from snipersight.domain.venue import (
    Answer,
    Finding,
    FindingLevel,
    Problem,
    ProblemClass,
    Reason,
    StopRests,
    VenueCapabilities,
)
from snipersight.market.venues.base import CcxtVenue, not_sent, refused
from snipersight.market.venues.binance_algo import conditional_of, followed, placed_id
from snipersight.market.venues.binance_keys import key_findings
from snipersight.market.venues.binance_rows import Row, execution_of, order_of
from snipersight.market.venues.binance_usdm_rows import (
    order_fields,
    payment_of,
    position_of,
    quote_of,
)
from snipersight.market.venues.binance_usdm_stream import UsdmStreamLink
from snipersight.market.venues.calls import NotThere
from snipersight.market.venues.numbers import decimal_of, flag_of
from snipersight.market.venues.pace import Limits
from snipersight.market.venues.paging import trades_since
from snipersight.market.venues.questions import question
from snipersight.market.venues.stream import StreamLink

_WEEK_MS: Final = 7 * 86_400_000
_SINGLY: Final = 3  # one quote weighs 2, and all of the venue's together 12
_OTHER_MODE: Final = "-4061"  # the order fits the other position mode
_ABILITIES: Final = VenueCapabilities(
    stop_rests=StopRests.AFTER_FILL,
    attaches_stop=False,
    has_reduce_only=True,
    has_mark=True,
    max_conditional=None,  # 200, but over the whole account
    orders_alone=39,  # 2 each; those of the whole account weigh 80
)


class BinanceUsdm(CcxtVenue):
    """One account of Binance's USD-M perpetuals, in one-way or hedge mode.

    Conditional orders live on a service of their own (`algoOrder`): both services are asked
    wherever all orders are meant.
    """

    limits: ClassVar[Limits] = Limits(
        changes_per_s=20,
        changes_burst=200,
        questions_per_s=30,
        questions_burst=200,
        weight_per_minute=2_400,
    )
    _is_hedged: bool | None = None

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return the same for every market."""
        return _ABILITIES

    async def learn_modes(self) -> None:
        """Ask for the position mode, once."""
        await self.is_hedged()

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin and the leverage; each is harmless where it is so already.

        Nothing is sent where both are certain: see `PreparedMarkets`.
        """
        if self.prepared.are_so(symbol, leverage):
            return Answer()
        try:
            market_id = (await self.known()).id_of(symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to what never left
            return not_sent(error)
        self.prepared.begin(symbol)
        answers = await asyncio.gather(
            self.change(
                "fapiPrivatePostMarginType", {"symbol": market_id, "marginType": "ISOLATED"}
            ),
            self.change(
                "fapiPrivatePostLeverage", {"symbol": market_id, "leverage": plain(leverage)}
            ),
        )
        refused = next((one for one in answers if one.problem is not None), None)
        if refused is not None:
            return refused
        self.prepared.done(symbol, leverage)
        return Answer()

    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once; a conditional one to the service for those."""
        if request.attached_stop is not None:
            return refused(f"{self.name} attaches no stop to an entry")
        try:
            markets, is_hedged = await self.known(), await self.is_hedged()
            fields = order_fields(
                request, market_id=markets.id_of(request.symbol), is_hedged=is_hedged
            )
        except Exception as error:  # noqa: BLE001 — told as the answer to an order that never left
            return not_sent(error)
        call, read = "fapiPrivatePostOrder", self._resting
        if request.kind.is_conditional:
            call, read = "fapiPrivatePostAlgoOrder", self._conditional
        answer = await self.change(call, fields, lambda row: read(row, request.symbol))
        if answer.problem is not None and answer.problem.code == _OTHER_MODE:
            self._is_hedged = None  # changed by hand: the next order asks
        if answer.problem is not None:
            self.prepared.doubt(request.symbol)
        return answer

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; of a conditional one that has triggered, what it placed."""
        try:
            market_id = (await self.known()).id_of(symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to a cancel that never left
            return not_sent(error)
        if not is_conditional:
            return await self.change(
                "fapiPrivateDeleteOrder",
                {"symbol": market_id, "origClientOrderId": client_id},
                lambda row: self._resting(row, symbol),
            )
        answer = await self.change(
            "fapiPrivateDeleteAlgoOrder", {"symbol": market_id, "clientAlgoId": client_id}
        )
        if answer.problem is None or answer.problem.reason is not Reason.NOT_FOUND:
            return answer
        placed = await self._cancel_placed(symbol, market_id, client_id)
        return answer if placed is None else placed

    @question
    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id; of a conditional one that has triggered, what became of it."""
        market_id = (await self.known()).id_of(symbol)
        try:
            if not is_conditional:
                return await self._ordinary(symbol, {"origClientOrderId": client_id})
            row = await self.calls.ask(
                "fapiPrivateGetAlgoOrder", {"symbol": market_id, "clientAlgoId": client_id}
            )
        except NotThere:
            return None
        return await self._followed(row, symbol)

    @question
    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order of both services."""
        markets = await self.known()
        where = {} if symbol is None else {"symbol": markets.id_of(symbol)}
        ordinary, conditional = await asyncio.gather(
            self.calls.ask("fapiPrivateGetOpenOrders", where),
            self.calls.ask("fapiPrivateGetOpenAlgoOrders", where),
        )
        waiting = [
            self._conditional(row, markets.symbol_of(str(row["symbol"]))) for row in conditional
        ]
        placed = {(order.symbol, order.venue_id) for order in waiting}
        resting = [self._resting(row, markets.symbol_of(str(row["symbol"]))) for row in ordinary]
        alone = [order for order in resting if (order.symbol, order.venue_id) not in placed]
        return (*alone, *waiting)

    @question
    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment, oldest first, with our order ids."""
        market_id = (await self.known()).id_of(symbol)
        rows = await trades_since(
            lambda span: self.calls.ask("fapiPrivateGetUserTrades", {"symbol": market_id, **span}),
            since_ms=since_us // 1000,
            now_ms=await self.now_us() // 1000,
            window_ms=_WEEK_MS,
        )
        await self._learn_ids(symbol, rows, since_ms=since_us // 1000)
        return tuple(
            execution_of(
                row, symbol, client_id=self.ids.client_id(symbol, str(row["orderId"])) or ""
            )
            for row in rows
        )

    @question
    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding paid and received since a moment, oldest first."""
        market_id = (await self.known()).id_of(symbol)
        now_ms, start_ms = await self.now_us() // 1000, since_us // 1000
        rows: list[Row] = []
        while start_ms <= now_ms:
            span = {"startTime": start_ms, "endTime": start_ms + _WEEK_MS - 1, "limit": 1000}
            asked = {"symbol": market_id, "incomeType": "FUNDING_FEE", **span}
            rows.extend(await self.calls.ask("fapiPrivateGetIncome", asked))
            start_ms += _WEEK_MS
        return tuple(
            sorted((payment_of(row, symbol) for row in rows), key=lambda payment: payment.at_us)
        )

    @question
    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position."""
        markets = await self.known()
        rows = await self.calls.ask("fapiPrivateV3GetPositionRisk", {})
        held = tuple(
            position_of(row, markets.symbol_of(str(row["symbol"])))
            for row in rows
            if decimal_of(row, "positionAmt") != 0
        )
        self.prepared.compare(held)
        return held

    @question
    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds, without unrealised results."""
        rows = await self.calls.ask("fapiPrivateV3GetBalance", {})
        return tuple(
            Balance(
                currency=Currency(str(row["asset"])),
                total=decimal_of(row, "balance"),
                free=decimal_of(row, "availableBalance"),
            )
            for row in rows
            if decimal_of(row, "balance") != 0
        )

    @question
    async def quote(self, symbol: Symbol) -> Quote:
        """Return last and mark price; the best of the book would be a question more."""
        return quote_of(symbol, *await self._prices({"symbol": (await self.known()).id_of(symbol)}))

    @question
    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return last and mark prices: of a few markets singly, of more in two questions."""
        markets = await self.known()
        ids = markets.ids
        # One market that the venue has dropped would leave all of them without a price.
        listed = [symbol for symbol in symbols if symbol in markets.instruments]
        if len(listed) <= _SINGLY:
            told = await asyncio.gather(*(self.quote(symbol) for symbol in listed))
            return {quote.symbol: quote for quote in told}
        last, mark = ({row["symbol"]: row for row in rows} for rows in await self._prices({}))
        return {
            symbol: quote_of(symbol, last[ids[symbol]], mark[ids[symbol]])
            for symbol in listed
            if ids[symbol] in last and ids[symbol] in mark
        }

    @question
    async def is_hedged(self) -> bool:
        """Return whether long and short are held apart; asked once."""
        if self._is_hedged is None:
            row = await self.calls.ask("fapiPrivateGetPositionSideDual", {})
            self._is_hedged = flag_of(row, "dualSidePosition")
        return self._is_hedged

    @question
    async def key_findings(self) -> tuple[Finding, ...]:
        """Ask what the key may do."""
        return await key_findings(self.calls, needs="enableFutures")

    @question
    async def mode_findings(self) -> tuple[Finding, ...]:
        """Ask for the position mode anew: it may have been changed by hand."""
        self._is_hedged = None
        words = "hedge: long and short apart" if await self.is_hedged() else "one-way"
        return (
            Finding(
                name="position_mode",
                level=FindingLevel.OK,
                sentence=f"position mode is {words}; both are understood",
            ),
        )

    def stream_link(self) -> StreamLink:
        """Return the account's stream."""
        return UsdmStreamLink(self)

    @question
    async def _ask_time_ms(self) -> int:
        row = await self.calls.ask("fapiPublicGetTime", {}, is_signed=False)
        return int(row["serverTime"])

    async def _prices(self, where: Mapping[str, object]) -> tuple[Any, Any]:
        """Return what is told of last and mark prices, of one market or of all."""
        last, mark = await asyncio.gather(
            self.calls.ask("fapiPublicGetTickerPrice", where, is_signed=False),
            self.calls.ask("fapiPublicGetPremiumIndex", where, is_signed=False),
        )
        return last, mark

    async def _ordinary(self, symbol: Symbol, which: Mapping[str, object]) -> VenueOrder:
        market_id = (await self.known()).id_of(symbol)
        row = await self.calls.ask("fapiPrivateGetOrder", {"symbol": market_id, **which})
        return self._resting(row, symbol)

    def _resting(self, row: Row, symbol: Symbol) -> VenueOrder:
        """Return an ordinary order; under the id of the conditional one that placed it."""
        order = order_of(row, symbol, is_spot=False)
        known = self.ids.client_id(symbol, order.venue_id)
        return self.keep_ids(order if known is None else replace(order, client_id=known))

    def _conditional(self, row: Row, symbol: Symbol) -> VenueOrder:
        order = conditional_of(row, symbol)
        self.ids.learn(symbol, placed_id(row), order.client_id)
        return order

    async def _followed(self, row: Row, symbol: Symbol) -> VenueOrder:
        order = self._conditional(row, symbol)
        if not (order_id := placed_id(row)) or order.status is OrderStatus.CANCELLED:
            return order
        try:
            placed = await self._ordinary(symbol, {"orderId": order_id})
        except NotThere:
            return followed(order, None)
        return followed(order, placed)

    async def _cancel_placed(self, symbol: Symbol, market_id: str, client_id: str) -> Answer | None:
        """Cancel what a triggered order placed; None where nothing of it is open."""
        try:
            order = await self.order(symbol, client_id, is_conditional=True)
        except Exception as error:  # noqa: BLE001 — whether it is open is not known then
            return Answer(problem=Problem(kind=ProblemClass.UNKNOWN, text=str(error)))
        if order is None or not order.status.is_open:
            return None
        return await self.change(
            "fapiPrivateDeleteOrder",
            {"symbol": market_id, "orderId": order.venue_id},
            lambda row: self._resting(row, symbol),
        )

    async def _learn_ids(self, symbol: Symbol, rows: list[Row], *, since_ms: int) -> None:
        """Find out whose executions these are; they name the venue's order id alone."""
        market_id = (await self.known()).id_of(symbol)
        unknown = self._unknown_ids(symbol, rows)
        if unknown:
            asked = {"symbol": market_id, "startTime": since_ms - _WEEK_MS // 7, "limit": 1000}
            try:
                conditional = await self.calls.ask("fapiPrivateGetAllAlgoOrders", asked)
            except NotThere:
                conditional = []
            for row in conditional:
                self.ids.learn(symbol, placed_id(row), str(row.get("clientAlgoId") or ""))
        for order_id in self._unknown_ids(symbol, rows):
            try:
                await self._ordinary(symbol, {"orderId": order_id})
            except NotThere:
                continue  # archived: whose it was cannot be known any more

    def _unknown_ids(self, symbol: Symbol, rows: list[Row]) -> list[str]:
        ids = dict.fromkeys(str(row["orderId"]) for row in rows)
        return [order_id for order_id in ids if self.ids.client_id(symbol, order_id) is None]
