"""Writing assessments with their evidence, a batch by two COPY commands.

COPY, and not a named statement: as arrays in a statement the same rows took the driver half a second of
processor time for each twenty thousand, more than the database needs to store them.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.programs.skills.records import AssessmentRecord
from holdfast.store.statements import Connection

_SCHEMA = "holdfast"
_ASSESSMENT = (
    "id",
    "student_id",
    "skill_type",
    "score",
    "confidence",
    "reasoning",
    "recommendations",
    "feature_importance",
    "created_at",
    "updated_at",
)
_PIECE = (
    "id",
    "assessment_id",
    "student_id",
    "evidence_type",
    "source",
    "content",
    "relevance_score",
    "created_at",
    "updated_at",
)


async def store(connection: Connection, records: Sequence[AssessmentRecord]) -> None:
    """Insert new assessments and their evidence, times as they are told.

    Raises:
        asyncpg.IntegrityConstraintViolationError: one of them exists already.
    """
    if not records:
        return
    assessments = [
        (
            one.id,
            one.student_id,
            one.skill_type.value,
            one.score,
            one.confidence,
            one.reasoning,
            one.recommendations,
            one.feature_importance,
            one.created_at,
            one.updated_at,
        )
        for one in records
    ]
    pieces = [
        (
            piece.id,
            piece.assessment_id,
            one.student_id,
            piece.evidence_type.value,
            piece.source,
            piece.content,
            piece.relevance_score,
            piece.created_at,
            piece.updated_at,
        )
        for one in records
        for piece in one.evidence
    ]
    for table, columns, rows in (
        ("skill_assessments", _ASSESSMENT, assessments),
        ("evidence", _PIECE, pieces),
    ):
        if rows:
            await connection.copy_records_to_table(table, schema_name=_SCHEMA, columns=columns, records=rows)
