"""The migration over HTTP, with the seed's names. HTTP shapes only."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from holdfast.core.access import Principal, Role
from holdfast.kit.plain import storable
from holdfast.programs.workshop.legacy.migration import LegacyWorkshop
from holdfast.programs.workshop.legacy.report import SHOWN
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.security import Allow

Admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]
SchemaName = Annotated[str, StringConstraints(min_length=1, max_length=63), AfterValidator(storable)]


class Normalisation(BaseModel):
    """What is to be brought over. The seed's `adminPassword` is not read: the bearer's role decides."""

    model_config = ConfigDict(extra="ignore")

    schema_: SchemaName = Field(
        default="public", alias="schema", description="where the old tables stand, in this database"
    )
    dryRun: bool = Field(default=False, description="the same report, and nothing changes")  # noqa: N815


def router(legacy: LegacyWorkshop) -> APIRouter:
    """The route of the migration."""
    routes = APIRouter(tags=["workshop"])

    @routes.post("/api/admin-normalize-database-v2", responses=documented(409, 422))
    async def normalise(
        request: Request,
        caller: Admin,
        body: Normalisation | None = None,
        key: Annotated[str | None, KeyHeader] = None,
    ) -> Response:
        """Bring the older workshop's tables over, in one transaction, and rename them."""
        wanted = body or Normalisation()

        async def work(connection: Connection) -> dict[str, Any]:
            report = await legacy.bring_over(
                connection, schema=wanted.schema_, dry_run=wanted.dryRun, actor=caller.actor
            )
            return report.to_json(most=SHOWN)

        return await once(request, legacy.database, caller, key, work)

    return routes
