"""Coming in and going out, and the student's page.

Joining, logging in and coming back are commands of the API; what they answer with is a token, and
``POST /enter`` is the one place that turns a token into a cookie.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from holdfast.console.access import (
    PageAllow,
    Token,
    require_same_origin,
    sign_in,
    sign_out,
    signed_in,
)
from holdfast.console.pages import page
from holdfast.console.ports import Services
from holdfast.core import cohorts
from holdfast.core.access import Principal, Role
from holdfast.core.cohorts import CONSENT_TEXT
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.web.security import EVERYONE, Allow, verified

Visitor = Annotated[Principal, Depends(PageAllow(Role.PUBLIC))]
Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]
Player = Annotated[Principal, Depends(PageAllow(Role.STUDENT))]
JoinCode = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$")]
SignedIn = Annotated[Principal, Depends(Allow(*[role for role in EVERYONE if role is not Role.PUBLIC]))]


def add(routes: APIRouter, services: Services) -> None:
    """Add the routes for everyone and the student's page."""
    _welcome(routes, services)
    _sign_in_and_out(routes, services)

    @routes.get("/play")
    async def play(request: Request, _: Player) -> Response:
        """The student's page: a shell that needs no store, so that it opens during an outage too."""
        return page(request, "play.html")


def _welcome(routes: APIRouter, services: Services) -> None:
    @routes.get("/")
    async def welcome(request: Request, _: Visitor) -> Response:
        """What this is and where to go."""
        roles = {caller.role for caller in await signed_in(request)}
        return page(request, "welcome.html", roles=roles)

    @routes.get("/join/{code}")
    async def join(request: Request, code: JoinCode, _: Visitor) -> Response:
        """The cohort that a join code opens, what a student consents to, and the form."""
        async with services.database.connection() as connection:
            try:
                cohort = await cohorts.by_join_code(connection, code)
            except InvalidInput:
                raise NotFound(
                    "No cohort has this join code. Please check the link you were given."
                ) from None
            consent = await cohorts.statements.consent_text.value(connection, version=cohort.consent_version)
        known = any(caller.role is Role.STUDENT for caller in await signed_in(request))
        return page(request, "join.html", cohort=cohort, consent=consent or CONSENT_TEXT, known=known)


def _sign_in_and_out(routes: APIRouter, services: Services) -> None:
    @routes.get("/login")
    async def login(request: Request, _: Visitor) -> Response:
        """The form for staff."""
        return page(request, "login.html")

    @routes.get("/enter")
    async def enter(request: Request, _: Visitor) -> Response:
        """Where a printed link leads; its token stands after the # and so reaches no log."""
        return page(request, "enter.html")

    @routes.get("/recover")
    async def recover(request: Request, _: Visitor) -> Response:
        """Where a one-time link leads; its secret stands after the #."""
        return page(request, "recover.html")

    @routes.post("/enter")
    async def keep(request: Request, body: Token, _: Anyone) -> Response:
        """Keep a token in this browser."""
        require_same_origin(request)
        caller = await verified(request, body.token)
        return sign_in(request, caller, body.token, services.settings)

    @routes.post("/leave")
    async def leave(caller: SignedIn) -> Response:
        """Sign out. The token itself stays good elsewhere until it expires."""
        return sign_out(caller)
