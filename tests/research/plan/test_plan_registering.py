"""Plans and looks in the database: written once, with the database's time, in order with the outcomes."""

import asyncio

import asyncpg
import pytest

from fixtures.studies import plan_for
from holdfast.core import cohorts
from holdfast.core.cohorts import NewCohort
from holdfast.kit.errors import InvalidInput
from holdfast.research.plan import registering
from holdfast.research.plan.document import write_plan

TOML = write_plan(plan_for())


async def _cohort(database, name="Study", arms=("A", "B")):
    async with database.transaction() as connection:
        return await cohorts.create(connection, NewCohort(name, arms, block_size=2 * len(arms)), actor="test")


async def _register(database, cohort, toml=TOML):
    async with database.transaction() as connection:
        return await registering.register(connection, cohort, toml, actor="researcher:r")


async def _complete_session(world, cohort, program="simulation"):
    await world.student("Ada Test", joinCode=cohort.join_code)
    async with world.services.database.connection() as connection:
        await connection.execute(
            "INSERT INTO holdfast.sessions"
            " (session_id, student_id, enrolment_id, program, status, completed_at)"
            " SELECT 'x' || $1::text, student_id, enrolment_id, $1, 'COMPLETED', clock_timestamp()"
            " FROM holdfast.enrolments ORDER BY created_at DESC LIMIT 1",
            program,
        )


async def test_a_plan_is_kept_with_its_text_hash_and_the_databases_time(database):
    cohort = await _cohort(database)
    async with database.connection() as connection:
        before = await connection.fetchval("SELECT clock_timestamp()")
    made = await _register(database, cohort, "# ours\n" + TOML)
    assert made.toml == "# ours\n" + TOML and made.sha256 == plan_for().sha256
    assert made.registered_at > before and made.after_first_outcome is False
    async with database.connection() as connection:
        events = await connection.fetchval(
            "SELECT count(*) FROM holdfast.events WHERE type = 'research.plan_registered'"
        )
    assert events == 1


async def test_the_same_plan_again_is_the_same_registration(database):
    cohort = await _cohort(database)
    first = await _register(database, cohort)
    again = await _register(database, cohort, "# said again\n" + TOML)
    assert again == first


async def test_two_at_once_register_once(database):
    cohort = await _cohort(database)
    done = await asyncio.gather(*(_register(database, cohort) for _ in range(4)), return_exceptions=True)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM holdfast.research_plans") == 1
    assert any(not isinstance(one, Exception) for one in done)


@pytest.mark.parametrize("table", ["research_plans", "research_looks"])
@pytest.mark.parametrize(
    "change", ["UPDATE holdfast.{} SET cohort_id = cohort_id", "DELETE FROM holdfast.{}"]
)
async def test_what_was_written_stays(database, table, change):
    cohort = await _cohort(database)
    await _register(database, cohort)
    async with database.transaction() as connection:
        await registering.record_look(connection, cohort, plan_for(), observed=3, actor="test")
    for statement in (change.format(table), f"TRUNCATE holdfast.{table}"):
        async with database.connection() as connection:
            with pytest.raises(asyncpg.RestrictViolationError, match="written once"):
                await connection.execute(statement)
            assert await connection.fetchval(f"SELECT count(*) FROM holdfast.{table}") == 1


async def test_a_plan_after_the_first_outcome_is_marked(world):
    database = world.services.database
    cohort = await _cohort(database)
    early = await _register(database, cohort)
    await _complete_session(world, cohort)
    late = await _register(database, cohort, write_plan(plan_for(alpha=0.01)))
    assert (early.after_first_outcome, late.after_first_outcome) == (False, True)
    assert late.first_outcome_at is not None and late.first_outcome_at < late.registered_at
    async with database.connection() as connection:
        registration = await registering.registration_for(connection, cohort, plan_for())
        newest = await registering.registration_for(connection, cohort, plan_for(alpha=0.02))
    assert registration.after_first_outcome is False
    assert registration.first_outcome_at == late.first_outcome_at
    assert newest.sha256 == late.sha256


async def test_a_baseline_test_is_no_outcome_of_the_simulation(world):
    cohort = await _cohort(world.services.database)
    await _complete_session(world, cohort, program="adaptive_test")
    assert (await _register(world.services.database, cohort)).after_first_outcome is False


async def test_a_plan_must_fit_the_cohort(database):
    cohort = await _cohort(database, arms=("left", "right"))
    with pytest.raises(InvalidInput, match="left, right") as caught:
        await _register(database, cohort)
    assert caught.value.field == "plan.arms.0.code"
    with pytest.raises(InvalidInput, match="NUL"):
        await _register(database, cohort, TOML + "# \x00")


async def test_looks_are_counted(database):
    cohort = await _cohort(database)
    await _register(database, cohort)
    planned = plan_for()
    looks = planned.looks.model_copy(update={"kind": "planned", "students": 40, "fractions": (0.5, 1.0)})
    for observed in (10, 20):
        async with database.transaction() as connection:
            plan = planned.model_copy(update={"looks": looks})
            await registering.record_look(connection, cohort, plan, observed=observed, actor="test")
    async with database.connection() as connection:
        found = (await registering.registration_for(connection, cohort)).looks
    assert [(look.observed, look.fraction) for look in found] == [(10, 0.25), (20, 0.5)]


async def test_over_http(world):
    await _cohort(world.services.database)
    researcher = world.staff("researcher")
    response = await researcher.post("/api/research/plans", {"cohort": "Study", "toml": TOML}, key="plan-1")
    assert response.status_code == 201, response.text
    made = response.json()
    assert made["sha256"] == plan_for().sha256 and made["afterFirstOutcome"] is False
    again = await researcher.post("/api/research/plans", {"cohort": "Study", "toml": TOML})
    assert again.json() == made
    listed = (await researcher.get("/api/research/plans?cohort=Study")).json()
    assert (listed["total"], [plan["planId"] for plan in listed["plans"]]) == (1, [made["planId"]])
    shown = (await researcher.get(f"/api/research/plans/{made['planId']}")).json()
    assert shown["toml"] == TOML
    wrong = await researcher.post("/api/research/plans", {"cohort": "Study", "toml": "title = 1"})
    assert wrong.status_code == 400 and wrong.json()["field"].startswith("plan.")
    missing = await researcher.post("/api/research/plans", {"cohort": "Nowhere", "toml": TOML})
    assert missing.status_code == 404
    assert (await researcher.get("/api/research/plans/not-an-id")).status_code == 400
    client, _ = await world.student()
    assert (await client.get("/api/research/plans")).status_code == 403
