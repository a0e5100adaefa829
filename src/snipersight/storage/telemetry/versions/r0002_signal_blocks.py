"""Signals once more as blocks of columns, and the triggers that keep them true."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of blocks; everything else stays as it is."""
    op.create_table(
        "signal_block",
        sa.Column(
            "from_ms",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("from_ms", name="pk_signal_block"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _create_triggers()


# The block of a moment: the last that begins until then, if it goes on.
_FORGET = """
    DELETE FROM signal_block WHERE until_ms > {moment}
    AND from_ms = (SELECT max(from_ms) FROM signal_block WHERE from_ms <= {moment});
"""
_DECIDED_MS = "(SELECT decided_ms FROM signal WHERE key = {row}.key)"


def _create_triggers() -> None:
    old, new = (_FORGET.format(moment=f"{row}.decided_ms") for row in ("OLD", "NEW"))
    _trigger("signal_insert", "INSERT ON signal", new)
    _trigger("signal_update", "UPDATE ON signal", old + new)
    _trigger("signal_delete", "DELETE ON signal", old)
    old, new = (_FORGET.format(moment=_DECIDED_MS.format(row=row)) for row in ("OLD", "NEW"))
    _trigger("outcome_insert", "INSERT ON outcome", new)
    _trigger("outcome_update", "UPDATE ON outcome", old + new)
    _trigger("outcome_delete", "DELETE ON outcome", old)
    # Nothing of ours changes a group; blocks hold its names.
    _trigger("group_update", "UPDATE ON signal_group", "DELETE FROM signal_block;")


def _trigger(name: str, event: str, steps: str) -> None:
    op.execute(f"CREATE TRIGGER signal_block_{name} AFTER {event} BEGIN {steps} END")
