"""The workshop over HTTP for staff: its questions, the bulk export, cleaning up. HTTP shapes only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import StreamingResponse

from holdfast.core.access import Principal, Role
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.workshop import instructing
from holdfast.programs.workshop.cleaning import clean_up
from holdfast.programs.workshop.progress import Base
from holdfast.programs.workshop.routes import StepBase
from holdfast.programs.workshop.service import Workshop
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
StaffOrResearcher = Annotated[Principal, Depends(Allow(*STAFF, Role.RESEARCHER))]
Admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
CohortName = Annotated[str | None, Query(max_length=100)]
Student = Annotated[str, Path(min_length=1, max_length=200)]


def router(workshop: Workshop, *, retention_days: float | None) -> APIRouter:
    """The workshop's routes for staff; `retention_days` none deletes nothing."""
    routes = APIRouter(tags=["workshop"])
    _questions(routes, workshop)
    _export(routes, workshop)

    @routes.post("/api/cleanup-sessions", responses=documented())
    async def cleanup(caller: Admin) -> Response:
        """Deactivate sessions past their end; delete those past the retention time, where one is set."""
        done = await clean_up(workshop.database, retention_days=retention_days, actor=caller.actor)
        message = f"{done.deactivated} sessions deactivated, {done.deleted} deleted"
        counts = {"deactivated": done.deactivated, "deleted": done.deleted}
        return answer({"success": True, "message": message, **counts})

    return routes


def _questions(routes: APIRouter, workshop: Workshop) -> None:
    @routes.get("/api/workshop/students/{student}/sessions", responses=documented(404))
    async def sessions(
        student: Student, _: Staff, base: StepBase = 1, limit: int = 20, offset: int = 0
    ) -> Response:
        """All workshop sessions of a student, newest activity first."""
        async with workshop.database.snapshot() as connection:
            page = Page.clamped(limit, offset)
            return answer(await instructing.sessions_of(connection, student, page, base=base))

    @routes.get("/api/workshop/completion", responses=documented(404))
    async def completion(_: Staff, cohort: CohortName = None, limit: int = 20, offset: int = 0) -> Response:
        """How far each student has come, of one cohort or of all."""
        async with workshop.database.snapshot() as connection:
            return answer(await instructing.completion(connection, cohort, Page.clamped(limit, offset)))

    @routes.get("/api/workshop/funnel", responses=documented(404))
    async def funnel(
        _: StaffOrResearcher,
        name: Annotated[str | None, Query(alias="workshop", max_length=100)] = None,
        cohort: CohortName = None,
        base: StepBase = 1,
    ) -> Response:
        """By step, how many sessions tried and passed it, and the mean time spent."""
        async with workshop.database.snapshot() as connection:
            definition = workshop.library.find(name)
            return answer(await instructing.funnel(connection, definition, cohort, base=base))

    @routes.get("/api/workshop/stuck", responses=documented(404))
    async def stuck(
        _: Staff,
        hours: Annotated[float, Query(ge=0, le=instructing.LONGEST_HOURS)] = instructing.STUCK_HOURS,
        cohort: CohortName = None,
        base: StepBase = 1,
        limit: int = 20,
        offset: int = 0,
    ) -> Response:
        """Active, unfinished sessions without activity for so many hours, the longest first."""
        async with workshop.database.snapshot() as connection:
            page = Page.clamped(limit, offset)
            return answer(await instructing.stuck(connection, hours, cohort, page, base=base))


def _export(routes: APIRouter, workshop: Workshop) -> None:
    @routes.get("/api/track-student-progress", responses=documented())
    async def track(
        _: Staff, every: Annotated[bool | None, Query(alias="getAllStudents")] = None, base: StepBase = 1
    ) -> Response:
        """Every student with all sessions and steps, streamed; neither tokens nor keys."""
        if not every:
            raise InvalidInput(
                "must be true; one student's sessions are at student-progress", field="getAllStudents"
            )
        headers = {"Cache-Control": "no-store"}
        pieces = _streamed(workshop, base)
        # The first piece is made before anything is sent, so that a store that is away is told as an error.
        first = await anext(pieces)
        return StreamingResponse(_with(first, pieces), media_type="application/json", headers=headers)


async def _streamed(workshop: Workshop, base: Base) -> AsyncIterator[bytes]:
    """One JSON object, piece by piece; the count stands at its end, when it is known."""
    count, before = 0, b'{"success":true,"students":['
    async for student in instructing.all_students(workshop.database, base=base):
        yield before + orjson.dumps(student)
        count, before = count + 1, b","
    if not count:
        yield before
    yield b'],"total":' + str(count).encode() + b"}"


async def _with(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece
