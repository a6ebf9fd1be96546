"""Assessments as they are read. Evidence comes in the statement of its assessments, however many."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from holdfast.core import cohorts
from holdfast.core.access import Principal
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.kit.paging import Page
from holdfast.programs.skills import views
from holdfast.programs.skills.skill import HIGH_FROM, MEDIUM_FROM, Skill
from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Connection

LONGEST_COURSE = 1_000


async def assessments_of(
    connection: Connection,
    student_id: UUID,
    page: Page,
    *,
    skill: Skill | None = None,
    start_date: date | None = None,
    end_date: date | None = None,
) -> dict[str, Any]:
    """A student's assessments, newest first, with their evidence; both days included, in UTC.

    Raises:
        InvalidInput: a range that ends before it begins.
    """
    wanted = {"student_id": student_id, "skill_type": skill, **_range(start_date, end_date)}
    rows = await statements.assessments_of.rows(connection, **wanted, limit=page.limit, offset=page.offset)
    if rows:
        total = rows[0]["total"]
    else:
        total = await statements.count_assessments_of.value(connection, **wanted)
    shown = [views.assessment_shown(row) for row in rows]
    return {"assessments": shown, "total": total, "limit": page.limit, "offset": page.offset}


def _range(start: date | None, end: date | None) -> dict[str, datetime | None]:
    if start and end and end < start:
        raise InvalidInput("is before the start date", field="end_date")
    after = end + timedelta(days=1) if end and end < date.max else None
    return {
        "begins": datetime.combine(start, time(), UTC) if start else None,
        "ends": datetime.combine(after, time(), UTC) if after else None,
    }


async def latest(connection: Connection, student_id: UUID, skill: Skill) -> dict[str, Any]:
    """The newest assessment of a skill, of any age.

    Raises:
        NotFound: there is none.
    """
    rows = await statements.latest_of.rows(connection, student_id=student_id, skills=[skill], within_s=None)
    if not rows:
        raise NotFound("there is no assessment of this skill yet", field="skill_type")
    return views.assessment_shown(rows[0])


async def enriched(connection: Connection, assessment_id: UUID, caller: Principal) -> dict[str, Any]:
    """An assessment whose evidence is told with the place where its words stand.

    Raises:
        NotFound: there is none, or it is another student's, which must look the same.
    """
    row = await statements.assessment_of.row(connection, assessment_id=assessment_id)
    if row is None or caller.student_id not in {None, row["student_id"]}:
        raise NotFound("there is no such assessment", field="assessment_id")
    return views.assessment_shown(row) | {"evidence_count": len(row["evidence"])}


async def course(connection: Connection, student_id: UUID, skill: Skill | None) -> dict[str, Any]:
    """How a student's scores went, by skill, oldest first; at most the newest thousand points."""
    rows = await statements.course_of.rows(
        connection, student_id=student_id, skill_type=skill, limit=LONGEST_COURSE
    )
    return {"student_id": str(student_id), "skills": views.course_shown(rows)}


async def distribution(connection: Connection, cohort: str | None, skill: Skill | None) -> dict[str, Any]:
    """How the newest scores of a cohort's members are spread; those who withdrew consent are left out.

    Raises:
        NotFound: there is no such cohort.
    """
    cohort_id = (await cohorts.by_name(connection, cohort)).cohort_id if cohort else None
    rows = await statements.distribution.rows(
        connection, cohort_id=cohort_id, skill_type=skill, high_from=HIGH_FROM, medium_from=MEDIUM_FROM
    )
    found = {row["skill_type"]: row for row in rows}
    shown = [views.distribution_shown(found[skill]) for skill in Skill if skill in found]
    return {"cohort": cohort, "distribution": shown}


async def inputs_of(connection: Connection, student_id: UUID, kind: str, page: Page) -> dict[str, Any]:
    """A student's transcripts or game sessions, newest first, with their features."""
    asked = statements.transcripts_of if kind == "transcript" else statements.game_sessions_of
    rows = await asked.rows(connection, student_id=student_id, limit=page.limit, offset=page.offset)
    shown = [views.input_shown(row, kind) for row in rows]
    total = rows[0]["total"] if rows else 0
    return {"inputs": shown, "total": total, "limit": page.limit, "offset": page.offset}
