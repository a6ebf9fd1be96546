"""Assessing and reading over HTTP, in the older system's paths; literals before ids. HTTP shapes only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import NotFound, TooManyRequests
from holdfast.kit.paging import Page
from holdfast.kit.plain import Name
from holdfast.programs.skills import looking
from holdfast.programs.skills.assessment import Assessed
from holdfast.programs.skills.batch import Batch
from holdfast.programs.skills.service import Outcome, Prepared, Skills
from holdfast.programs.skills.skill import Skill, skill_named
from holdfast.store.ephemeral import Ephemeral
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once, replayed
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
StudentOrStaff = Annotated[Principal, Depends(Allow(Role.STUDENT, *STAFF))]
StaffOrResearcher = Annotated[Principal, Depends(Allow(*STAFF, Role.RESEARCHER))]
Key = Annotated[str | None, KeyHeader]
StudentName = Annotated[str, Field(max_length=200)]
UseCached = Annotated[
    bool | None,
    Query(description="false asks anew although a recent assessment is there; overrides the body"),
]
OneSkill = Annotated[str | None, Query(description="one of the seven, in upper or lower case", max_length=50)]

MOST_OF_A_BATCH = 100

Shape = Callable[[Prepared, Outcome], dict[str, Any]]


class Asked(BaseModel):
    """What is to be assessed."""

    model_config = ConfigDict(extra="ignore")

    skill_type: Name | None = None
    use_cached: Annotated[bool, Field(strict=True)] = True


class Many(BaseModel):
    """Students to be assessed, on some or all skills."""

    model_config = ConfigDict(extra="ignore")

    student_ids: Annotated[list[Name], Field(min_length=1, max_length=MOST_OF_A_BATCH)]
    skill_types: Annotated[list[Name] | None, Field(min_length=1, max_length=len(Skill))] = None
    use_cached: Annotated[bool, Field(strict=True)] = True


class Limit:
    """A limit on assessments by a model, per caller and minute; none where no model is asked."""

    def __init__(self, ephemeral: Ephemeral, per_minute: int | None) -> None:
        self._ephemeral = ephemeral
        self._per_minute = per_minute

    async def check(self, caller: Principal) -> None:
        """Count a request.

        Raises:
            TooManyRequests: there were too many.
        """
        if self._per_minute is None:
            return
        name = f"assessments:{caller.subject}"
        allowance = await self._ephemeral.allow(name, limit=self._per_minute, window_s=60)
        if not allowance.allowed:
            raise TooManyRequests("too many assessments in a minute", retry_after_s=allowance.retry_after_s)


def router(skills: Skills, limit: Limit) -> APIRouter:
    """Assessing, inferring and reading."""
    routes = APIRouter(prefix="/api/v1", tags=["skills"])
    _literals(routes, skills, limit)
    _producing(routes, skills, limit)
    _reading(routes, skills)
    return routes


def _literals(routes: APIRouter, skills: Skills, limit: Limit) -> None:
    @routes.post("/assessments/batch", status_code=202, responses=documented(422))
    async def batch(
        body: Many, request: Request, caller: Staff, use_cached: UseCached = None, key: Key = None
    ) -> Response:
        """Assess many students; each is stored by itself, and what failed is told.

        After 20 seconds no further student is begun; `remaining` names those to be asked for again.
        """
        if again := await replayed(request, skills.database, caller, key):
            return again
        wanted = _skills(body.skill_types)
        await limit.check(caller)
        cached = body.use_cached if use_cached is None else use_cached
        names = list(dict.fromkeys(body.student_ids))
        done = await Batch(skills, wanted, cached, caller.actor).assess(names)

        async def work(_: Connection) -> dict[str, Any]:
            return {"success": True, **done}

        return await once(request, skills.database, caller, key, work, status=202)

    @routes.get("/assessments/distribution", responses=documented(404))
    async def distribution(
        _: StaffOrResearcher,
        cohort: Annotated[str | None, Query(max_length=100)] = None,
        skill_type: OneSkill = None,
    ) -> Response:
        """How the newest scores of a cohort's members are spread, by skill; without names."""
        async with skills.database.snapshot() as connection:
            found = await looking.distribution(connection, cohort, _skill(skill_type))
        return answer({"success": True, **found})


