"""What practice offers to research: one row per finished session, and the statement that yields the rows.

Topics, words and areas are counted and not named, because what somebody talks about may tell who it is;
metadata is whatever a client sent and stays here. Sessions that were voided are left out.
"""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable
from holdfast.store.statements import Statement, load

statements = load("holdfast.programs.practice")


def _score(name: str, label: str) -> Variable:
    return Variable(name, Kind.NUMBER, label, unit="points", low=0, high=100, missing="it was not scored")


def _count(name: str, label: str, most: int) -> Variable:
    return Variable(name, Kind.INTEGER, label, low=0, high=most)


SESSIONS = Table(
    name="practice_sessions",
    sheet="Practice",
    one_row_is="a finished practice session",
    key=("student_id", "created_at", "result_id"),
    variables=(
        Variable("student_id", Kind.IDENTIFIER, "The student", names="student"),
        Variable("result_id", Kind.IDENTIFIER, "The result of the session", names="practice result"),
        Variable("session_id", Kind.IDENTIFIER, "The session", names="session"),
        Variable("created_at", Kind.MOMENT, "When the session was saved"),
        Variable(
            "session_type",
            Kind.CATEGORY,
            "What was practised",
            values={
                "conversation": "conversation",
                "pronunciation": "pronunciation",
                "roleplay": "role play",
            },
        ),
        Variable(
            "duration_s", Kind.INTEGER, "Duration by the client's clock", unit="seconds", low=0, high=86_400
        ),
        Variable("words_spoken", Kind.INTEGER, "Words spoken, as the client counted", low=0),
        _score("pronunciation_score", "Pronunciation"),
        _score("fluency_score", "Fluency"),
        _score("grammar_score", "Grammar"),
        _count("topics", "Different topics", 50),
        _count("words", "Different words learned or repeated", 200),
        _count("areas", "Different areas to improve", 50),
        Variable(
            "mean_rating",
            Kind.NUMBER,
            "Mean rating of the words that were rated",
            low=1,
            high=4,
            missing="no word was rated",
        ),
    ),
)

OFFERS: tuple[tuple[Table, Statement], ...] = ((SESSIONS, statements.research_rows),)
"""Each table with the statement that yields its columns for some enrolments."""
