"""The first tables: events and their exporters, signals, outcomes, counts of scans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Create every table."""
    _create_events()
    _create_signals()
    _create_outcomes()
    _create_scan_counts()


def _create_events() -> None:
    op.create_table(
        "event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        _text("event_type"),
        _whole("at_us"),
        sa.Column("key", sa.Text(), nullable=True),
        _text("body"),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("key", name="uq_event_key"),
    )
    op.create_table(
        "exporter",
        _text("name"),
        sa.Column("cursor", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("until_us", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_exporter"),
    )


def _create_signals() -> None:
    op.create_table(
        "signal_group",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *map(_text, _GROUP),
        sa.PrimaryKeyConstraint("id", name="pk_signal_group"),
    )
    op.create_table(
        "signal",
        _key("key"),
        _whole("group_id"),
        _whole("decided_ms"),
        _number("score"),
        _number("risk_reward"),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.Column("is_unfinished", sa.Boolean(), server_default=sa.true(), nullable=False),
        _whole("judged_ms"),
        *map(_text, ("plan_id", "setup_id", "context_id", "factors")),
        sa.PrimaryKeyConstraint("key", name="pk_signal"),
    )
    op.create_index("ix_signal_decided_ms_key", "signal", ["decided_ms", "key"])
    op.create_index(
        "ix_signal_unfinished",
        "signal",
        ["decided_ms", "key"],
        sqlite_where=sa.text("is_unfinished = 1"),
        postgresql_where=sa.text("is_unfinished"),
    )
    op.create_table(
        "signal_text",
        _key("key"),
        *map(_text, ("terms", "plan")),
        sa.PrimaryKeyConstraint("key", name="pk_signal_text"),
    )


_GROUP = (
    "account_id",
    "origin",
    "profile",
    "profile_hash",
    "venue",
    "symbol",
    "market",
    "timeframe",
    "direction",
    "trade_type",
    "verdict",
    "reason",
    "tier",
    "regime",
    "leader",
    "session",
)


def _create_outcomes() -> None:
    op.create_table(
        "outcome",
        _key("key"),
        *map(_text, ("kind", "status", "ending")),
        *map(_whole, ("followed_to_ms", "resolution_ms", "entered_ms", "ended_ms")),
        _number("filled_fraction"),
        _whole("targets_hit"),
        *map(_number, ("gross_r", "fees_r", "slippage_r", "funding_r", "net_r", "mae_r", "mfe_r")),
        sa.Column("is_ambiguous", sa.Boolean(), nullable=False),
        _whole("missing_bars"),
        _number("planned_r"),
        _text("note"),
        sa.PrimaryKeyConstraint("key", "kind", name="pk_outcome"),
    )


def _create_scan_counts() -> None:
    op.create_table(
        "scan_count",
        _key("context_id"),
        *map(_text, ("account_id", "origin", "profile", "venue")),
        *map(_whole, ("at_ms", "symbols")),
        _text("funnel"),
        sa.PrimaryKeyConstraint("context_id", name="pk_scan_count"),
    )
    op.create_index("ix_scan_count_at_ms", "scan_count", ["at_ms"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, _KEY, nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)
