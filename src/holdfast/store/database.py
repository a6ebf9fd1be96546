"""The pool and the transaction. A command runs in one transaction and is answered after its commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from holdfast.kit.errors import InvalidInput, Misconfigured, StoreUnavailable
from holdfast.store.statements import Connection

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # how the driver takes a server that dies in mid-statement
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    ConnectionError,
    TimeoutError,
)
"""Failures of the store, not of the request: the same request may be sent again."""

_PRISMA_ONLY = {"schema", "pgbouncer", "connection_limit", "pool_timeout", "sslaccept"}


def normalised_url(url: str) -> str:
    """A URL as asyncpg reads it, from those that other tools write.

    Accepts ``postgres://``, ``postgresql://`` and ``postgresql+asyncpg://``; parameters that only
    Prisma knows (``?schema=public``) are dropped: Holdfast's tables live in the schema ``holdfast``.

    Raises:
        Misconfigured: when it is not a PostgreSQL URL.
    """
    parts = urlsplit(url.strip())
    if parts.scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise Misconfigured("must begin with postgresql://", field="DATABASE_URL")
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in _PRISMA_ONLY]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(kept, safe="/"), parts.fragment))


class _Connection(asyncpg.Connection):
    """A connection that is not reset on release.

    Nothing here leaves anything behind on a connection (no session settings, no LISTEN), and the
    reset would cost every command one more round trip.
    """

    def get_reset_query(self) -> str:
        """Nothing to run."""
        return ""


async def _prepare(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
        format="binary",
    )


def _is_alive(connection: PoolConnectionProxy[asyncpg.Record]) -> bool:
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:  # the server hung up, and the pool has taken the connection back
        return False


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How the pool behaves.

    Attributes:
        size: the most connections at once.
        prepared_statements: false behind PgBouncer in transaction mode, which also knows no
            start-up settings, so that the time-outs then come from the server's own configuration.
        statement_timeout_s, lock_timeout_s: after which the server gives up on a statement.
        acquire_timeout_s: how long a command waits for a free connection.
    """

    size: int = 20
    prepared_statements: bool = True
    statement_timeout_s: float = 30
    lock_timeout_s: float = 10
    acquire_timeout_s: float = 10


class Database:
    """PostgreSQL, as every service sees it."""

    def __init__(self, url: str, options: PoolOptions | None = None) -> None:
        self.url = normalised_url(url)
        self.options = options or PoolOptions()
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()
        self._at_hand: list[PoolConnectionProxy[asyncpg.Record]] = []
        self._waiting = 0
        self._closing = False

    async def open(self) -> None:
        """Open the pool.

        Raises:
            StoreUnavailable: when the server does not answer.
        """
        try:
            await self._ready()
        except (*_LOST, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error

    async def close(self) -> None:
        """Close the pool; waits for commands that are under way."""
        if self._pool is None:
            return
        self._closing = True
        while self._at_hand:
            await self._release(self._at_hand.pop())
        await self._pool.close()
        self._pool, self._closing = None, False

    async def _ready(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await self._create()
        return self._pool

    async def _create(self) -> asyncpg.Pool[asyncpg.Record]:
        options = self.options
        keywords: dict[str, Any] = {"init": _prepare, "connection_class": _Connection}
        if options.prepared_statements:
            keywords["server_settings"] = {
                "application_name": "holdfast",
                "jit": "off",
                # Every statement is prepared once and serves all values alike; planning one of ten parts
                # anew for each call was seen to take longer than carrying it out.
                "plan_cache_mode": "force_generic_plan",
                "statement_timeout": str(int(options.statement_timeout_s * 1000)),
                "lock_timeout": str(int(options.lock_timeout_s * 1000)),
                "idle_in_transaction_session_timeout": "60000",
            }
        else:
            keywords["statement_cache_size"] = 0
        return await asyncpg.create_pool(
            self.url,
            min_size=1,
            max_size=options.size,
            max_inactive_connection_lifetime=300,
            command_timeout=options.statement_timeout_s + 5,
            timeout=options.acquire_timeout_s,
            **keywords,
        )

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """A connection in autocommit: each statement is its own transaction.

        Raises:
            StoreUnavailable: when the server cannot be reached or gave up.
        """
        return _Hold(self)

    async def take(self) -> PoolConnectionProxy[asyncpg.Record]:
        """A connection from those at hand, or else from the pool; `connection` is how it is used."""
        while self._at_hand:
            connection = self._at_hand.pop()
            if _is_alive(connection):
                return connection
            await self._release(connection)
        pool = await self._ready()
        self._waiting += 1
        try:
            return await pool.acquire(timeout=self.options.acquire_timeout_s)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: PoolConnectionProxy[asyncpg.Record], *, sound: bool) -> None:
        """Keep a sound connection at hand, unless somebody waits for one in the pool.

        Through the pool each use would cost a task and two timers, a tenth of what a turn takes.
        """
        if sound and not self._waiting and not self._closing and _is_alive(connection):
            self._at_hand.append(connection)
        else:
            await self._release(connection)

    async def _release(self, connection: PoolConnectionProxy[asyncpg.Record]) -> None:
        # A broken connection may fail to be handed back; the pool then drops it, which is what is wanted.
        if self._pool is not None:
            with suppress(*_LOST, OSError):
                await self._pool.release(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection inside one transaction; commits at the end, rolls back on any error.

        Raises:
            StoreUnavailable: as `connection`; the transaction may then have committed or not.
        """
        async with self.connection() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A read-only transaction that sees one moment (repeatable read)."""
        async with (
            self.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection


class _Hold:
    """The use of one connection for the length of a block."""

    __slots__ = ("_connection", "_database")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: PoolConnectionProxy[asyncpg.Record] | None = None

    async def __aenter__(self) -> Connection:
        try:
            self._connection = await self._database.take()
        except (*_LOST, OSError) as error:
            raise StoreUnavailable("the database does not answer") from error
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            await self._database.give_back(self._connection, sound=error is None)
        if isinstance(error, asyncpg.DataError):
            # A value from outside that no column can hold: a NUL character, a lone surrogate.
            raise InvalidInput("holds characters or numbers that cannot be stored") from error
        if isinstance(error, _LOST):
            raise StoreUnavailable("the database does not answer") from error
