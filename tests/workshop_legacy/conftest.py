"""The migration on a database of its own, and what the database holds before and after."""

import os

import asyncpg
import pytest
from benchmarks.legacy_workshop.older_workshop import OLD_KEY

from holdfast.programs.workshop.legacy.migration import LegacyWorkshop
from holdfast.programs.workshop.library import Library
from holdfast.store.database import Database
from holdfast.store.secrets import Vault


@pytest.fixture
async def connection(database_url):
    """A connection of one's own, beside the pool."""
    # The user of the embedded server is called like the schema, which would make it the default one.
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "public"})
    yield connection
    await connection.close()


@pytest.fixture
def vault():
    """What seals API keys."""
    return Vault([os.urandom(32)])


@pytest.fixture
def migrate(database: Database, vault):
    """Run the migration; the report."""

    async def run(*, schema="public", dry_run=False, key=OLD_KEY):
        legacy = LegacyWorkshop(database, Library().find(), vault, key)
        async with database.transaction() as connection:
            return await legacy.bring_over(connection, schema=schema, dry_run=dry_run, actor="test")

    return run


@pytest.fixture
def dump(connection):
    """Every row of every table, by table."""

    async def read():
        tables = await connection.fetch(
            "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        return {
            table["name"]: sorted(
                row["row"]
                for row in await connection.fetch(
                    f"SELECT row_to_json(t)::text AS row FROM {table['name']} t"
                )
            )
            for table in tables
        }

    return read
