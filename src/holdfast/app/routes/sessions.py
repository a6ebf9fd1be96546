"""What an instructor may do to any session, whatever its program."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from holdfast.app.services import Services
from holdfast.core import sessions
from holdfast.core.access import Principal
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.security import STAFF, Allow

Staff = Annotated[Principal, Depends(Allow(*STAFF))]
Key = Annotated[str | None, KeyHeader]


class Control(BaseModel):
    """What to do; `seconds` is for extend and reopen."""

    action: Literal["pause", "resume", "extend", "void", "abandon", "reopen"]
    seconds: float | None = Field(default=None, gt=0, le=sessions.LONGEST_EXTENSION_S)


def router(services: Services) -> APIRouter:
    """The routes with which instructors control sessions."""
    routes = APIRouter(tags=["sessions"])

    @routes.post("/api/sessions/{session_id}/control", responses=documented(404, 409, 422))
    async def control(
        session_id: str, body: Control, request: Request, caller: Staff, key: Key = None
    ) -> Response:
        """Pause, resume, extend, void, abandon or reopen a session."""

        async def work(connection: Connection) -> dict[str, Any]:
            status = await sessions.control(
                connection, session_id, body.action, caller=caller, seconds=body.seconds
            )
            return {"success": True, "sessionId": session_id, "status": status}

        return await once(request, services.database, caller, key, work)

    return routes
