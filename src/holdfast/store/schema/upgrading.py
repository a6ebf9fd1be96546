"""Applying migrations with Alembic; loaded only when there is something to apply."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.schema import SCHEMA

_LOCK = 0x486F6C64  # any constant will do, as long as every version uses the same


async def upgrade(url: str, progress: Callable[[str], None]) -> list[str]:
    """Apply what is missing, under an advisory lock; the versions applied, oldest first.

    Args:
        url: as asyncpg reads it.
        progress: told each version that is applied.

    Raises:
        Misconfigured: when the database is newer than this code.
        StoreUnavailable: when the database does not answer.
    """
    # The driver reads the address itself, because SQLAlchemy does not know all that may stand in one.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_upgrade, progress)
    except (OSError, DBAPIError, TimeoutError) as error:
        if isinstance(error, DBAPIError) and not error.connection_invalidated:
            raise
        raise StoreUnavailable("the database does not answer") from error
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection, progress: Callable[[str], None]) -> list[str]:
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    try:
        return _apply(connection, ScriptDirectory.from_config(_config()), progress)
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()


def _apply(connection: Connection, scripts: ScriptDirectory, progress: Callable[[str], None]) -> list[str]:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.commit()
    options = {"version_table_schema": SCHEMA}
    present = MigrationContext.configure(connection, opts=options).get_current_revision()
    connection.rollback()
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise Misconfigured(
            f"the database is at schema version {present}, which this version of Holdfast does not know: "
            "it was migrated by a newer one. Install that version or restore an older backup.",
            field="DATABASE_URL",
        )
    config = _config()
    config.attributes["connection"] = connection
    missing = [script.revision for script in scripts.iterate_revisions("head", present or "base")]
    for revision in reversed(missing):
        progress(f"applying schema version {revision}")
        command.upgrade(config, revision)
    connection.commit()
    return missing[::-1]
