"""Cohorts: who may join, which study groups there are, and the plan that every member follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from holdfast.core.allocation import check_blocks
from holdfast.core.journal import Event, record
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.kit.ids import readable, uuid7
from holdfast.kit.randomness import new_seed
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.core", "cohorts.sql")

CONSENT_VERSION = "1"
CONSENT_TEXT = (
    "I agree that what I do and write in these learning sessions is stored and used to support my "
    "learning, and that it may be used, without my name, for research into learning. I may withdraw "
    "this consent at any time; my data are then left out of research from that moment on."
)


class Plan(BaseModel):
    """What every member of a cohort does, so that a student's choice cannot confound the arms.

    Attributes:
        programs: the programs that members may use; empty means all.
        opens_at, closes_at: the time window in which sessions may be started.
        outages_count: whether clinical and test clocks run on while the service is down.
        session_hours: how long a session may last from its start.
    Each program reads its own section (such as ``simulation``) and validates it itself.
    """

    model_config = ConfigDict(extra="allow")

    programs: tuple[str, ...] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    outages_count: bool = False
    session_hours: float = Field(default=24, gt=0, le=24 * 365)

    def section(self, program: str) -> dict[str, Any]:
        """The section of one program, empty when the plan says nothing about it.

        Raises:
            InvalidInput: when the section is not an object.
        """
        found = (self.model_extra or {}).get(program) or {}
        if not isinstance(found, dict):
            raise InvalidInput("must be an object", field=f"plan.{program}")
        return found


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort as stored."""

    cohort_id: UUID
    name: str
    join_code: str
    arms: tuple[str, ...]
    block_size: int
    allocation_seed: int
    plan: Plan
    consent_version: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: Row) -> Cohort:
        """From a row of the cohort statements."""
        return cls(
            cohort_id=row["cohort_id"],
            name=row["name"],
            join_code=row["join_code"],
            arms=tuple(row["arms"]),
            block_size=row["block_size"],
            allocation_seed=row["allocation_seed"],
            plan=Plan.model_validate(row["plan"]),
            consent_version=row["consent_version"],
            created_at=row["created_at"],
        )


def parse_plan(document: dict[str, Any]) -> Plan:
    """A plan from outside.

    Raises:
        InvalidInput: naming the field that is wrong.
    """
    try:
        return Plan.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(first["msg"], field=f"plan.{place}") from error


@dataclass(frozen=True, slots=True)
class NewCohort:
    """What is needed to create a cohort; the seed is drawn and stored when none is given."""

    name: str
    arms: Sequence[str] = ("A", "B")
    block_size: int = 4
    plan: Plan = field(default_factory=Plan)
    join_code: str | None = None
    seed: int | None = None


async def create(connection: Connection, new: NewCohort, *, actor: str) -> Cohort:
    """Create a cohort.

    Raises:
        InvalidInput: a blank name, or blocks that cannot be balanced.
        Conflict: the name or the join code is taken.
    """
    name = new.name.strip()
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise InvalidInput("must have 1 to 100 printable characters", field="name")
    check_blocks(new.arms, new.block_size)
    await ensure_consent_text(connection)
    try:
        await statements.insert_cohort.run(
            connection,
            cohort_id=uuid7(),
            name=name,
            join_code=new.join_code or readable(8),
            arms=list(new.arms),
            block_size=new.block_size,
            allocation_seed=new_seed() if new.seed is None else new.seed,
            plan=new.plan.model_dump(mode="json"),
            consent_version=CONSENT_VERSION,
        )
    except asyncpg.UniqueViolationError as error:
        taken = "joinCode" if "join_code" in (error.constraint_name or "") else "name"
        raise Conflict("a cohort with this name or join code exists", field=taken) from error
    await record(connection, Event("cohort.created", actor, object=name))
    return await by_name(connection, name)


async def ensure_consent_text(connection: Connection) -> None:
    """Store the shipped consent text under its version, once."""
    if await statements.consent_text.value(connection, version=CONSENT_VERSION) is None:
        async with connection.transaction():
            try:
                async with connection.transaction():
                    await statements.insert_consent_text.run(
                        connection, version=CONSENT_VERSION, text=CONSENT_TEXT
                    )
            except asyncpg.UniqueViolationError:
                return  # another process stored the same text at the same moment


async def by_name(connection: Connection, name: str) -> Cohort:
    """The cohort of this name.

    Raises:
        NotFound: when there is none.
    """
    row = await statements.cohort_by_name.row(connection, name=name)
    if row is None:
        raise NotFound(f"there is no cohort named {name!r}", field="cohort")
    return Cohort.of(row)


async def by_join_code(connection: Connection, join_code: str) -> Cohort:
    """The cohort of this join code.

    Raises:
        InvalidInput: when no cohort has it.
    """
    row = await statements.cohort_by_join_code.row(connection, join_code=join_code.strip())
    if row is None:
        raise InvalidInput("no cohort has this join code", field="joinCode")
    return Cohort.of(row)


async def listing(connection: Connection) -> list[tuple[Cohort, dict[str, int]]]:
    """Every cohort with the number of students in each arm, oldest first."""
    rows = await statements.list_cohorts.rows(connection)
    return [(Cohort.of(row), row["sizes"]) for row in rows]
