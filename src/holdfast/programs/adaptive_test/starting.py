"""Starting a test: which pool, which rules, which first question. One transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from holdfast.core import sessions
from holdfast.core.access import Principal
from holdfast.core.cohorts import Plan
from holdfast.core.sessions import Membership
from holdfast.kit.errors import Conflict, InvalidInput, NotAllowed, NotFound
from holdfast.kit.ids import uuid7
from holdfast.kit.randomness import new_seed
from holdfast.programs.adaptive_test import giving, pools, tracking
from holdfast.programs.adaptive_test.bank import PinnedBank
from holdfast.programs.adaptive_test.giving import Giving
from holdfast.programs.adaptive_test.place import Pending, concept_places
from holdfast.programs.adaptive_test.planning import PROGRAM, TestPlan, checked, combined, stopping_of
from holdfast.programs.adaptive_test.pools import Pool, statements
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.opening import Opening
from holdfast.store.statements import Connection


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client asks for when it starts a test; the cohort's plan and the pool may decide otherwise.

    Attributes:
        concept_names: in which order vectors are shown, or labels of concepts that have no names yet.
        end_criteria: the seed's stop rules.
        rules: of the engine; for staff only.
    """

    pool_id: UUID | None = None
    concept_names: Sequence[str] = ()
    end_criteria: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    cohort: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A test that has begun."""

    session_id: str
    student_id: UUID
    pool: Pool
    plan: TestPlan
    concept_names: tuple[str, ...]
    initial: dict[str, float]
    ability: float
    standard_error: float
    pending: Pending


async def start(
    connection: Connection, made: Giving, student_id: UUID, wanted: Wanted, *, caller: Principal
) -> Started:
    """Start a test with its first question.

    Raises:
        NotFound: no such pool, or nothing in it that can be asked.
        InvalidInput: rules that are none, or quotas that the pool cannot meet.
        Conflict: the student has seen every question already.
        WrongStep: the cohort's plan does not allow a test now.
    """
    member = await sessions.membership(connection, student_id, wanted.cohort)
    now = await connection.fetchval("SELECT clock_timestamp()")
    sessions.check_window(member.plan, PROGRAM, now=now)
    pool = await _pool(connection, member, wanted)
    plan = _plan(member, pool, wanted, caller)
    names = tuple(wanted.concept_names) or pool.concept_names
    concept_places(pool.concept_names, names)
    pinned, engine = await _engine(connection, made, pool, plan)
    opening = await _opening(connection, student_id, pool, plan, pinned, engine)
    state = engine.begin(opening)
    first = giving.decide(engine, state, pinned, 0.0)
    if not isinstance(first, Pending):
        raise Conflict("no question of this pool is left for this student", reason=first.reason.value)
    known = await tracking.locked(connection, student_id, pool.scale, names, plan)
    started = Started(
        session_id=str(uuid7()),
        student_id=student_id,
        pool=pool,
        plan=plan,
        concept_names=names,
        initial=known.values(),
        ability=state.estimate.theta,
        standard_error=state.estimate.se,
        pending=first,
    )
    await _insert(connection, started, opening, member, caller)
    return started


async def check_plan(connection: Connection, plan: Plan) -> None:
    """Refuse a cohort's plan whose section on adaptive tests could not be followed.

    Raises:
        InvalidInput, NotFound: naming what is wrong in it.
    """
    section = plan.section(PROGRAM)
    unknown = next((name for name in section if name not in {"question_pool", "rules"}), None)
    if unknown is not None:
        raise InvalidInput("must be question_pool or rules", field=f"plan.{PROGRAM}.{unknown}")
    checked(_study_rules(plan), f"plan.{PROGRAM}.rules")
    if section.get("question_pool"):
        await pools.by_name(connection, str(section["question_pool"]))


def _study_rules(plan: Plan) -> Mapping[str, Any]:
    found = plan.section(PROGRAM).get("rules", {})
    if not isinstance(found, Mapping):
        raise InvalidInput("must be an object", field=f"plan.{PROGRAM}.rules")
    return found


async def _pool(connection: Connection, member: Membership, wanted: Wanted) -> Pool:
    """The pool of the cohort's plan, or the one that was asked for, or the only one."""
    section = member.plan.section(PROGRAM)
    if section.get("question_pool"):
        return await pools.by_name(connection, str(section["question_pool"]))
    if wanted.pool_id is not None:
        return await pools.by_id(connection, wanted.pool_id)
    rows = await statements.list_pools.rows(connection, limit=2, offset=0)
    if not rows:
        raise NotFound("there are no questions yet", field="question_pool_id")
    if len(rows) > 1:
        raise InvalidInput("name one: there are several pools of questions", field="question_pool_id")
    return await pools.by_id(connection, rows[0]["pool_id"])


def _plan(member: Membership, pool: Pool, wanted: Wanted, caller: Principal) -> TestPlan:
    """The cohort's rules, then the pool's, then those asked for; what staff asks goes before the pool."""
    if wanted.rules and not caller.is_staff:
        raise NotAllowed("only staff sets the rules of a test; students may send end_criteria")
    asked = dict(checked(wanted.rules, "rules")) if wanted.rules else {}
    if wanted.end_criteria:
        asked = {"stopping": stopping_of(wanted.end_criteria)} | asked
    study = _study_rules(member.plan)
    asked["outages_count"] = member.plan.outages_count
    layers = (study, asked, pool.rules) if caller.is_staff else (study, pool.rules, asked)
    return combined(*layers)


async def _engine(
    connection: Connection, made: Giving, pool: Pool, plan: TestPlan
) -> tuple[PinnedBank, Engine]:
    pinned = await made.bank(connection, pool.pool_id, pool.revision, pool.parameterisation)
    if not pinned.bank.active.any():
        raise NotFound(
            "the pool has no active question: calibrate or activate some", field="question_pool_id"
        )
    return pinned, await made.engine(pinned, plan)


async def _opening(
    connection: Connection, student_id: UUID, pool: Pool, plan: TestPlan, pinned: PinnedBank, engine: Engine
) -> Opening:
    """What this test may use: nothing the student was given before, and what exposure control lets in."""
    seen: list[str] = []
    if plan.exclude_seen:
        rows = await statements.seen_questions.rows(connection, student_id=student_id, pool_id=pool.pool_id)
        seen = [row["question_id"] for row in rows]
    counts = None
    if plan.rules.exposure is not None:
        counts = await giving.counts_of(connection, pool.pool_id, pinned)
    return engine.open(new_seed(), seen=seen, counts=counts)


async def _insert(
    connection: Connection, started: Started, opening: Opening, member: Membership, caller: Principal
) -> None:
    pool = started.pool
    await sessions.statements.insert_session.row(
        connection,
        session_id=started.session_id,
        student_id=started.student_id,
        enrolment_id=member.enrolment_id,
        program=PROGRAM,
        lifetime_s=member.plan.session_hours * 3600,
    )
    await statements.count_test.value(connection, pool_id=pool.pool_id)
    await statements.insert_test.run(
        connection,
        session_id=started.session_id,
        student_id=started.student_id,
        pool_id=pool.pool_id,
        pool_revision=pool.revision,
        scale=pool.scale,
        concept_names=list(started.concept_names),
        rules=started.plan.to_json(),
        opening=opening.to_json(),
        engine_version=opening.engine,
        initial_proficiency=started.initial,
        ability=started.ability,
        standard_error=started.standard_error,
        pending=started.pending.to_json(),
        event_id=uuid7(),
        actor=caller.actor,
        data={"pool": pool.name, "revision": pool.revision, "question": started.pending.question_id},
    )
