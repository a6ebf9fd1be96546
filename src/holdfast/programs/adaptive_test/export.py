"""What the adaptive test offers to research: its tables, and the statements that yield the rows.

No answer key, no option text and no name of a person is among it.
"""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.store.statements import Statement, load

statements = load("holdfast.programs.adaptive_test")

_STUDENT = Variable("student_id", Kind.IDENTIFIER, "The student", names="student")
_SESSION = Variable("session_id", Kind.IDENTIFIER, "The test", names="session")


def _logits(name: str, label: str, missing: str = "") -> Variable:
    return Variable(name, Kind.NUMBER, label, unit="logits", missing=missing)


def _count(name: str, label: str) -> Variable:
    return Variable(name, Kind.INTEGER, label, low=0)


TESTS = Table(
    name="adaptive_tests",
    sheet="Adaptive Tests",
    one_row_is="a test",
    key=("student_id", "started_at", "session_id"),
    variables=(
        _STUDENT,
        _SESSION,
        Variable(
            "status",
            Kind.CATEGORY,
            "Where the test stands",
            values={
                "active": "under way",
                "paused": "paused",
                "completed": "completed",
                "expired": "left idle too long",
                "abandoned": "ended without completion",
            },
        ),
        Variable("pool", Kind.TEXT, "The pool of questions"),
        Variable("scale", Kind.TEXT, "Abilities compare within one scale"),
        Variable("pool_revision", Kind.INTEGER, "The questions as they were at the start", low=0),
        Variable("engine_version", Kind.TEXT, "Version of selection and estimation"),
        Variable("started_at", Kind.MOMENT, "Start"),
        Variable("completed_at", Kind.MOMENT, "End", missing="not completed"),
        Variable("end_reason", Kind.CATEGORY, "The rule that ended it", missing="not ended"),
        _logits("initial_ability", "Estimate before the first answer"),
        _logits("ability", "Last estimate"),
        Variable("standard_error", Kind.NUMBER, "Of the last estimate", unit="logits", low=0),
        _count("total_questions", "Questions that were answered"),
        _count("scored_questions", "Answered, without pretest questions"),
        _count("correct_responses", "Right answers, of the scored"),
        Variable("accuracy", Kind.NUMBER, "Right of scored", low=0, high=1, missing="nothing was scored"),
        _logits("learning_gain", "Mean |final - initial|: convergence, not learning", "nothing was answered"),
        _logits("test_efficiency", "Mean step of the proficiency vector", "nothing was answered"),
    ),
)

RESPONSES = Table(
    name="adaptive_responses",
    sheet="Adaptive Responses",
    one_row_is="an answer",
    key=("student_id", "session_id", "position"),
    variables=(
        _STUDENT,
        _SESSION,
        Variable("position", Kind.INTEGER, "Order within the test, from 1", low=1),
        Variable("question_id", Kind.TEXT, "The question"),
        Variable("question_version", Kind.INTEGER, "The parameters it was scored with, from 1", low=1),
        Variable("response", Kind.INTEGER, "Right (1) or wrong (0)", low=0, high=1),
        Variable("scored", Kind.BOOLEAN, "Counted; no for a pretest question"),
        Variable(
            "graded_by",
            Kind.CATEGORY,
            "Who graded the answer",
            values={"server": "Holdfast", "caller": "whoever sent it"},
        ),
        _logits("ability_before", "Estimate before the answer"),
        _logits("ability_after", "Estimate after the answer"),
        Variable("standard_error_after", Kind.NUMBER, "Its standard error", unit="logits", low=0),
        Variable(
            "response_s",
            Kind.NUMBER,
            "From choice to answer, without pauses and outages",
            unit="seconds",
            low=0,
        ),
        Variable("timestamp", Kind.MOMENT, "When it was counted"),
    ),
)

OFFERS: tuple[tuple[Table, Statement], ...] = (
    (TESTS, statements.exported_tests),
    (RESPONSES, statements.exported_responses),
)
"""Each table with the statement that yields its columns for some enrolments."""
