"""Run by Alembic: applies migrations on the connection that `migrations` hands over."""

from alembic import context

from holdfast.store.schema import SCHEMA

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema=SCHEMA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
