"""Where a test stands: everything a command must know, read in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.core.access import Principal
from holdfast.core.service_clock import ServiceClock, has_expired
from holdfast.core.sessions import Status
from holdfast.core.sessions import statements as sessions
from holdfast.kit.clock import seconds_between
from holdfast.kit.errors import InvalidInput, NotFound, WrongStep
from holdfast.programs.adaptive_test.pools import statements
from holdfast.store.statements import Connection, Row


class Idle(WrongStep):
    """The student was not heard of for too long; the test is to be marked expired."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The question that waits for its answer.

    Attributes:
        at_s: seconds of the test's own clock at which it was given.
        choice: why it was chosen, as the engine says it.
    """

    question_id: str
    version: int
    position: int
    scored: bool
    at_s: float
    choice: dict[str, Any]
    draw: int
    digest: str
    eligible: int
    engine: str

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the test."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Place:
    """A test as it is at one moment; `row` holds the columns that are only passed on."""

    session_id: str
    student_id: UUID
    pool_id: UUID
    revision: int
    status: Status
    version: int
    pending: Pending | None
    places: tuple[int, ...]
    idle_s: float
    elapsed_s: float
    lifetime_over: bool
    row: Row

    @property
    def concept_names(self) -> tuple[str, ...]:
        """In the order in which vectors are shown."""
        return tuple(self.row["concept_names"])

    @property
    def expired(self) -> bool:
        """Whether it was marked expired."""
        return self.status is Status.ABANDONED and self.row["expired_at"] is not None

    @property
    def is_active(self) -> bool:
        """Whether it is under way, if only paused."""
        return self.status in {Status.IN_PROGRESS, Status.PAUSED}

    @property
    def shown_status(self) -> str:
        """The seed's word for where it stands."""
        if self.expired:
            return "expired"
        return "active" if self.status is Status.IN_PROGRESS else self.status.value.lower()


def place_of(row: Row) -> Place:
    """From a row of `read_test`."""
    service = ServiceClock(row["now"], row["beat_at"], row["service_downtime_s"])
    pending = Pending(**row["pending"]) if row["pending"] is not None else None
    return Place(
        session_id=row["session_id"],
        student_id=row["student_id"],
        pool_id=row["question_pool_id"],
        revision=row["pool_revision"],
        status=Status(row["status"]),
        version=row["version"],
        pending=pending,
        places=concept_places(row["pool_concepts"], row["concept_names"]),
        idle_s=_idle(row, service),
        elapsed_s=_elapsed(row, service),
        lifetime_over=has_expired(row["expires_at"], row["session_downtime_s"], service),
        row=row,
    )


def concept_places(pool_names: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    """Which place of the pool's vectors each of some names stands for.

    The same names in any order are aligned by name. Other names are new labels for the pool's
    concepts, place by place.

    Raises:
        InvalidInput: there are not as many, one is there twice, or only some are the pool's.
    """
    if len(names) != len(pool_names):
        raise InvalidInput(f"the pool has {len(pool_names)} concepts", field="concept_names")
    if len(set(names)) != len(names):
        raise InvalidInput("no concept may be there twice", field="concept_names")
    known = [name for name in names if name in pool_names]
    if not known:
        return tuple(range(len(names)))
    if len(known) != len(names):
        strange = next(name for name in names if name not in pool_names)
        raise InvalidInput(f"{strange!r} is none of the pool's concepts", field="concept_names")
    return tuple(list(pool_names).index(name) for name in names)


def _idle(row: Row, service: ServiceClock) -> float:
    """Seconds without an answer; a test that is paused or over is not idle."""
    if row["status"] != Status.IN_PROGRESS:
        return 0.0
    latest: datetime = row["last_activity"]
    return seconds_between(latest, service.now)


def _elapsed(row: Row, service: ServiceClock) -> float:
    """Seconds of the test's own clock, which stands still in pauses and, unless the plan says so, outages."""
    until = row["paused_at"] or service.now
    running = seconds_between(row["started_at"], until) - float(row["paused_s"])
    if not row["rules"].get("outages_count"):
        total = row["pause_downtime_s"] if row["paused_at"] else service.outages_s
        running -= max(0.0, float(total) - row["session_downtime_s"] - row["paused_outage_s"])
    return max(0.0, running)


async def look(connection: Connection, session_id: str, caller: Principal) -> Place:
    """Where a test stands.

    Raises:
        NotFound: no such test, or one of another student, which must look the same.
    """
    row = await statements.read_test.row(connection, session_id=session_id)
    if row is None or caller.student_id not in {None, row["student_id"]}:
        raise not_found()
    return place_of(row)


async def locked(connection: Connection, session_id: str, caller: Principal) -> Place:
    """Where a test stands, under its row lock.

    Raises:
        NotFound: as `look`.
    """
    row = await sessions.lock_session.row(connection, session_id=session_id)
    if row is None or caller.student_id not in {None, row["student_id"]}:
        raise not_found()
    return await look(connection, session_id, caller)


def not_found() -> NotFound:
    """What is said of a test that is not there, or not the caller's."""
    return NotFound("there is no such test", field="session_id")


def require_open(place: Place, idle_s: float) -> None:
    """Refuse an answer to a test that is paused, over or expired.

    Raises:
        Idle: it is to be marked expired now.
        WrongStep: naming what is expected instead.
    """
    if place.status is Status.COMPLETED:
        raise WrongStep("the test is complete", expected="nothing: the test is complete")
    if place.status is Status.PAUSED:
        raise WrongStep("the test is paused by the instructor", expected="wait for the instructor")
    if place.expired:
        raise WrongStep("the test has expired", expected=f"POST /api/test/resume/{place.session_id}")
    if place.status is not Status.IN_PROGRESS:
        raise WrongStep(f"the test is {place.status.lower()}", expected="ask your instructor")
    if place.lifetime_over:
        raise WrongStep("the test's time window is over", expected="ask your instructor to extend it")
    if place.idle_s > idle_s:
        raise Idle("the test has expired", expected=f"POST /api/test/resume/{place.session_id}")
