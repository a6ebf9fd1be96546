"""The simulation over HTTP, with the seed's names. HTTP shapes only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from holdfast.agents.speech import Draft, Restart
from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.kit.errors import HoldfastError, InvalidInput, NotAllowed, TooManyRequests
from holdfast.kit.paging import Page
from holdfast.programs.simulation.replies import Answer
from holdfast.programs.simulation.service import Simulation
from holdfast.programs.simulation.steps import Wanted
from holdfast.programs.simulation.turns import LONGEST_MESSAGE
from holdfast.store.ephemeral import Ephemeral
from holdfast.store.statements import Connection
from holdfast.web.idempotency import KeyHeader, once
from holdfast.web.problems import documented, problem_body
from holdfast.web.responses import answer, event_stream
from holdfast.web.security import STAFF, Allow

Student = Annotated[Principal, Depends(Allow(Role.STUDENT))]
Staff = Annotated[Principal, Depends(Allow(*STAFF))]
StudentOrStaff = Annotated[Principal, Depends(Allow(Role.STUDENT, *STAFF))]
Key = Annotated[str | None, KeyHeader]
SessionId = Annotated[str, Path(min_length=1, max_length=200)]
Short = Annotated[str, Field(min_length=1, max_length=200)]


class Start(BaseModel):
    """What a session is started with. Where the cohort's plan fixes scenarios, the plan wins."""

    model_config = ConfigDict(extra="ignore")

    studentId: Short | None = Field(default=None, description="the student's code; the token decides")  # noqa: N815
    scenarioId: Short | None = None  # noqa: N815
    scenarioQueue: list[Short] = Field(default_factory=list, max_length=10)  # noqa: N815
    challengePointsEnabled: bool | None = None  # noqa: N815
    cohort: Short | None = None


class Message(BaseModel):
    """What the student says."""

    model_config = ConfigDict(extra="ignore")

    message: str = Field(min_length=1, max_length=LONGEST_MESSAGE)


class Act(BaseModel):
    """A structured action."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["treatment", "assessment"] = "treatment"
    target: Short = Field(description="a treatment or finding by id or name", examples=["oxygen"])
    dose: float | None = Field(default=None, gt=0, le=1e6)
    unit: Annotated[str, Field(max_length=40)] | None = None
    route: Annotated[str, Field(max_length=40)] | None = None


class Judgement(BaseModel):
    """An instructor's rating of a decision that no rule rates."""

    scenarioIndex: int = Field(ge=0, le=100)  # noqa: N815
    decision: Short
    rating: Literal["optimal", "acceptable", "suboptimal", "dangerous", "not_performed"]
    explanation: str = Field(default="", max_length=4000)


def router(simulation: Simulation, ephemeral: Ephemeral, per_minute: int | None) -> APIRouter:
    """The simulation's routes; `per_minute` limits messages of one student where a model is asked."""
    routes = APIRouter(prefix="/api/sessions", tags=["simulation"])
    _start_and_list(routes, simulation)
    _conversation(routes, simulation, _Limit(ephemeral, per_minute))
    _steps(routes, simulation)
    _deeds(routes, simulation)
    _looks(routes, simulation)
    return routes


class _Limit:
    """A limit on messages, per student."""

    def __init__(self, ephemeral: Ephemeral, per_minute: int | None) -> None:
        self._ephemeral = ephemeral
        self._per_minute = per_minute

    async def check(self, caller: Principal) -> None:
        """Raises TooManyRequests when the student has sent too many messages."""
        if self._per_minute is None:
            return
        name = f"messages:{caller.subject}"
        allowance = await self._ephemeral.allow(name, limit=self._per_minute, window_s=60)
        if not allowance.allowed:
            raise TooManyRequests("too many messages in a minute", retry_after_s=allowance.retry_after_s)


