"""Students: registration with allocation, identities from outside, lost tokens, erasure."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from holdfast.core import cohorts
from holdfast.core.allocation import arm_for
from holdfast.core.cohorts import Cohort
from holdfast.core.erasure import IdentityKey, bar
from holdfast.core.journal import Event, record
from holdfast.core.people import clean_email, clean_name
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.kit.ids import secret_token, student_code, uuid7
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.core", "students.sql")

LINK_LIFETIME_S = 72 * 3600


@dataclass(frozen=True, slots=True)
class Student:
    """A student as stored."""

    student_id: UUID
    student_code: str
    name: str
    email: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: Row) -> Student:
        """From a row of the student statements."""
        return cls(row["student_id"], row["student_code"], row["name"], row["email"], row["created_at"])


@dataclass(frozen=True, slots=True)
class Registration:
    """A new student and the study group the student was allocated to."""

    student: Student
    cohort: str
    arm: str
    enrolment_id: UUID


async def register(
    connection: Connection, *, name: str, email: str | None, consent: bool, cohort: Cohort, actor: str
) -> Registration:
    """Create a student and allocate the student to a study group, in the connection's transaction.

    Raises:
        InvalidInput: a name or e-mail that is none, or no consent.
        Conflict: the e-mail is registered already; nothing is said about whose it is.
    """
    if not consent:
        raise InvalidInput("consent is needed to take part", field="consent")
    student = await add(connection, name=name, email=email)
    enrolment_id, arm = await enrol(connection, student.student_id, cohort, consented=True)
    await record(
        connection,
        Event("student.registered", actor, student_id=student.student_id, object=cohort.name, result=arm),
    )
    return Registration(student, cohort.name, arm, enrolment_id)


async def add(connection: Connection, *, name: str, email: str | None) -> Student:
    """Create a student without enrolling.

    Raises:
        InvalidInput, Conflict: as `register`.
    """
    name, email = clean_name(name), clean_email(email)
    student_id = uuid7()
    async with _known_email_is_a_conflict():
        await statements.insert_student.run(
            connection, student_id=student_id, student_code=student_code(name), name=name, email=email
        )
    return await by_id(connection, student_id)


@asynccontextmanager
async def _known_email_is_a_conflict() -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "students_email_key":
            raise
        raise Conflict(
            "this e-mail is registered already; ask your instructor for a link to come back", field="email"
        ) from error


async def enrol(
    connection: Connection, student_id: UUID, cohort: Cohort, *, consented: bool
) -> tuple[UUID, str]:
    """Allocate a student to an arm of a cohort; the enrolment and the arm.

    Raises:
        Conflict: when the student is enrolled there already.
    """
    turn = await cohorts.statements.next_allocation.row(connection, cohort_id=cohort.cohort_id)
    if turn is None:
        raise NotFound("the cohort is gone", field="cohort")
    arm = arm_for(
        turn["number"], arms=turn["arms"], block_size=turn["block_size"], seed=turn["allocation_seed"]
    )
    enrolment_id = uuid7()
    try:
        await cohorts.statements.insert_enrolment.run(
            connection,
            enrolment_id=enrolment_id,
            student_id=student_id,
            cohort_id=cohort.cohort_id,
            arm=arm,
            allocation_number=turn["number"],
            consent_version=turn["consent_version"],
            consented=consented,
        )
    except asyncpg.UniqueViolationError as error:
        raise Conflict("the student is enrolled in this cohort already", field="cohort") from error
    return enrolment_id, arm


async def join(
    connection: Connection, student_id: UUID, cohort: Cohort, *, consent: bool, actor: str
) -> tuple[UUID, str]:
    """Enrol a student who is known already, such as one from outside; the enrolment and the arm.

    Raises:
        InvalidInput: no consent.
        Conflict: as `enrol`.
    """
    if not consent:
        raise InvalidInput("consent is needed to take part", field="consent")
    enrolment_id, arm = await enrol(connection, student_id, cohort, consented=True)
    event = Event("student.joined", actor, student_id=student_id, object=cohort.name, result=arm)
    await record(connection, event)
    return enrolment_id, arm


async def by_id(connection: Connection, student_id: UUID) -> Student:
    """The student with this id.

    Raises:
        NotFound: when there is none.
    """
    row = await statements.student_by_id.row(connection, student_id=student_id)
    if row is None:
        raise NotFound("there is no such student", field="studentId")
    return Student.of(row)


async def by_name_of_any_kind(connection: Connection, name: str) -> Student:
    """The student whom a readable code or a UUID names.

    Raises:
        NotFound: when there is none.
    """
    row = await statements.student_by_code.row(connection, student_code=name)
    if row is None:
        try:
            row = await statements.student_by_id.row(connection, student_id=UUID(name))
        except ValueError:
            row = None
    if row is None:
        raise NotFound("there is no such student", field="student")
    return Student.of(row)


async def create_link(connection: Connection, student: Student, *, actor: str) -> tuple[str, datetime]:
    """A secret that returns the student's token once, and until when it works."""
    secret = secret_token()
    expires = await statements.insert_link.value(
        connection,
        link_hash=_hash(secret),
        student_id=student.student_id,
        created_by=actor,
        seconds=LINK_LIFETIME_S,
    )
    await record(connection, Event("student.link_created", actor, student_id=student.student_id))
    return secret, expires


async def use_link(connection: Connection, secret: str) -> Student:
    """The student of a one-time link, which is used up by this.

    Raises:
        NotFound: when the link is unknown, used or too old; which of these is not said.
    """
    student_id = await statements.use_link.value(connection, link_hash=_hash(secret))
    if student_id is None:
        raise NotFound("this link does not work any more; ask your instructor for another", field="link")
    await record(connection, Event("student.link_used", f"student:{student_id}", student_id=student_id))
    return await by_id(connection, student_id)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


async def erase(connection: Connection, student: Student, *, actor: str, key: IdentityKey) -> None:
    """Delete a student and everything that belongs to the student.

    What remains is one event without a name (that an erasure took place, when, and by whom) and, of a
    student whom an outside system knows, a fingerprint that keeps the student from being created again.
    """
    await bar(connection, student.student_id, key)
    await statements.erase_student.run(connection, student_id=student.student_id)
    await record(connection, Event("student.erased", actor))
