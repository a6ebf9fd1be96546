"""The workshop over HTTP for students and their clients, with the seed's names. HTTP shapes only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.core.people import clean_email
from holdfast.kit.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound
from holdfast.kit.paging import Page
from holdfast.programs.workshop import looking, views
from holdfast.programs.workshop.access import Access, reach
from holdfast.programs.workshop.configuration import Configuration
from holdfast.programs.workshop.progress import LONGEST_REPORT_S, Base
from holdfast.programs.workshop.reporting import Deployment, Told
from holdfast.programs.workshop.service import Workshop
from holdfast.programs.workshop.stored import statements
from holdfast.programs.workshop.wording import Code, Line, Note, PlainObject, WebAddress
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

# A session's token stands in the query or body, as the seed has it; hence public.
TokenOrBearer = Annotated[Principal, Depends(Allow(Role.PUBLIC, Role.STUDENT, *STAFF))]
StudentOrStaff = Annotated[Principal, Depends(Allow(Role.STUDENT, *STAFF))]
Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]
Key = Annotated[str | None, KeyHeader]
Token = Annotated[str, Field(min_length=1, max_length=200)]
StepNumber = Annotated[int, Field(strict=True, ge=0, le=100)]
Counted = Annotated[
    int, Field(strict=True, ge=0, le=1, description="from which number the client counts steps")
]
TokenQuery = Annotated[str | None, Query(alias="sessionToken", min_length=1, max_length=200)]
TokenHeader = Annotated[str | None, Header(alias="X-Session-Token", max_length=200)]
SessionQuery = Annotated[str | None, Query(alias="sessionId", min_length=1, max_length=200)]
StepBase = Annotated[
    int, Query(alias="stepBase", ge=0, le=1, description="from which number steps are counted")
]


class NewSession(BaseModel):
    """What a workshop session begins with; staff names the student."""

    model_config = ConfigDict(extra="ignore")

    student: Annotated[Line | None, Field(alias="studentId", description="code or id; staff only")] = None
    workshop: Line | None = None
    cohort: Line | None = None
    demo_mode: Annotated[bool, Field(alias="demoMode", strict=True)] = False
    base: Annotated[Counted, Field(alias="stepBase")] = 1


class Progress(BaseModel):
    """A report about one step, with the seed's names. The student's name is that of registration."""

    model_config = ConfigDict(extra="ignore")

    token: Annotated[Token, Field(alias="sessionToken")]
    student_email: Annotated[Line | None, Field(alias="studentEmail")] = None
    student_name: Annotated[Line | None, Field(alias="studentName", description="not kept")] = None
    step_number: Annotated[StepNumber, Field(alias="stepNumber")]
    step_name: Annotated[Line | None, Field(alias="stepName")] = None
    completed: Annotated[bool, Field(strict=True)] = False
    time_spent: Annotated[
        int, Field(alias="timeSpent", strict=True, ge=0, le=LONGEST_REPORT_S, description="further seconds")
    ] = 0
    code_submitted: Annotated[Code | None, Field(alias="codeSubmitted")] = None
    deployment_url: Annotated[WebAddress | None, Field(alias="deploymentUrl")] = None
    base: Annotated[Counted, Field(alias="stepBase")] = 1


class OfSession(BaseModel):
    """A request about a session, by its token or (with a bearer) by its id."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    token: Annotated[Token | None, Field(alias="sessionToken")] = None
    session_id: Annotated[Token | None, Field(alias="sessionId")] = None


class Setting(OfSession, Configuration):
    """A change of the configuration."""


class Bug(OfSession):
    """Something that does not work in the workshop."""

    description: Note
    details: PlainObject = Field(default_factory=dict, description="such as browser and address")
    step_number: Annotated[StepNumber | None, Field(alias="stepNumber")] = None
    base: Annotated[Counted, Field(alias="stepBase")] = 1


class Deployed(OfSession):
    """How a deployment ended."""

    success: Annotated[bool, Field(strict=True)]
    step_number: Annotated[StepNumber | None, Field(alias="stepNumber")] = None
    target: Line | None = Field(default=None, examples=["railway"])
    deployment_url: Annotated[WebAddress | None, Field(alias="deploymentUrl")] = None
    error: Note | None = None
    base: Annotated[Counted, Field(alias="stepBase")] = 1


