"""What lives and what is followed, found without reading what is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FOLLOWED = sa.text("(status IN ('waiting', 'open') OR kind = 'actual')")


def upgrade() -> None:
    """Add two indexes; no row changes."""
    op.create_index(
        "ix_signal_living",
        "signal",
        ["score", "key"],
        sqlite_where=sa.text("is_unfinished = 1 AND is_approved = 1"),
        postgresql_where=sa.text("is_unfinished AND is_approved"),
    )
    op.create_index(
        "ix_outcome_followed",
        "outcome",
        ["kind", "status", "key", "followed_to_ms"],
        sqlite_where=_FOLLOWED,
        postgresql_where=_FOLLOWED,
    )
