"""Sessions as they are read: one with what was handed in, or several with their steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from holdfast.core import cohorts
from holdfast.kit.errors import NotFound
from holdfast.programs.workshop import views
from holdfast.programs.workshop.progress import Base
from holdfast.programs.workshop.stored import statements
from holdfast.store.statements import Connection, Row


async def session_of(connection: Connection, session_id: str) -> Row:
    """A session's row without token and key.

    Raises:
        NotFound: there is none.
    """
    row = await statements.session.row(connection, session_id=session_id)
    if row is None:
        raise NotFound("there is no such session")
    return row


async def shown(connection: Connection, session_id: str, *, base: Base) -> dict[str, Any]:
    """A session with its steps and what was handed in.

    Raises:
        NotFound: there is none.
    """
    row = await session_of(connection, session_id)
    steps = await statements.steps_of_session.rows(connection, session_id=session_id)
    return views.session_shown(row, steps, base=base)


async def with_steps(connection: Connection, rows: Sequence[Row], *, base: Base) -> list[dict[str, Any]]:
    """Sessions with their steps, without the code that was handed in."""
    ids = [row["session_id"] for row in rows]
    steps: dict[str, list[Row]] = {session_id: [] for session_id in ids}
    for step in await statements.steps_of_sessions.rows(connection, session_ids=ids):
        steps[step["session_id"]].append(step)
    return [views.session_shown(row, steps[row["session_id"]], base=base) for row in rows]


async def cohort_id_of(connection: Connection, name: str | None) -> UUID | None:
    """The cohort with this name; none for none.

    Raises:
        NotFound: there is no such cohort.
    """
    return (await cohorts.by_name(connection, name)).cohort_id if name else None
