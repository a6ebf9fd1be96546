"""Named SQL: every statement stands in a ``.sql`` file, described there, and is called by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from importlib import resources
from typing import Any, TypeAlias

import aiosql
import asyncpg
from aiosql.adapters.asyncpg import AsyncPGAdapter

Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)
Row = asyncpg.Record


class Statement:
    """One SQL statement with named parameters, bound by position as PostgreSQL wants them."""

    __slots__ = ("_order", "name", "sql")

    def __init__(self, name: str, sql: str, order: tuple[str, ...]) -> None:
        self.name = name
        self.sql = sql
        self._order = order

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameter names in the order of ``$1``, ``$2``, ..."""
        return self._order

    def _bind(self, values: Mapping[str, Any]) -> list[Any]:
        if len(values) != len(self._order):
            raise TypeError(f"{self.name} takes {self._order}, not {tuple(values)}")
        return [values[name] for name in self._order]

    async def rows(self, connection: Connection, **values: Any) -> list[Row]:
        """All rows."""
        return await connection.fetch(self.sql, *self._bind(values))

    async def each(self, connection: Connection, *, at_once: int = 500, **values: Any) -> AsyncIterator[Row]:
        """All rows, fetched some hundred at a time inside the connection's transaction; memory stays flat."""
        async for row in connection.cursor(self.sql, *self._bind(values), prefetch=at_once):
            yield row

    async def row(self, connection: Connection, **values: Any) -> Row | None:
        """The first row, or none."""
        return await connection.fetchrow(self.sql, *self._bind(values))

    async def value(self, connection: Connection, **values: Any) -> Any:
        """The first column of the first row, or none."""
        return await connection.fetchval(self.sql, *self._bind(values))

    async def run(self, connection: Connection, **values: Any) -> int:
        """Execute; the number of rows touched."""
        tag = await connection.execute(self.sql, *self._bind(values))
        count = tag.rsplit(" ", 1)[-1]
        return int(count) if count.isdigit() else 0


class Statements:
    """The statements of one file; ``statements.find_student`` is the one named ``find_student``."""

    def __init__(self, statements: Mapping[str, Statement]) -> None:
        self._statements = dict(statements)

    def __getattr__(self, name: str) -> Statement:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement named {name}") from None

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._statements.values())


def load(package: str, filename: str = "queries.sql") -> Statements:
    """Read the statements of a package's file.

    Raises:
        aiosql.exceptions.SQLParseException: when the file is not as aiosql wants it.
    """
    adapter = AsyncPGAdapter()  # type: ignore[no-untyped-call]
    text = resources.files(package).joinpath(filename).read_text(encoding="utf-8")
    queries = aiosql.from_str(text, lambda: adapter, attribute=None)
    found = {}
    for name in queries.available_queries:
        if not name.endswith("_cursor"):
            sql = getattr(queries, name).sql
            found[name] = Statement(name, sql, tuple(adapter.var_sorted[name]))
    return Statements(found)