def _start_and_list(routes: APIRouter, simulation: Simulation) -> None:
    @routes.post("/start", responses=documented(404, 409, 422))
    async def start(body: Start, request: Request, caller: Student, key: Key = None) -> Response:
        """Start a session with the cognitive coach."""

        async def work(connection: Connection) -> dict[str, Any]:
            student_id = caller.student_id
            if student_id is None:
                raise NotAllowed("only students start sessions")
            await _same_student(connection, body.studentId, caller)
            scenarios = body.scenarioQueue or ([body.scenarioId] if body.scenarioId else [])
            wanted = Wanted(scenarios, body.challengePointsEnabled, body.cohort)
            return await simulation.steps.start(connection, student_id, wanted, caller=caller)

        return await once(request, simulation.database, caller, key, work)

    @routes.get("/active", responses=documented())
    async def active(_: Staff, limit: int = 20, offset: int = 0) -> Response:
        """Sessions under way, newest first."""
        return answer(await simulation.active(Page.clamped(limit, offset)))

    @routes.get("/mine", responses=documented())
    async def mine(caller: Student) -> Response:
        """The caller's own sessions, newest first."""
        if caller.student_id is None:
            raise NotAllowed("only students have sessions")
        return answer(await simulation.mine(caller.student_id))


async def _same_student(connection: Connection, named: str | None, caller: Principal) -> None:
    """Refuse a start for another student than the token's."""
    if named is None or named == caller.subject or caller.student_id is None:
        return
    student = await students.by_id(connection, caller.student_id)
    if named != student.student_code:
        raise InvalidInput("is not the student of the token", field="studentId")


def _conversation(routes: APIRouter, simulation: Simulation, limit: _Limit) -> None:
    async def converse(
        request: Request, session_id: str, body: Message, caller: Principal, key: str | None
    ) -> Response:
        await limit.check(caller)
        if "text/event-stream" in request.headers.get("accept", ""):
            return event_stream(_stream(simulation, session_id, caller, body.message, key))
        turn = await simulation.turns.take(session_id, caller, body.message, key)
        return answer({"success": True, **turn.body()})

    @routes.post("/{session_id}/message", responses=documented(404, 409, 422))
    async def message(
        session_id: SessionId, body: Message, request: Request, caller: Student, key: Key = None
    ) -> Response:
        """Say something to whoever is there: coach, patient or reviewer.

        With `Accept: text/event-stream` the reply comes as `delta` events, which are drafts, and a
        `saved` event once it is committed; `restart` voids the drafts so far.
        """
        return await converse(request, session_id, body, caller, key)

    @routes.post("/{session_id}/aar/message", responses=documented(404, 409, 422))
    async def aar_message(
        session_id: SessionId, body: Message, request: Request, caller: Student, key: Key = None
    ) -> Response:
        """Say something in the after-action review."""
        await simulation.require_review(session_id, caller, key)
        return await converse(request, session_id, body, caller, key)


async def _stream(
    simulation: Simulation, session_id: str, caller: Principal, text: str, key: str | None
) -> AsyncIterator[tuple[str, Any]]:
    """The turn as server-sent events. It is carried to its end even when the client goes away."""
    queue: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()

    async def carry_out() -> None:
        try:
            async for piece in simulation.turns.stream(session_id, caller, text, key):
                await queue.put(_event(piece))
        except HoldfastError as error:
            await queue.put(("error", problem_body(error)))
        finally:
            await queue.put(None)

    task = asyncio.get_running_loop().create_task(carry_out())
    _UNDER_WAY.add(task)
    task.add_done_callback(_UNDER_WAY.discard)
    while (item := await queue.get()) is not None:
        yield item


_UNDER_WAY: set[asyncio.Task[None]] = set()
"""Holds turns that are under way, because a loop only refers to its tasks weakly."""


def _event(piece: Draft | Restart | Answer) -> tuple[str, Any]:
    if isinstance(piece, Draft):
        return "delta", {"text": piece.text}
    if isinstance(piece, Restart):
        return "restart", {}
    return "saved", {"success": True, **piece.body()}


