"""All pages, and how they are hung into the application."""

from __future__ import annotations

import mimetypes
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Path, Response

from holdfast.console import door, staff
from holdfast.console.pages import PageRoute, edition, show_missing_pages, static_files
from holdfast.console.ports import Services
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import NotFound
from holdfast.web.security import Allow

Anyone = Annotated[Principal, Depends(Allow(Role.PUBLIC))]

_FOR_EVER = "public, max-age=31536000, immutable"


def install(app: FastAPI, services: Services) -> None:
    """Give an application the pages, also the one for addresses that do not exist."""
    app.include_router(router(services))
    show_missing_pages(app)


def router(services: Services) -> APIRouter:
    """The routes of all pages. They are no part of the described interface."""
    routes = APIRouter(route_class=PageRoute, include_in_schema=False)
    _static(routes)
    door.add(routes, services)
    staff.add(routes, services)
    return routes


def _static(routes: APIRouter) -> None:
    @routes.get("/static/{version}/{name}")
    async def static(
        version: Annotated[str, Path(max_length=40)], name: Annotated[str, Path(max_length=80)], _: Anyone
    ) -> Response:
        """A style sheet, script or icon. Its address changes with its content."""
        content = static_files().get(name)
        if content is None:
            raise NotFound("there is no such file")
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kept = _FOR_EVER if version == edition() else "no-cache"
        return Response(content, media_type=kind, headers={"Cache-Control": kept})
