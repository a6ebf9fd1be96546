"""What skill assessment offers to research: assessments and their evidence, with the statements."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.store.statements import Statement, load

statements = load("holdfast.programs.skills")

_STUDENT = Variable("student_id", Kind.IDENTIFIER, "The student", names="student")
_ASSESSMENT = Variable("assessment_id", Kind.IDENTIFIER, "The assessment", names="assessment")
_SKILL = Variable("skill_type", Kind.CATEGORY, "One of the seven skills")


def _share(name: str, label: str, missing: str = "") -> Variable:
    return Variable(name, Kind.NUMBER, label, low=0, high=1, missing=missing)


def _count(name: str, label: str) -> Variable:
    return Variable(name, Kind.INTEGER, label, low=0)


ASSESSMENTS = Table(
    name="skill_assessments",
    sheet="Skill Assessments",
    one_row_is="an assessment of a skill",
    key=("student_id", "created_at", "assessment_id"),
    variables=(
        _STUDENT,
        _ASSESSMENT,
        _SKILL,
        _share("score", "From not shown (0) to shown strongly (1)"),
        _share("confidence", "Confidence of the assessment"),
        Variable("created_at", Kind.MOMENT, "When the skill was assessed"),
        _count("evidence_count", "Pieces of evidence"),
        _count("linguistic_evidence", "Pieces that quote the student"),
        _count("behavioral_evidence", "Pieces that tell what the student did"),
        _share("mean_relevance", "Mean relevance of the evidence", "no evidence"),
        Variable("reasoning", Kind.FREE_TEXT, "Why it was assessed so"),
        Variable("recommendations", Kind.FREE_TEXT, "What was recommended", missing="nothing"),
    ),
)

EVIDENCE = Table(
    name="skill_evidence",
    sheet="Skill Evidence",
    one_row_is="a piece of evidence for an assessment",
    key=("student_id", "assessment_id", "evidence_id"),
    variables=(
        _STUDENT,
        _ASSESSMENT,
        Variable("evidence_id", Kind.IDENTIFIER, "The piece of evidence", names="evidence"),
        _SKILL,
        Variable("evidence_type", Kind.CATEGORY, "Linguistic, behavioral or another sort"),
        Variable("source", Kind.TEXT, "Where it was found"),
        _share("relevance_score", "How much it bears on the assessment"),
        Variable("created_at", Kind.MOMENT, "When it was stored"),
        Variable("content", Kind.FREE_TEXT, "The piece itself"),
    ),
)

OFFERS: tuple[tuple[Table, Statement], ...] = (
    (ASSESSMENTS, statements.research_assessments),
    (EVIDENCE, statements.research_evidence),
)
"""Each table with the statement that yields its columns for some enrolments."""
