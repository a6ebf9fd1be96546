"""Exports over HTTP: asking for one, how far it is, fetching it, letting it go. HTTP shapes only."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from holdfast.core.access import Principal, Role
from holdfast.kit.errors import NotFound
from holdfast.kit.paging import Page
from holdfast.research.export import requests
from holdfast.research.export.archive import zipped
from holdfast.research.export.formats import formats_in
from holdfast.research.export.requests import MOST_COHORTS, checked_names
from holdfast.research.plan.document import read_plan
from holdfast.store.database import Database
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import Allow

Researcher = Annotated[Principal, Depends(Allow(Role.RESEARCHER, Role.ADMIN))]
Key = Annotated[str | None, KeyHeader]
LONGEST_PLAN = 200_000
CohortName = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Wanted(BaseModel):
    """What is exported, and how."""

    model_config = ConfigDict(extra="forbid")

    cohort: CohortName | None = Field(default=None, description="one cohort by name, or else")
    cohorts: list[CohortName] | None = Field(
        default=None, min_length=1, max_length=MOST_COHORTS, description="several, beside one another"
    )
    identified: bool = Field(default=False, description="with names and addresses; administrators only")
    with_text: bool = Field(default=False, description="with what was said, names masked as far as known")
    formats: str = Field(default="all", max_length=100, description="csv, excel, spss, stata, all or none")
    plan: str | None = Field(
        default=None, max_length=LONGEST_PLAN, description="an analysis plan as TOML; none takes the default"
    )
    seed: int | None = Field(default=None, ge=0, le=2**53, description="of resampling; none takes the plan's")

    @model_validator(mode="after")
    def _of_something(self) -> Wanted:
        if (self.cohort is None) == (self.cohorts is None):
            raise ValueError("give either cohort or cohorts")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The cohorts.

        Raises:
            InvalidInput: one is named twice.
        """
        return checked_names([self.cohort] if self.cohort is not None else self.cohorts or ())


def router(database: Database, directory: Path) -> APIRouter:
    """The export routes; bundles stand in the directory."""
    routes = APIRouter(tags=["research"])
    _asking(routes, database)
    _fetching(routes, database, directory)
    return routes


def _asking(routes: APIRouter, database: Database) -> None:
    @routes.post("/api/research/exports", status_code=201, responses=documented(404, 422))
    async def ask(body: Wanted, request: Request, caller: Researcher, key: Key = None) -> Response:
        """Ask for the bundle of one or several cohorts: dataset, analysis, report, in the background."""
        formats_in(body.formats)
        if body.plan is not None:
            read_plan(body.plan)
        names = body.names
        options = body.model_dump(exclude={"cohort", "cohorts", "identified"}, exclude_none=True)

        async def work(connection: Connection) -> dict[str, Any]:
            return await requests.request(
                connection, caller, names, identified=body.identified, options=options
            )

        return await once(request, database, caller, key, work, status=201)

    @routes.get("/api/research/exports", responses=documented())
    async def listing(caller: Researcher, limit: int = 20, offset: int = 0) -> Response:
        """Exports, newest first; those with names only for administrators."""
        async with database.snapshot() as connection:
            return answer(await requests.listing(connection, caller, Page.clamped(limit, offset)))

    @routes.get("/api/research/exports/{export_id}", responses=documented(404))
    async def read(export_id: UUID, caller: Researcher) -> Response:
        """One export: how far it is, and what was found, loaded and excluded when it is done."""
        async with database.connection() as connection:
            return answer(await requests.read(connection, caller, export_id))


def _fetching(routes: APIRouter, database: Database, directory: Path) -> None:
    archive: dict[int | str, dict[str, Any]] = {
        200: {"description": "OK", "content": {"application/zip": {}}}
    }

    @routes.get("/api/research/exports/{export_id}/download", responses=documented(404, 409) | archive)
    async def download(export_id: UUID, caller: Researcher) -> Response:
        """The bundle as a zip archive."""
        bundle = requests.place(directory, export_id)
        async with database.transaction() as connection:
            await requests.downloaded(connection, caller, export_id)
            if not await asyncio.to_thread(bundle.is_dir):
                raise NotFound("the files of this export are on another machine, or were removed")
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="holdfast-export-{export_id}.zip"',
        }
        return StreamingResponse(zipped(bundle), media_type="application/zip", headers=headers)

    @routes.delete("/api/research/exports/{export_id}", responses=documented(404))
    async def withdraw(export_id: UUID, request: Request, caller: Researcher, key: Key = None) -> Response:
        """Cancel an export that is under way; delete one that has ended, its files with it."""

        async def work(connection: Connection) -> dict[str, Any]:
            return await requests.withdraw(connection, caller, export_id)

        response = await once(request, database, caller, key, work)
        await asyncio.to_thread(requests.remove, directory, export_id)
        return response
