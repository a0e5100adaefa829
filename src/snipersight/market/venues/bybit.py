"""Bybit's linear perpetuals, of a unified account."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final

from snipersight.domain.orders import (
    Balance,
    Fill,
    FundingPayment,
    OrderRequest,
    Quote,
    VenueOrder,
    VenuePosition,
)
from snipersight.domain.units import Currency, Symbol, plain
from snipersight.domain.venue import (
    Answer,
    Finding,
    FindingLevel,
    StopRests,
    VenueCapabilities,
)
from snipersight.market.venues.base import CcxtVenue, not_sent, refused
from snipersight.market.venues.bybit_keys import key_findings
from snipersight.market.venues.bybit_rows import (
    TRADES,
    Row,
    execution_of,
    order_fields,
    order_of,
    payment_of,
    position_of,
    quote_of,
)
from snipersight.market.venues.bybit_stream import BybitStreamLink
from snipersight.market.venues.numbers import decimal_of
from snipersight.market.venues.pace import Limits
from snipersight.market.venues.questions import question
from snipersight.market.venues.stream import StreamLink

_WEEK_MS: Final = 7 * 86_400_000
_ISOLATED: Final = "ISOLATED_MARGIN"
_QUOTES: Final = ("USDT", "USDC")  # what linear positions and orders are listed by
_OTHER_MODE: Final = "position idx not match position mode"
_ABILITIES: Final = VenueCapabilities(
    stop_rests=StopRests.WITH_FILL,
    attaches_stop=True,
    has_reduce_only=True,
    has_mark=True,
    max_conditional=10,
    orders_alone=2,  # those of the whole account take as many questions: one for each quote currency
)


class Bybit(CcxtVenue):
    """One unified account of Bybit's linear perpetuals, in one-way or hedge mode.

    The answer to an order is an acknowledgement alone: what became of it is asked or streamed.
    """

    limits: ClassVar[Limits] = Limits(
        changes_per_s=10,
        changes_burst=10,
        questions_per_s=40,
        questions_burst=40,
        pause_s=1.0,  # limits are by the second; one by the address is a page of its own
    )
    _hedged: Mapping[Symbol, bool] = MappingProxyType({})  # each market has its own mode
    _is_isolated: bool | None = None

    def capabilities(self, symbol: Symbol) -> VenueCapabilities:
        """Return the same for every market."""
        return _ABILITIES

    async def learn_modes(self) -> None:
        """Ask for the position mode of one market, once; most accounts have one for all."""
        await self.is_hedged(await self._any_market())

    async def prepare(self, symbol: Symbol, *, leverage: Decimal) -> Answer:
        """Set isolated margin, which is the account's here, and the market's leverage.

        While anything is open the margin mode is not touched: it would change what is not ours.
        Nothing is sent where both are certain: see `PreparedMarkets`.
        """
        if self.prepared.are_so(symbol, leverage):
            return Answer()
        try:
            market_id = (await self.known()).id_of(symbol)
            if not await self.is_isolated():
                hindered = await self._isolate()
                if hindered is not None:
                    return hindered
        except Exception as error:  # noqa: BLE001 — told as the answer to what never left
            return not_sent(error)
        text = plain(leverage)
        self.prepared.begin(symbol)
        answer = await self.change(
            "privatePostV5PositionSetLeverage",
            {
                "category": "linear",
                "symbol": market_id,
                "buyLeverage": text,
                "sellLeverage": text,
            },
        )
        if answer:
            self.prepared.done(symbol, leverage)
        return answer

    async def submit(self, request: OrderRequest) -> Answer:
        """Send one order, once; taken means acknowledged."""
        try:
            market_id = (await self.known()).id_of(request.symbol)
            is_hedged = await self.is_hedged(request.symbol)
            fields = order_fields(request, market_id=market_id, is_hedged=is_hedged)
        except Exception as error:  # noqa: BLE001 — told as the answer to an order that never left
            return not_sent(error)
        answer = await self.change("privatePostV5OrderCreate", fields)
        if answer.problem is not None and _OTHER_MODE in answer.problem.text.lower():
            self._hedged = {}  # changed by hand: the next order asks
        if answer.problem is not None:
            self.prepared.doubt(request.symbol)
        return answer

    async def cancel(self, symbol: Symbol, client_id: str, *, is_conditional: bool) -> Answer:
        """Cancel one order; taken means acknowledged."""
        try:
            market_id = (await self.known()).id_of(symbol)
        except Exception as error:  # noqa: BLE001 — told as the answer to a cancel that never left
            return not_sent(error)
        asked = {"category": "linear", "symbol": market_id, "orderLinkId": client_id}
        return await self.change("privatePostV5OrderCancel", asked)

    @question
    async def order(
        self, symbol: Symbol, client_id: str, *, is_conditional: bool
    ) -> VenueOrder | None:
        """Return an order by our id: among the recent ones, else in the history."""
        market_id = (await self.known()).id_of(symbol)
        asked = {"category": "linear", "symbol": market_id, "orderLinkId": client_id}
        for call in ("privateGetV5OrderRealtime", "privateGetV5OrderHistory"):
            row = await self.calls.ask(call, asked)
            if found := row["result"]["list"]:
                return self.keep_ids(order_of(found[0], symbol))
        return None

    @question
    async def open_orders(self, symbol: Symbol | None = None) -> tuple[VenueOrder, ...]:
        """Return every open order, conditional ones and attached stops too."""
        markets = await self.known()
        rows: list[Row] = []
        for where in self._where(symbol, markets.ids):
            asked = {"category": "linear", "openOnly": 0, "limit": 50, **where}
            rows.extend(await self._pages("privateGetV5OrderRealtime", asked))
        orders = [
            self.keep_ids(order_of(row, markets.symbol_of(str(row["symbol"])))) for row in rows
        ]
        return tuple(order for order in orders if order.status.is_open)

    @question
    async def fills(self, symbol: Symbol, *, since_us: int) -> tuple[Fill, ...]:
        """Return every execution of a market since a moment, oldest first."""
        quote = self._quote_of(symbol)
        rows = await self._executions(symbol, since_us=since_us, which={})
        found = [
            execution_of(row, symbol, quote=quote) for row in rows if str(row["execType"]) in TRADES
        ]
        return tuple(sorted(found, key=lambda fill: fill.at_us))

    @question
    async def funding(self, symbol: Symbol, *, since_us: int) -> tuple[FundingPayment, ...]:
        """Return funding paid and received since a moment, oldest first."""
        quote = self._quote_of(symbol)
        rows = await self._executions(symbol, since_us=since_us, which={"execType": "Funding"})
        found = [payment_of(row, symbol, quote=quote) for row in rows]
        return tuple(sorted(found, key=lambda payment: payment.at_us))

    @question
    async def positions(self) -> tuple[VenuePosition, ...]:
        """Return every open position."""
        markets = await self.known()
        is_isolated = await self.is_isolated()
        pages = await asyncio.gather(
            *(
                self._pages("privateGetV5PositionList", {"category": "linear", "limit": 200, **one})
                for one in self._where(None, markets.ids)
            )
        )
        held = [
            (markets.symbol_of(str(row["symbol"])), row)
            for rows in pages
            for row in rows
            if decimal_of(row, "size") != 0
        ]
        # What closes a position waits for no question about its mode.
        self._hedged = {
            **self._hedged,
            **{symbol: _is_of_a_side(row) for symbol, row in held if "positionIdx" in row},
        }
        found = tuple(position_of(row, symbol, is_isolated=is_isolated) for symbol, row in held)
        self.prepared.compare(found)
        return found

    @question
    async def balances(self) -> tuple[Balance, ...]:
        """Return what the account holds, without unrealised results."""
        row = await self.calls.ask("privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"})
        return tuple(
            _balance(coin)
            for wallet in row["result"]["list"]
            for coin in wallet["coin"]
            if decimal_of(coin, "walletBalance") != 0
        )

    @question
    async def quote(self, symbol: Symbol) -> Quote:
        """Return last and mark price and the best of the book."""
        asked = {"category": "linear", "symbol": (await self.known()).id_of(symbol)}
        answer = await self.calls.ask("publicGetV5MarketTickers", asked, is_signed=False)
        return quote_of(answer["result"]["list"][0], symbol, at_us=_told_us(answer))

    @question
    async def quotes(self, symbols: Collection[Symbol]) -> Mapping[Symbol, Quote]:
        """Return the prices of several markets, from one list of all of them."""
        markets = await self.known()
        asked = {"category": "linear"}
        answer = await self.calls.ask("publicGetV5MarketTickers", asked, is_signed=False)
        wanted = {markets.ids[symbol]: symbol for symbol in symbols if symbol in markets.ids}
        return {
            wanted[row["symbol"]]: quote_of(row, wanted[row["symbol"]], at_us=_told_us(answer))
            for row in answer["result"]["list"]
            if row["symbol"] in wanted
        }

    @question
    async def is_isolated(self) -> bool:
        """Return whether every position of the account stands for itself; asked until it does."""
        if not self._is_isolated:
            row = await self.calls.ask("privateGetV5AccountInfo", {})
            self._is_isolated = str(row["result"].get("marginMode")) == _ISOLATED
        return self._is_isolated

    @question
    async def is_hedged(self, symbol: Symbol) -> bool:
        """Return whether long and short are held apart in a market; asked once."""
        if symbol not in self._hedged:
            asked = {"category": "linear", "symbol": (await self.known()).id_of(symbol)}
            row = await self.calls.ask("privateGetV5PositionList", asked)
            is_hedged = any(_is_of_a_side(each) for each in row["result"]["list"])
            self._hedged = {**self._hedged, symbol: is_hedged}
        return self._hedged[symbol]

    @question
    async def key_findings(self) -> tuple[Finding, ...]:
        """Ask what the key may do."""
        return await key_findings(self.calls)

    @question
    async def mode_findings(self) -> tuple[Finding, ...]:
        """Ask for position and margin mode anew: they may have been changed by hand."""
        self._hedged, self._is_isolated = {}, None
        symbol = await self._any_market()
        is_hedged, is_isolated = await asyncio.gather(self.is_hedged(symbol), self.is_isolated())
        words = "hedge: long and short apart" if is_hedged else "one-way"
        mode = Finding(
            name="position_mode",
            level=FindingLevel.OK,
            sentence=f"position mode of {symbol} is {words}; both are understood",
        )
        if is_isolated:
            return (mode, _margin(FindingLevel.OK, "the account is in isolated margin mode"))
        sentence = (
            "the account is in cross margin mode: it is set to isolated before the first entry, "
            "if nothing is open then; set it yourself to be sure"
        )
        return (mode, _margin(FindingLevel.WARNING, sentence))

    def stream_link(self) -> StreamLink:
        """Return the account's stream."""
        return BybitStreamLink(self)

    @question
    async def _ask_time_ms(self) -> int:
        row = await self.calls.ask("publicGetV5MarketTime", {}, is_signed=False)
        return int(row["result"]["timeNano"]) // 1_000_000

    @question
    async def _any_market(self) -> Symbol:
        listed = list((await self.known()).instruments)
        return listed[0]  # without any, the answer cannot be read

    async def _isolate(self) -> Answer | None:
        """Set the account's margin mode; None once it is set."""
        if await self.positions() or await self.open_orders():
            return refused(
                "the account is in cross margin mode and something is open: "
                "close it, or set isolated margin by hand"
            )
        answer = await self.change(
            "privatePostV5AccountSetMarginMode", {"setMarginMode": _ISOLATED}
        )
        if answer.problem is not None:
            return answer
        self._is_isolated = True
        return None

    async def _executions(
        self, symbol: Symbol, *, since_us: int, which: Mapping[str, object]
    ) -> list[Row]:
        market_id = (await self.known()).id_of(symbol)
        now_ms, start_ms = await self.now_us() // 1000, since_us // 1000
        rows: list[Row] = []
        while start_ms <= now_ms:
            span = {"startTime": start_ms, "endTime": start_ms + _WEEK_MS - 1, "limit": 100}
            asked = {"category": "linear", "symbol": market_id, **span, **which}
            rows.extend(await self._pages("privateGetV5ExecutionList", asked))
            start_ms += _WEEK_MS
        return rows

    async def _pages(self, call: str, asked: Mapping[str, object]) -> list[Row]:
        """Return every page of a list; a cursor that comes again ends it."""
        rows: list[Row] = []
        cursors: set[str] = set()
        cursor: Mapping[str, object] = {}
        while True:
            answer: Any = await self.calls.ask(call, {**asked, **cursor})
            page = answer["result"]["list"]
            rows.extend(page)
            following = str(answer["result"].get("nextPageCursor") or "")
            if not page or not following or following in cursors:
                return rows
            cursors.add(following)
            cursor = {"cursor": following}

    def _where(
        self, symbol: Symbol | None, ids: Mapping[Symbol, str]
    ) -> tuple[Mapping[str, object], ...]:
        if symbol is not None:
            return ({"symbol": ids.get(symbol, symbol)},)
        return tuple({"settleCoin": quote} for quote in _QUOTES)

    def _quote_of(self, symbol: Symbol) -> str:
        return symbol.rpartition(":")[2]


def _told_us(answer: Row) -> int:
    return int(decimal_of(answer, "time") * 1000)


def _margin(level: FindingLevel, sentence: str) -> Finding:
    return Finding(name="margin_mode", level=level, sentence=sentence)


def _is_of_a_side(row: Row) -> bool:
    return int(row["positionIdx"]) != 0


def _balance(row: Row) -> Balance:
    total = decimal_of(row, "walletBalance")
    tied = decimal_of(row, "totalPositionIM") + decimal_of(row, "totalOrderIM")
    tied += decimal_of(row, "locked")
    return Balance(
        currency=Currency(str(row["coin"])), total=total, free=max(total - tied, Decimal(0))
    )
