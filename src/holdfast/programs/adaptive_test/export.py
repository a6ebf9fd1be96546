"""What the adaptive test offers to research: its columns, and the statements that yield the rows.

No answer key, no option text and no name of a person is among it.
"""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.programs.adaptive_test.pools import statements
from holdfast.store.statements import Statement


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the statement, kind (text, integer, number, time), unit or range, meaning."""

    name: str
    kind: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the export."""

    name: str
    one_row_is: str
    statement: Statement
    columns: tuple[Column, ...]


_SESSION = Column("session_id", "text", "", "the test")
_STUDENT = Column("student_id", "text", "", "the student; to be pseudonymised")

TESTS = Table(
    "adaptive_tests",
    "a test",
    statements.exported_tests,
    (
        _SESSION,
        _STUDENT,
        Column("status", "text", "active, paused, completed, expired, abandoned, void", "where it stands"),
        Column("pool", "text", "", "the pool of questions"),
        Column("scale", "text", "", "abilities compare within one"),
        Column("pool_revision", "integer", "", "the questions as they were at the start"),
        Column("engine_version", "text", "", "of the selection and estimation"),
        Column("started_at", "time", "", "start"),
        Column("completed_at", "time", "", "end; empty when not completed"),
        Column("end_reason", "text", "", "the rule that ended it"),
        Column("initial_ability", "number", "logits", "estimate before the first answer"),
        Column("ability", "number", "logits", "last estimate"),
        Column("standard_error", "number", "logits", "of the last estimate"),
        Column("total_questions", "integer", "", "answered"),
        Column("scored_questions", "integer", "", "answered, without pretest questions"),
        Column("correct_responses", "integer", "", "right, of the scored"),
        Column("accuracy", "number", "0 to 1", "right / scored"),
        Column("learning_gain", "number", "logits", "mean |final - initial|: convergence, not learning"),
        Column("test_efficiency", "number", "logits", "mean step of the proficiency vector"),
    ),
)

RESPONSES = Table(
    "adaptive_responses",
    "an answer",
    statements.exported_responses,
    (
        _SESSION,
        _STUDENT,
        Column("position", "integer", "from 1", "order within the test"),
        Column("question_id", "text", "", "the question"),
        Column("question_version", "integer", "from 1", "the parameters it was scored with"),
        Column("response", "integer", "0, 1", "right or wrong"),
        Column("scored", "integer", "true, false", "false for a pretest question"),
        Column("graded_by", "text", "server, caller", "who graded"),
        Column("ability_before", "number", "logits", "estimate before the answer"),
        Column("ability_after", "number", "logits", "estimate after the answer"),
        Column("standard_error_after", "number", "logits", "its standard error"),
        Column("response_s", "number", "seconds", "from choice to answer, without pauses and outages"),
        Column("timestamp", "time", "", "when it was counted"),
    ),
)

TABLES = (TESTS, RESPONSES)
