"""The trade table: one row a trade; at most one of an account in a market of a venue is live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from snipersight.domain.execution import Trade, TradeId
from snipersight.storage.ready_statements import ReadyStatement
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.schema import TRADE
from snipersight.storage.stored_values import from_body, to_body
from snipersight.storage.trade_ages import trade_age

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

_Insert = TypeVar("_Insert", sqlite.Insert, postgresql.Insert)

_OF_ACCOUNT: Final = TRADE.c.account_id == bindparam("account")
_BY_ID: Final = select(TRADE).where(_OF_ACCOUNT, TRADE.c.trade_id == bindparam("trade"))
_LIVE: Final = select(TRADE).where(_OF_ACCOUNT, TRADE.c.is_live)
_NEWEST: Final = (
    select(TRADE)
    .where(_OF_ACCOUNT)
    .order_by(TRADE.c.created_us.desc(), TRADE.c.trade_id.desc())
    .limit(bindparam("most"))
)
_IN_MARKET: Final = select(TRADE.c.trade_id).where(
    _OF_ACCOUNT,
    TRADE.c.is_live,
    TRADE.c.venue == bindparam("venue"),
    TRADE.c.symbol == bindparam("symbol"),
)


def _upsert(statement: _Insert) -> _Insert:
    names = ("venue", "environment", "symbol", "is_live", "created_us", "ended_us", "body")
    return statement.on_conflict_do_update(
        index_elements=[TRADE.c.trade_id],
        set_={name: statement.excluded[name] for name in names},
        where=TRADE.c.account_id == statement.excluded.account_id,
    )


_SAVE: Final = ReadyStatement(
    {
        "sqlite": _upsert(sqlite.insert(TRADE)),
        "postgresql": _upsert(postgresql.insert(TRADE)),
    },
    names=TRADE.columns.keys(),
)


def find_trade(connection: Connection, account_id: str, trade_id: TradeId) -> Trade | None:
    """Return one trade of an account, or None.

    Raises:
        Unreadable: the row does not say what a row should; the next two alike.
    """
    row = connection.execute(_BY_ID, {"account": account_id, "trade": trade_id}).one_or_none()
    return None if row is None else _trade(row)


def newest_trades(connection: Connection, account_id: str, limit: int) -> tuple[Trade, ...]:
    """Return trades, newest first."""
    return _trades(connection.execute(_NEWEST, {"account": account_id, "most": limit}))


def live_trades(connection: Connection, account_id: str) -> tuple[Trade, ...]:
    """Return the trades that need looking after, oldest first."""
    return tuple(sorted(_trades(connection.execute(_LIVE, {"account": account_id})), key=trade_age))


def save_trade(connection: Connection, trade: Trade) -> None:
    """Insert or replace a trade of a locked account.

    Raises:
        ValueError: another live trade is in its market, or its id is another account's.
    """
    if trade.state.is_live:
        _require_free(connection, trade)
    if _SAVE.execute(connection, _row(trade)).rowcount != 1:
        raise ValueError(f"trade {trade.trade_id} belongs to another account")


def _require_free(connection: Connection, trade: Trade) -> None:
    # The index alone would refuse it too, but then the whole transaction is lost.
    values = {"account": trade.account_id, "venue": trade.venue, "symbol": trade.symbol}
    held = connection.execute(_IN_MARKET, values).scalar_one_or_none()
    if held is not None and held != trade.trade_id:
        raise ValueError(
            f"trade {trade.trade_id}: trade {held} is live in {trade.symbol} on {trade.venue} "
            "already"
        )


def _row(trade: Trade) -> dict[str, object]:
    return {
        "trade_id": trade.trade_id,
        "account_id": trade.account_id,
        "venue": trade.venue,
        "environment": trade.environment.value,
        "symbol": trade.symbol,
        "is_live": trade.state.is_live,
        "created_us": trade.created_us,
        "ended_us": trade.ended_us,
        "body": to_body(trade),
    }


def _trades(rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[Trade, ...]:
    return tuple(map(_trade, rows))


def _trade(row: Row[*tuple[Any, ...]]) -> Trade:
    trade = from_body(Trade, row.body)
    # The columns only serve to find it: were they to disagree, it would not be looked after.
    if row.is_live is not trade.state.is_live or row.account_id != trade.account_id:
        raise Unreadable(f"trade {row.trade_id} is another one in its columns than in its body")
    return trade
