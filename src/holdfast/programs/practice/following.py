"""Live tracking: sessions of a student as they are saved, to whoever follows.

A student's sessions are saved one after another under a lock, and their times rise with it, so a
follower who reads on from the last one it saw misses none. The rows are read again and again; nothing
in memory has to survive for a follower to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from holdfast.kit.errors import InvalidInput, StoreUnavailable
from holdfast.programs.practice.results import shown
from holdfast.programs.practice.saving import statements
from holdfast.store.database import Database
from holdfast.store.statements import Row

LOOK_S = 1.0
SIGN_OF_LIFE_S = 15.0
LONGEST_S = 300.0
"""A stream ends after five minutes; a client comes back by itself, with a token that is looked at again."""
MOST_AT_ONCE = 100

Position = tuple[datetime, UUID]
BEGINNING: Position = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


def written(position: Position) -> str:
    """A position as clients bring it back: microseconds since 1970 and the result's id."""
    return f"{(position[0] - BEGINNING[0]) // timedelta(microseconds=1)}.{position[1]}"


def read(cursor: str) -> Position:
    """The position that a client brings back.

    Raises:
        InvalidInput: it was never given out.
    """
    microseconds, _, result_id = cursor.partition(".")
    try:
        if not 0 <= int(microseconds) < 2**53:
            raise InvalidInput("is not a position that was given out", field="after")
        return BEGINNING[0] + timedelta(microseconds=int(microseconds)), UUID(result_id)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("is not a position that was given out", field="after") from error


async def newest(database: Database, student_id: UUID) -> Position:
    """The position of a follower who wants to see only what comes."""
    async with database.connection() as connection:
        row = await statements.newest_result.row(connection, student_id=student_id)
    return _position(row) if row is not None else BEGINNING


def _position(row: Row) -> Position:
    return row["created_at"], row["session_result_id"]


async def follow(
    database: Database, student_id: UUID, position: Position, *, leaving: Callable[[], bool]
) -> AsyncIterator[tuple[str, Any, str]]:
    """Sessions saved after a position, as they come: event name, data, position.

    Begins with `following`; `alive` comes in quiet times, so that a connection that broke is noticed.
    Ends after five minutes, or soon after `leaving` says that the server wants to stop.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_S
    spoke = loop.time()
    yield "following", {"student_id": str(student_id)}, written(position)
    while loop.time() < end and not leaving():
        for row in await _after(database, student_id, position):
            position, spoke = _position(row), loop.time()
            yield "saved", shown(row), written(position)
        if loop.time() - spoke >= SIGN_OF_LIFE_S:
            spoke = loop.time()
            yield "alive", {}, written(position)
        await asyncio.sleep(LOOK_S)


async def _after(database: Database, student_id: UUID, position: Position) -> list[Row]:
    try:
        async with database.connection() as connection:
            return await statements.results_from.rows(
                connection,
                student_id=student_id,
                created_at=position[0],
                session_result_id=position[1],
                limit=MOST_AT_ONCE,
            )
    except StoreUnavailable:  # the next look may find it again
        return []
