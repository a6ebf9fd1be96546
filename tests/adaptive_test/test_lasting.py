"""A test lasts: without Redis, over idleness and pauses, and its rows tell its whole path again."""

import asyncio

import pytest

from fixtures.banks import bank
from holdfast.programs.adaptive_test.verifying import verify_test

SIX = {"end_criteria": {"type": "fixed_length", "max_questions": 6}}


async def _start(world, upload, count=30, **more):
    await upload(bank(count))
    client, registered = await world.student()
    response = await client.post("/api/test/start", SIX | more)
    assert response.status_code == 200, response.text
    return client, response.json()


async def _say(client, started, answer, response="right"):
    body = {"session_id": started["session_id"], "question_id": answer["next_question"]["id"]}
    got = await client.post("/api/test/submit", body | {"response": response})
    assert got.status_code == 200, got.text
    return got.json()


async def _sql(world, statement, *values):
    async with world.services.database.connection() as connection:
        return await connection.fetch(statement, *values)


async def _idle(world, session, minutes):
    await _sql(
        world,
        "UPDATE holdfast.sessions SET last_activity = last_activity - make_interval(mins => $2::integer)"
        " WHERE session_id = $1",
        session,
        minutes,
    )


def _hot(world):
    return world.services.ephemeral._redis


async def test_a_flush_in_mid_test_changes_nothing(world, upload):
    """The same answers with and without flushes give the same abilities, from the same questions' draws."""
    client, started = await _start(world, upload)
    answer = await _say(client, started, started)
    key = f"session:{started['session_id']}:state"
    assert await _hot(world).exists(key) == 1
    before = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    await _hot(world).delete(key)
    after = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert after | {"elapsed_s": 0} == before | {"elapsed_s": 0}
    answer = await _say(client, started, answer, "wrong")
    assert await _hot(world).exists(key) == 1
    await _hot(world).set(key, b"not json")
    answer = await _say(client, started, answer)
    await _hot(world).set(key, b'{"v": 3, "a": ["x"]}')
    await _say(client, started, answer)
    assert await _problems(world, started["session_id"]) == []


async def test_a_stale_hot_state_is_not_believed(world, upload):
    client, started = await _start(world, upload)
    key = f"session:{started['session_id']}:state"
    stale = await _hot(world).get(key)
    answer = await _say(client, started, started)
    await _hot(world).set(key, stale)
    await _say(client, started, answer, "wrong")
    assert await _problems(world, started["session_id"]) == []


async def test_the_hot_state_has_the_fields_of_the_seed_and_a_lifetime(world, upload):
    import orjson

    client, started = await _start(world, upload)
    key = f"session:{started['session_id']}:state"
    state = orjson.loads(await _hot(world).get(key))
    assert {"student_id", "question_pool_id", "current_proficiency", "next_question_id"} <= state.keys()
    assert {"status", "end_criteria"} <= state.keys()
    assert 29 * 60 < await _hot(world).ttl(key) <= 30 * 60
    question = f"question:{started['question_pool_id']}:{started['next_question']['id']}:1"
    assert 59 * 60 < await _hot(world).ttl(question) <= 60 * 60
    assert b"correct" not in await _hot(world).get(question)
    stats = await world.staff("admin").get("/api/debug/redis/stats")
    assert stats.json().keys() == {"redis_stats"}
    assert stats.json()["redis_stats"].keys() == {
        "active_sessions",
        "active_locks",
        "cached_questions",
        "memory_used_mb",
        "total_keys",
    }
    assert stats.json()["redis_stats"]["active_sessions"] >= 1
    assert (await world.staff().get("/api/debug/redis/stats")).status_code == 403


