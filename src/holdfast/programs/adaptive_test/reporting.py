"""Reports: one test answer by answer, a student's tests, proficiencies and progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

import numpy as np

from holdfast.core import students
from holdfast.core.access import Principal
from holdfast.kit.clock import iso
from holdfast.kit.errors import NotFound, WrongStep
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test.bank import PinnedBank
from holdfast.programs.adaptive_test.place import Place, look
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.progress import progress_of
from holdfast.programs.adaptive_test.psychometrics.gain import relative_efficiency
from holdfast.programs.adaptive_test.psychometrics.models import information
from holdfast.programs.adaptive_test.service import AdaptiveTests
from holdfast.programs.adaptive_test.views import ability, vector
from holdfast.store.statements import Connection, Row

FIXED_FORM = "the questions with most information at the mean of the prior, as many as this test scored"
CONVERGENCE = (
    "how far the proficiencies moved from where they began; within one test this is convergence of the"
    " estimate, not learning"
)


class Reports:
    """What is told of tests afterwards."""

    def __init__(self, tests: AdaptiveTests) -> None:
        self._tests = tests

    async def of_test(self, session_id: str, caller: Principal) -> dict[str, Any]:
        """One test. A student sees it when it is over; staff at any time, with the reasons of each choice.

        Raises:
            NotFound: as `look`.
            WrongStep: it is still under way.
        """
        async with self._tests.database.snapshot() as connection:
            place = await look(connection, session_id, caller)
            if place.is_active and not caller.is_staff:
                raise WrongStep(
                    "the report comes after the end of the test", expected="POST /api/test/submit"
                )
            rows = await statements.responses_of.rows(connection, session_id=session_id)
            pinned, _, _ = await self._tests.giving.of(connection, place)
        row = place.row
        return {
            "session_id": session_id,
            "student_id": str(place.student_id),
            "question_pool_id": str(place.pool_id),
            "pool": row["pool"],
            "scale": row["scale"],
            "status": place.shown_status,
            "end_reason": row["end_reason"],
            "concept_names": list(place.concept_names),
            "initial_ability": ability(row["initial_ability"], row["initial_standard_error"]),
            "ability": ability(row["ability"], row["standard_error"]),
            "items": [_item(one, place, staff=caller.is_staff) for one in rows],
            "efficiency": _efficiency(rows, row["ability"], pinned),
            "total_questions": row["total_questions"],
            "scored_questions": row["scored_questions"],
            "correct_responses": row["correct_responses"],
            "accuracy": row["accuracy"],
            "learning_gain": row["learning_gain"],
            "learning_gain_means": CONVERGENCE,
            "test_efficiency": row["test_efficiency"],
            "initial_proficiency": vector(row["initial_proficiency"], place.concept_names),
            "final_proficiency": vector(
                row["final_proficiency"] or row["initial_proficiency"], place.concept_names
            ),
            "started_at": iso(row["started_at"]),
            "completed_at": iso(row["completed_at"]) if row["completed_at"] else None,
        }

    async def history(self, student: str, caller: Principal, page: Page) -> dict[str, Any]:
        """A student's tests with their answers, newest first."""
        async with self._tests.database.snapshot() as connection:
            student_id = await self._whose(connection, student, caller)
            rows = await statements.history_of.rows(
                connection, student_id=student_id, limit=page.limit, offset=page.offset
            )
            answers = await statements.responses_of_student.rows(
                connection, student_id=student_id, session_ids=[row["id"] for row in rows]
            )
        return {
            "student_id": str(student_id),
            "sessions": [_session(row, [a for a in answers if a["session_id"] == row["id"]]) for row in rows],
            "total": rows[0]["total"] if rows else 0,
            "limit": page.limit,
            "offset": page.offset,
        }

    async def proficiency(self, student: str, caller: Principal) -> dict[str, Any]:
        """What is known of a student's concepts."""
        async with self._tests.database.snapshot() as connection:
            student_id = await self._whose(connection, student, caller)
            rows = await statements.proficiencies_of.rows(connection, student_id=student_id)
        return {
            "student_id": str(student_id),
            "proficiencies": [
                {
                    "scale": row["scale"],
                    "concept_name": row["concept_name"],
                    "proficiency_value": row["proficiency_value"],
                    "standard_deviation": row["variance"] ** 0.5,
                    "confidence": row["confidence"],
                    "responses": row["responses"],
                    "covariances": row["covariances"],
                    "created_at": iso(row["created_at"]),
                    "updated_at": iso(row["updated_at"]),
                }
                for row in rows
            ],
        }

    async def progress(self, student: str, caller: Principal) -> dict[str, Any]:
        """How a student's concepts and ability moved from test to test."""
        async with self._tests.database.snapshot() as connection:
            student_id = await self._whose(connection, student, caller)
            rows = await statements.progress_of.rows(connection, student_id=student_id)
        return {"student_id": str(student_id), **progress_of(rows)}

    async def _whose(self, connection: Connection, student: str, caller: Principal) -> UUID:
        """The student; one may ask for oneself, staff for anybody. Others must look as if not there."""
        found = await students.by_name_of_any_kind(connection, student)
        if caller.student_id not in {None, found.student_id}:
            raise NotFound("there is no such student", field="student")
        return found.student_id