def _producing(routes: APIRouter, skills: Skills, limit: Limit) -> None:
    @routes.post("/assessments/{student_id}", status_code=201, responses=documented(404, 422))
    async def assess(
        student_id: StudentName,
        request: Request,
        caller: Staff,
        body: Asked | None = None,
        skill_type: OneSkill = None,
        use_cached: UseCached = None,
        key: Key = None,
    ) -> Response:
        """Assess one skill. 200 when a recent assessment is returned, or when the evidence is not enough."""
        asked = body or Asked()
        skill = skill_named(skill_type or asked.skill_type or "")
        cached = asked.use_cached if use_cached is None else use_cached
        command = _Command(request, skills, caller, key)
        return await command.assess(limit, student_id, [skill], _one, use_cached=cached)

    @routes.post("/assessments/{student_id}/all", status_code=201, responses=documented(404, 422))
    async def assess_all(
        student_id: StudentName,
        request: Request,
        caller: Staff,
        body: Asked | None = None,
        use_cached: UseCached = None,
        key: Key = None,
    ) -> Response:
        """Assess all seven skills; the overall score is the mean of those assessed."""
        cached = (body or Asked()).use_cached if use_cached is None else use_cached
        command = _Command(request, skills, caller, key)
        return await command.assess(limit, student_id, list(Skill), _all, use_cached=cached)

    @routes.post("/infer/{student_id}", status_code=201, responses=documented(404, 422))
    async def infer(
        student_id: StudentName,
        request: Request,
        caller: Staff,
        body: Asked | None = None,
        skill_type: OneSkill = None,
        key: Key = None,
    ) -> Response:
        """Score skills by the trained models, or by the documented baseline where there is none."""
        named = skill_type or (body.skill_type if body else None)
        wanted = [skill_named(named)] if named else list(Skill)
        command = _Command(request, skills, caller, key)
        if again := await command.replayed():
            return again
        return await command.store(await skills.infer(await _id_of(skills, student_id), wanted), _all)


@dataclass(frozen=True, slots=True)
class _Command:
    """One request that ends in assessments."""

    request: Request
    skills: Skills
    caller: Principal
    key: str | None

    async def assess(
        self, limit: Limit, student: str, wanted: list[Skill], shape: Shape, *, use_cached: bool
    ) -> Response:
        if again := await self.replayed():
            return again
        await limit.check(self.caller)
        student_id = await _id_of(self.skills, student)
        return await self.store(await self.skills.assess(student_id, wanted, use_cached=use_cached), shape)

    async def replayed(self) -> Response | None:
        return await replayed(self.request, self.skills.database, self.caller, self.key)

    async def store(self, prepared: Prepared, shape: Shape) -> Response:
        async def work(connection: Connection) -> dict[str, Any]:
            outcome = await self.skills.keep(connection, prepared, actor=self.caller.actor)
            return {"success": True, **shape(prepared, outcome)}

        fresh = any(isinstance(each.judgement, Assessed) for each in prepared.produced)
        status = 201 if fresh else 200
        return await once(self.request, self.skills.database, self.caller, self.key, work, status=status)


def _one(_: Prepared, outcome: Outcome) -> dict[str, Any]:
    return (outcome.assessments or outcome.missing)[0]


def _all(prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
    return {
        "student_id": str(prepared.student_id),
        "overall_score": outcome.overall_score,
        "assessments": outcome.assessments,
        "not_enough_evidence": outcome.missing,
        "errors": outcome.errors,
    }


def _reading(routes: APIRouter, skills: Skills) -> None:
    @routes.get("/assessments/{student_id}", responses=documented(404))
    async def listing(
        student_id: StudentName,
        caller: StudentOrStaff,
        skill_type: OneSkill = None,
        start_date: date | None = None,
        end_date: date | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Response:
        """A student's assessments with their evidence, newest first; both days included (UTC)."""
        page = Page.clamped(limit, offset)
        async with skills.database.snapshot() as connection:
            found = await looking.assessments_of(
                connection,
                await _own(connection, student_id, caller),
                page,
                skill=_skill(skill_type),
                start_date=start_date,
                end_date=end_date,
            )
        return answer({"success": True, **found})

    @routes.get("/assessments/{student_id}/course", responses=documented(404))
    async def course(
        student_id: StudentName, caller: StudentOrStaff, skill_type: OneSkill = None
    ) -> Response:
        """How a student's scores went over time, by skill."""
        async with skills.database.snapshot() as connection:
            own = await _own(connection, student_id, caller)
            found = await looking.course(connection, own, _skill(skill_type))
        return answer({"success": True, **found})

    @routes.get("/assessments/{assessment_id}/enriched-evidence", responses=documented(404))
    async def enriched(assessment_id: UUID, caller: StudentOrStaff) -> Response:
        """An assessment with its evidence, each piece with the place in a transcript where it stands."""
        async with skills.database.snapshot() as connection:
            return answer({"success": True, **await looking.enriched(connection, assessment_id, caller)})

    @routes.get("/assessments/{student_id}/{skill}/latest", responses=documented(404))
    async def latest(student_id: StudentName, skill: str, caller: StudentOrStaff) -> Response:
        """The newest assessment of a skill."""
        wanted = skill_named(skill)
        async with skills.database.snapshot() as connection:
            own = await _own(connection, student_id, caller)
            return answer({"success": True, **await looking.latest(connection, own, wanted)})


def _skill(name: str | None) -> Skill | None:
    return skill_named(name) if name else None


def _skills(names: list[str] | None) -> list[Skill]:
    found = [skill_named(name, field="skill_types") for name in names or list(Skill)]
    return list(dict.fromkeys(found))


async def _id_of(skills: Skills, student: str) -> UUID:
    async with skills.database.connection() as connection:
        return (await students.by_name_of_any_kind(connection, student)).student_id


async def _own(connection: Connection, student: str, caller: Principal) -> UUID:
    """The student meant, if the caller may see that student.

    Raises:
        NotFound: there is none, or it is another student, which must look the same.
    """
    found = await students.by_name_of_any_kind(connection, student)
    if caller.student_id not in {None, found.student_id}:
        raise NotFound("there is no such student", field="student")
    return found.student_id
