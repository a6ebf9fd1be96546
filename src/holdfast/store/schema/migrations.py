"""Bringing a database to the shape this version of Holdfast needs.

Migrations apply under an advisory lock, so that several processes may start at once, and a
database that is newer than the code is refused rather than guessed at. A database that is right
already is recognised by one query.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import asyncpg

from holdfast.kit.errors import Misconfigured, StoreUnavailable
from holdfast.store.database import normalised_url

_CURRENT = "SELECT version_num FROM holdfast.alembic_version"


def newest_version() -> str:
    """The version of the schema that this code needs: the number its newest migration begins with."""
    names = sorted(file.name for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
    if not names:
        raise Misconfigured("this installation carries no migrations: it is incomplete")
    return names[-1].split("_", 1)[0]


async def current_version(url: str) -> str | None:
    """The version a database is at; none when Holdfast has never been there.

    Raises:
        StoreUnavailable: when the database does not answer.
    """
    try:
        connection = await asyncpg.connect(normalised_url(url), statement_cache_size=0)
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise StoreUnavailable("the database does not answer") from error
    try:
        version: str | None = await connection.fetchval(_CURRENT)
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return None
    finally:
        await connection.close()
    return version


async def migrate(url: str, *, progress: Callable[[str], None] = lambda _: None) -> list[str]:
    """Apply what is missing; the versions applied, oldest first, none when all is well.

    Raises:
        Misconfigured: when the database is newer than this code.
        StoreUnavailable: when the database does not answer.
    """
    if await current_version(url) == newest_version():
        return []
    # Alembic and SQLAlchemy take a second to load, which a start should only spend when it must.
    from holdfast.store.schema.upgrading import upgrade  # noqa: PLC0415

    return await upgrade(normalised_url(url), progress)
