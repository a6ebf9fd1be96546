"""Questions over HTTP: uploading and listing, for staff. The names are the seed's."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.core.access import Principal
from holdfast.kit.errors import NotFound
from holdfast.kit.paging import Page
from holdfast.programs.adaptive_test import listing, pools
from holdfast.programs.adaptive_test.planning import checked
from holdfast.programs.adaptive_test.pools import Stored, Upload
from holdfast.programs.adaptive_test.psychometrics.models import Parameterisation
from holdfast.programs.adaptive_test.question import Id, Problem, Question, read
from holdfast.store.database import Database
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Key = Annotated[str | None, KeyHeader]
MOST_AT_ONCE = 20_000


class NewQuestions(BaseModel):
    """A bank, or a part of one. What a question may be is described in the guide.

    Attributes:
        question_pool_id: an existing pool; without it, the pool named, or the one the questions are in,
            or a new one.
        concept_names: what the places of the questions' vectors mean.
        parameterisation: of a new pool; the seed's `a*theta-b` when not given.
        scale: pools of one scale are calibrated together, so that abilities compare.
        rules: of tests on this pool, where a start says nothing else.
    """

    model_config = ConfigDict(extra="ignore")

    questions: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_AT_ONCE)
    question_pool_id: UUID | None = None
    pool_name: Id | None = None
    concept_names: list[Id] = Field(default_factory=list, max_length=200)
    parameterisation: Parameterisation | None = None
    scale: Id | None = None
    rules: dict[str, Any] = Field(default_factory=dict)


def add_routes(routes: APIRouter, database: Database) -> None:
    """The routes about questions."""

    @routes.post("/api/questions/upload", responses=documented(404, 409, 422))
    async def upload(body: NewQuestions, request: Request, caller: Staff, key: Key = None) -> Response:
        """Store questions. Unchanged ones stay, changed ones become new versions; all or none."""

        async def work(connection: Connection) -> dict[str, Any]:
            return _told(await pools.upload(connection, _wanted(body), actor=caller.actor))

        return await once(request, database, caller, key, work)

    @routes.get("/api/questions", responses=documented(404))
    async def questions(
        _: Staff,
        question_pool_id: UUID | None = None,
        status: Literal["draft", "pretest", "active", "retired"] | None = None,
        limit: Annotated[int, Query()] = 20,
        offset: int = 0,
    ) -> Response:
        """Questions with their parameters, correct answers and exposure, in their order."""
        async with database.connection() as connection:
            if question_pool_id is not None:
                await pools.by_id(connection, question_pool_id)
            page = Page.clamped(limit, offset)
            return answer(
                await listing.questions(connection, pool_id=question_pool_id, status=status, page=page)
            )

    @routes.get("/api/questions/{question_id}/versions", responses=documented(404))
    async def versions(question_id: str, _: Staff) -> Response:
        """Every version of a question, oldest first: what it was, and how its parameters were estimated."""
        async with database.connection() as connection:
            found = await listing.versions(connection, question_id)
        if not found:
            raise NotFound("there is no such question", field="question_id")
        return answer({"question_id": question_id, "versions": found})


def _wanted(body: NewQuestions) -> Upload:
    questions: list[tuple[str, Question]] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for index, record in enumerate(body.questions):
        where = f"questions.{index}"
        found = read(record, where)
        if not isinstance(found, Question):
            problems += found
        elif found.id in seen:
            problems.append(Problem(where, "id", f"was at {seen[found.id]} already"))
        else:
            seen[found.id] = where
            questions.append((where, found))
    return Upload(
        questions,
        problems,
        pool_id=body.question_pool_id,
        name=body.pool_name,
        concept_names=body.concept_names,
        parameterisation=body.parameterisation.value if body.parameterisation else None,
        scale=body.scale,
        rules=checked(body.rules, "rules"),
    )


def _told(stored: Stored) -> dict[str, Any]:
    return {
        "success": True,
        "message": f"{stored.count} questions are stored",
        "question_pool_id": str(stored.pool.pool_id),
        "count": stored.count,
        "added": len(stored.added),
        "changed": len(stored.changed),
        "unchanged": len(stored.unchanged),
        "revision": stored.pool.revision,
        "concept_names": list(stored.pool.concept_names),
        "parameterisation": stored.pool.parameterisation,
        "statuses": dict(stored.statuses),
    }