def _item(row: Row, place: Place, *, staff: bool) -> dict[str, Any]:
    shown = {
        "position": row["position"],
        "question_id": row["question_id"],
        "question_version": row["question_version"],
        "response": row["response"],
        "is_correct": row["is_correct"],
        "scored": row["scored"],
        "ability": ability(row["ability_after"], row["standard_error_after"]),
        "at_bound": row["at_bound"],
        "proficiency": vector(row["proficiency_after"], place.concept_names),
        "response_s": row["response_s"],
        "timestamp": iso(row["timestamp"]),
    }
    if not staff:
        return shown
    names = ("chosen", "graded_by", "choice", "draw", "eligible_digest", "eligible_count", "prior")
    return shown | {name: row[name] for name in names} | {"engine_version": row["engine_version"]}


def _efficiency(rows: Sequence[Row], theta: float, pinned: PinnedBank) -> dict[str, Any]:
    """Information of the scored questions at the estimate, over that of a fixed form of the same length."""
    given = pinned.bank.positions([row["question_id"] for row in rows if row["scored"]])
    if not len(given):
        return {"form": FIXED_FORM, "theta": theta, "ratio": None}
    active = np.flatnonzero(pinned.bank.active)
    at_start = information(pinned.bank.parameters[active], float(rows[0]["prior"]["mean"]))
    form = active[np.argsort(-at_start, kind="stable")[: len(given)]]
    parameters = pinned.bank.parameters
    return asdict(relative_efficiency(parameters[given], parameters[form], form_name=FIXED_FORM, theta=theta))


def _session(row: Row, answers: Sequence[Row]) -> dict[str, Any]:
    names = list(row["concept_names"])
    final = row["final_proficiency"]
    return {
        "session_id": row["id"],
        "question_pool_id": str(row["question_pool_id"]),
        "pool": row["pool"],
        "scale": row["scale"],
        "status": row["status"],
        "concept_names": names,
        "initial_proficiency": vector(row["initial_proficiency"], names),
        "final_proficiency": vector(final, names) if final else None,
        "ability": ability(row["ability"], row["standard_error"]),
        "total_questions": row["total_questions"],
        # While a test is under way, this would tell whether the last answer was right.
        "correct_responses": row["correct_responses"] if row["status"] != "active" else None,
        "accuracy": row["accuracy"],
        "learning_gain": row["learning_gain"],
        "test_efficiency": row["test_efficiency"],
        "end_reason": row["end_reason"],
        "started_at": iso(row["started_at"]),
        "completed_at": iso(row["completed_at"]) if row["completed_at"] else None,
        "last_activity": iso(row["last_activity"]),
        "responses": [_response(one, over=row["status"] == "completed") for one in answers],
    }


def _response(row: Row, *, over: bool) -> dict[str, Any]:
    return {
        "position": row["position"],
        "question_id": row["question_id"],
        "response": row["response"] if over else None,
        "is_correct": row["is_correct"] if over else None,
        "scored": row["scored"],
        "response_s": row["response_s"],
        "timestamp": iso(row["timestamp"]),
    }
