"""The tables of fills and funding payments: what a venue told, each stored once for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.execution import BookedFill, TradeId
from snipersight.domain.orders import FundingPayment
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.schema import FILL, FUNDING, TRADE
from snipersight.storage.stored_values import from_body, to_body
from snipersight.storage.trade_ages import fill_age, payment_age

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Select

_Insert = TypeVar("_Insert", sqlite.Insert, postgresql.Insert)

_FROM_TRADE: Final = ("account_id", "venue", "environment", "trade_id")
_FILL_TOLD: Final = ("symbol", "fill_id", "side", "body")
_PAYMENT_TOLD: Final = ("payment_id", "body")


def _adding(table: Table, told: tuple[str, ...]) -> ReadyStatement:
    """Return an insert that takes venue and environment from the trade; known rows stay."""
    found = select(
        *(TRADE.c[name] for name in _FROM_TRADE),
        *(bindparam(name, type_=table.c[name].type) for name in told),
    ).where(TRADE.c.account_id == bindparam("account"), TRADE.c.trade_id == bindparam("trade"))

    def adding(statement: _Insert) -> _Insert:
        return statement.from_select([*_FROM_TRADE, *told], found).on_conflict_do_nothing()

    return ReadyStatement(
        {
            "sqlite": adding(sqlite.insert(table).inline()),
            "postgresql": adding(postgresql.insert(table).inline()),
        }
    )


def _of_trade(table: Table) -> Select[tuple[str]]:
    return select(table.c.body).where(
        table.c.account_id == bindparam("account"), table.c.trade_id == bindparam("trade")
    )


_ADD_FILL: Final = _adding(FILL, _FILL_TOLD)
_ADD_PAYMENT: Final = _adding(FUNDING, _PAYMENT_TOLD)
_FILLS: Final = _of_trade(FILL)
_PAYMENTS: Final = _of_trade(FUNDING)


def add_fill(connection: Connection, account_id: str, booked: BookedFill) -> bool:
    """Store a fill; False if it is there already, or the account has no such trade."""
    fill = booked.fill
    told = {"symbol": fill.symbol, "fill_id": fill.fill_id, "side": fill.side.value}
    values = {**_key(account_id, booked.trade_id), **told, "body": to_body(booked)}
    return _ADD_FILL.execute(connection, values).rowcount == 1


def fills_of(connection: Connection, account_id: str, trade_id: TradeId) -> tuple[BookedFill, ...]:
    """Return the fills of a trade, oldest first.

    Raises:
        Unreadable: a row does not say what a row should; the next alike.
    """
    rows = connection.execute(_FILLS, _key(account_id, trade_id))
    return tuple(sorted((from_body(BookedFill, row.body) for row in rows), key=fill_age))


def add_payment(
    connection: Connection, account_id: str, trade_id: TradeId, payment: FundingPayment
) -> bool:
    """Store a funding payment; False if it is there already, or the account has no such trade."""
    told = {"payment_id": payment.payment_id, "body": to_body(payment)}
    return _ADD_PAYMENT.execute(connection, {**_key(account_id, trade_id), **told}).rowcount == 1


def payments_of(
    connection: Connection, account_id: str, trade_id: TradeId
) -> tuple[FundingPayment, ...]:
    """Return the funding payments of a trade, oldest first."""
    rows = connection.execute(_PAYMENTS, _key(account_id, trade_id))
    return tuple(sorted((from_body(FundingPayment, row.body) for row in rows), key=payment_age))


def _key(account_id: str, trade_id: TradeId) -> Mapping[str, str]:
    return {"account": account_id, "trade": trade_id}
