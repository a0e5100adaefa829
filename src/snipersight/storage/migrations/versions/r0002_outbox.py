"""The outbox: doubtful deliveries, lanes by priority, attempts, threads, stopped and moved chats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WAITING = "state IN ('pending', 'claimed')"
_CLAIMED = "state = 'claimed'"


def upgrade() -> None:
    """Add what the outbox needs; what is in the queue stays as it is."""
    _extend_queue()
    _create_attempts()
    _create_messages()
    _create_lanes()


def _extend_queue() -> None:
    op.add_column(
        "queue",
        sa.Column("is_ambiguous", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "ix_queue_lane",
        "queue",
        ["topic", "lane", "priority", "item_id"],
        sqlite_where=sa.text(_WAITING),
        postgresql_where=sa.text(_WAITING),
    )
    op.create_index(
        "ix_queue_claimed",
        "queue",
        ["topic", "lane"],
        sqlite_where=sa.text(_CLAIMED),
        postgresql_where=sa.text(_CLAIMED),
    )


def _create_attempts() -> None:
    op.create_table(
        "send_attempt",
        sa.Column("item_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "attempt", name="pk_send_attempt"),
    )
    op.create_index("ix_send_attempt_at", "send_attempt", ["at_us"])


def _create_messages() -> None:
    op.create_table(
        "sent_message",
        sa.Column("thread", sa.String(256), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("message_id", sa.String(256), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("thread", "channel", "address", name="pk_sent_message"),
    )
    op.create_index("ix_sent_message_at", "sent_message", ["at_us"])


def _create_lanes() -> None:
    op.create_table(
        "stopped_lane",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_stopped_lane"),
    )
    op.create_table(
        "moved_chat",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("new_address", sa.String(256), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_moved_chat"),
    )
