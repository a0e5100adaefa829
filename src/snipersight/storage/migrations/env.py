"""Run by Alembic: apply the steps on the connection that was handed over."""

from __future__ import annotations

from alembic import context

from snipersight.storage.migrating import Schema

schema: Schema = context.config.attributes["schema"]
# SQLite changes a table by copying it: batch mode.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.tables,
    version_table=schema.version_table,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
