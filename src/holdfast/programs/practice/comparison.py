"""A student beside a cohort. An average over few would tell about single people, so it is not shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from holdfast.core.sessions import Membership
from holdfast.programs.practice.saving import statements
from holdfast.store.statements import Connection

FEWEST_STUDENTS = 5
"""An average is shown only over so many students who have a value, each of whom counts once."""

_SHOWN = {
    "sessions": "total_sessions",
    "duration": "total_duration",
    "words_spoken": "total_words_spoken",
    "pronunciation": "avg_pronunciation",
    "fluency": "avg_fluency",
    "grammar": "avg_grammar",
}


async def compared(
    connection: Connection, student_id: UUID, member: Membership, hours: int
) -> dict[str, Any]:
    """The student's figures of the last so many hours and the cohort's averages.

    `students` is null and every average is null below five; so is an average that fewer than five
    contribute to. Without a cohort only the student's own figures are there.
    """
    row = await statements.averages_of_cohort.row(
        connection,
        enrolment_id=member.enrolment_id,
        student_id=student_id,
        hours=hours,
        fewest=FEWEST_STUDENTS,
    )
    own = row["own"] if row is not None else None
    figures = {
        "students": None,
        "own": {name: own[column] if own else None for column, name in _SHOWN.items()},
        "average": None,
    }
    if row is not None and row["students"] >= FEWEST_STUDENTS:
        average = {name: row[column] for column, name in _SHOWN.items()}
        figures |= {"students": row["students"], "average": average}
    return figures