Finish = Callable[[dict[str, Any]], dict[str, Any]]


def router(workshop: Workshop) -> APIRouter:
    """The workshop's routes for students and their clients."""
    routes = APIRouter(tags=["workshop"])
    _sessions(routes, workshop)
    _progress(routes, workshop)
    _configuration(routes, workshop)
    _happenings(routes, workshop)
    return routes


def _sessions(routes: APIRouter, workshop: Workshop) -> None:
    @routes.get("/api/workshop/definitions", responses=documented())
    async def definitions(_: Anyone, base: StepBase = 1) -> Response:
        """The workshops there are, with their steps."""
        found = [views.definition_shown(one, base=base) for one in workshop.library]
        return answer({"success": True, "workshops": found, "total": len(found)})

    @routes.post("/api/generate-session", status_code=201, responses=documented(404, 409, 422))
    async def create(body: NewSession, request: Request, caller: StudentOrStaff, key: Key = None) -> Response:
        """Begin a workshop session; its token opens it and nothing else."""

        async def work(connection: Connection) -> dict[str, Any]:
            student_id = await _student_of(connection, body.student, caller)
            session_id, token = await workshop.create(
                connection,
                student_id,
                caller=caller,
                workshop=body.workshop,
                cohort=body.cohort,
                demo_mode=body.demo_mode,
            )
            shown = await looking.shown(connection, session_id, base=body.base)
            # What is kept for a repetition of this request holds the token sealed.
            sealed = workshop.vault.seal(token, place=_token_place(session_id))
            return {"success": True, "sessionId": session_id, "sessionToken": sealed, "progress": shown}

        def finish(kept: dict[str, Any]) -> dict[str, Any]:
            token = workshop.vault.open(kept["sessionToken"], place=_token_place(kept["sessionId"]))
            progress = {"session_token": token, **kept["progress"]}
            return kept | {"sessionToken": token, "progress": progress}

        return await once(request, workshop.database, caller, key, work, status=201, finish=finish)


def _token_place(session_id: str) -> str:
    return f"idempotency_keys.answer:{session_id}"


async def _student_of(connection: Connection, named: str | None, caller: Principal) -> UUID:
    """The student a new session is for: the caller, or whom staff names."""
    if caller.student_id is None:
        if not named:
            raise InvalidInput("name the student whose session it is", field="studentId")
        return (await students.by_name_of_any_kind(connection, named)).student_id
    if (
        named
        and (await students.by_id(connection, caller.student_id)).student_code != named != caller.subject
    ):
        raise InvalidInput("is not the student of the token", field="studentId")
    return caller.student_id


def _progress(routes: APIRouter, workshop: Workshop) -> None:
    @routes.get("/api/student-progress", responses=documented(404))
    async def read(  # the seed's three ways to ask, in its order of precedence
        caller: TokenOrBearer,
        token: TokenQuery = None,
        header_token: TokenHeader = None,
        email: Annotated[str | None, Query(alias="studentEmail", max_length=320)] = None,
        student: Annotated[str | None, Query(alias="studentId", max_length=200)] = None,
        base: StepBase = 1,
        limit: int = 100,
        offset: int = 0,
    ) -> Response:
        """Progress of one session by its token, or all sessions of a student by e-mail or id."""
        page = Page.clamped(limit, offset)
        async with workshop.database.snapshot() as connection:
            if token or header_token:
                access = await reach(connection, caller, token=token or header_token)
                shown = await looking.shown(connection, access.session_id, base=base)
                return answer({"success": True, "progress": _with_token(shown, access)})
            if not email and not student:
                raise InvalidInput("bring sessionToken, studentEmail or studentId", field="sessionToken")
            _require_bearer(caller)
            student_id = await _asked_for(connection, email, student)
            sessions, total = await workshop.of_student(connection, student_id, caller, page, base=base)
        window = {"total": total, "limit": page.limit, "offset": page.offset}
        return answer({"success": True, "sessions": sessions, **window})

    @routes.post("/api/student-progress", responses=documented(404, 409, 422))
    async def report(body: Progress, request: Request, caller: TokenOrBearer, key: Key = None) -> Response:
        """Report time, completion and work of one step. Time is added to what was reported before."""
        access = await _reached(workshop, caller, body.token, None)
        told = Told(**body.model_dump(exclude={"token", "student_name"}))

        async def work(connection: Connection) -> dict[str, Any]:
            shown = await workshop.reporting.report(connection, access, told)
            return {"success": True, "message": "Progress updated successfully", "progress": shown}

        def finish(kept: dict[str, Any]) -> dict[str, Any]:
            return kept | {"progress": _with_token(kept["progress"], access)}

        return await once(request, workshop.database, access.caller, key, work, finish=finish)


