"""Sessions: how one starts, and what an instructor may do to it. Programs hang their own rows on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from holdfast.core import cohorts
from holdfast.core.access import Principal
from holdfast.core.cohorts import Plan
from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput, NotFound, WrongStep
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.core", "sessions.sql")

LONGEST_EXTENSION_S = 90 * 24 * 3600


class Status(StrEnum):
    """Where a session stands."""

    IN_PROGRESS = "IN_PROGRESS"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class Membership:
    """The enrolment that a session belongs to; empty for a student in no cohort."""

    enrolment_id: UUID | None
    arm: str | None
    cohort: str | None
    plan: Plan


async def membership(connection: Connection, student_id: UUID, cohort: str | None = None) -> Membership:
    """The student's enrolment in the named cohort, or else the newest one.

    Raises:
        NotFound: when a cohort is named and the student is not in it.
    """
    row = await cohorts.statements.enrolment_for_session.row(
        connection, student_id=student_id, cohort_name=cohort
    )
    if row is None and cohort is not None:
        raise NotFound("the student is not in this cohort", field="cohort")
    if row is None:
        return Membership(None, None, None, Plan())
    return Membership(row["enrolment_id"], row["arm"], row["cohort"], Plan.model_validate(row["plan"]))


def check_window(plan: Plan, program: str, *, now: datetime) -> None:
    """Refuse a session that the plan does not allow now.

    Raises:
        WrongStep: before the window opens, after it closes, or for a program outside the plan.
    """
    if plan.programs and program not in plan.programs:
        raise WrongStep(f"the cohort's plan has no {program}", expected=list(plan.programs))
    if plan.opens_at and now < plan.opens_at:
        raise WrongStep("the cohort's sessions have not opened yet", expected=f"wait until {plan.opens_at}")
    if plan.closes_at and now > plan.closes_at:
        raise WrongStep("the cohort's sessions are closed", expected="ask your instructor")


async def control(
    connection: Connection, session_id: str, act: str, *, caller: Principal, seconds: float | None = None
) -> Status:
    """Pause, resume, extend, void, abandon or reopen a session; the status afterwards.

    Args:
        connection: inside a transaction.
        session_id: the session.
        act: one of the six words.
        caller: for the journal.
        seconds: for extend and reopen, how much time to give (default one day, at most 90 days).

    Raises:
        NotFound: no such session.
        InvalidInput: an unknown act or an impossible time.
        WrongStep: the session's status does not allow it; the answer names those that do.
    """
    if act not in _ACTS:
        raise InvalidInput(f"must be one of {', '.join(_ACTS)}", field="action")
    row = await statements.lock_session.row(connection, session_id=session_id)
    if row is None:
        raise NotFound("there is no such session")
    if row["status"] not in _ACTS[act]:
        raise WrongStep(
            f"a session that is {row['status']} cannot be changed by {act}", expected=list(_ACTS[act])
        )
    await _apply(connection, session_id, act, _checked(seconds))
    after = await statements.lock_session.row(connection, session_id=session_id)
    status = Status(after["status"]) if after else Status.VOID
    await record(connection, _event(row, act, caller, status))
    return status


_OPEN = (Status.IN_PROGRESS, Status.PAUSED)
_ACTS: dict[str, tuple[Status, ...]] = {
    "pause": (Status.IN_PROGRESS,),
    "resume": (Status.PAUSED,),
    "extend": _OPEN,
    "void": (*_OPEN, Status.COMPLETED, Status.ABANDONED),
    "abandon": _OPEN,
    "reopen": (Status.VOID, Status.ABANDONED),
}


def _checked(seconds: float | None) -> float:
    if seconds is None:
        return 24 * 3600
    if not 0 < seconds <= LONGEST_EXTENSION_S:
        raise InvalidInput(f"must be more than 0 and at most {LONGEST_EXTENSION_S}", field="seconds")
    return seconds


async def _apply(connection: Connection, session_id: str, act: str, seconds: float) -> None:
    if act == "pause":
        await statements.pause_session.run(connection, session_id=session_id)
    elif act == "resume":
        await statements.resume_session.run(connection, session_id=session_id)
    elif act == "extend":
        await statements.extend_session.value(connection, session_id=session_id, seconds=seconds)
    elif act == "reopen":
        await statements.reopen_session.run(connection, session_id=session_id, seconds=seconds)
    else:
        status = Status.VOID if act == "void" else Status.ABANDONED
        await statements.close_session.run(connection, session_id=session_id, status=status)


def _event(row: Row, act: str, caller: Principal, status: Status) -> Event:
    return Event(
        f"session.{act}", caller.actor, row["student_id"], row["session_id"], row["program"], status.value
    )
