"""Plans and looks in the database: written once, never changed, with the database's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort
from holdfast.core.journal import Event, record
from holdfast.kit.clock import iso
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.kit.ids import uuid7
from holdfast.kit.paging import Listing, Page
from holdfast.kit.plain import storable
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Plan, RecordedLook, Registration
from holdfast.store.statements import Connection, Row, load

statements = load("holdfast.research")

PROGRAM_OF_TABLE = {
    "students_overview": "simulation",
    "performance_metrics": "simulation",
    "scenario_performance": "simulation",
    "workshop_steps": "workshop",
    "adaptive_tests": "adaptive_test",
    "adaptive_responses": "adaptive_test",
    "practice_sessions": "practice",
}
"""Whose sessions an outcome's table comes from; a baseline test is no outcome of a simulation."""


@dataclass(frozen=True, slots=True)
class RegisteredPlan:
    """A registration as stored."""

    plan_id: UUID
    cohort: str
    cohort_id: UUID
    sha256: str
    title: str
    toml: str
    registered_by: str
    registered_at: datetime
    first_outcome_at: datetime | None
    after_first_outcome: bool

    @classmethod
    def of(cls, row: Row) -> RegisteredPlan:
        """From a row of the plan statements."""
        return cls(**{name: row[name] for name in cls.__slots__})

    def shown(self) -> dict[str, Any]:
        """As JSON, without the text."""
        return {
            "planId": str(self.plan_id),
            "cohort": self.cohort,
            "title": self.title,
            "sha256": self.sha256,
            "registeredAt": iso(self.registered_at),
            "registeredBy": self.registered_by,
            "firstOutcomeAt": iso(self.first_outcome_at) if self.first_outcome_at else None,
            "afterFirstOutcome": self.after_first_outcome,
        }


async def register(connection: Connection, cohort: Cohort, toml: str, *, actor: str) -> RegisteredPlan:
    """Register a plan for a cohort; registering the very same plan again gives the first registration.

    Raises:
        InvalidInput: the text is not a plan, or names arms that the cohort does not have.
    """
    plan = read_plan(_text(toml))
    _check_arms(plan, cohort)
    known = await statements.plan_of_hash.row(connection, cohort_id=cohort.cohort_id, sha256=plan.sha256)
    if known is not None:
        return RegisteredPlan.of(known)
    try:
        await _insert(connection, cohort, plan, toml, actor)
    except asyncpg.UniqueViolationError as error:
        raise Conflict(
            "this plan is being registered by somebody else at this moment", field="plan"
        ) from error
    made = await plan_by_hash(connection, cohort, plan.sha256)
    await record(
        connection,
        Event("research.plan_registered", actor, object=cohort.name, data={"sha256": plan.sha256}),
    )
    return made


async def _insert(connection: Connection, cohort: Cohort, plan: Plan, toml: str, actor: str) -> None:
    await statements.insert_plan.run(
        connection,
        plan_id=uuid7(),
        cohort_id=cohort.cohort_id,
        sha256=plan.sha256,
        title=plan.title,
        toml=toml,
        registered_by=actor,
        programs=programs_of(plan),
    )


async def plan_by_hash(connection: Connection, cohort: Cohort, sha256: str) -> RegisteredPlan:
    """The registration of one very plan.

    Raises:
        NotFound: it is not registered.
    """
    row = await statements.plan_of_hash.row(connection, cohort_id=cohort.cohort_id, sha256=sha256)
    if row is None:
        raise NotFound("this plan is not registered", field="plan")
    return RegisteredPlan.of(row)


async def by_id(connection: Connection, plan_id: UUID) -> RegisteredPlan:
    """One registration.

    Raises:
        NotFound: there is none.
    """
    row = await statements.plan_by_id.row(connection, plan_id=plan_id)
    if row is None:
        raise NotFound("there is no such plan", field="plan_id")
    return RegisteredPlan.of(row)


