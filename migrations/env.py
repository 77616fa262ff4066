"""Runs migrations on the connection that clinsearch hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from clinsearch.storage.catalog.tables import metadata
from clinsearch.storage.folder.tables import is_table_of_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=is_table_of_ours,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
