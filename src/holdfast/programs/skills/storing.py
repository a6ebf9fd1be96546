"""Writing assessments with their evidence, a batch in two statements."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.programs.skills.records import AssessmentRecord
from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Connection


async def store(connection: Connection, records: Sequence[AssessmentRecord]) -> None:
    """Insert new assessments and their evidence, times as they are told.

    Raises:
        asyncpg.IntegrityConstraintViolationError: one of them exists already.
    """
    await statements.insert_assessments.run(
        connection,
        ids=[record.id for record in records],
        student_ids=[record.student_id for record in records],
        skill_types=[record.skill_type.value for record in records],
        scores=[record.score for record in records],
        confidences=[record.confidence for record in records],
        reasonings=[record.reasoning for record in records],
        recommendations=[record.recommendations for record in records],
        importances=[record.feature_importance for record in records],
        created=[record.created_at for record in records],
        updated=[record.updated_at for record in records],
    )
    pieces = [(record.student_id, piece) for record in records for piece in record.evidence]
    if not pieces:
        return
    await statements.insert_evidence.run(
        connection,
        ids=[piece.id for _, piece in pieces],
        assessment_ids=[piece.assessment_id for _, piece in pieces],
        student_ids=[student_id for student_id, _ in pieces],
        kinds=[piece.evidence_type.value for _, piece in pieces],
        sources=[piece.source for _, piece in pieces],
        contents=[piece.content for _, piece in pieces],
        relevances=[piece.relevance_score for _, piece in pieces],
        created=[piece.created_at for _, piece in pieces],
        updated=[piece.updated_at for _, piece in pieces],
    )
