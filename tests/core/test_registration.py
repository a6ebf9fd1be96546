"""Registration: names of every script, balanced allocation under concurrency, lost tokens, erasure."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.core import cohorts, students
from holdfast.core.allocation import arm_for
from holdfast.core.cohorts import NewCohort
from holdfast.core.people import clean_email, clean_name
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.store.schema.declarations import metadata

NAMES = [
    "Žofia Ňaňová",
    "Ada",
    "李小龍",
    "محمد علي",
    "Ольга",
    "O’Brien-Smith, Jr.",
    "ชูใจ",
    "नेहा शर्मा",
    "Student 1",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_script_are_welcome(name):
    assert clean_name(f"  {name} ") == name


@pytest.mark.parametrize(
    "name", ["", "A", "x" * 101, "12", "a\x00b", "<b>bold</b>", "a\tb\u202e", "===", "a\ud7ff\uffff"]
)
def test_what_is_no_name_is_refused_with_the_field(name):
    with pytest.raises(InvalidInput) as refused:
        clean_name(name)
    assert refused.value.field == "name"


def test_addresses_are_lower_case_and_looked_at():
    assert clean_email(" Ada@Example.ORG ") == "ada@example.org"
    assert clean_email("  ") is None
    with pytest.raises(InvalidInput):
        clean_email("no at sign")


@given(
    seed=st.integers(0, 2**63 - 1),
    arms=st.integers(1, 4),
    times=st.integers(1, 4),
    count=st.integers(1, 120),
)
def test_blocks_keep_the_arms_balanced_at_every_moment(seed, arms, times, count):
    names = [f"arm{n}" for n in range(arms)]
    size = arms * times
    sizes = Counter(dict.fromkeys(names, 0))
    for number in range(count):
        sizes[arm_for(number, arms=names, block_size=size, seed=seed)] += 1
        # At most all places of one arm in the running block, and none of another.
        assert max(sizes.values()) - min(sizes.values()) <= times
        if (number + 1) % size == 0:
            assert len(set(sizes.values())) == 1


def test_allocation_is_a_function_of_the_seed():
    def draw(seed):
        return [arm_for(n, arms=["A", "B"], block_size=4, seed=seed) for n in range(40)]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


async def _cohort(database, **more):
    async with database.transaction() as connection:
        return await cohorts.create(connection, NewCohort("Study", **more), actor="test")


async def _register(database, cohort, name, email=None):
    async with database.transaction() as connection:
        return await students.register(
            connection, name=name, email=email, consent=True, cohort=cohort, actor="test"
        )


async def test_a_thousand_registrations_at_fifty_at_a_time_stay_balanced(database):
    cohort = await _cohort(database, block_size=4)
    gate = asyncio.Semaphore(50)
    arms = []

    async def one(number):
        async with gate:
            done = await _register(database, cohort, f"Student {number}", f"s{number}@example.org")
        arms.append(done.arm)

    await asyncio.gather(*(one(number) for number in range(1000)))
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT allocation_number, arm FROM holdfast.enrolments ORDER BY 1")
    assert [row["allocation_number"] for row in rows] == list(range(1000))
    difference, largest = 0, 0
    for row in rows:
        difference += 1 if row["arm"] == "A" else -1
        largest = max(largest, abs(difference))
    assert largest <= 2
    assert Counter(arms) == {"A": 500, "B": 500}


async def test_a_registration_that_fails_leaves_no_gap(database):
    cohort = await _cohort(database)
    await _register(database, cohort, "Ada", "ada@example.org")
    with pytest.raises(Conflict) as refused:
        await _register(database, cohort, "Somebody else", "ADA@example.org")
    assert refused.value.field == "email"
    await _register(database, cohort, "Bob")
    async with database.connection() as connection:
        numbers = await connection.fetch("SELECT allocation_number FROM holdfast.enrolments ORDER BY 1")
        assert await connection.fetchval("SELECT count(*) FROM holdfast.students") == 2
    assert [row[0] for row in numbers] == [0, 1]


async def test_consent_is_needed(database):
    cohort = await _cohort(database)
    async with database.transaction() as connection:
        with pytest.raises(InvalidInput, match="consent"):
            await students.register(
                connection, name="Ada", email=None, consent=False, cohort=cohort, actor="test"
            )


async def test_a_link_brings_the_student_back_once(database):
    cohort = await _cohort(database)
    done = await _register(database, cohort, "Ada")
    async with database.transaction() as connection:
        secret, _ = await students.create_link(connection, done.student, actor="test")
    async with database.transaction() as connection:
        assert await students.use_link(connection, secret) == done.student
    async with database.transaction() as connection:
        with pytest.raises(NotFound):
            await students.use_link(connection, secret)
    async with database.connection() as connection:
        stored = await connection.fetchval("SELECT link_hash FROM holdfast.access_links")
    assert secret.encode() not in stored


async def test_erasing_a_student_leaves_no_row_in_any_table(world):
    client, registered = await world.student("To Be Erased", email="gone@example.org")
    session = await world.session(client, key="a key for the start of it")
    await world.to_scenario(client, session)
    await client.say(session, "give oxygen 15 l/min", key="turn-1")
    await client.post("/api/sessions/" + session + "/action", {"target": "oxygen"}, key="act-1")
    admin = world.staff("admin")
    assert (await admin.post(f"/api/students/{registered['studentId']}/link")).status_code == 201
    left = await _rows_of(world, registered["id"])
    assert {"sessions", "messages", "simulation_runs", "access_links", "events", "enrolments"} <= left.keys()
    assert (await admin.delete(f"/api/students/{registered['studentId']}")).status_code == 200
    assert await _rows_of(world, registered["id"]) == {}


async def _rows_of(world, student_id):
    counts = {}
    async with world.services.database.connection() as connection:
        for table in metadata.sorted_tables:
            if "student_id" in table.columns:
                query = f"SELECT count(*) FROM {table.fullname} WHERE student_id = $1::uuid"
                counts[table.name] = await connection.fetchval(query, student_id)
    return {name: count for name, count in counts.items() if count}
