"""Cookies: how a browser signs in and out, and which pages it may see."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from holdfast.console.ports import Settings
from holdfast.core.access import PUBLIC, Principal, Role
from holdfast.kit.errors import NotAllowed, NotAuthenticated
from holdfast.web.security import STAFF_COOKIE, STUDENT_COOKIE, Allow, proof_of, verified

COOKIES = (STUDENT_COOKIE, STAFF_COOKIE)


class Token(BaseModel):
    """A token that a browser wants to keep."""

    token: str = Field(min_length=10, max_length=8000)


class PageAllow(Allow):
    """Lets a browser see a page by its cookie alone.

    Only for pages that show: a cookie goes out with requests that another site made up, so whatever
    changes something is declared with `Allow`, which wants a bearer or the proof beside the cookie.
    """

    async def __call__(self, request: Request) -> Principal:
        """The caller; of two cookies the one that this page is for.

        Raises:
            NotAuthenticated: nobody is signed in.
            NotAllowed: somebody is, but in a role that this page is not for.
        """
        found = [pair for name in COOKIES if (pair := await _by_cookie(request, name)) is not None]
        for caller, token in found:
            if caller.role in self.roles:
                request.state.proof = proof_of(token)
                return caller
        if Role.PUBLIC in self.roles:
            return PUBLIC
        if found:
            raise NotAllowed(f"this page is not for the role {found[0][0].role}")
        raise NotAuthenticated("sign in to see this page")


async def signed_in(request: Request) -> list[Principal]:
    """Everyone who is signed in with this browser: a student, somebody of the staff, or both."""
    found = [await _by_cookie(request, name) for name in COOKIES]
    return [pair[0] for pair in found if pair is not None]


async def _by_cookie(request: Request, name: str) -> tuple[Principal, str] | None:
    token = request.cookies.get(name)
    if not token:
        return None
    try:
        return await verified(request, token), token
    except NotAuthenticated:
        return None  # an old cookie is as good as none


def require_same_origin(request: Request) -> None:
    """Refuse a request that another site's page made up, where there is no cookie yet to prove.

    Without this, another site could sign a visitor in as somebody else. Browsers name the site in one
    of two headers; a client that names none is no browser and has no cookies to be abused.

    Raises:
        NotAllowed: the request comes from elsewhere.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not ours:
        raise NotAllowed("this request comes from another site")


def sign_in(request: Request, caller: Principal, token: str, settings: Settings) -> Response:
    """Keep a verified token in the browser, out of reach of scripts; the answer says where to go."""
    student = caller.role is Role.STUDENT
    go = "/play" if student else "/watch" if caller.is_staff else "/"
    response = JSONResponse({"success": True, "role": caller.role, "go": go})
    response.set_cookie(
        STUDENT_COOKIE if student else STAFF_COOKIE,
        token,
        max_age=int(settings.token_days * 86_400),
        path="/",
        httponly=True,
        # Lax and not Strict: a link in an e-mail or a course page must find the person signed in.
        # No request that changes anything counts by its cookie alone, so this gives nothing away.
        samesite="lax",
        secure=_is_https(request, settings),
    )
    return response


def sign_out(caller: Principal) -> Response:
    """Forget the token of the caller's cookie."""
    response = JSONResponse({"success": True, "go": "/"})
    response.delete_cookie(STUDENT_COOKIE if caller.role is Role.STUDENT else STAFF_COOKIE, path="/")
    return response


def _is_https(request: Request, settings: Settings) -> bool:
    return request.url.scheme == "https" or (settings.public_url or "").startswith("https://")
