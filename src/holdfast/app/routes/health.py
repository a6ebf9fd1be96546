"""Whether the service is well, in the shape that older clients read, with both stores added."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from holdfast import __version__
from holdfast.app.services import Services
from holdfast.core.access import Principal, Role
from holdfast.core.sessions import statements
from holdfast.kit.clock import iso
from holdfast.kit.errors import StoreUnavailable
from holdfast.web.problems import documented
from holdfast.web.responses import answer
from holdfast.web.security import Allow


class Health(BaseModel):
    """The state of the service."""

    status: str
    database: str
    redis: str
    activeSessions: int | None  # noqa: N815  # the name that older clients read
    timestamp: datetime
    version: str
    timeScale: float  # noqa: N815
    agent: str


def router(services: Services) -> APIRouter:
    """The health route."""
    routes = APIRouter(tags=["service"])

    @routes.get("/health", response_model=Health, responses=documented(), operation_id="health_short")
    @routes.get("/api/health", response_model=Health, responses=documented())
    async def health(_: Annotated[Principal, Depends(Allow(Role.PUBLIC))]) -> Response:
        """Whether the service and both stores answer. 503 when the database does not."""
        active = await _active(services)
        redis = await services.ephemeral.answers()
        up = active is not None
        body = {
            "status": "healthy" if up and redis else "degraded" if up else "unhealthy",
            "database": "connected" if up else "disconnected",
            "redis": "connected" if redis else "disconnected",
            "activeSessions": active,
            "timestamp": iso(services.clock()),
            "version": __version__,
            "timeScale": services.settings.time_scale,
            "agent": services.agent,
        }
        return answer(body) if up else answer(body, 503, {"Retry-After": "2"})

    return routes


async def _active(services: Services) -> int | None:
    try:
        async with services.database.connection() as connection:
            count: int = await statements.count_active.value(connection)
            return count
    except StoreUnavailable:
        return None
