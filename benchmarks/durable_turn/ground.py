"""The PostgreSQL that all candidates share, with a fresh database for each measurement."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from holdfast.store.embedded import EmbeddedStores

_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes", "server_version")


@dataclass(frozen=True, slots=True)
class Ground:
    """An embedded PostgreSQL that is held for the whole run."""

    stores: EmbeddedStores

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The URL of an empty database that is dropped afterwards."""
        name = f"bench_{secrets.token_hex(4)}"
        await self._as_superuser(f"CREATE DATABASE {name} OWNER {await self._role()}")
        try:
            yield _named(self.stores.database_url, name)
        finally:
            await self._as_superuser(f"DROP DATABASE {name} WITH (FORCE)")

    async def size(self, url: str) -> int:
        """Bytes of all tables with their indexes and TOAST, after VACUUM and CHECKPOINT."""
        connection = await asyncpg.connect(_named(self.stores.superuser_url, _name(url)))
        try:
            await connection.execute("VACUUM")
            await connection.execute("CHECKPOINT")
            return int(await connection.fetchval(_SIZE))
        finally:
            await connection.close()

    async def durability(self) -> dict[str, str]:
        """The settings that make a commit durable, as the server has them."""
        connection = await asyncpg.connect(self.stores.database_url)
        try:
            return {name: await connection.fetchval(f"SHOW {name}") for name in _DURABILITY}
        finally:
            await connection.close()

    async def _role(self) -> str:
        connection = await asyncpg.connect(self.stores.database_url)
        try:
            return str(await connection.fetchval("SELECT quote_ident(current_user)"))
        finally:
            await connection.close()

    async def _as_superuser(self, sql: str) -> None:
        connection = await asyncpg.connect(self.stores.superuser_url)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


def free_port() -> int:
    """A port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _named(url: str, name: str) -> str:
    return url.replace("/holdfast?", f"/{name}?", 1)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