Step = Callable[[Connection, str, Principal], Awaitable[dict[str, Any]]]


def _steps(routes: APIRouter, simulation: Simulation) -> None:
    def step(path: str, carry_out: Step, doc: str) -> None:
        @routes.post(
            f"/{{session_id}}/{path}",
            name=path,
            operation_id=f"simulation_{path.replace('/', '_').replace('-', '_')}",
            description=doc,
            responses=documented(404, 409, 422),
        )
        async def route(
            session_id: SessionId, request: Request, caller: Student, key: Key = None
        ) -> Response:
            async def work(connection: Connection) -> dict[str, Any]:
                return await carry_out(connection, session_id, caller)

            return await once(request, simulation.database, caller, key, work)

    step("begin-scenario", simulation.steps.begin, "Begin the first scenario, once the coach is done.")
    step("complete", simulation.steps.complete, "Hand the patient over and end the scenario.")
    step("next-scenario", simulation.steps.next, "Begin the next scenario, or learn that all are complete.")
    step("aar/start", simulation.steps.start_review, "Begin the after-action review.")


def _deeds(routes: APIRouter, simulation: Simulation) -> None:
    @routes.post("/{session_id}/action", responses=documented(404, 409, 422))
    async def action(
        session_id: SessionId, body: Act, request: Request, caller: Student, key: Key = None
    ) -> Response:
        """Carry out one treatment or assessment, without words."""

        async def work(connection: Connection) -> dict[str, Any]:
            asked = body.model_dump(exclude={"type"}) | {"kind": body.type}
            return await simulation.steps.act(connection, session_id, caller, asked)

        return await once(request, simulation.database, caller, key, work)

    @routes.post("/{session_id}/judgement", responses=documented(404, 409, 422))
    async def judge(
        session_id: SessionId, body: Judgement, request: Request, caller: Staff, key: Key = None
    ) -> Response:
        """Rate a decision that no rule rates."""

        async def work(connection: Connection) -> dict[str, Any]:
            asked = body.model_dump() | {"scenario_index": body.scenarioIndex}
            return await simulation.judge(connection, session_id, caller, asked)

        return await once(request, simulation.database, caller, key, work)

    @routes.delete("/{session_id}", responses=documented(404, 409, 422))
    async def leave(
        session_id: SessionId, request: Request, caller: StudentOrStaff, key: Key = None
    ) -> Response:
        """Delete a session (staff) or give it up (its student, whose work stays)."""

        async def work(connection: Connection) -> dict[str, Any]:
            return await simulation.leave(connection, session_id, caller)

        return await once(request, simulation.database, caller, key, work)


def _looks(routes: APIRouter, simulation: Simulation) -> None:
    @routes.get("/{session_id}/check", responses=documented())
    async def check(session_id: SessionId, caller: StudentOrStaff) -> Response:
        """Whether there is such a session, and all that is needed to come back to it."""
        return answer(await simulation.check(session_id, caller))

    @routes.get("/{session_id}/messages", responses=documented(404))
    async def messages(
        session_id: SessionId,
        caller: StudentOrStaff,
        after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> Response:
        """The conversation, oldest first, from after one message on."""
        return answer(await simulation.messages(session_id, caller, after=after, limit=limit))

    def look(path: str, see: Callable[[str, Principal], Awaitable[dict[str, Any]]], doc: str) -> None:
        @routes.get(
            f"/{{session_id}}/{path}",
            name=path,
            operation_id=f"simulation_{path.replace('/', '_')}",
            description=doc,
            responses=documented(404),
        )
        async def route(session_id: SessionId, caller: StudentOrStaff) -> Response:
            return answer(await see(session_id, caller))

    look("vitals", simulation.vitals, "What was measured; staff sees the true vital signs beside it.")
    look("state", simulation.state, "Where the session stands; staff sees the patient's state beside it.")
    look("performance", simulation.performance, "The scores of completed scenarios, and the totals.")
    look("aar/status", simulation.review_status, "Where the after-action review stands.")
