"""Students: registering, coming back after a lost token, consent, erasure."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.app.services import Services
from holdfast.core import cohorts, sessions, students
from holdfast.core.access import Principal, Role
from holdfast.core.students import Student
from holdfast.kit.clock import iso
from holdfast.kit.errors import NotAllowed, NotFound
from holdfast.kit.paging import Page
from holdfast.programs.simulation.record import student_record
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow, AllowKnown

Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]
Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
StudentOrStaff = Annotated[Principal, Depends(Allow(Role.STUDENT, *STAFF))]
KnownStudent = Annotated[Principal, Depends(AllowKnown(Role.STUDENT))]
Key = Annotated[str | None, KeyHeader]


class NewStudent(BaseModel):
    """What registration asks for."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(max_length=400, description="2 to 100 characters of any script", examples=["Žofia Ň."])
    email: str | None = Field(default=None, max_length=320)
    consent: bool = Field(description="must be true")
    joinCode: str | None = Field(default=None, max_length=100)  # noqa: N815


class Joining(BaseModel):
    """What a student who is known already joins a cohort with."""

    joinCode: str = Field(min_length=1, max_length=100)  # noqa: N815
    consent: bool = Field(description="must be true")


class Registered(BaseModel):
    """A new student with the token that stands for the student from now on."""

    success: bool
    studentId: str = Field(description="the readable code")  # noqa: N815
    id: str
    name: str
    group: str | None
    cohort: str | None
    challengePointsEnabled: bool | None = None  # noqa: N815
    token: str


class Link(BaseModel):
    """The secret of a one-time link."""

    link: str = Field(min_length=10, max_length=200)


def router(services: Services) -> APIRouter:
    """The routes about students."""
    routes = APIRouter(tags=["students"])
    _for_students(routes, services)
    _joining(routes, services)
    _for_staff(routes, services)
    _records(routes, services)
    return routes


def _for_students(routes: APIRouter, services: Services) -> None:
    def with_token(body: dict[str, Any]) -> dict[str, Any]:
        return body | {"token": services.authority.issue(Role.STUDENT, body["id"], now=services.clock())}

    @routes.post(
        "/api/student/register", status_code=201, response_model=Registered, responses=documented(409, 422)
    )
    async def register(body: NewStudent, request: Request, caller: Anyone, key: Key = None) -> Response:
        """Register a student and allocate the student to a study group of the cohort."""

        async def work(connection: Connection) -> dict[str, Any]:
            cohort = await _cohort_of(connection, body.joinCode, services)
            done = await students.register(
                connection,
                name=body.name,
                email=body.email,
                consent=body.consent,
                cohort=cohort,
                actor=caller.actor,
            )
            return {
                "success": True,
                "studentId": done.student.student_code,
                "id": str(done.student.student_id),
                "name": done.student.name,
                "group": done.arm,
                "cohort": done.cohort,
            }

        return await once(request, services.database, caller, key, work, status=201, finish=with_token)

    @routes.post("/api/student/link", response_model=Registered, responses=documented(404, 422))
    async def use_link(body: Link, _: Anyone) -> Response:
        """Exchange a one-time link for a new token; the way back after a lost one."""
        async with services.database.transaction() as connection:
            student = await students.use_link(connection, body.link)
            member = await sessions.membership(connection, student.student_id)
        known = {"success": True, "group": member.arm, "cohort": member.cohort}
        return answer(with_token(_shown(student) | known))


def _joining(routes: APIRouter, services: Services) -> None:
    @routes.post("/api/student/join", responses=documented(404, 409, 422))
    async def join(body: Joining, request: Request, caller: KnownStudent, key: Key = None) -> Response:
        """Join one more cohort, or the first one for a student from outside."""

        async def work(connection: Connection) -> dict[str, Any]:
            cohort = await cohorts.by_join_code(connection, body.joinCode)
            if caller.student_id is None:
                raise NotAllowed("only students join cohorts")
            _, arm = await students.join(
                connection, caller.student_id, cohort, consent=body.consent, actor=caller.actor
            )
            return {"success": True, "cohort": cohort.name, "group": arm}

        return await once(request, services.database, caller, key, work)


def _for_staff(routes: APIRouter, services: Services) -> None:
    @routes.get("/api/students", responses=documented(404))
    async def listing(
        _: Staff,
        cohort: Annotated[str | None, Query(max_length=100)] = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Response:
        """Students, newest first, of one cohort or of all."""
        page = Page.clamped(limit, offset)
        async with services.database.connection() as connection:
            cohort_id = (await cohorts.by_name(connection, cohort)).cohort_id if cohort else None
            rows = await students.statements.list_students.rows(
                connection, cohort_id=cohort_id, limit=page.limit, offset=page.offset
            )
        found = [_shown(Student.of(row)) | {"cohort": row["cohort"], "group": row["arm"]} for row in rows]
        total = rows[0]["total"] if rows else 0
        return answer({"students": found, "total": total, "limit": page.limit, "offset": page.offset})

    @routes.post("/api/students/{student}/link", status_code=201, responses=documented(404, 422))
    async def create_link(student: str, caller: Staff) -> Response:
        """A one-time link with which a student who lost the token comes back."""
        async with services.database.transaction() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            secret, expires = await students.create_link(connection, found, actor=caller.actor)
        return answer({"success": True, "link": secret, "expiresAt": iso(expires)}, 201)

    @routes.delete("/api/students/{student}", responses=documented(404, 422))
    async def erase(student: str, caller: Admin) -> Response:
        """Delete a student and everything that belongs to the student."""
        async with services.database.transaction() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            await students.erase(connection, found, actor=caller.actor, key=services.identities.key)
        return answer({"success": True})


def _records(routes: APIRouter, services: Services) -> None:
    @routes.get("/api/students/{student}/record", responses=documented(404))
    async def record_of(
        student: str, caller: StudentOrStaff, session: Annotated[str | None, Query(max_length=200)] = None
    ) -> Response:
        """A student's record as JSON, in the form that the older analysis scripts read."""
        async with services.database.snapshot() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            if caller.student_id not in {None, found.student_id}:
                raise NotFound("there is no such student", field="student")
            return answer(await student_record(connection, services.catalog, found.student_id, session))


def _shown(student: Student) -> dict[str, Any]:
    return {
        "studentId": student.student_code,
        "id": str(student.student_id),
        "name": student.name,
        "email": student.email,
        "registeredAt": iso(student.created_at),
    }


async def _cohort_of(connection: Connection, join_code: str | None, services: Services) -> cohorts.Cohort:
    if join_code and join_code.strip():
        return await cohorts.by_join_code(connection, join_code)
    try:
        return await cohorts.by_name(connection, services.settings.default_cohort)
    except NotFound:
        raise NotFound("bring the join code of your cohort", field="joinCode") from None
