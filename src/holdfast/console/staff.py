"""The instructor's pages: sessions under way, one session closely, cohorts.

Parts of a page that change have an address of their own; the page asks for them every few seconds and
puts what comes in place. So a page costs the server nothing while nobody looks.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from holdfast.console import wording
from holdfast.console.access import PageAllow
from holdfast.console.pages import page
from holdfast.console.ports import Services
from holdfast.core import cohorts
from holdfast.core.access import Principal
from holdfast.kit.errors import NotFound
from holdfast.kit.paging import Page
from holdfast.programs.simulation.place import Phase
from holdfast.store.statements import Row, load
from holdfast.web.security import STAFF

statements = load("holdfast.console")

Staff = Annotated[Principal, Depends(PageAllow(*STAFF))]
SessionId = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Cohort = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]
Offset = Annotated[int, Query(ge=0, le=10**9)]

PAGE = 50
MESSAGES = 500
"""How many messages one look brings; the page comes for more by itself."""


def add(routes: APIRouter, services: Services) -> None:
    """Add the instructor's pages."""
    _list(routes, services)
    _one(routes, services)
    _cohorts(routes, services)


def _list(routes: APIRouter, services: Services) -> None:
    async def listed(show: str, cohort: str | None, offset: int) -> dict[str, Any]:
        at = Page.clamped(PAGE, offset)
        async with services.database.connection() as connection:
            rows = await statements.sessions.rows(
                connection,
                everything=show == "all",
                cohort_name=cohort or None,
                limit=at.limit,
                offset=at.offset,
            )
        total = rows[0]["total"] if rows else 0
        shown = [_session(row, services) for row in rows]
        return {
            "sessions": shown,
            "total": total,
            "first": at.offset,
            "size": at.limit,
            "show": show,
            "chosen": cohort or "",
        }

    @routes.get("/watch")
    async def watch(
        request: Request, _: Staff, show: str = "open", cohort: Cohort = None, offset: Offset = 0
    ) -> Response:
        """Sessions under way, or all of them; of one cohort, or of all."""
        async with services.database.connection() as connection:
            names = [found.name for found, _sizes in await cohorts.listing(connection)]
        return page(request, "watch.html", cohorts=names, **await listed(show, cohort, offset))

    @routes.get("/watch-list")
    async def watch_list(
        request: Request, _: Staff, show: str = "open", cohort: Cohort = None, offset: Offset = 0
    ) -> Response:
        """The part of the list that changes."""
        return page(request, "watch_list.html", **await listed(show, cohort, offset))


def _session(row: Row, services: Services) -> dict[str, Any]:
    count, at = len(row["scenario_queue"]), row["current_scenario_index"] + 1
    counted = row["phase"] in {Phase.SCENARIO, Phase.BETWEEN}
    return {
        "id": row["session_id"],
        "student": row["student_name"],
        "code": row["student_code"],
        "cohort": row["cohort"] or "",
        "arm": row["arm"] or "",
        "phase": wording.phase(row["phase"]),
        "step": f"{at} of {count}" if counted else "",
        "status": row["status"],
        "started": row["started_at"],
        "active": wording.since(row["last_activity"], services.clock()),
    }


def _one(routes: APIRouter, services: Services) -> None:
    async def heading(session_id: str) -> dict[str, Any]:
        async with services.database.connection() as connection:
            row = await statements.heading.row(connection, session_id=session_id)
        if row is None:
            raise NotFound("There is no such session.")
        return dict(row)

    @routes.get("/watch/{session_id}")
    async def session(request: Request, session_id: SessionId, caller: Staff) -> Response:
        """One session: who, what is said, how the patient is, and what an instructor may do."""
        told = await heading(session_id)
        return page(
            request,
            "session.html",
            heading=told,
            **await _now(services, session_id, caller),
            **await _said(services, session_id, caller, 0),
        )

    @routes.get("/watch/{session_id}/now")
    async def now(request: Request, session_id: SessionId, caller: Staff) -> Response:
        """How things stand: patient, vital signs, performance so far."""
        return page(request, "session_now.html", **await _now(services, session_id, caller))

    @routes.get("/watch/{session_id}/messages")
    async def messages(
        request: Request,
        session_id: SessionId,
        caller: Staff,
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    ) -> Response:
        """What was said after one message."""
        return page(request, "session_messages.html", **await _said(services, session_id, caller, after))


async def _now(services: Services, session_id: str, caller: Principal) -> dict[str, Any]:
    simulation = services.simulation
    state = await simulation.state(session_id, caller)
    vitals = await simulation.vitals(session_id, caller)
    performance = await simulation.performance(session_id, caller)
    return {
        "state": state,
        "signs": wording.signs(vitals.get("trueVitals", {}), vitals["measuredVitals"]),
        "clinical_s": vitals["clinicalTimeS"],
        "with_patient": state["phase"] == Phase.SCENARIO,
        "running": performance.get("running"),
        "scenarios": performance["scenarios"],
        "totals": performance["totals"],
    }


async def _said(services: Services, session_id: str, caller: Principal, after: int) -> dict[str, Any]:
    found = await services.simulation.messages(session_id, caller, after=after, limit=MESSAGES)
    return {
        "messages": [
            message | {"speaker": wording.speaker(message["role"], message["agent"])}
            for message in found["messages"]
        ]
    }


def _cohorts(routes: APIRouter, services: Services) -> None:
    @routes.get("/cohorts")
    async def overview(request: Request, _: Staff) -> Response:
        """All cohorts with the links that students join by, and a form for a new one."""
        async with services.database.connection() as connection:
            found = await cohorts.listing(connection)
            scenarios = await services.catalog.listing(connection)
        return page(
            request,
            "cohorts.html",
            cohorts=[(cohort, sizes) for cohort, sizes in reversed(found)],
            scenarios=[scenario for scenario, _origin in scenarios],
            base=(services.settings.public_url or str(request.base_url)).rstrip("/"),
        )
