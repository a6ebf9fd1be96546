"""Accounts of staff: logging in and finding out who one is."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from holdfast.app.services import Services
from holdfast.core.access import Principal, Role, password_matches
from holdfast.core.students import statements
from holdfast.kit.errors import NotAuthenticated, TooManyRequests
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import EVERYONE, Allow

Caller = Annotated[Principal, Depends(Allow(*[role for role in EVERYONE if role is not Role.PUBLIC]))]
Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]


class Credentials(BaseModel):
    """What an account logs in with."""

    email: str = Field(min_length=3, max_length=320)
    password: str = Field(min_length=1, max_length=1024)


class Token(BaseModel):
    """A bearer token."""

    token: str
    role: Role


class Identity(BaseModel):
    """Who the caller is."""

    role: Role
    subject: str


def router(services: Services) -> APIRouter:
    """The login routes."""
    routes = APIRouter(tags=["access"])

    @routes.post("/api/auth/login", response_model=Token, responses=documented())
    async def login(body: Credentials, request: Request, _: Anyone) -> Response:
        """A token for an account of staff. Attempts are limited per address and account."""
        email = body.email.strip().lower()
        await _limit(services, request, email)
        async with services.database.connection() as connection:
            row = await statements.account_by_email.row(connection, email=email)
        stored = row["password_hash"] if row else None
        # Argon2 takes long on purpose, so it runs beside the loop.
        if not await asyncio.to_thread(password_matches, stored, body.password) or row is None:
            raise NotAuthenticated("e-mail or password is wrong")
        token = services.authority.issue(Role(row["role"]), str(row["account_id"]), now=services.clock())
        return answer({"token": token, "role": row["role"]})

    @routes.get("/api/me", response_model=Identity, responses=documented())
    async def me(caller: Caller) -> Response:
        """Who the bearer of this token is."""
        return answer({"role": caller.role, "subject": caller.subject})

    return routes


async def _limit(services: Services, request: Request, email: str) -> None:
    address = request.client.host if request.client else "unknown"
    for name in (f"login:{address}", f"login:{email}"):
        allowance = await services.ephemeral.allow(
            name, limit=services.settings.logins_per_minute, window_s=60
        )
        if not allowance.allowed:
            raise TooManyRequests("too many attempts to log in", retry_after_s=allowance.retry_after_s)
