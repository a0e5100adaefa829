"""The first tables: accounts, ledger, audit, queue, leases, keys and values."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    _create_account()
    _create_ledger()
    _create_audit()
    _create_queue()
    _create_lease_and_key_value()


def _create_account() -> None:
    op.create_table(
        "account",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.Column("policy_hash", sa.String(64), server_default="", nullable=False),
        sa.Column("ledger_revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("head_hash", sa.String(64), nullable=False),
        sa.Column("base_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("base_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_account"),
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("entry_id", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("plan_id", sa.String(64), nullable=True),
        sa.Column("setup_id", sa.String(64), nullable=True),
        sa.Column("venue", sa.String(32), nullable=False),
        sa.Column("symbol", sa.String(64), nullable=False),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("underlying", sa.String(32), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=name == "fill_price") for name in _EXACT),
        sa.Column("reserved_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.Column("opened_us", sa.BigInteger(), nullable=True),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.Column("unprotected_since_us", sa.BigInteger(), nullable=True),
        sa.Column("realised", sa.Text(), nullable=False),
        _account_key("ledger"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_live", "ledger", ["account_id", "is_live"])
    op.create_index("ix_ledger_plan", "ledger", ["account_id", "plan_id"])
    op.create_index(
        "uq_ledger_live_setup",
        "ledger",
        ["account_id", "setup_id"],
        unique=True,
        sqlite_where=sa.text("is_live = 1 AND setup_id IS NOT NULL"),
        postgresql_where=sa.text("is_live AND setup_id IS NOT NULL"),
    )


_EXACT = (
    "pending_size",
    "open_size",
    "entry_price",
    "fill_price",
    "stop_price",
    "cost_per_unit",
    "leverage",
    "quote_rate",
)


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        _account_key("audit"),
        sa.PrimaryKeyConstraint("account_id", "seq", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "audit_checkpoint",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        _account_key("audit_checkpoint"),
        sa.PrimaryKeyConstraint("account_id", "seq", name="pk_audit_checkpoint"),
    )


def _create_queue() -> None:
    op.create_table(
        "queue",
        sa.Column("item_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("lane", sa.String(64), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("available_us", sa.BigInteger(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("claimed_until_us", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", name="pk_queue"),
        sa.UniqueConstraint("topic", "key", name="uq_queue_topic_key"),
    )
    op.create_index("ix_queue_due", "queue", ["topic", "state", "available_us"])


def _create_lease_and_key_value() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "key_value",
        sa.Column("key", sa.String(256), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_key_value"),
    )
    op.create_index("ix_key_value_expires", "key_value", ["expires_us"])


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["account.account_id"], name=f"fk_{table}_account_id"
    )
