"""Executed trades: their orders, fills and funding, and the kill switch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of execution; everything else stays as it is."""
    _create_trades()
    _create_intents()
    _create_fills()
    _create_funding()
    _create_kill_switch()


def _create_trades() -> None:
    op.create_table(
        "trade",
        sa.Column("trade_id", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name="fk_trade_account_id"),
        sa.PrimaryKeyConstraint("trade_id", name="pk_trade"),
        sa.UniqueConstraint("account_id", "trade_id", name="uq_trade_account_id_trade_id"),
    )
    op.create_index("ix_trade_created", "trade", ["account_id", "created_us"])
    op.create_index(
        "uq_trade_live_market",
        "trade",
        ["account_id", "venue", "symbol"],
        unique=True,
        sqlite_where=sa.text("is_live = 1"),
        postgresql_where=sa.text("is_live"),
    )


def _create_intents() -> None:
    op.create_table(
        "order_intent",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("trade_id", sa.String(64), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _of_trade("order_intent"),
        sa.PrimaryKeyConstraint("account_id", "client_id", name="pk_order_intent"),
    )
    op.create_index("ix_order_intent_trade", "order_intent", ["account_id", "trade_id"])
    op.create_index(
        "ix_order_intent_open",
        "order_intent",
        ["account_id"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )


def _create_fills() -> None:
    op.create_table(
        "order_fill",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("fill_id", sa.String(64), nullable=False),
        sa.Column("side", sa.String(4), nullable=False),
        sa.Column("trade_id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _of_trade("order_fill"),
        sa.PrimaryKeyConstraint(
            *("account_id", "venue", "environment", "symbol", "fill_id", "side"),
            name="pk_order_fill",
        ),
    )
    op.create_index("ix_order_fill_trade", "order_fill", ["account_id", "trade_id"])


def _create_funding() -> None:
    op.create_table(
        "funding_payment",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("venue", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("payment_id", sa.String(128), nullable=False),
        sa.Column("trade_id", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _of_trade("funding_payment"),
        sa.PrimaryKeyConstraint(
            *("account_id", "venue", "environment", "payment_id"), name="pk_funding_payment"
        ),
    )
    op.create_index("ix_funding_payment_trade", "funding_payment", ["account_id", "trade_id"])


def _create_kill_switch() -> None:
    op.create_table(
        "kill_switch",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("flatten", sa.Boolean(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.account_id"], name="fk_kill_switch_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_kill_switch"),
    )


def _of_trade(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "trade_id"],
        ["trade.account_id", "trade.trade_id"],
        name=f"fk_{table}_account_id_trade_id",
    )
