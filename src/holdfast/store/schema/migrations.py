"""Bringing a database to the shape this version of Holdfast needs.

Migrations apply under an advisory lock, so that several processes may start at once, and a
database that is newer than the code is refused rather than guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.database import normalised_url
from holdfast.store.schema.declarations import SCHEMA

_LOCK = 0x486F6C64  # any constant will do, as long as every version uses the same

__all__ = ["current_version", "migrate", "newest_version"]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def newest_version() -> str:
    """The version of the schema that this code needs."""
    head = _scripts().get_current_head()
    if head is None:
        raise Misconfigured("this installation carries no migrations: it is incomplete")
    return head


def _engine(url: str) -> AsyncEngine:
    return create_async_engine(normalised_url(url).replace("postgresql://", "postgresql+asyncpg://", 1))


async def current_version(url: str) -> str | None:
    """The version a database is at; none when Holdfast has never been there."""
    engine = _engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_version)
    finally:
        await engine.dispose()


def _version(connection: Connection) -> str | None:
    options = {"version_table_schema": SCHEMA}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


async def migrate(url: str, *, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Apply what is missing; the versions applied, oldest first, none when all is well.

    Raises:
        Misconfigured: when the database is newer than this code.
        StoreUnavailable: when the database does not answer.
    """
    engine = _engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_upgrade, progress)
    except (TimeoutError, OSError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and not error.connection_invalidated:
            raise
        raise StoreUnavailable("the database does not answer") from error
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, progress: Callable[[str], None]) -> list[str]:
    scripts = _scripts()
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
    try:
        return _apply(connection, scripts, progress)
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        connection.commit()


def _apply(connection: Connection, scripts: ScriptDirectory, progress: Callable[[str], None]) -> list[str]:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.commit()
    known = {script.revision for script in scripts.walk_revisions()}
    present = _version(connection)
    connection.rollback()
    if present is not None and present not in known:
        raise Misconfigured(
            f"the database is at schema version {present}, which this version of Holdfast does not know: "
            "it was migrated by a newer one. Install that version or restore an older backup.",
            field="DATABASE_URL",
        )
    config = _config()
    config.attributes["connection"] = connection
    missing = [s.revision for s in scripts.iterate_revisions("head", present or "base")]
    for revision in reversed(missing):
        progress(f"applying schema version {revision}")
        command.upgrade(config, revision)
    connection.commit()
    return missing[::-1]
