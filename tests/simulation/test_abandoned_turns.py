"""A message whose process died before it could be answered is answered by whoever comes next."""

import asyncio
from uuid import uuid4

from holdfast.app.jobs import pick_up_turns
from holdfast.programs.simulation.verifying import verify_session


async def _orphan(world, session):
    """Leave the newest turn as a killed process would: stored, claimed, unanswered, its claim run out."""
    async with world.services.database.transaction() as connection:
        seq = await connection.fetchval(
            "DELETE FROM holdfast.messages WHERE session_id = $1 AND reply_to IS NOT NULL"
            " AND seq = (SELECT max(seq) FROM holdfast.messages WHERE session_id = $1) RETURNING reply_to",
            session,
        )
        await connection.execute(
            "UPDATE holdfast.sessions SET last_seq = $2, turn_owner = $3,"
            " turn_until = clock_timestamp() - interval '1 second' WHERE session_id = $1",
            session,
            seq,
            uuid4(),
        )
    return seq


async def _talk(world, client, phase):
    session = await world.session(client, scenarioQueue=["asthma"])
    if phase == "coach":
        await client.say(session, "hello", key="k1")
        return session, "k1", "hello"
    await world.to_scenario(client, session)
    if phase == "patient":
        text = "Give oxygen 15 l/min by mask and check the breathing"
        await client.say(session, text, key="k1")
        return session, "k1", text
    await client.post(f"/api/sessions/{session}/complete")
    await client.post(f"/api/sessions/{session}/aar/start")
    if phase == "last word":
        for number in range(60):
            done = await client.say(session, "I stayed calm.", key=f"w{number}")
            if done.json()["aarComplete"]:
                return session, f"w{number}", "I stayed calm."
    await client.say(session, "I was nervous.", key="k1")
    return session, "k1", "I was nervous."


async def _replies(client, session):
    messages = (await client.get(f"/api/sessions/{session}/messages")).json()
    assert messages["pending"] == []
    return {m["replyTo"]: m["content"] for m in messages["messages"] if m["replyTo"]}


PHASES = ["coach", "patient", "review", "last word"]


async def test_the_same_key_gets_the_reply_that_would_have_come(world):
    for phase in PHASES:
        client, _ = await world.student()
        session, key, text = await _talk(world, client, phase)
        before = await _replies(client, session)
        seq = await _orphan(world, session)
        again = await client.say(session, text, key=key)
        assert again.status_code == 200, (phase, again.text)
        after = await _replies(client, session)
        assert after == before, phase
        assert again.json()["message"] == after[seq]
        async with world.services.database.snapshot() as connection:
            assert await verify_session(connection, world.services.catalog, session) == []


async def test_the_next_message_is_answered_after_the_abandoned_one(world):
    client, _ = await world.student()
    session, _, _ = await _talk(world, client, "patient")
    before = await _replies(client, session)
    seq = await _orphan(world, session)
    said = await client.say(session, "And now the blood pressure")
    assert said.status_code == 200
    after = await _replies(client, session)
    assert after[seq] == before[seq]
    assert said.json()["messageSeq"] == seq + 2


async def test_a_job_answers_what_nobody_asks_for_again(make_world):
    async with make_world() as world:
        client, _ = await world.student()
        session, _, _ = await _talk(world, client, "patient")
        before = await _replies(client, session)
        await _orphan(world, session)
        for _ in range(100):
            await pick_up_turns(world.services)
            pending = (await client.get(f"/api/sessions/{session}/messages")).json()["pending"]
            if not pending:
                break
            await asyncio.sleep(0.05)
        assert await _replies(client, session) == before


async def test_a_reply_after_the_scenario_has_moved_on_speaks_of_its_own_scenario(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma", "stemi"])
    await world.to_scenario(client, session)
    await client.say(session, "Check the breathing", key="k1")
    before = await _replies(client, session)
    await _orphan(world, session)
    assert (await client.post(f"/api/sessions/{session}/complete")).status_code == 200
    assert (await client.post(f"/api/sessions/{session}/next-scenario")).status_code == 200
    again = await client.say(session, "Check the breathing", key="k1")
    assert again.status_code == 200
    # The scenario is over by now, and the reply may say so; it speaks of the patient that was asked about.
    assert again.json()["message"].startswith(list(before.values())[-1])
