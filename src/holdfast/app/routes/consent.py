"""Consent over HTTP: reading the text, agreeing again, withdrawing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from holdfast.app.services import Services
from holdfast.core import cohorts, consent
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import NotAllowed
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import STAFF, Allow

Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]
OneStudent = Annotated[Principal, Depends(Allow(Role.STUDENT))]
Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Key = Annotated[str | None, KeyHeader]


class OneCohort(BaseModel):
    """A cohort by its name."""

    cohort: str = Field(min_length=1, max_length=100)


class Withdrawal(BaseModel):
    """From which cohort consent is withdrawn; none means from all."""

    cohort: str | None = Field(default=None, max_length=100)


class NewText(BaseModel):
    """A new version of a cohort's consent text."""

    cohort: str = Field(min_length=1, max_length=100)
    version: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=consent.LONGEST_TEXT)


def router(services: Services) -> APIRouter:
    """The routes about consent."""
    routes = APIRouter(tags=["consent"])
    _reading(routes, services)
    _changing(routes, services)
    return routes


def _reading(routes: APIRouter, services: Services) -> None:
    @routes.get("/api/consent", responses=documented(404))
    async def text(
        _: Anyone,
        joinCode: Annotated[str | None, Query(max_length=100)] = None,  # noqa: N803
    ) -> Response:
        """The text that those who join a cohort consent to."""
        async with services.database.connection() as connection:
            if joinCode:
                cohort = await cohorts.by_join_code(connection, joinCode)
            else:
                cohort = await cohorts.by_name(connection, services.settings.default_cohort)
            return answer(await consent.text_of(connection, cohort))

    @routes.get("/api/student/consent", responses=documented())
    async def standing(caller: OneStudent) -> Response:
        """What the caller has consented to."""
        async with services.database.connection() as connection:
            return answer({"consents": await consent.standing(connection, _student(caller))})


def _changing(routes: APIRouter, services: Services) -> None:
    @routes.post("/api/student/consent", responses=documented(404, 409, 422))
    async def give(body: OneCohort, request: Request, caller: OneStudent, key: Key = None) -> Response:
        """Consent again, to the cohort's present text."""

        async def work(connection: Connection) -> dict[str, Any]:
            version = await consent.give(connection, _student(caller), body.cohort, actor=caller.actor)
            return {"success": True, "version": version}

        return await once(request, services.database, caller, key, work)

    @routes.post("/api/student/consent/withdraw", responses=documented(404, 409, 422))
    async def withdraw(body: Withdrawal, request: Request, caller: OneStudent, key: Key = None) -> Response:
        """Withdraw consent to research; what was stored stays the student's, out of every data set."""

        async def work(connection: Connection) -> dict[str, Any]:
            count = await consent.withdraw(connection, _student(caller), body.cohort, actor=caller.actor)
            return {"success": True, "withdrawn": count}

        return await once(request, services.database, caller, key, work)

    @routes.post("/api/consent", status_code=201, responses=documented(404, 409, 422))
    async def publish(body: NewText, request: Request, caller: Staff, key: Key = None) -> Response:
        """Publish a new version of a cohort's consent text."""

        async def work(connection: Connection) -> dict[str, Any]:
            cohort = await cohorts.by_name(connection, body.cohort)
            await consent.publish(connection, cohort, body.version, body.text, actor=caller.actor)
            return {"success": True, "version": body.version}

        return await once(request, services.database, caller, key, work, status=201)


def _student(caller: Principal) -> Any:
    if caller.student_id is None:
        raise NotAllowed("only students consent")
    return caller.student_id