async def listing(connection: Connection, cohort: str | None, page: Page) -> Listing[RegisteredPlan]:
    """Registrations, newest first.

    Raises:
        NotFound: the cohort does not exist.
    """
    cohort_id = (await cohorts.by_name(connection, cohort)).cohort_id if cohort is not None else None
    rows = await statements.list_plans.rows(
        connection, cohort_id=cohort_id, limit=page.limit, offset=page.offset
    )
    return Listing([RegisteredPlan.of(row) for row in rows], rows[0]["total"] if rows else 0, page)


async def registration_for(
    connection: Connection, cohort: Cohort, plan: Plan | None = None
) -> Registration | None:
    """What is registered for a cohort: the given plan's registration, else the newest one, else none.

    Used by an analysis: with ``plan`` it says when that plan was registered; a plan that is not
    registered is compared with the newest one.
    """
    row = None
    if plan is not None:
        row = await statements.plan_of_hash.row(connection, cohort_id=cohort.cohort_id, sha256=plan.sha256)
    row = row or await statements.newest_plan.row(connection, cohort_id=cohort.cohort_id)
    if row is None:
        return None
    found = RegisteredPlan.of(row)
    return Registration(
        cohort=found.cohort,
        sha256=found.sha256,
        toml=found.toml,
        registered_at=found.registered_at,
        registered_by=found.registered_by,
        first_outcome_at=await first_outcome(connection, cohort, read_plan(found.toml)),
        after_first_outcome=found.after_first_outcome,
        looks=await looks_of(connection, cohort),
    )


async def first_outcome(connection: Connection, cohort: Cohort, plan: Plan) -> datetime | None:
    """When the cohort's first session was completed in the programs that the plan's outcomes come from."""
    moment: datetime | None = await statements.first_outcome.value(
        connection, cohort_id=cohort.cohort_id, programs=programs_of(plan)
    )
    return moment


async def record_look(
    connection: Connection, cohort: Cohort, plan: Plan, *, observed: int, actor: str
) -> None:
    """Record that somebody analysed a cohort; call it before the numbers are shown.

    Args:
        connection: in whose transaction the look is written.
        cohort: whose outcomes are looked at.
        plan: the plan that is followed, registered or not.
        observed: students of the plan's arms who have the first primary outcome.
        actor: who looks.
    """
    fraction = observed / plan.looks.students if plan.looks.students else None
    await statements.insert_look.run(
        connection,
        look_id=uuid7(),
        cohort_id=cohort.cohort_id,
        plan_sha256=plan.sha256,
        observed=observed,
        fraction=fraction,
        looked_by=actor,
    )
    data = {"sha256": plan.sha256, "observed": observed}
    await record(connection, Event("research.looked", actor, object=cohort.name, data=data))


async def looks_of(connection: Connection, cohort: Cohort) -> tuple[RecordedLook, ...]:
    """Every look at a cohort's outcomes, oldest first."""
    rows = await statements.looks_of.rows(connection, cohort_id=cohort.cohort_id)
    return tuple(
        RecordedLook(row["looked_at"], row["plan_sha256"], row["observed"], row["fraction"]) for row in rows
    )


def programs_of(plan: Plan) -> list[str]:
    """The programs whose sessions the outcomes come from; empty when one is not known: then all count."""
    found = {PROGRAM_OF_TABLE.get(outcome.table) for outcome in plan.outcomes}
    return [] if None in found else sorted(name for name in found if name)


def _text(toml: str) -> str:
    try:
        return storable(toml)
    except ValueError as error:
        raise InvalidInput(str(error), field="plan") from error


def _check_arms(plan: Plan, cohort: Cohort) -> None:
    for number, arm in enumerate(plan.arms):
        if arm.code not in cohort.arms:
            raise InvalidInput(
                f"the cohort has the arms {', '.join(cohort.arms)}, not {arm.code!r}",
                field=f"plan.arms.{number}.code",
            )
