"""Practice over HTTP: the seed's four requests with its names, and what a student may do besides."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import InvalidInput, NotAllowed
from holdfast.kit.paging import Page
from holdfast.programs.practice import following, own_data
from holdfast.programs.practice.inputs import Phrase, SessionResult
from holdfast.programs.practice.service import Practice
from holdfast.programs.practice.sharing import LONGEST_DAYS
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer, event_stream
from holdfast.web.security import STAFF, Allow, AllowKnown

Student = Annotated[Principal, Depends(AllowKnown(Role.STUDENT))]
StudentOrStaff = Annotated[Principal, Depends(AllowKnown(Role.STUDENT, *STAFF))]
Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]
Key = Annotated[str | None, KeyHeader]
Period = Annotated[Literal["week", "month"], Query(description="the last 7 or 30 times 24 hours")]
SessionType = Literal["conversation", "pronunciation", "roleplay"]
CohortName = Annotated[str | None, Query(max_length=100)]


class Share(BaseModel):
    """What a share link is made with."""

    days: int = Field(default=7, ge=1, le=LONGEST_DAYS, description="how long it works")


def router(practice: Practice) -> APIRouter:
    """The practice routes."""
    routes = APIRouter(tags=["practice"])
    _the_seeds(routes, practice)
    _besides(routes, practice)
    _shares(routes, practice)
    _streams(routes, practice)
    return routes


def _own(caller: Principal) -> UUID:
    if caller.student_id is None:
        raise NotAllowed("only students practise")
    return caller.student_id


def _the_seeds(routes: APIRouter, practice: Practice) -> None:
    @routes.post("/api/sessions/save", responses=documented(409, 422))
    async def save(body: SessionResult, request: Request, caller: Student, key: Key = None) -> Response:
        """Save a finished practice session; the answer is what was stored."""

        async def work(connection: Connection) -> dict[str, Any]:
            return await practice.save(connection, _own(caller), body.finished(), caller)

        return await once(request, practice.database, caller, key, work)

    @routes.get("/api/sessions/history", responses=documented())
    async def history(
        caller: Student, session_type: SessionType | None = None, limit: int = 20, offset: int = 0
    ) -> Response:
        """The caller's sessions, newest first, with their true total; at most 100 at once."""
        return answer(await practice.history(_own(caller), session_type, Page.clamped(limit, offset)))

    @routes.get("/api/sessions/stats", responses=documented())
    async def stats(caller: Student, period: Period = "week") -> Response:
        """Statistics over the caller's last week or month."""
        return answer(await practice.stats(_own(caller), period))

    @routes.get("/api/sessions/warmup", responses=documented())
    async def warmup(caller: Student) -> Response:
        """What to go over before the next session; words that are due come first."""
        return answer(await practice.warmup(_own(caller)))


def _besides(routes: APIRouter, practice: Practice) -> None:
    @routes.get("/api/practice/comparison", responses=documented(404))
    async def comparison(caller: Student, period: Period = "week", cohort: CohortName = None) -> Response:
        """The caller beside the cohort's average, which is shown over five students or more."""
        return answer(await practice.comparison(_own(caller), period, cohort))

    @routes.get("/api/practice/milestones", responses=documented())
    async def milestones(caller: Student) -> Response:
        """What the caller has reached so far."""
        return answer(await practice.milestones(_own(caller)))

    @routes.get("/api/practice/sessions", responses=documented())
    async def about(
        _: Staff,
        topic: Annotated[Phrase | None, Query()] = None,
        word: Annotated[Phrase | None, Query()] = None,
        area: Annotated[Phrase | None, Query()] = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Response:
        """Sessions of all students about one topic, with one word or in one area, newest first."""
        wanted = {"topic": topic, "word": word, "area": area}
        given = [(kind, phrase) for kind, phrase in wanted.items() if phrase is not None]
        if len(given) != 1:
            raise InvalidInput("give exactly one of topic, word and area", field="topic")
        return answer(await practice.about(*given[0], Page.clamped(limit, offset)))


def _shares(routes: APIRouter, practice: Practice) -> None:
    @routes.post("/api/practice/shares", status_code=201, responses=documented(422))
    async def share(body: Share, request: Request, caller: Student, key: Key = None) -> Response:
        """A link that shows the caller's statistics to whoever has it, by UUID, without name or e-mail."""

        async def work(connection: Connection) -> dict[str, Any]:
            return await practice.sharing.create(connection, _own(caller), body.days, caller)

        finish = practice.sharing.with_link
        return await once(request, practice.database, caller, key, work, status=201, finish=finish)

    @routes.get("/api/practice/shares", responses=documented())
    async def shares(caller: Student) -> Response:
        """The caller's links that work."""
        async with practice.database.connection() as connection:
            return answer(await practice.sharing.listing(connection, _own(caller)))

    @routes.delete("/api/practice/shares", responses=documented(404, 422))
    async def revoke(share_id: UUID, request: Request, caller: Student, key: Key = None) -> Response:
        """Let one of the caller's links work no more."""

        async def work(connection: Connection) -> dict[str, Any]:
            return await practice.sharing.revoke(connection, _own(caller), share_id, caller)

        return await once(request, practice.database, caller, key, work)

    @routes.get("/api/practice/shared/{link}", responses=documented(404))
    async def shared(link: Annotated[str, Path(max_length=200)], _: Anyone) -> Response:
        """What a share link shows."""
        return answer(await practice.shared(link))


def _streams(routes: APIRouter, practice: Practice) -> None:
    @routes.get("/api/practice/export", responses=documented() | _as("application/json", "text/csv"))
    async def export(caller: Student, format: Literal["csv", "json"] = "json") -> Response:  # noqa: A002
        """The caller's own data: all sessions as CSV, or these with words and milestones as JSON."""
        student_id = _own(caller)
        pieces = own_data.as_csv if format == "csv" else own_data.as_json
        return StreamingResponse(
            pieces(practice.database, student_id),
            media_type="text/csv; charset=utf-8" if format == "csv" else "application/json",
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="practice.{format}"',
            },
        )

    @routes.get("/api/practice/live", responses=documented(404) | _as("text/event-stream"))
    async def live(
        request: Request,
        caller: StudentOrStaff,
        student: Annotated[str | None, Query(max_length=100, description="whom staff follows")] = None,
        after: Annotated[str | None, Query(max_length=80)] = None,
        last_event_id: Annotated[str | None, Header(max_length=80)] = None,
    ) -> Response:
        """Sessions as they are saved, as server-sent events, from `after` or `Last-Event-ID` on."""
        followed = await _followed(practice, caller, student)
        cursor = last_event_id or after
        position = following.read(cursor) if cursor else await following.newest(practice.database, followed)
        state = request.app.state
        return event_stream(
            following.follow(practice.database, followed, position, leaving=lambda: bool(state.leaving))
        )


def _as(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """The media types of a good answer, for the interface's description."""
    return {200: {"description": "OK", "content": {kind: {} for kind in media_types}}}


async def _followed(practice: Practice, caller: Principal, named: str | None) -> UUID:
    """Whom a caller follows: a student the student, staff whom it names."""
    if caller.student_id is not None:
        if named is not None and named != caller.subject:
            raise NotAllowed("students follow only themselves")
        return caller.student_id
    if named is None:
        raise InvalidInput("say whom to follow", field="student")
    async with practice.database.connection() as connection:
        return (await students.by_name_of_any_kind(connection, named)).student_id
