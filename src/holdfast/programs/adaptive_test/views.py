"""What a client is shown of a test, with the seed's names. No correct answer is ever among it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.kit.clock import iso
from holdfast.programs.adaptive_test.answering import Outcome
from holdfast.programs.adaptive_test.place import Place
from holdfast.programs.adaptive_test.starting import Started
from holdfast.store.statements import Row

Words = Mapping[str, Any]


def words_of(row: Row, question_id: str) -> dict[str, Any]:
    """A question as a student sees it."""
    return {
        "id": question_id,
        "content": row["content"],
        "options": row["options"],
        "concepts": row["concepts"],
    }


def vector(values: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """Proficiencies in the order of the names."""
    return [values[name] for name in names]


def ability(theta: float, standard_error: float) -> dict[str, float]:
    """An estimate of ability."""
    return {"theta": theta, "standard_error": standard_error}


def started(test: Started, question: Words | None) -> dict[str, Any]:
    """The answer to a start."""
    return {
        "success": True,
        "session_id": test.session_id,
        "student_id": str(test.student_id),
        "question_pool_id": str(test.pool.pool_id),
        "concept_names": list(test.concept_names),
        "initial_proficiency": vector(test.initial, test.concept_names),
        "ability": ability(test.ability, test.standard_error),
        "next_question": question,
        "status": "started",
    }


def outcome(done: Outcome, question: Words | None, ended: Row | None) -> dict[str, Any]:
    """The answer to a submit: how it goes on, or what the test came to."""
    names = done.place.concept_names
    shown = {
        "success": True,
        "session_id": done.place.session_id,
        "concept_names": list(names),
        "ability": ability(done.ability, done.standard_error),
        "questions_answered": done.answered,
    }
    if question is not None:
        current = vector(done.proficiency, names)
        return shown | {"status": "continue", "current_proficiency": current, "next_question": question}
    return shown | {
        "status": "completed",
        "final_proficiency": vector(done.proficiency, names),
        **(_totals(ended) if ended is not None else {}),
    }


def _totals(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _TOTALS}


_TOTALS = (
    "total_questions",
    "scored_questions",
    "correct_responses",
    "accuracy",
    "learning_gain",
    "test_efficiency",
    "end_reason",
)


def standing(place: Place, question: Words | None, latest: Row | None) -> dict[str, Any]:
    """Where a test stands. The question is shown while it may be answered."""
    row, names = place.row, place.concept_names
    current = latest["proficiency_after"] if latest is not None else row["initial_proficiency"]
    return {
        "success": True,
        "session_id": place.session_id,
        "student_id": str(place.student_id),
        "question_pool_id": str(place.pool_id),
        "status": place.shown_status,
        "is_active": place.is_active,
        "concept_names": list(names),
        "initial_proficiency": vector(row["initial_proficiency"], names),
        "current_proficiency": vector(current, names),
        "final_proficiency": vector(row["final_proficiency"], names) if row["final_proficiency"] else None,
        "ability": ability(row["ability"], row["standard_error"]),
        "next_question_id": question["id"] if question is not None else None,
        "next_question": question,
        "questions_answered": row["total_questions"],
        **_totals(row),
        # How many were right so far would tell whether the last answer was.
        **({"correct_responses": None} if place.is_active else {}),
        "rules": row["rules"],
        "elapsed_s": place.elapsed_s,
        "started_at": iso(row["started_at"]),
        "last_activity": iso(row["last_activity"]),
        "completed_at": iso(row["completed_at"]) if row["completed_at"] else None,
    }