def _with_token(shown: dict[str, Any], access: Access) -> dict[str, Any]:
    """The session with its token, for whoever brought it."""
    return {"session_token": access.token, **shown}


def _require_bearer(caller: Principal) -> None:
    if caller.role is Role.PUBLIC:
        raise NotAuthenticated("a bearer token is needed to ask for a student's sessions")
    if caller.role is Role.RESEARCHER:
        raise NotAllowed(f"this is not for the role {caller.role}")


async def _asked_for(connection: Connection, email: str | None, student: str | None) -> UUID | None:
    """The student meant by an e-mail or else by a code or id; none for an unknown one."""
    if email:
        try:
            wanted = clean_email(email)
        except InvalidInput as error:
            raise InvalidInput(error.message, field="studentEmail") from error
        found: UUID | None = await statements.student_of_email.value(connection, email=wanted)
        return found
    try:
        return (await students.by_name_of_any_kind(connection, student or "")).student_id
    except NotFound:
        return None


async def _reached(
    workshop: Workshop, caller: Principal, token: str | None, session_id: str | None
) -> Access:
    async with workshop.database.connection() as connection:
        return await reach(connection, caller, token=token, session_id=session_id)


def _configuration(routes: APIRouter, workshop: Workshop) -> None:
    @routes.get("/api/workshop/configuration", responses=documented(404))
    async def read(
        caller: TokenOrBearer,
        token: TokenQuery = None,
        header_token: TokenHeader = None,
        session_id: SessionQuery = None,
    ) -> Response:
        """What a session is set up with; of the API key only whether there is one."""
        access = await _reached(workshop, caller, token or header_token, session_id)
        return answer({"success": True, "configuration": await workshop.configuration(access.session_id)})

    @routes.patch("/api/workshop/configuration", responses=documented(404, 409, 422))
    async def change(body: Setting, request: Request, caller: TokenOrBearer, key: Key = None) -> Response:
        """Set what is named, clear what is null, keep the rest. The API key is never told again."""
        access = await _reached(workshop, caller, body.token, body.session_id)

        async def work(connection: Connection) -> dict[str, Any]:
            return {"success": True, "configuration": await workshop.configure(connection, access, body)}

        return await once(request, workshop.database, access.caller, key, work)


def _happenings(routes: APIRouter, workshop: Workshop) -> None:
    @routes.post("/api/workshop/bug-reports", status_code=201, responses=documented(404, 409, 422))
    async def bug(body: Bug, request: Request, caller: TokenOrBearer, key: Key = None) -> Response:
        """Keep a bug report with its session, where instructors see it."""
        access = await _reached(workshop, caller, body.token, body.session_id)

        async def work(connection: Connection) -> dict[str, Any]:
            report = await workshop.reporting.bug(
                connection, access, body.description, body.details, step=_step(body.step_number, body.base)
            )
            return {"success": True, "report": report}

        return await once(request, workshop.database, access.caller, key, work, status=201)

    @routes.post("/api/workshop/deployments", status_code=201, responses=documented(404, 409, 422))
    async def deployed(body: Deployed, request: Request, caller: TokenOrBearer, key: Key = None) -> Response:
        """Journal that a deployment succeeded or failed."""
        access = await _reached(workshop, caller, body.token, body.session_id)
        step = _step(body.step_number, body.base)
        ended = Deployment(body.success, step, body.target, body.deployment_url, body.error)

        async def work(connection: Connection) -> dict[str, Any]:
            return {"success": True, "event": await workshop.reporting.deployed(connection, access, ended)}

        return await once(request, workshop.database, access.caller, key, work, status=201)


def _step(number: int | None, base: Base) -> tuple[int, Base] | None:
    return None if number is None else (number, base)
