"""Every change of an account's cash, as Bybit's transaction log tells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from snipersight.domain.orders import Fill, FundingPayment
from snipersight.matching import Book, Posting
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.executions import ExecutionDesk
from snipersight.sandbox.exchange.bybit.fields import LINEAR
from snipersight.sandbox.exchange.bybit.names import execution_id, funding_id, order_id, shown
from snipersight.sandbox.exchange.bybit.paging import paged, period_ms
from snipersight.sandbox.exchange.bybit.routes import Asked

_NOTHING: Final = Decimal(0)
_TRADE: Final = "TRADE"
_SETTLEMENT: Final = "SETTLEMENT"
_OF_FILLS: Final = frozenset({Book.MARKET, Book.FEES})


class TransactionLog:
    """The route about changes of cash.

    Args:
        desk: of the venue.
        executions: what an execution looks like.
    """

    def __init__(self, desk: Desk, executions: ExecutionDesk) -> None:
        self._desk = desk
        self._executions = executions

    async def entries(self, asked: Asked) -> dict[str, Any]:
        """Answer trades and funding settlements, newest first.

        Raises:
            Refusal: a field says nothing that Bybit knows.
        """
        fields = asked.fields
        if "category" in fields and not fields.is_linear():
            return paged([], fields, id_name="tradeId")
        begin_ms, end_ms = period_ms(fields, now_ms=self._desk.world.clock() // 1_000)
        wanted = {name: fields.optional(name) for name in ("currency", "type")}
        rows = [
            row
            for row in reversed(list(self._rows(asked.account_id)))
            if begin_ms <= int(row["transactionTime"]) <= end_ms
            and all(value in ("", row[name]) for name, value in wanted.items())
        ]
        return paged(rows, fields, id_name="tradeId")

    def _rows(self, account: str) -> Iterator[dict[str, Any]]:
        """Yield the entries, oldest first, with the cash that each left behind."""
        engine = self._desk.world.engine
        fills = {fill.fill_id: fill for fill in engine.fills(account)}
        funded = {payment.payment_id: payment for payment in engine.funding(account)}
        cash: dict[str, Decimal] = {}
        for source, posting, change in _changes(engine.journal(account)):
            currency = posting.currency
            cash[currency] = cash.get(currency, _NOTHING) + change
            if source is Book.FUNDING:
                row = self._settled(funded[posting.reference])
            elif posting.reference in fills:
                row = self._traded(account, fills[posting.reference])
            else:
                continue
            yield {**row, "change": shown(change), "cashBalance": shown(cash[currency])}

    def _traded(self, account: str, fill: Fill) -> dict[str, Any]:
        body = self._executions.body(account, fill)
        note = self._desk.fill_note(fill)
        return {
            **self._row(body, currency=fill.fee_currency, at_us=fill.at_us),
            "size": shown(note.held),
            "qty": body["execQty"],
            "funding": "",
            "fee": shown(fill.fee),
            "cashFlow": shown(note.result),
            "type": _TRADE,
            "orderId": order_id(fill.venue_id),
            "tradeId": execution_id(fill.fill_id),
        }

    def _settled(self, payment: FundingPayment) -> dict[str, Any]:
        body = self._executions.funding_body(payment)
        return {
            **self._row(body, currency=payment.currency, at_us=payment.at_us),
            "size": shown(self._desk.funding_note(payment).size),
            "qty": shown(self._desk.funding_note(payment).size),
            "funding": shown(payment.amount),
            "fee": "0",
            "cashFlow": "0",
            "type": _SETTLEMENT,
            "orderId": funding_id(payment.payment_id),
            "tradeId": funding_id(payment.payment_id),
        }

    def _row(self, body: dict[str, Any], *, currency: str, at_us: int) -> dict[str, Any]:
        return {
            "symbol": body["symbol"],
            "side": body["side"],
            "orderLinkId": body["orderLinkId"],
            "transactionTime": str(at_us // 1_000),
            "feeRate": body["feeRate"],
            "currency": currency,
            "category": LINEAR,
            "tradePrice": body["execPrice"],
        }


def _changes(postings: Sequence[Posting]) -> Iterator[tuple[Book, Posting, Decimal]]:
    """Yield where each change of cash came from, its posting, and how much it was in all.

    What a fill brought and its fee are two entries of the journal and one of the log.
    """
    pairs = [
        (own, other)
        for own, other in zip(postings[::2], postings[1::2], strict=True)
        if own.book is Book.WALLET
    ]
    for _, group in groupby(pairs, key=_event_of):
        entries = list(group)
        own, other = entries[0]
        yield other.book, own, sum((each.amount for each, _ in entries), _NOTHING)


def _event_of(pair: tuple[Posting, Posting]) -> tuple[object, ...]:
    own, other = pair
    # Fills and funding payments are numbered apart: the same number may be one of each.
    return (own.reference, other.book in _OF_FILLS) if own.reference else (own.entry,)
