"""What skill assessment offers to research: one row for each assessment, without names and without texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.programs.skills.stored import statements
from holdfast.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dataset.

    Attributes:
        type: ``text``, ``integer``, ``number``, ``boolean``, ``moment`` (aware, UTC) or ``id``.
        meaning: for the codebook, with the unit.
    """

    name: str
    type: str
    meaning: str


COLUMNS: Sequence[Column] = (
    Column("assessment_id", "id", "the assessment"),
    Column("student_id", "id", "the student; to be pseudonymised"),
    Column("enrolment_id", "id", "the enrolment, which knows cohort and arm"),
    Column("skill_type", "text", "one of the seven skills"),
    Column("score", "number", "0 (not shown) to 1 (shown strongly)"),
    Column("confidence", "number", "0 to 1"),
    Column("created_at", "moment", "when the skill was assessed"),
    Column("evidence_count", "integer", "pieces of evidence"),
    Column("linguistic_evidence", "integer", "pieces that quote the student"),
    Column("behavioral_evidence", "integer", "pieces that tell what the student did"),
    Column("mean_relevance", "number", "mean relevance of the evidence, 0 to 1; missing without any"),
)

ROWS: Statement = statements.research_assessments
"""Yields the columns for one cohort (``cohort_id``); those who withdrew consent are left out."""
