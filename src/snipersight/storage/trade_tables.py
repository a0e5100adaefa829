"""The tables of executed trades: queried facts in columns, the rest as canonical JSON in one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from snipersight.storage.metadata import METADATA

TRADE: Final = Table(
    "trade",
    METADATA,
    Column("trade_id", String(64), primary_key=True),
    Column("account_id", String(64), ForeignKey("account.account_id"), nullable=False),
    Column("venue", String(32), nullable=False),
    Column("environment", String(16), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("body", Text, nullable=False),
    UniqueConstraint("account_id", "trade_id"),  # what orders and fills refer to
)
Index("ix_trade_created", TRADE.c.account_id, TRADE.c.created_us)
# Also finds the live ones however many have ended: those are not in it.
Index(
    "uq_trade_live_market",
    TRADE.c.account_id,
    TRADE.c.venue,
    TRADE.c.symbol,
    unique=True,
    sqlite_where=text("is_live = 1"),
    postgresql_where=text("is_live"),
)


def _of_trade() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["account_id", "trade_id"], ["trade.account_id", "trade.trade_id"])


INTENT: Final = Table(
    "order_intent",
    METADATA,
    Column("account_id", String(64), primary_key=True),
    Column("client_id", String(36), primary_key=True),
    Column("trade_id", String(64), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    _of_trade(),
)
Index("ix_order_intent_trade", INTENT.c.account_id, INTENT.c.trade_id)
Index(
    "ix_order_intent_open",
    INTENT.c.account_id,
    sqlite_where=text("is_open = 1"),
    postgresql_where=text("is_open"),
)

# One of our orders may be filled by another of ours: both fills have the venue's one id.
FILL: Final = Table(
    "order_fill",
    METADATA,
    Column("account_id", String(64), primary_key=True),
    Column("venue", String(32), primary_key=True),
    Column("environment", String(16), primary_key=True),
    Column("symbol", String(64), primary_key=True),
    Column("fill_id", String(64), primary_key=True),
    Column("side", String(4), primary_key=True),
    Column("trade_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
    _of_trade(),
)
Index("ix_order_fill_trade", FILL.c.account_id, FILL.c.trade_id)

FUNDING: Final = Table(
    "funding_payment",
    METADATA,
    Column("account_id", String(64), primary_key=True),
    Column("venue", String(32), primary_key=True),
    Column("environment", String(16), primary_key=True),
    Column("payment_id", String(128), primary_key=True),
    Column("trade_id", String(64), nullable=False),
    Column("body", Text, nullable=False),
    _of_trade(),
)
Index("ix_funding_payment_trade", FUNDING.c.account_id, FUNDING.c.trade_id)

# At most one row an account, while its switch is pulled.
KILL_SWITCH: Final = Table(
    "kill_switch",
    METADATA,
    Column("account_id", String(64), ForeignKey("account.account_id"), primary_key=True),
    Column("flatten", Boolean, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("done_us", BigInteger),
)
