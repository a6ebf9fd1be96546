"""Who is asking, and whether they may. Every route declares its roles with `Allow`.

A program sends its token as a bearer. A browser keeps it in an HttpOnly cookie, and because a cookie
goes out with requests that another site made up, it counts only together with a proof: a digest of
the token that the console writes into its own pages and that those send as a header.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from hmac import compare_digest
from typing import Any

from fastapi import Request
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase

from holdfast.core.access import PUBLIC, Principal, Role, TokenAuthority
from holdfast.core.identities import Identities
from holdfast.kit.errors import NotAllowed, NotAuthenticated

EVERYONE = tuple(Role)
STAFF = (Role.INSTRUCTOR, Role.ADMIN)

STUDENT_COOKIE = "holdfast_student"
STAFF_COOKIE = "holdfast_staff"
"""Two cookies, so that whoever tries both sides in one browser is not thrown out of either."""
PROOF_HEADER = "X-CSRF-Token"


class Allow(SecurityBase):
    """A dependency that lets callers of some roles through and hands the route its caller.

    A route that allows `Role.PUBLIC` takes callers without a token; one with a bad token is still
    refused, because a client that sends one wants to know.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)
        self.model = HTTPBearer(bearerFormat="JWT", description="a token from registration, login or the CLI")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Principal:
        """The caller.

        Raises:
            NotAuthenticated: no token, or one that does not hold.
            NotAllowed: a role that this route is not for.
        """
        caller = await caller_of(request)
        if caller.role not in self.roles and Role.PUBLIC not in self.roles:
            if caller.role is Role.PUBLIC:
                raise NotAuthenticated(f"a bearer token is needed, or a page's cookie with {PROOF_HEADER}")
            raise NotAllowed(f"this is not for the role {caller.role}")
        return caller


class AllowKnown(Allow):
    """As `Allow`, for routes that keep or show what belongs to a student: the student must exist.

    A token outlives its student's erasure; elsewhere the rows that are missing say so.
    """

    async def __call__(self, request: Request) -> Principal:
        """The caller.

        Raises:
            NotAuthenticated: as `Allow`, and for a student who is not or no longer known here.
            NotAllowed: as `Allow`.
        """
        caller = await super().__call__(request)
        if caller.student_id is not None:
            identities: Identities = request.app.state.identities
            await identities.require(caller.student_id)
        return caller


async def caller_of(request: Request) -> Principal:
    """The caller of a request: by its bearer token, by a page's cookie, or nobody in particular."""
    header = request.headers.get("authorization")
    if header is None:
        token = _proven_cookie(request)
        return PUBLIC if token is None else await verified(request, token)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("the Authorization header must be 'Bearer' and a token")
    return await verified(request, token)


async def verified(request: Request, token: str) -> Principal:
    """The caller a token stands for; a token of the configured provider outside stands for a student.

    Raises:
        NotAuthenticated: when it does not hold.
        NotAllowed: when it stands for somebody who was erased.
    """
    identities: Identities = request.app.state.identities
    if identities.is_outside(token):
        return await identities.student_behind(token)
    authority: TokenAuthority = request.app.state.authority
    if authority.asks_outside(token):
        return await asyncio.to_thread(authority.verify, token)
    return authority.verify(token)


def proof_of(token: str) -> str:
    """What a page must send beside its cookie; nobody can work it out who cannot read the cookie."""
    return hashlib.sha256(f"csrf:{token}".encode()).hexdigest()


def _proven_cookie(request: Request) -> str | None:
    """The cookie's token that the request proves to know; the proof also says which of the two."""
    proof = request.headers.get(PROOF_HEADER)
    if proof is None:
        return None
    for name in (STUDENT_COOKIE, STAFF_COOKIE):
        token = request.cookies.get(name)
        if token is not None and compare_digest(proof_of(token).encode(), proof.encode()):
            return token
    raise NotAuthenticated("this page was opened under another sign-in; load it again")


def api_routes(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Every route of an application, those of included routers among them."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from api_routes(route.original_router.routes)


def declared_roles(route: Any) -> frozenset[Role]:
    """The roles a route declares; empty when it declares none, which a test refuses."""
    found = [d.call.roles for d in route.dependant.dependencies if isinstance(d.call, Allow)]
    return found[0] if found else frozenset()
