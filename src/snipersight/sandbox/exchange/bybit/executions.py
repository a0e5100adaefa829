"""Executions and the transaction log, as Bybit lists them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import Fill, FundingPayment, VenueOrder
from snipersight.sandbox.exchange.bybit.desk import Desk, is_liquidation
from snipersight.sandbox.exchange.bybit.fields import LINEAR, Fields
from snipersight.sandbox.exchange.bybit.names import (
    execution_id,
    funding_id,
    order_id,
    shown,
    side_of,
    type_of,
)
from snipersight.sandbox.exchange.bybit.order_bodies import create_type, link_id, stop_type
from snipersight.sandbox.exchange.bybit.paging import page_of, paged, period_ms
from snipersight.sandbox.exchange.bybit.routes import Asked

TRADE: Final = "Trade"
FUNDING: Final = "Funding"
_BUST: Final = "BustTrade"  # the client's lists of trades leave these out unless asked for them
_RATE: Final = Decimal("1E-8")
_EMPTY: Final = {
    "tradeIv": "",
    "markIv": "",
    "indexPrice": "",
    "underlyingPrice": "",
    "blockTradeId": "",
    "extraFees": "",
}


class ExecutionDesk:
    """The routes about what was executed.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def executions(self, asked: Asked) -> dict[str, Any]:
        """Answer executions and funding, newest first; liquidations are no `Trade`.

        Raises:
            Refusal: a field says nothing that Bybit knows.
        """
        fields = asked.fields
        if not fields.is_linear():
            return paged([], fields, id_name="execId")
        found = [each for each in self._found(asked) if _fits(each, fields)]
        found.sort(key=lambda each: each.at_us // 1_000, reverse=True)
        return page_of(
            found,
            fields,
            id_of=_id_of,
            body_of=lambda each: self._written(asked.account_id, each),
            usual=50,
            most=100,
        )

    def _found(self, asked: Asked) -> list[Fill | FundingPayment]:
        """Return what happened in the time and market that are asked for, newest first."""
        fields, engine = asked.fields, self._desk.world.engine
        begin_ms, end_ms = period_ms(fields, now_ms=self._desk.world.clock() // 1_000)
        name = fields.optional("symbol")
        symbol = self._desk.symbol_of(name) if name else None
        since_us = max(0, begin_ms * 1_000)
        # Backwards: within one millisecond the newest must come first, and sorting keeps order.
        paid = reversed(engine.funding(asked.account_id, symbol, since_us=since_us))
        fills = reversed(engine.fills(asked.account_id, symbol, since_us=since_us))
        both: tuple[Fill | FundingPayment, ...] = (*paid, *fills)
        return [each for each in both if each.at_us // 1_000 <= end_ms]

    def _written(self, account: str, each: Fill | FundingPayment) -> dict[str, Any]:
        return self.body(account, each) if isinstance(each, Fill) else self.funding_body(each)

    def body(self, account: str, fill: Fill) -> dict[str, Any]:
        """Return an execution as lists show it."""
        order = self._desk.world.engine.order(account, venue_id=fill.venue_id)
        if order is None:
            raise LookupError(f"fill {fill.fill_id} without its order {fill.venue_id}")
        return _body(self._desk, order, fill)

    def event(self, account: str, fill: Fill) -> dict[str, Any]:
        """Return an execution as the private stream tells it."""
        note = self._desk.fill_note(fill)
        return {
            **self.body(account, fill),
            "category": LINEAR,
            "isLeverage": "0",
            "marketUnit": "",
            "execPnl": shown(note.result - fill.fee if note.closed else Decimal(0)),
            "extraFees": [],
        }

    def funding_body(self, payment: FundingPayment) -> dict[str, Any]:
        """Return a funding payment as an execution; its fee is what was paid, as with trades."""
        note = self._desk.funding_note(payment)
        value = note.size * note.mark
        return {
            "symbol": self._desk.world.venue_id_of(payment.symbol),
            "orderId": funding_id(payment.payment_id),
            "orderLinkId": "",
            "side": note.side.value,
            "orderPrice": "0",
            "orderQty": "0",
            "leavesQty": "0",
            "createType": "",
            "orderType": "UNKNOWN",
            "stopOrderType": "UNKNOWN",
            "execFee": shown(-payment.amount),
            "execId": funding_id(payment.payment_id),
            "execPrice": shown(note.mark),
            "execQty": shown(note.size),
            "execType": FUNDING,
            "execValue": shown(value),
            "execTime": str(payment.at_us // 1_000),
            "feeCurrency": payment.currency,
            "isMaker": False,
            "feeRate": shown(_rate(-payment.amount, value)),
            "markPrice": shown(note.mark),
            "closedSize": "0",
            "seq": int(payment.payment_id),
            **_EMPTY,
        }


def _body(desk: Desk, order: VenueOrder, fill: Fill) -> dict[str, Any]:
    note, fill_note = desk.note(order), desk.fill_note(fill)
    value = fill.size * fill.price
    return {
        "symbol": desk.world.venue_id_of(fill.symbol),
        "orderId": order_id(fill.venue_id),
        "orderLinkId": link_id(order),
        "side": side_of(fill.side),
        "orderPrice": shown(order.price, "0"),
        "orderQty": shown(order.size),
        "leavesQty": shown(fill_note.leaves),
        "createType": create_type(order, note),
        "orderType": type_of(order.kind),
        "stopOrderType": stop_type(order, note) or "UNKNOWN",
        "execFee": shown(fill.fee),
        "execId": execution_id(fill.fill_id),
        "execPrice": shown(fill.price),
        "execQty": shown(fill.size),
        "execType": _type_of(fill),
        "execValue": shown(value),
        "execTime": str(fill.at_us // 1_000),
        "feeCurrency": fill.fee_currency,
        "isMaker": fill.is_maker,
        "feeRate": shown(_rate(fill.fee, value)),
        "markPrice": shown(fill_note.mark),
        "closedSize": shown(fill_note.closed),
        "seq": fill_note.sequence,
        **_EMPTY,
    }


def _type_of(each: Fill | FundingPayment) -> str:
    if isinstance(each, FundingPayment):
        return FUNDING
    return _BUST if is_liquidation(each) else TRADE


def _id_of(each: Fill | FundingPayment) -> str:
    if isinstance(each, FundingPayment):
        return funding_id(each.payment_id)
    return execution_id(each.fill_id)


def _fits(each: Fill | FundingPayment, fields: Fields) -> bool:
    """Return whether an execution is of the type and of the order that are asked for."""
    if fields.optional("execType", _type_of(each)) != _type_of(each):
        return False
    if isinstance(each, FundingPayment):
        return "orderId" not in fields and "orderLinkId" not in fields
    named = order_id(each.venue_id)
    return (
        fields.optional("orderId", named) == named
        and fields.optional("orderLinkId", each.client_id) == each.client_id
    )


def _rate(fee: Decimal, value: Decimal) -> Decimal:
    return (fee / value).quantize(_RATE) if value else Decimal(0)
