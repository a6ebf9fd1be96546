"""HTTP shapes of plans and covariates."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.core import cohorts
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.kit.plain import Name
from holdfast.research.plan import covariates, registering
from holdfast.research.plan.covariates import LARGEST_FILE, Imported
from holdfast.research.plan.document import LARGEST_PLAN
from holdfast.store.database import Database
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

StaffOrResearcher = Annotated[Principal, Depends(Allow(*STAFF, Role.RESEARCHER))]
# A file names students by code or e-mail: what researchers, who know pseudonyms only, must not ask with.
Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Key = Annotated[str | None, KeyHeader]


class PlanToRegister(BaseModel):
    """A plan for a cohort."""

    model_config = ConfigDict(extra="forbid")

    cohort: Name
    toml: str = Field(max_length=LARGEST_PLAN, description="the text of plan.toml")


class CovariatesToImport(BaseModel):
    """Baseline values of a cohort's members: from a CSV text, or from an adaptive test."""

    model_config = ConfigDict(extra="forbid")

    cohort: Name
    csv: str | None = Field(default=None, max_length=LARGEST_FILE)
    source: Name = "upload"
    fromAdaptiveTest: Name | None = None  # noqa: N815
    name: str = Field(default="ability", max_length=32)
    replace: bool = False


def router(database: Database) -> APIRouter:
    """The routes about plans and covariates."""
    routes = APIRouter(tags=["research"])
    _plans(routes, database)
    _covariates(routes, database)
    return routes


def _plans(routes: APIRouter, database: Database) -> None:
    @routes.post("/api/research/plans", status_code=201, responses=documented(404, 409, 422))
    async def register(
        body: PlanToRegister, request: Request, caller: StaffOrResearcher, key: Key = None
    ) -> Response:
        """Register an analysis plan for a cohort, for good; the same plan again gives its registration."""

        async def work(connection: Connection) -> dict[str, Any]:
            cohort = await cohorts.by_name(connection, body.cohort)
            made = await registering.register(connection, cohort, body.toml, actor=caller.actor)
            return {"success": True, **made.shown()}

        return await once(request, database, caller, key, work, status=201)

    @routes.get("/api/research/plans", responses=documented(404))
    async def listing(
        _: StaffOrResearcher,
        cohort: Annotated[Name | None, Query()] = None,
        limit: int = 20,
        offset: int = 0,
    ) -> Response:
        """Registered plans, newest first."""
        async with database.connection() as connection:
            found = await registering.listing(connection, cohort, Page.clamped(limit, offset))
        return answer(
            {
                "plans": [plan.shown() for plan in found.items],
                "total": found.total,
                "limit": found.page.limit,
                "offset": found.page.offset,
            }
        )

    @routes.get("/api/research/plans/{plan_id}", responses=documented(404))
    async def show(plan_id: UUID, _: StaffOrResearcher) -> Response:
        """One registered plan with its text."""
        async with database.connection() as connection:
            found = await registering.by_id(connection, plan_id)
        return answer({**found.shown(), "toml": found.toml})


def _covariates(routes: APIRouter, database: Database) -> None:
    @routes.post("/api/research/covariates", responses=documented(404, 409, 422))
    async def take_in(body: CovariatesToImport, request: Request, caller: Staff, key: Key = None) -> Response:
        """Import baseline values of a cohort's members, all or none; again the same changes nothing."""

        async def work(connection: Connection) -> dict[str, Any]:
            done = await _imported(connection, body, caller.actor)
            return {
                "success": True,
                "written": done.written,
                "unchanged": done.unchanged,
                "students": done.students,
                "names": list(done.names),
            }

        return await once(request, database, caller, key, work)


async def _imported(connection: Connection, body: CovariatesToImport, actor: str) -> Imported:
    if (body.csv is None) == (body.fromAdaptiveTest is None):
        raise InvalidInput("give either csv or fromAdaptiveTest", field="csv")
    cohort = await cohorts.by_name(connection, body.cohort)
    if body.fromAdaptiveTest is not None:
        return await covariates.import_abilities(
            connection, cohort, body.fromAdaptiveTest, name=body.name, actor=actor, replace=body.replace
        )
    measured = covariates.read_csv(body.csv or "")
    return await covariates.import_measured(
        connection, cohort, measured, source=body.source, actor=actor, replace=body.replace
    )
