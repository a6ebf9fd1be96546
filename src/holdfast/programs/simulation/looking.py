"""Finding a session: whose it is, and whether anything may be added to it now."""

from __future__ import annotations

from holdfast.core.access import Principal
from holdfast.core.sessions import Status
from holdfast.kit.errors import NotFound, WrongStep
from holdfast.programs.simulation.changes import statements
from holdfast.programs.simulation.held_states import HeldState
from holdfast.programs.simulation.place import EXPECTED, Phase, Place, place_of
from holdfast.store.statements import Connection


async def find(
    connection: Connection, session_id: str, key: str | None = None, held: HeldState | None = None
) -> Place | None:
    """Where the session stands; none when there is none."""
    row = await statements.read_session.row(
        connection, session_id=session_id, client_key=key, held_state=held and held.state_id
    )
    return place_of(row, held) if row else None


async def look(
    connection: Connection,
    session_id: str,
    caller: Principal,
    key: str | None = None,
    held: HeldState | None = None,
) -> Place:
    """Where the session stands.

    Raises:
        NotFound: no such session, or one of another student, which must look the same.
    """
    place = await find(connection, session_id, key, held)
    if place is None or caller.student_id not in {None, place.student_id}:
        raise NotFound("Session not found")
    return place


def require_open(place: Place) -> None:
    """Refuse to add to a session that is paused, closed or expired.

    Raises:
        WrongStep: naming what is expected instead.
    """
    if place.status is Status.COMPLETED:
        raise WrongStep("the session is complete", expected=EXPECTED[place.phase])
    if place.status is Status.PAUSED:
        raise WrongStep("the session is paused by the instructor", expected="wait for the instructor")
    if place.status is not Status.IN_PROGRESS:
        raise WrongStep(f"the session is {place.status.lower()}", expected="ask your instructor")
    if place.expired:
        raise WrongStep("the session has expired", expected="ask your instructor to extend it")


def require_phase(place: Place, *phases: Phase) -> None:
    """Refuse a step that comes at the wrong time.

    Raises:
        WrongStep: naming the step that is expected.
    """
    if place.phase not in phases:
        expected = EXPECTED[place.phase]
        raise WrongStep(
            f"this comes at the wrong time; expected now: {expected}",
            expected=expected,
            phase=place.phase.value,
        )
