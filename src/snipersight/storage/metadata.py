"""The one collection of tables, and how their constraints are named."""

from __future__ import annotations

from typing import Final

from sqlalchemy import MetaData

# A name for every constraint: SQLite can drop one only by rebuilding its table, by name.
METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
