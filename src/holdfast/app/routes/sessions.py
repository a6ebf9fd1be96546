"""What an instructor may do to any session, whatever its program."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from holdfast.app.services import Services
from holdfast.core import journal, sessions
from holdfast.core.access import Principal
from holdfast.store.statements import Connection, Row
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented
from holdfast.web.responses import answer
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

    @routes.get("/api/sessions/{session_id}/usage", responses=documented(404))
    async def usage(session_id: str, _: Staff) -> Response:
        """The ledger of a session: tokens and cost by agent and model."""
        async with services.database.connection() as connection:
            rows = await journal.statements.usage_of_session.rows(connection, session_id=session_id)
        return answer({"sessionId": session_id, "usage": [_booked(row) for row in rows]})

    @routes.get("/api/events", responses=documented())
    async def events(
        _: Staff,
        after: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Response:
        """The journal from after a cursor on; the audit trail and the live feed."""
        async with services.database.connection() as connection:
            found, cursor = await journal.events_after(connection, after, limit=limit)
        return answer({"events": found, "cursor": cursor})

    return routes


def _booked(row: Row) -> dict[str, Any]:
    cost = row["cost_usd"]
    return {
        "agent": row["agent"],
        "provider": row["provider"],
        "model": row["model"],
        "calls": row["calls"],
        "inputTokens": row["input_tokens"],
        "outputTokens": row["output_tokens"],
        "costUsd": None if cost is None else float(cost),
    }
