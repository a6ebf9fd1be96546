"""How a page is made: templates, the headers that every page carries, and errors as pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException

from holdfast.console import wording
from holdfast.kit.errors import HoldfastError, NotAuthenticated
from holdfast.web.problems import problem, problem_body

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every page: nothing from elsewhere, nothing inline, in nobody's frame, in no cache."""


@cache
def static_files() -> dict[str, bytes]:
    """Our style sheets, scripts and icon, by name."""
    folder = resources.files("holdfast.console").joinpath("static")
    return {item.name: item.read_bytes() for item in folder.iterdir() if item.is_file()}


@cache
def edition() -> str:
    """A name for the present content of all static files, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for name, content in sorted(static_files().items()):
        digest.update(name.encode() + content)
    return digest.hexdigest()[:12]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("holdfast.console", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = lambda name: f"/static/{edition()}/{name}"
    environment.filters.update(wording.FILTERS)
    return environment


def page(request: Request, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page from its template; every value is escaped. `proof` is the token against forged requests."""
    proof = getattr(request.state, "proof", "")
    text = _environment().get_template(name).render(path=request.url.path, proof=proof, **context)
    return HTMLResponse(text, status)


def error_page(request: Request, error: HoldfastError) -> Response:
    """An error as a person reads it; who is not signed in is shown where to do so."""
    body = problem_body(error)
    if isinstance(error, NotAuthenticated) and not request.url.path.startswith("/play"):
        return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
    return page(request, "error.html", status=body["status"], **_told(body["status"], body["detail"]))


_TITLES = {
    401: "You are not signed in on this device",
    403: "This page is not for you",
    404: "There is nothing here",
    503: "One moment please",
}


def _told(status: int, detail: str) -> dict[str, Any]:
    title = _TITLES.get(status, "That did not work")
    return {"title": title, "detail": detail, "waits": status == 503, "lost": status == 401}


class PageRoute(APIRoute):
    """A route that answers people: its errors are pages, and its answers carry the pages' headers."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, wrapped."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except (HoldfastError, RequestValidationError) as error:
                if request.method != "GET":
                    raise  # scripts read problem documents
                response = _as_page(request, error)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handle


def _as_page(request: Request, error: HoldfastError | RequestValidationError) -> Response:
    if isinstance(error, HoldfastError):
        return error_page(request, error)
    return page(request, "error.html", status=404, **_told(404, "The address is not one of ours."))


def show_missing_pages(app: FastAPI) -> None:
    """Answer unknown addresses with a page where a person asks, and with a problem document elsewhere."""

    @app.exception_handler(404)
    async def _missing(request: Request, error: HTTPException) -> Response:
        if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/api/"):
            return problem(404, "not_found", str(error.detail))
        response = page(request, "error.html", status=404, **_told(404, "The address is not one of ours."))
        response.headers.update(HEADERS)
        return response
