"""Adaptive tests over HTTP, with the seed's names. HTTP shapes only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from holdfast.core.access import Principal, Role
from holdfast.kit.errors import StoreUnavailable
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test import monitoring, question_routes
from holdfast.programs.adaptive_test.answering import Submission
from holdfast.programs.adaptive_test.question import LONGEST_ID, LONGEST_OPTION, Id
from holdfast.programs.adaptive_test.reporting import Reports
from holdfast.programs.adaptive_test.service import AdaptiveTests
from holdfast.programs.adaptive_test.starting import Started, Wanted
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
StudentOrStaff = Annotated[Principal, Depends(Allow(Role.STUDENT, *STAFF))]
Key = Annotated[str | None, KeyHeader]
SessionId = Annotated[str, Path(min_length=1, max_length=200)]
Student = Annotated[str, Path(min_length=1, max_length=200)]


class Start(BaseModel):
    """What a test is started with. The cohort's plan decides first, then the pool's rules, then this."""

    model_config = ConfigDict(extra="ignore")

    student_id: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="code or id; the token decides, staff must name the student"
    )
    question_pool_id: UUID | None = Field(default=None, description="not needed when there is one pool")
    concept_names: list[Id] = Field(default_factory=list, max_length=200)
    end_criteria: dict[str, Any] = Field(
        default_factory=dict,
        description="type (fixed_length, precision, classification), min_questions, max_questions, threshold",
    )
    rules: dict[str, Any] = Field(default_factory=dict, description="for staff")
    cohort: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class Answered(BaseModel):
    """An answer: the option that was chosen. A 0 or 1 that somebody else graded counts from staff only."""

    model_config = ConfigDict(extra="ignore")

    session_id: str = Field(min_length=1, max_length=200)
    question_id: str = Field(min_length=1, max_length=LONGEST_ID)
    response: Annotated[StrictStr, Field(max_length=LONGEST_OPTION)] | StrictInt


class Cleanup(BaseModel):
    """After how many minutes without an answer a test expires; the setting's when not given."""

    model_config = ConfigDict(extra="ignore")

    inactivity_minutes: float | None = Field(default=None, ge=0, le=60 * 24 * 365)


def router(tests: AdaptiveTests) -> APIRouter:
    """The program's routes."""
    routes = APIRouter(tags=["adaptive test"])
    question_routes.add_routes(routes, tests.database)
    _tests(routes, tests)
    _changes(routes, tests)
    _reports(routes, tests)
    _service(routes, tests)
    return routes


def _tests(routes: APIRouter, tests: AdaptiveTests) -> None:
    @routes.post("/api/test/start", responses=documented(404, 409, 422))
    async def start(body: Start, request: Request, caller: StudentOrStaff, key: Key = None) -> Response:
        """Start a test; the answer holds its first question."""
        made: list[Started] = []
        wanted = Wanted(body.question_pool_id, body.concept_names, body.end_criteria, body.rules, body.cohort)

        async def work(connection: Connection) -> dict[str, Any]:
            test, shown = await tests.start(connection, body.student_id, wanted, caller)
            made.append(test)
            return shown

        response = await once(request, tests.database, caller, key, work)
        for test in made:
            await tests.keep_started(test)
        return response

    @routes.post("/api/test/submit", responses=documented(404, 409))
    async def submit(body: Answered, caller: StudentOrStaff) -> Response:
        """Answer the question that waits. The server grades; a repetition returns the first outcome.

        Session and question are the request's key, so it needs no other.
        """
        sent = Submission(body.session_id, body.question_id, body.response)
        return answer(await tests.submit(sent, caller))

    @routes.get("/api/test/status/{session_id}", responses=documented(404))
    async def status(session_id: SessionId, caller: StudentOrStaff) -> Response:
        """Where a test stands, with the question that waits."""
        return answer(await tests.status(session_id, caller))


Change = Callable[[Connection, str, Principal], Awaitable[dict[str, Any]]]


def _changes(routes: APIRouter, tests: AdaptiveTests) -> None:
    async def change(
        request: Request, session_id: str, caller: Principal, key: str | None, carry_out: Change
    ) -> Response:
        async def work(connection: Connection) -> dict[str, Any]:
            return await carry_out(connection, session_id, caller)

        response = await once(request, tests.database, caller, key, work)
        await tests.hot.forget(session_id)
        return response

    @routes.post("/api/test/end/{session_id}", responses=documented(404, 409, 422))
    async def end(
        session_id: SessionId, request: Request, caller: StudentOrStaff, key: Key = None
    ) -> Response:
        """End a test now. Repeated, it answers the same."""
        return await change(request, session_id, caller, key, tests.end)

    @routes.post("/api/test/resume/{session_id}", responses=documented(404, 409, 422))
    async def resume(
        session_id: SessionId, request: Request, caller: StudentOrStaff, key: Key = None
    ) -> Response:
        """Take an expired test up again, at the question that waits, where the settings allow it."""
        return await change(request, session_id, caller, key, tests.resume)


def _reports(routes: APIRouter, tests: AdaptiveTests) -> None:
    reports = Reports(tests)

    @routes.get("/api/test/report/{session_id}", responses=documented(404, 409))
    async def report(session_id: SessionId, caller: StudentOrStaff) -> Response:
        """Ability and its standard error after each answer, and how efficient the test was."""
        return answer(await reports.of_test(session_id, caller))

    @routes.get("/api/student/{student}/history", responses=documented(404))
    async def history(student: Student, caller: StudentOrStaff, limit: int = 20, offset: int = 0) -> Response:
        """A student's tests with their answers, newest first."""
        return answer(await reports.history(student, caller, Page.clamped(limit, offset)))

    @routes.get("/api/student/{student}/proficiency", responses=documented(404))
    async def proficiency(student: Student, caller: StudentOrStaff) -> Response:
        """What is known of a student's concepts, with confidence, by scale and concept."""
        return answer(await reports.proficiency(student, caller))

    @routes.get("/api/student/{student}/progress", responses=documented(404))
    async def progress(student: Student, caller: StudentOrStaff) -> Response:
        """How a student's concepts and ability moved from test to test."""
        return answer(await reports.progress(student, caller))


def _service(routes: APIRouter, tests: AdaptiveTests) -> None:
    @routes.get("/api/debug/redis/stats", responses=documented())
    async def redis_stats(_: Admin) -> Response:
        """What the hot store holds."""
        stats = await tests.hot.stats()
        if stats is None:
            raise StoreUnavailable("the hot store does not answer; tests go on without it")
        return answer({"redis_stats": stats})

    @routes.post("/api/sessions/cleanup", responses=documented())
    async def cleanup(_: Admin, body: Cleanup | None = None) -> Response:
        """Mark idle tests expired, in the database and in the hot store. Repeated, it finds none."""
        minutes = body.inactivity_minutes if body is not None else None
        threshold = tests.limits.idle_s / 60 if minutes is None else minutes
        removed = await tests.cleanup(threshold * 60)
        return answer(
            {
                "success": True,
                "message": f"{removed} idle tests have expired",
                "sessions_removed": removed,
                "inactivity_threshold_minutes": threshold,
            }
        )

    @routes.get("/api/test/monitoring", responses=documented())
    async def monitor(_: Staff, limit: int = 20, offset: int = 0) -> Response:
        """Tests under way, questions of each pool, response rate and accuracy of each student."""
        page = Page.clamped(limit, offset)
        async with tests.database.snapshot() as connection:
            return answer(await monitoring.figures(connection, page, idle_s=tests.limits.idle_s))
