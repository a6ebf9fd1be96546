"""Cleaning up: what has expired is deactivated, and only what is past the retention time is deleted."""

import asyncio

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop import cleaning
from holdfast.programs.workshop.cleaning import Cleaned, clean_up

AGE = """
WITH own AS (
    UPDATE holdfast.workshop_sessions SET last_activity = clock_timestamp() - make_interval(days => $2)
    WHERE session_id = $1
)
UPDATE holdfast.sessions
SET started_at = clock_timestamp() - make_interval(days => $2),
    expires_at = clock_timestamp() - make_interval(days => $2, hours => -24)
WHERE session_id = $1"""


async def _sessions(bench, *ages):
    """A session for each age in days, with one step."""
    made = []
    for days in ages:
        begun = (await bench.student.post("/api/generate-session")).json()
        assert (await bench.with_token(begun["sessionToken"]).post(1, timeSpent=5)).status_code == 200
        await bench.run(AGE, begun["sessionId"], days)
        made.append(begun["sessionId"])
    return made


async def _states(bench):
    rows = await bench.rows(
        "SELECT session_id, is_active, status"
        " FROM holdfast.workshop_sessions JOIN holdfast.sessions USING (session_id)"
    )
    return {row["session_id"]: (row["is_active"], row["status"]) for row in rows}


async def test_what_has_expired_is_deactivated_and_nothing_is_lost(bench):
    fresh, old, older = await _sessions(bench, 0, 2, 400)
    admin = bench.world.staff("admin")
    answer = (await admin.post("/api/cleanup-sessions")).json()
    assert answer.items() >= {"success": True, "deactivated": 2, "deleted": 0}.items()
    assert await _states(bench) == {
        bench.session_id: (True, "IN_PROGRESS"),
        fresh: (True, "IN_PROGRESS"),
        old: (False, "ABANDONED"),
        older: (False, "ABANDONED"),
    }
    assert len(await bench.rows("SELECT 1 FROM holdfast.step_progress")) == 3
    again = (await admin.post("/api/cleanup-sessions")).json()
    assert (again["deactivated"], again["deleted"]) == (0, 0)
    events = await bench.rows("SELECT data, actor FROM holdfast.events WHERE type = 'sessions_cleaned'")
    assert [event["data"] for event in events] == [{"deactivated": 2, "deleted": 0}]
    assert events[0]["actor"].startswith("admin:")


async def test_only_what_is_past_the_retention_time_is_deleted(bench, make_world):
    fresh, recent, old = await _sessions(bench, 0, 20, 40)
    simulation = await bench.world.session(bench.student)
    await bench.run(AGE, simulation, 400)
    async with make_world(workshop_retention_days=30) as world:
        answer = (await world.staff("admin").post("/api/cleanup-sessions")).json()
    assert (answer["deactivated"], answer["deleted"]) == (2, 1)
    left = await bench.rows("SELECT session_id FROM holdfast.sessions")
    assert {row["session_id"] for row in left} == {bench.session_id, fresh, recent, simulation}
    assert len(await bench.rows("SELECT 1 FROM holdfast.step_progress")) == 2
    assert old not in await _states(bench)


async def test_a_session_that_was_extended_or_complete_is_treated_as_such(bench):
    extended, complete, paused = await _sessions(bench, 2, 2, 2)
    await bench.run("UPDATE holdfast.sessions SET status = 'COMPLETED' WHERE session_id = $1", complete)
    await bench.run("UPDATE holdfast.sessions SET status = 'PAUSED' WHERE session_id = $1", paused)
    body = {"action": "extend", "seconds": 3600}
    assert (await bench.world.staff().post(f"/api/sessions/{extended}/control", body)).status_code == 200
    assert await clean_up(bench.world.services.database, retention_days=None, actor="test") == Cleaned(2, 0)
    states = await _states(bench)
    assert states[extended] == (True, "IN_PROGRESS")
    assert (states[complete], states[paused]) == ((False, "COMPLETED"), (False, "ABANDONED"))


async def test_an_outage_prolongs_the_life_of_a_session(bench):
    (old,) = await _sessions(bench, 2)
    await bench.run("UPDATE holdfast.service_clock SET downtime_s = downtime_s + 3 * 86400")
    assert (await clean_up(bench.world.services.database, retention_days=None, actor="test")).deactivated == 0
    assert (await _states(bench))[old] == (True, "IN_PROGRESS")


async def test_a_deactivated_session_comes_back_when_it_is_reopened(bench):
    await bench.run(AGE, bench.session_id, 2)
    await clean_up(bench.world.services.database, retention_days=None, actor="test")
    assert (await bench.post(1)).status_code == 401
    path = f"/api/sessions/{bench.session_id}/control"
    assert (await bench.world.staff().post(path, {"action": "reopen"})).status_code == 200
    assert (await bench.progress())["is_active"] is True
    assert (await bench.post(1)).status_code == 200
    assert (await _states(bench))[bench.session_id] == (True, "IN_PROGRESS")


async def test_many_are_cleaned_in_batches_and_by_two_at_once(bench, monkeypatch):
    monkeypatch.setattr(cleaning, "BATCH", 2)
    await _sessions(bench, 50, 50, 50, 50, 50)
    database = bench.world.services.database
    done = await asyncio.gather(*(clean_up(database, retention_days=30, actor="test") for _ in range(2)))
    rest = await clean_up(database, retention_days=30, actor="test")
    assert sum(one.deactivated for one in (*done, rest)) == 5
    assert sum(one.deleted for one in (*done, rest)) == 5


@pytest.mark.parametrize("days", [0, 0.5, -1, float("nan"), 1e9])
async def test_a_retention_time_that_would_delete_what_is_used_is_refused(database, days):
    with pytest.raises(InvalidInput):
        await clean_up(database, retention_days=days, actor="test")


async def test_only_an_administrator_cleans_up(bench):
    for client in (bench.student, bench.world.staff(), bench.world.staff("researcher")):
        assert (await client.post("/api/cleanup-sessions")).status_code == 403
    assert (await bench.world.http.post("/api/cleanup-sessions")).status_code == 401
