"""What instructors ask: who has come how far, where students give up, who is stuck; each one query."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from holdfast.core.students import by_name_of_any_kind
from holdfast.kit.clock import iso
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.workshop import progress
from holdfast.programs.workshop.definition import Definition, from_document
from holdfast.programs.workshop.looking import cohort_id_of, with_steps
from holdfast.programs.workshop.progress import Base
from holdfast.programs.workshop.stored import statements
from holdfast.store.database import Database
from holdfast.store.statements import Connection

STUCK_HOURS = 24.0
LONGEST_HOURS = 24 * 366
EXPORT_PAGE = 200
EVERY = 2**31 - 1


async def sessions_of(connection: Connection, student: str, page: Page, *, base: Base = 1) -> dict[str, Any]:
    """All sessions of a student, newest activity first.

    Raises:
        NotFound: no student with this code or id.
    """
    found = await by_name_of_any_kind(connection, student)
    rows = await statements.sessions_of_students.rows(
        connection, student_ids=[found.student_id], limit=page.limit, offset=page.offset
    )
    shown = await with_steps(connection, rows, base=base)
    return {"sessions": shown, **_window(rows[0]["total"] if rows else 0, page)}


async def completion(connection: Connection, cohort: str | None, page: Page) -> dict[str, Any]:
    """How far each student has come; who has no session has no average.

    Raises:
        NotFound: no such cohort.
    """
    window = {"limit": page.limit, "offset": page.offset}
    cohort_id = await cohort_id_of(connection, cohort)
    if cohort_id is None:
        rows = await statements.completion_summary.rows(connection, **window)
    else:
        rows = await statements.completion_of_cohort.rows(connection, cohort_id=cohort_id, **window)
    found = [
        {
            "student_id": str(row["student_id"]),
            "student_code": row["student_code"],
            "student_email": row["student_email"],
            "student_name": row["student_name"],
            "total_sessions": row["total_sessions"],
            "avg_completion": None if row["avg_completion"] is None else round(row["avg_completion"], 2),
            "last_active": iso(row["last_active"]) if row["last_active"] else None,
        }
        for row in rows
    ]
    return {"students": found, **_window(rows[0]["total"] if rows else 0, page)}


async def funnel(
    connection: Connection, definition: Definition, cohort: str | None, *, base: Base = 1
) -> dict[str, Any]:
    """By step: in how many sessions it was tried and passed, and the mean seconds spent.

    Steps that nobody has reached are in it with zeros, because they are what the funnel is about.

    Raises:
        NotFound: no such cohort.
    """
    cohort_id = await cohort_id_of(connection, cohort)
    if cohort_id is None:
        rows = await statements.step_funnel.rows(connection, workshop_id=definition.id)
    else:
        rows = await statements.funnel_of_cohort.rows(
            connection, workshop_id=definition.id, cohort_id=cohort_id
        )
    by_number = {row["step_number"]: row for row in rows}
    names = {step.number: step.name for step in definition.steps}
    steps = []
    for number in sorted(names.keys() | by_number.keys()):
        row = by_number.get(number)
        steps.append(
            {
                "step_number": progress.told(number, base=base),
                "step_name": names.get(number),
                "attempts": row["attempts"] if row else 0,
                "reports": row["reports"] if row else 0,
                "completed": row["completed"] if row else 0,
                "avg_time_seconds": row["avg_time_seconds"] if row else None,
            }
        )
    return {"workshop": definition.id, "steps": steps}


async def stuck(
    connection: Connection, hours: float, cohort: str | None, page: Page, *, base: Base = 1
) -> dict[str, Any]:
    """Active, unfinished sessions without activity for so many hours, the longest first.

    Raises:
        InvalidInput: hours below 0 or beyond a year.
        NotFound: no such cohort.
    """
    if not 0 <= hours <= LONGEST_HOURS:
        raise InvalidInput(f"must be from 0 to {LONGEST_HOURS}", field="hours")
    rows = await statements.stuck_students.rows(
        connection,
        hours=hours,
        cohort_id=await cohort_id_of(connection, cohort),
        limit=page.limit,
        offset=page.offset,
    )
    found = [
        {
            "student_id": str(row["student_id"]),
            "student_code": row["student_code"],
            "student_email": row["student_email"],
            "student_name": row["student_name"],
            "session_id": row["session_id"],
            "current_step": progress.told(row["current_step"], base=base),
            "step_name": _name_of(row["document"], row["current_step"]),
            "completion_rate": row["completion_rate"],
            "last_activity": iso(row["last_activity"]),
            "time_inactive": round(row["inactive_s"]),
        }
        for row in rows
    ]
    return {"students": found, "hours": hours, **_window(rows[0]["total"] if rows else 0, page)}


async def all_students(database: Database, *, base: Base = 1) -> AsyncIterator[dict[str, Any]]:
    """Every student who has a workshop session, with all sessions and steps, from one moment's snapshot.

    Students come page by page, so that memory does not grow with their number.
    """
    last = UUID(int=0)
    async with database.snapshot() as connection:
        while True:
            students = await statements.next_students.rows(connection, after_id=last, limit=EXPORT_PAGE)
            if not students:
                return
            ids = [row["student_id"] for row in students]
            rows = await statements.sessions_of_students.rows(
                connection, student_ids=ids, limit=EVERY, offset=0
            )
            sessions: dict[str, list[dict[str, Any]]] = {str(student_id): [] for student_id in ids}
            for shown in await with_steps(connection, rows, base=base):
                sessions[shown["student_id"]].append(shown)
            for row in students:
                student_id = str(row["student_id"])
                yield {
                    "student_id": student_id,
                    "student_code": row["student_code"],
                    "student_email": row["email"],
                    "student_name": row["name"],
                    "created_at": iso(row["created_at"]),
                    "sessions": sessions[student_id],
                }
            last = ids[-1]


def _window(total: int, page: Page) -> dict[str, int]:
    return {"total": total, "limit": page.limit, "offset": page.offset}


def _name_of(document: dict[str, Any], number: int) -> str | None:
    step = from_document(document, source="the session's workshop").step(number)
    return step.name if step else None
