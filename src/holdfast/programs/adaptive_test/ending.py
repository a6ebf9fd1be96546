"""Ending a test early, letting an idle one expire, taking it up again. One transaction each."""

from __future__ import annotations

from holdfast.core import sessions
from holdfast.core.access import Principal
from holdfast.core.journal import Event, record
from holdfast.core.sessions import Status
from holdfast.kit.errors import WrongStep
from holdfast.programs.adaptive_test.answering import row_totals
from holdfast.programs.adaptive_test.place import Place, locked, look
from holdfast.programs.adaptive_test.planning import plan_of
from holdfast.programs.adaptive_test.pools import statements
from holdfast.programs.adaptive_test.summarising import Totals
from holdfast.store.statements import Connection

ENDED = "ended"


async def end(connection: Connection, session_id: str, caller: Principal) -> Place:
    """End a test now. One that is over already stays as it is, so that this can be repeated."""
    place = await locked(connection, session_id, caller)
    if not place.is_active:
        return place
    final, came_to = await _came_to(connection, place)
    await statements.end_test.value(
        connection, session_id=session_id, end_reason=ENDED, final_proficiency=final, **came_to.columns()
    )
    about = str(place.pool_id)
    event = Event("test.completed", caller.actor, place.student_id, session_id, about, ENDED)
    await record(connection, event)
    return await look(connection, session_id, caller)


async def expire(connection: Connection, session_id: str, caller: Principal, *, idle_s: float) -> bool:
    """Mark a test expired if nobody was heard of for so many seconds; whether it is so now.

    Its session is abandoned and stands still, as one that an instructor closed; what was answered stays.
    """
    place = await locked(connection, session_id, caller)
    if place.status is not Status.IN_PROGRESS or place.idle_s <= idle_s:
        return False
    final, came_to = await _came_to(connection, place)
    await sessions.statements.close_session.run(connection, session_id=session_id, status=Status.ABANDONED)
    await statements.mark_expired.run(
        connection, session_id=session_id, final_proficiency=final, **came_to.columns()
    )
    await record(connection, Event("test.expired", "service", place.student_id, session_id))
    return True


async def resume(
    connection: Connection, session_id: str, caller: Principal, *, allowed: bool, seconds: float
) -> Place:
    """Take an expired test up again, at the question that waits. One that is under way stays as it is.

    Raises:
        WrongStep: it is complete or closed, or the settings or its rules do not allow it.
    """
    place = await locked(connection, session_id, caller)
    if place.status is Status.IN_PROGRESS:
        return place
    if not place.expired:
        raise WrongStep(
            f"a test that is {place.shown_status} cannot be resumed", expected="POST /api/test/start"
        )
    if not caller.is_staff and not (allowed and plan_of(place.row["rules"]).resume):
        raise WrongStep("an expired test cannot be resumed here", expected="ask your instructor")
    await sessions.statements.reopen_session.run(connection, session_id=session_id, seconds=seconds)
    await statements.mark_resumed.run(connection, session_id=session_id)
    await record(connection, Event("test.resumed", caller.actor, place.student_id, session_id))
    return await look(connection, session_id, caller)


async def _came_to(connection: Connection, place: Place) -> tuple[dict[str, float], Totals]:
    """Final proficiencies and totals of a test that ends where it stands."""
    rows = await statements.responses_of.rows(connection, session_id=place.session_id)
    final = rows[-1]["proficiency_after"] if rows else place.row["initial_proficiency"]
    return final, row_totals(place, rows)
