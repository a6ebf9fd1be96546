"""The old tables where they stand: found, locked, read and renamed. The database quotes their names."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from holdfast.kit.errors import Conflict, InvalidInput
from holdfast.programs.workshop.legacy.rows import (
    CONFIGS,
    KEY,
    NAMING,
    SIGN_IN_COLUMNS,
    SIGN_INS,
    STUDENT_COLUMNS,
    STUDENTS,
    Refused,
)
from holdfast.store.schema import SCHEMA
from holdfast.store.statements import Connection, load

statements = load("holdfast.programs.workshop.legacy")

BATCH = 500
"""Rows that are read, judged and stored at once."""

_READ = {STUDENTS: STUDENT_COLUMNS, SIGN_INS: SIGN_IN_COLUMNS, CONFIGS: ()}
_NEEDED = {STUDENTS: NAMING, SIGN_INS: ("session_id",), CONFIGS: ()}


@dataclass(frozen=True, slots=True)
class OldTable:
    """A table of the older workshop.

    Attributes:
        columns: those that are read, secrets of other accounts never among them.
        unread: its other columns.
    """

    schema: str
    name: str
    columns: tuple[str, ...]
    unread: tuple[str, ...]


async def find(connection: Connection, schema: str) -> dict[str, OldTable]:
    """The old tables that stand in a schema, by name.

    Raises:
        InvalidInput: the schema is Holdfast's own, or a table of such a name is something else.
    """
    if schema == SCHEMA:
        raise InvalidInput("is Holdfast's own", field="schema")
    rows = await statements.columns_of_tables.rows(connection, schema=schema, names=list(_READ))
    return {row["name"]: _table(schema, row["name"], row["columns"]) for row in rows}


def _table(schema: str, name: str, present: list[str]) -> OldTable:
    read = tuple(column for column in _READ[name] if column in present)
    if _NEEDED[name] and not set(_NEEDED[name]) & set(present):
        wanted = " or ".join(_NEEDED[name])
        raise InvalidInput(f"its {name} is no table of the older workshop: no {wanted}", field="schema")
    return OldTable(schema, name, read, tuple(column for column in present if column not in read))


async def lock(connection: Connection, table: OldTable) -> None:
    """Keep everybody else away from the table until the transaction ends.

    Raises:
        Conflict: the older system is using it, or the database user may not.
    """
    text = await statements.text_of_lock.value(connection, schema=table.schema, name=table.name)
    try:
        await connection.execute(text)
    except asyncpg.LockNotAvailableError as error:
        raise Conflict(f"{table.name} is in use: stop the older system, then run this again") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise _not_ours(table) from error


async def count(connection: Connection, table: OldTable) -> int:
    """How many rows the table has."""
    text = await statements.text_of_count.value(connection, schema=table.schema, name=table.name)
    return int(await connection.fetchval(text))


async def batches(connection: Connection, table: OldTable) -> AsyncIterator[list[dict[str, Any] | Refused]]:
    """The rows of the table in the order they lie in, some at a time, each by column and with its place."""
    text = await statements.text_of_rows.value(
        connection, schema=table.schema, name=table.name, columns=list(table.columns)
    )
    cursor = await connection.cursor(text)
    while rows := await cursor.fetch(BATCH):
        yield [_parsed(row["place"], row["row"]) for row in rows]


def _parsed(place: str, text: str) -> dict[str, Any] | Refused:
    try:
        row: dict[str, Any] = json.loads(text)
    except (ValueError, RecursionError):
        return Refused(f"{KEY}={place}", ((KEY, "holds JSON that cannot be read"),))
    return row | {KEY: place}


async def rename(connection: Connection, table: OldTable, now: datetime) -> str:
    """Give the table a name with a time stamp; the name.

    Raises:
        Conflict: the database user may not.
    """
    renamed = f"{table.name}_backup_{now:%Y%m%d%H%M%S}_{now.microsecond // 1000:03}"
    text = await statements.text_of_rename.value(
        connection, schema=table.schema, name=table.name, renamed=renamed
    )
    try:
        await connection.execute(text)
    except asyncpg.InsufficientPrivilegeError as error:
        raise _not_ours(table) from error
    return renamed


def _not_ours(table: OldTable) -> Conflict:
    return Conflict(
        f"the database user may not lock and rename {table.schema}.{table.name}: make it the owner"
    )
