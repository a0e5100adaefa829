"""The table of order intents: every order of ours, journaled before its request leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.execution import OrderIntent, TradeId
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.schema import INTENT, TRADE
from snipersight.storage.stored_values import from_body, to_body
from snipersight.storage.trade_ages import intent_age

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

_Insert = TypeVar("_Insert", sqlite.Insert, postgresql.Insert)

_OF_ACCOUNT: Final = INTENT.c.account_id == bindparam("account")
_BY_ID: Final = select(INTENT).where(_OF_ACCOUNT, INTENT.c.client_id == bindparam("client"))
_OF_TRADE: Final = select(INTENT).where(_OF_ACCOUNT, INTENT.c.trade_id == bindparam("trade"))
_OPEN: Final = select(INTENT).where(_OF_ACCOUNT, INTENT.c.is_open)


_NEW: Final = ("client_id", "is_open", "body")
_FOR_TRADE: Final = select(
    TRADE.c.account_id,
    TRADE.c.trade_id,
    *(bindparam(name, type_=INTENT.c[name].type) for name in _NEW),
).where(TRADE.c.account_id == bindparam("account"), TRADE.c.trade_id == bindparam("trade"))


def _upsert(statement: _Insert) -> _Insert:
    adding = statement.from_select(["account_id", "trade_id", *_NEW], _FOR_TRADE)
    return adding.on_conflict_do_update(
        index_elements=[INTENT.c.account_id, INTENT.c.client_id],
        set_={name: adding.excluded[name] for name in ("trade_id", "is_open", "body")},
    )


_SAVE: Final = ReadyStatement(
    {
        "sqlite": _upsert(sqlite.insert(INTENT).inline()),
        "postgresql": _upsert(postgresql.insert(INTENT).inline()),
    }
)


def find_intent(connection: Connection, account_id: str, client_id: str) -> OrderIntent | None:
    """Return one intent of an account, or None.

    Raises:
        Unreadable: the row does not say what a row should; the next two alike.
    """
    row = connection.execute(_BY_ID, {"account": account_id, "client": client_id}).one_or_none()
    return None if row is None else _intent(row)


def intents_of(
    connection: Connection, account_id: str, trade_id: TradeId
) -> tuple[OrderIntent, ...]:
    """Return every intent of a trade, oldest first."""
    return _intents(connection.execute(_OF_TRADE, {"account": account_id, "trade": trade_id}))


def open_intents(connection: Connection, account_id: str) -> tuple[OrderIntent, ...]:
    """Return the intents that may be orders in the book, oldest first."""
    return _intents(connection.execute(_OPEN, {"account": account_id}))


def save_intent(connection: Connection, intent: OrderIntent) -> None:
    """Insert or replace an intent.

    Raises:
        ValueError: the account has no such trade.
    """
    values = {
        "account": intent.account_id,
        "trade": intent.trade_id,
        "client_id": intent.client_id,
        "is_open": intent.state.is_open,
        "body": to_body(intent),
    }
    if _SAVE.execute(connection, values).rowcount != 1:
        raise ValueError(f"account {intent.account_id} has no trade {intent.trade_id}")


def _intents(rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[OrderIntent, ...]:
    return tuple(sorted(map(_intent, rows), key=intent_age))


def _intent(row: Row[*tuple[Any, ...]]) -> OrderIntent:
    intent = from_body(OrderIntent, row.body)
    if row.is_open is not intent.state.is_open or row.trade_id != intent.trade_id:
        raise Unreadable(f"order {row.client_id} is another one in its columns than in its body")
    return intent