async def test_a_lock_that_another_holds_is_told_and_left_alone(world, upload):
    client, started = await _start(world, upload)
    question = started["next_question"]["id"]
    key = f"lock:{started['session_id']}:{question}"
    await _hot(world).set(key, "somebody else", px=5000)
    body = {"session_id": started["session_id"], "question_id": question, "response": "right"}
    refused = await client.post("/api/test/submit", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert await _hot(world).get(key) == b"somebody else"
    await _hot(world).delete(key)
    assert (await client.post("/api/test/submit", body)).status_code == 200


@pytest.mark.parametrize("way", ["cleanup", "status", "submit"])
async def test_an_idle_test_expires_in_the_database_and_is_resumed(world, upload, way):
    client, started = await _start(world, upload)
    session = started["session_id"]
    answer = await _say(client, started, started)
    before = (await client.get(f"/api/test/status/{session}")).json()
    await _idle(world, session, 31)
    if way == "cleanup":
        done = await world.staff("admin").post("/api/sessions/cleanup", {"inactivity_minutes": 30})
        assert done.json()["sessions_removed"] == 1
        assert done.json()["inactivity_threshold_minutes"] == 30
        assert done.json()["message"]
    elif way == "submit":
        body = {"session_id": session, "question_id": answer["next_question"]["id"], "response": "right"}
        refused = await client.post("/api/test/submit", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_step")
        assert "resume" in refused.json()["expected"]
    expired = (await client.get(f"/api/test/status/{session}")).json()
    assert (expired["status"], expired["is_active"], expired["next_question"]) == ("expired", False, None)
    rows = await _sql(world, "SELECT status FROM holdfast.test_sessions WHERE id = $1", session)
    assert rows[0]["status"] == "expired"
    assert await _hot(world).exists(f"session:{session}:state") == 0
    resumed = await client.post(f"/api/test/resume/{session}")
    assert resumed.status_code == 200
    after = resumed.json()
    assert after["next_question"] == before["next_question"] == answer["next_question"]
    assert after["ability"] == before["ability"]
    assert (after["status"], after["accuracy"], after["end_reason"]) == ("active", None, None)
    while answer.get("next_question"):
        answer = await _say(client, started, answer)
    assert (answer["status"], answer["total_questions"]) == ("completed", 6)
    assert await _problems(world, session) == []
    assert (await client.post(f"/api/test/resume/{session}")).status_code == 409


async def test_resuming_can_be_turned_off(make_world, upload_to):
    async with make_world(test_resume=False, test_idle_minutes=10) as world:
        await upload_to(world, bank(10))
        client, _ = await world.student()
        started = (await client.post("/api/test/start", SIX)).json()
        await _idle(world, started["session_id"], 11)
        assert (await client.post(f"/api/test/resume/{started['session_id']}")).status_code == 200
        assert (await client.get(f"/api/test/status/{started['session_id']}")).json()["status"] == "expired"
        assert (await client.post(f"/api/test/resume/{started['session_id']}")).status_code == 409
        assert (await world.staff().post(f"/api/test/resume/{started['session_id']}")).status_code == 200


async def test_cleanup_leaves_others_alone(world, upload):
    client, started = await _start(world, upload)
    done = (await world.staff("admin").post("/api/sessions/cleanup", {"inactivity_minutes": 30})).json()
    assert done["sessions_removed"] == 0
    staff = world.staff()
    await staff.post(f"/api/sessions/{started['session_id']}/control", {"action": "pause"})
    await _idle(world, started["session_id"], 90)
    done = (await world.staff("admin").post("/api/sessions/cleanup", {})).json()
    assert (done["sessions_removed"], done["inactivity_threshold_minutes"]) == (0, 30)
    refused = await client.post(
        "/api/test/submit",
        {
            "session_id": started["session_id"],
            "question_id": started["next_question"]["id"],
            "response": "right",
        },
    )
    assert refused.status_code == 409 and "paused" in refused.json()["error"]
    await staff.post(f"/api/sessions/{started['session_id']}/control", {"action": "resume"})
    await _say(client, started, started)
    assert (await staff.post("/api/sessions/cleanup", {})).status_code == 403


async def test_an_instructor_reopens_an_expired_test(world, upload):
    client, started = await _start(world, upload)
    await _idle(world, started["session_id"], 31)
    await world.staff("admin").post("/api/sessions/cleanup", {})
    act = {"action": "reopen"}
    await world.staff().post(f"/api/sessions/{started['session_id']}/control", act)
    answer = await _say(client, started, started)
    assert answer["status"] == "continue"
    assert await _problems(world, started["session_id"]) == []


async def test_ending_is_repeatable(world, upload):
    client, started = await _start(world, upload)
    answer = await _say(client, started, started)
    first = (await client.post(f"/api/test/end/{started['session_id']}")).json()
    assert (first["status"], first["end_reason"], first["total_questions"]) == ("completed", "ended", 1)
    assert first["accuracy"] == 1.0
    assert first["learning_gain"] > 0
    second = (await client.post(f"/api/test/end/{started['session_id']}")).json()
    assert second | {"elapsed_s": 0} == first | {"elapsed_s": 0}
    body = {"session_id": started["session_id"], "question_id": answer["next_question"]["id"]}
    late = await client.post("/api/test/submit", body | {"response": "right"})
    assert (late.status_code, late.json()["code"]) == (409, "wrong_step")
    assert await _problems(world, started["session_id"]) == []


async def test_a_time_limit_ends_the_test_and_a_pause_does_not_count(world, upload):
    await upload(bank(30))
    client, registered = await world.student()
    rules = {"stopping": {"minimum": 5, "maximum": 20, "time_limit_s": 600}}
    staff = world.staff()
    body = {"student_id": registered["id"], "rules": rules}
    started = (await staff.post("/api/test/start", body)).json()
    session = started["session_id"]
    answer = await _say(client, started, started)
    assert answer["status"] == "continue"
    await staff.post(f"/api/sessions/{session}/control", {"action": "pause"})
    await _sql(
        world,
        "UPDATE holdfast.sessions SET paused_at = paused_at - interval '20 minutes',"
        " started_at = started_at - interval '20 minutes' WHERE session_id = $1",
        session,
    )
    await staff.post(f"/api/sessions/{session}/control", {"action": "resume"})
    answer = await _say(client, started, answer)
    assert answer["status"] == "continue"
    await _sql(
        world,
        "UPDATE holdfast.sessions SET started_at = started_at - interval '11 minutes' WHERE session_id = $1",
        session,
    )
    answer = await _say(client, started, answer)
    assert (answer["status"], answer["end_reason"]) == ("completed", "time_limit")


async def _problems(world, session):
    async with world.services.database.snapshot() as connection:
        found = await verify_test(connection, world.services.adaptive_tests.giving, session)
    return [(one.where, one.what) for one in found]


async def test_every_path_verifies_and_every_change_is_found(world, upload, take):
    client, started = await _start(world, upload)
    answer = await _say(client, started, started)
    answer = await _say(client, started, answer, "wrong")
    await _say(client, started, answer)
    session = started["session_id"]
    assert await _problems(world, session) == []
    for change in (
        "UPDATE holdfast.test_responses SET response = 0, is_correct = false WHERE position = 1",
        "UPDATE holdfast.test_responses SET draw = draw / 2, eligible_digest = 'x' WHERE position = 2",
        "UPDATE holdfast.test_responses SET ability_after = ability_after + 0.001 WHERE position = 2",
        "UPDATE holdfast.test_responses SET question_id = 'item-000' WHERE position = 3",
        "DELETE FROM holdfast.test_responses WHERE position = 2",
        "UPDATE holdfast.adaptive_tests SET correct_responses = correct_responses + 1",
        "UPDATE holdfast.adaptive_tests SET ability = ability + 0.001",
        "UPDATE holdfast.adaptive_tests SET opening = jsonb_set(opening, '{engine}', '\"0\"')",
        "UPDATE holdfast.adaptive_tests SET pending = jsonb_set(pending, '{digest}', '\"x\"')",
        "UPDATE holdfast.test_responses SET chosen = 'odd' WHERE position = 1",
    ):
        async with world.services.database.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(change)
            found = await verify_test(connection, world.services.adaptive_tests.giving, session)
            await transaction.rollback()
        assert found, change
    assert await _problems(world, session) == []


async def test_proficiencies_of_two_tests_at_once_lose_nothing(world, upload):
    await upload(bank(60))
    client, registered = await world.student()
    first = (await client.post("/api/test/start", SIX)).json()
    second = (await client.post("/api/test/start", SIX)).json()
    answers = [first, second]
    for _ in range(4):
        answers = await asyncio.gather(_say(client, first, answers[0]), _say(client, second, answers[1]))
    known = (await client.get(f"/api/student/{registered['id']}/proficiency")).json()["proficiencies"]
    assert sum(entry["responses"] for entry in known) == 8


async def test_exposure_is_counted_once_for_each_question_given(world, upload, take):
    await upload(bank(12))
    for name in ("Ada", "Ben", "Cem"):
        client, _ = await world.student(f"{name} Test")
        await take(client, (await client.post("/api/test/start", SIX)).json())
    rows = await _sql(
        world,
        "SELECT e.administered, count(r.id) AS given FROM holdfast.question_exposures e"
        " LEFT JOIN holdfast.test_responses r USING (question_id) GROUP BY e.question_id, e.administered",
    )
    assert [row["administered"] for row in rows] == [row["given"] for row in rows]
    assert sum(row["administered"] for row in rows) == 18
    monitoring = (await world.staff().get("/api/test/monitoring")).json()
    assert monitoring["active_sessions"] == 0
    assert monitoring["questions_per_pool"][0]["question_count"] == 12
    assert monitoring["questions_per_pool"][0]["tests_started"] == 3
    assert [s["total_responses"] for s in monitoring["students"]] == [6, 6, 6]
    assert {s["accuracy"] for s in monitoring["students"]} == {1.0}


async def test_a_deleted_student_leaves_no_row(world, upload, take):
    client, registered = await world.student()
    await upload(bank(12))
    await take(client, (await client.post("/api/test/start", SIX)).json())
    assert (await world.staff("admin").delete(f"/api/students/{registered['id']}")).status_code == 200
    for table in ("adaptive_tests", "test_responses", "student_proficiencies", "sessions"):
        assert (await _sql(world, f"SELECT count(*) FROM holdfast.{table}"))[0][0] == 0


async def test_the_queries_of_the_seed_answer(world, upload, take):
    """As the seed writes them, with the schema in front of the tables."""
    client, started = await _start(world, upload)
    await _say(client, started, started)
    active = await _sql(
        world,
        "SELECT COUNT(*) FROM holdfast.test_sessions WHERE status = 'active'"
        " AND last_activity > NOW() - INTERVAL '30 minutes'",
    )
    assert active[0][0] == 1
    pools = await _sql(
        world, "SELECT pool_id, COUNT(*) as question_count FROM holdfast.questions GROUP BY pool_id"
    )
    assert pools[0]["question_count"] == 30
    rates = await _sql(
        world,
        "SELECT student_id, COUNT(*) as total_responses, AVG(CASE WHEN is_correct THEN 1 ELSE 0 END)"
        " as accuracy FROM holdfast.test_responses GROUP BY student_id",
    )
    assert (rates[0]["total_responses"], rates[0]["accuracy"]) == (1, 1)
    record = await _sql(world, "SELECT * FROM holdfast.test_sessions WHERE id = $1", started["session_id"])
    assert {
        "id", "student_id", "question_pool_id", "status", "initial_proficiency", "final_proficiency",
        "total_questions", "correct_responses", "accuracy", "learning_gain", "test_efficiency",
        "started_at", "completed_at", "last_activity",
    } == set(record[0].keys())  # fmt: skip
