"""Consent has versions, can be withdrawn and given again; the journal tells of each."""

import asyncio


async def test_consent_is_versioned_withdrawn_and_given_again(world):
    staff = world.staff()
    await staff.post("/api/cohorts", {"name": "Study", "joinCode": "study-1"})
    first = (await world.http.get("/api/consent", params={"joinCode": "study-1"})).json()
    assert first["version"] == "1" and "withdraw" in first["text"]
    client, _ = await world.student(joinCode="study-1")
    new = {"cohort": "Study", "version": "2", "text": "Another text."}
    assert (await staff.post("/api/consent", new)).status_code == 201
    assert (await staff.post("/api/consent", new | {"text": "Changed."})).status_code == 409
    later, _ = await world.student("Later One", joinCode="study-1")

    async def standing(who):
        return (await who.get("/api/student/consent")).json()["consents"][0]

    assert (await standing(client))["version"] == "1"
    assert (await standing(later))["version"] == "2"
    assert (await client.post("/api/student/consent/withdraw")).json()["withdrawn"] == 1
    assert (await standing(client))["withdrawnAt"]
    assert (await client.post("/api/student/consent/withdraw")).json()["withdrawn"] == 0
    assert (await client.post("/api/student/consent", {"cohort": "Study"})).json()["version"] == "2"
    again = await standing(client)
    assert (again["version"], again["withdrawnAt"]) == ("2", None)
    assert (await client.post("/api/student/consent", {"cohort": "default"})).status_code == 404


async def test_a_reader_of_the_journal_misses_nothing_and_sees_nothing_twice(world):
    staff = world.staff()
    seen, cursor = [], None
    for _ in range(3):
        client, _ = await world.student()
        await world.session(client)
        page = (
            await staff.get("/api/events", params={"limit": 2} | ({"after": cursor} if cursor else {}))
        ).json()
        seen += page["events"]
        cursor = page["cursor"]
    # Other tests' transactions in the same server hold readers back, so wait for the last one.
    async with asyncio.timeout(60):
        while [event["type"] for event in seen].count("session.started") < 3:
            page = (
                await staff.get("/api/events", params={"limit": 2} | ({"after": cursor} if cursor else {}))
            ).json()
            seen += page["events"]
            cursor = page["cursor"]
            await asyncio.sleep(0 if page["events"] else 0.05)
    ids = [event["eventId"] for event in seen]
    assert len(ids) == len(set(ids))
    assert [event["type"] for event in seen].count("student.registered") == 3
    assert [event["type"] for event in seen].count("session.started") == 3
    bad = await staff.get("/api/events", params={"after": "x.y"})
    assert (bad.status_code, bad.json()["field"]) == (400, "after")


async def test_an_event_of_a_transaction_that_commits_late_is_not_skipped(world):
    from holdfast.core import journal
    from holdfast.core.journal import Event

    database = world.services.database
    async with database.connection() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await journal.record(slow, Event("slow.event", "test"))
        async with database.transaction() as quick:
            await journal.record(quick, Event("quick.event", "test"))
        async with database.connection() as reader:
            before, cursor = await journal.events_after(reader, None, limit=1000)
        await transaction.commit()
    after, found = [], True
    async with asyncio.timeout(60), database.connection() as reader:
        while found or "slow.event" not in {event["type"] for event in after}:
            found, cursor = await journal.events_after(reader, cursor, limit=1000)
            after += found
            await asyncio.sleep(0 if found else 0.05)
    types = [event["type"] for event in (*before, *after)]
    assert types.count("slow.event") == 1 and types.count("quick.event") == 1
