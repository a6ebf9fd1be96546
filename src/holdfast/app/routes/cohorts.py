"""Cohorts: creating and listing them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from holdfast.app.services import Services
from holdfast.core import cohorts
from holdfast.core.access import Principal, Role
from holdfast.core.cohorts import Cohort, NewCohort, parse_plan
from holdfast.kit.clock import iso
from holdfast.programs.adaptive_test.starting import check_plan as check_adaptive_plan
from holdfast.programs.simulation.planning import check_plan
from holdfast.programs.workshop.planning import check_plan as check_workshop_plan
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
StaffOrResearcher = Annotated[Principal, Depends(Allow(*STAFF, Role.RESEARCHER))]
Key = Annotated[str | None, KeyHeader]


class CohortToCreate(BaseModel):
    """A cohort as an instructor asks for it."""

    name: str = Field(min_length=1, max_length=100)
    arms: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default=["A", "B"], min_length=1, max_length=20
    )
    blockSize: int = Field(default=4, ge=1, le=200)  # noqa: N815
    joinCode: str | None = Field(default=None, min_length=4, max_length=100)  # noqa: N815
    plan: dict[str, Any] = Field(default_factory=dict)


def router(services: Services) -> APIRouter:
    """The routes about cohorts."""
    routes = APIRouter(tags=["cohorts"])

    @routes.post("/api/cohorts", status_code=201, responses=documented(404, 409, 422))
    async def create(body: CohortToCreate, request: Request, caller: Staff, key: Key = None) -> Response:
        """Create a cohort with its arms and its plan; the allocation seed is drawn and stored."""

        async def work(connection: Connection) -> dict[str, Any]:
            plan = parse_plan(body.plan)
            await check_plan(connection, services.catalog, plan, body.arms)
            check_workshop_plan(services.workshop.library, plan)
            await check_adaptive_plan(connection, plan)
            new = NewCohort(body.name, body.arms, body.blockSize, plan, body.joinCode)
            return {"success": True, **shown(await cohorts.create(connection, new, actor=caller.actor), {})}

        return await once(request, services.database, caller, key, work, status=201)

    @routes.get("/api/cohorts", responses=documented())
    async def listing(caller: StaffOrResearcher) -> Response:
        """All cohorts with the number of students in each arm."""
        async with services.database.connection() as connection:
            found = await cohorts.listing(connection)
        rows = [shown(cohort, sizes) for cohort, sizes in found]
        if caller.role is Role.RESEARCHER:
            rows = [{k: v for k, v in row.items() if k != "joinCode"} for row in rows]
        return answer({"cohorts": rows, "total": len(rows)})

    return routes


def shown(cohort: Cohort, sizes: dict[str, int]) -> dict[str, Any]:
    """A cohort as JSON. The allocation seed is not told: who knows it can foresee the next arm."""
    return {
        "cohortId": str(cohort.cohort_id),
        "name": cohort.name,
        "joinCode": cohort.join_code,
        "arms": list(cohort.arms),
        "blockSize": cohort.block_size,
        "sizes": {arm: sizes.get(arm, 0) for arm in cohort.arms},
        "plan": cohort.plan.model_dump(mode="json"),
        "consentVersion": cohort.consent_version,
        "createdAt": iso(cohort.created_at),
    }
