"""Run by Alembic: apply the steps on the connection that was handed over."""

from __future__ import annotations

from alembic import context

from snipersight.storage.migrating import VERSION_TABLE
from snipersight.storage.schema import METADATA

# SQLite changes a table by copying it: batch mode.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
