"""What a student may do besides: share, compare, see milestones, take data along, follow live."""

import asyncio
import contextlib
import csv
import io
import json
import time
from uuid import UUID, uuid4

import httpx
import pytest

from fixtures.service import Client
from holdfast.programs.practice import export, following, own_data
from holdfast.programs.practice.following import BEGINNING, follow, newest

BODY = {"session_type": "conversation", "duration_seconds": 60, "fluency_score": 50}


async def save(client, **changes):
    response = await client.post("/api/sessions/save", BODY | changes)
    assert response.status_code == 200, response.text
    return response.json()


# Share links


async def shared(world, link):
    return await world.http.get(f"/api/practice/shared/{link}")


async def test_a_share_link_shows_statistics_by_uuid_and_nothing_personal(world):
    client, registered = await world.student("Ada Private", email="ada@example.com")
    await save(client, topics=["travel"], vocabulary_learned=["secretword"], metadata={"note": "my secret"})
    response = await client.post("/api/practice/shares", {"days": 3})
    link = response.json()["link"]
    assert response.status_code == 201
    assert link.startswith(f"{registered['id']}.{response.json()['share_id']}.")
    seen = await shared(world, link)
    body = seen.json()
    assert (body["student_id"], body["stats"]["total_sessions"]) == (registered["id"], 1)
    assert body["milestones"][0]["milestone"] == "sessions_1"
    for private in ("Ada", "example.com", "ada", "secretword", "my secret", registered["studentId"]):
        assert private not in seen.text
    assert "example.com" not in link


async def test_a_link_that_is_forged_revoked_or_old_shows_nothing(world):
    client, registered = await world.student()
    other, other_registered = await world.student("Other")
    made = [(await client.post("/api/practice/shares", {})).json() for _ in range(3)]
    links = [share["link"] for share in made]
    student, share, proof = links[0].split(".")
    forged = [
        f"{student}.{share}.{'A' * len(proof)}",
        f"{student}.{share}",
        f"{other_registered['id']}.{share}.{proof}",
        f"{student}.{uuid4()}.{proof}",
        f"{student}.{made[1]['share_id']}.{proof}",
        links[0] + "=",
        links[0].upper(),
        "nonsense",
        "é.é.é",
        "ada@example.com",
    ]
    for link in forged:
        assert (await shared(world, link)).status_code == 404, link
    path = "/api/practice/shares"
    revoked = await client.delete(path, params={"share_id": made[0]["share_id"]})
    assert revoked.status_code == 200
    again = await client.delete(path, params={"share_id": made[0]["share_id"]})
    foreign = await other.delete(path, params={"share_id": made[1]["share_id"]})
    assert (again.status_code, foreign.status_code) == (404, 404)
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.practice_shares SET expires_at = clock_timestamp() WHERE share_id = $1",
            UUID(made[1]["share_id"]),
        )
    statuses = [(await shared(world, link)).status_code for link in links]
    assert statuses == [404, 404, 200]
    listed = (await client.get(path)).json()["shares"]
    assert [(s["share_id"], s["link"]) for s in listed] == [(made[2]["share_id"], links[2])]
    assert (await other.get(path)).json() == {"shares": []}


async def test_a_link_is_not_among_what_is_stored_and_a_repeat_tells_it_again(world):
    client, _ = await world.student()
    first, again = [(await client.post("/api/practice/shares", {}, key="share")).json() for _ in range(2)]
    assert first == again
    proof = first["link"].rpartition(".")[2]
    async with world.services.database.connection() as connection:
        stored = await connection.fetch("SELECT answer::text FROM holdfast.idempotency_keys")
        events = await connection.fetch("SELECT e::text FROM holdfast.events e")
    assert stored and not [row for row in (*stored, *events) if proof in row[0]]


async def test_another_secret_makes_other_links(world, make_world):
    client, _ = await world.student()
    link = (await client.post("/api/practice/shares", {})).json()["link"]
    async with make_world(secret="another secret that is long enough to sign") as other:
        assert (await shared(other, link)).status_code == 404


@pytest.mark.parametrize("days", [0, -1, 91, "soon", None])
async def test_a_link_works_for_90_days_at_most(world, days):
    client, _ = await world.student()
    response = await client.post("/api/practice/shares", {"days": days})
    assert (response.status_code, response.json()["field"]) == (400, "days")


# Comparison


async def comparison(client, **asked):
    return (await client.get("/api/practice/comparison", params=asked)).json()


async def test_an_average_is_shown_over_five_students_and_not_over_four(world):
    clients = [(await world.student(f"Student {n}"))[0] for n in range(6)]
    for n, client in enumerate(clients[:4]):
        await save(client, fluency_score=10 * n, grammar_score=20 * n)
    few = await comparison(clients[0])
    assert (few["students"], few["average"]) == (None, None)
    assert (few["own"]["avg_fluency"], few["own"]["total_sessions"]) == (0, 1)
    await save(clients[4], fluency_score=100)
    await save(clients[4], fluency_score=0)
    enough = await comparison(clients[1])
    assert (enough["cohort"], enough["students"]) == ("default", 5)
    assert enough["own"]["avg_fluency"] == 10
    assert enough["average"]["avg_fluency"] == 22, "each student counts once: (0+10+20+30+50)/5"
    assert enough["average"]["total_sessions"] == 1.2
    assert enough["average"]["avg_grammar"] is None, "only four have a grammar score"
    nobody = await comparison(clients[5])
    assert (nobody["own"]["total_sessions"], nobody["students"]) == (None, 5)


async def test_who_withdrew_is_in_no_average_and_still_sees_the_own_figures(world):
    clients = [(await world.student(f"Student {n}"))[0] for n in range(5)]
    for client in clients:
        await save(client)
    assert (await comparison(clients[0]))["students"] == 5
    assert (await clients[0].post("/api/student/consent/withdraw")).status_code == 200
    seen = await comparison(clients[0])
    assert (seen["students"], seen["own"]["total_sessions"]) == (None, 1)


async def test_a_cohort_of_others_cannot_be_asked_for(world):
    await world.staff().post("/api/cohorts", {"name": "Others", "joinCode": "others-1"})
    client, _ = await world.student()
    response = await client.get("/api/practice/comparison", params={"cohort": "Others"})
    assert (response.status_code, response.json()["field"]) == (404, "cohort")


async def test_only_the_cohorts_members_and_the_period_count(world):
    await world.staff().post("/api/cohorts", {"name": "Others", "joinCode": "others-1"})
    inside = [(await world.student(f"Student {n}"))[0] for n in range(5)]
    outside, _ = await world.student("Elsewhere", joinCode="others-1")
    for client in (*inside, outside):
        await save(client)
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.session_results SET created_at = created_at - interval '8 days'"
        )
    assert (await comparison(inside[0]))["students"] is None
    assert (await comparison(inside[0], period="month"))["students"] == 5


# Milestones


async def test_milestones_are_reached_once_and_told_with_the_session_that_reached_them(world):
    client, _ = await world.student()
    told = [(await save(client, duration_seconds=1200))["milestones_reached"] for _ in range(10)]
    assert told == [["sessions_1"], [], ["hours_1"], [], [], [], [], [], [], ["sessions_10"]]
    words = [f"word {n}" for n in range(50)]
    assert (await save(client, vocabulary_learned=words))["milestones_reached"] == ["words_50"]
    seen = (await client.get("/api/practice/milestones")).json()
    assert [m["milestone"] for m in seen["milestones"]] == [
        "sessions_1",
        "hours_1",
        "sessions_10",
        "words_50",
    ]
    assert seen["totals"]["words_learned"] == 50


async def test_days_in_a_row_are_counted_over_days(world):
    client, _ = await world.student()
    for _ in range(3):
        last = await save(client)
        async with world.services.database.connection() as connection:
            await connection.execute("UPDATE holdfast.practice_standings SET last_day = last_day - 1")
    assert last["milestones_reached"] == ["days_in_a_row_3"]


# Own data


async def test_own_data_as_json_holds_everything(world):
    client, registered = await world.student()
    saved = [await save(client, vocabulary_learned=["Haus"], metadata={"n": n}) for n in range(3)]
    response = await client.get("/api/practice/export", params={"format": "json"})
    body = response.json()
    assert response.headers["content-disposition"] == 'attachment; filename="practice.json"'
    assert body["student_id"] == registered["id"]
    kept = [{k: v for k, v in one.items() if k != "milestones_reached"} for one in saved]
    assert body["sessions"] == kept
    assert [(w["word"], w["reviews"]) for w in body["vocabulary"]] == [("Haus", 3)]
    assert [m["milestone"] for m in body["milestones"]] == ["sessions_1"]


async def test_own_data_as_csv_survives_commas_quotes_lines_and_formulas(world):
    client, _ = await world.student()
    odd = ['=HYPERLINK("http://example.com")', 'say "hi", please', "@cmd", "-1+1"]
    await save(client, topics=odd, metadata={"a": "line\nbreak", "b": "x,y"})
    await save(client, fluency_score=None)
    text = (await client.get("/api/practice/export", params={"format": "csv"})).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == own_data.COLUMNS
    assert json.loads(rows[0]["topics"]) == odd
    assert json.loads(rows[0]["metadata"]) == {"a": "line\nbreak", "b": "x,y"}
    assert (rows[0]["fluency_score"], rows[1]["fluency_score"]) == ("50.0", "")
    assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@\t\r")]


async def test_own_data_of_many_sessions_come_in_pages_each_once(world, monkeypatch):
    monkeypatch.setattr(own_data, "PAGE", 3)
    client, _ = await world.student()
    saved = [(await save(client))["session_result_id"] for _ in range(7)]
    body = (await client.get("/api/practice/export")).json()
    assert [s["session_result_id"] for s in body["sessions"]] == saved
    other, _ = await world.student("Other")
    assert (await other.get("/api/practice/export")).json()["sessions"] == []


# Staff and research


async def test_staff_finds_sessions_by_topic_word_or_area_and_students_do_not(world):
    client, registered = await world.student("Ada Speaker")
    await save(client, topics=["Reisen"], vocabulary_learned=["Straße"], areas_to_improve=["Dativ"])
    await save(client, topics=["Essen"])
    staff = world.staff()
    for asked in ({"topic": " REISEN"}, {"word": "strasse"}, {"area": "dativ"}):
        body = (await staff.get("/api/practice/sessions", params=asked)).json()
        assert (body["total"], body["sessions"][0]["topics"]) == (1, ["Reisen"])
        assert body["sessions"][0]["student_code"] == registered["studentId"]
    behind = (await staff.get("/api/practice/sessions", params={"topic": "essen", "offset": 9})).json()
    assert (behind["sessions"], behind["total"]) == ([], 1)
    for asked in ({}, {"topic": "a", "word": "b"}, {"topic": " "}):
        assert (await staff.get("/api/practice/sessions", params=asked)).status_code == 400
    assert (await client.get("/api/practice/sessions", params={"topic": "Reisen"})).status_code == 403


async def test_research_gets_counts_and_scores_of_those_who_consent(world):
    kept, registered = await world.student("Kept")
    gone, _ = await world.student("Gone")
    voided = await save(kept, topics=["secret"])
    rated = [{"word": "a", "rating": 1}, {"word": "b", "rating": 4}, "c"]
    await save(kept, topics=["secret"], vocabulary_learned=rated, metadata={"name": "Kept"})
    await save(gone)
    await gone.post("/api/student/consent/withdraw")
    act = {"action": "void"}
    assert (await world.staff().post(f"/api/sessions/{voided['session_id']}/control", act)).status_code == 200
    async with world.services.database.connection() as connection:
        enrolments = [
            row["enrolment_id"]
            for row in await connection.fetch(
                "SELECT enrolment_id FROM holdfast.enrolments WHERE withdrawn_at IS NULL"
            )
        ]
        ((table, statement),) = export.OFFERS
        rows = await statement.rows(connection, enrolments=enrolments)
    assert len(rows) == 1
    assert [variable.name for variable in table.variables] == list(rows[0].keys())
    row = dict(rows[0])
    assert (str(row["student_id"]), row["topics"], row["words"], row["mean_rating"]) == (
        registered["id"],
        1,
        3,
        2.5,
    )
    assert "secret" not in str(row)


# Live


async def _take(stream, count):
    return [await anext(stream) for _ in range(count)]


async def test_a_follower_sees_each_session_once_and_comes_back_where_it_was(world, monkeypatch):
    monkeypatch.setattr(following, "LOOK_S", 0.01)
    monkeypatch.setattr(following, "SIGN_OF_LIFE_S", 0.03)
    client, registered = await world.student()
    database, student_id = world.services.database, UUID(registered["id"])
    before = await save(client)
    leaving = []
    stream = follow(database, student_id, await newest(database, student_id), leaving=lambda: bool(leaving))
    assert [e[0] for e in await _take(stream, 2)] == ["following", "alive"]
    saved = [await save(client) for _ in range(3)]
    events = [e for e in await _take(stream, 4) if e[0] == "saved"]
    while len(events) < 3:
        events += [e for e in await _take(stream, 1) if e[0] == "saved"]
    assert [e[1]["session_result_id"] for e in events] == [s["session_result_id"] for s in saved]
    leaving.append(True)
    with contextlib.suppress(StopAsyncIteration):
        async with asyncio.timeout(5):
            while True:
                await anext(stream)
    back = follow(database, student_id, following.read(events[0][2]), leaving=lambda: False)
    again = [e[1]["session_result_id"] for e in (await _take(back, 3))[1:]]
    assert again == [s["session_result_id"] for s in saved[1:]]
    await back.aclose()
    whole = follow(database, student_id, BEGINNING, leaving=lambda: False)
    assert (await _take(whole, 2))[1][1]["session_result_id"] == before["session_result_id"]
    await whole.aclose()


async def test_a_student_follows_only_the_own_sessions_and_staff_names_whom(world):
    client, _ = await world.student()
    _, other = await world.student("Other")
    path = "/api/practice/live"
    assert (await client.get(path, params={"student": other["id"]})).status_code == 403
    assert (await client.get(path, params={"after": "nonsense"})).json()["field"] == "after"
    staff = world.staff()
    assert (await staff.get(path)).json()["field"] == "student"
    assert (await staff.get(path, params={"student": "nobody"})).status_code == 404


@pytest.mark.crash
async def test_live_over_http_and_a_server_that_stops_at_once(start_server, database_url, stores):
    server = start_server(database_url=database_url, redis_url=stores.redis_url)
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        body = {"name": "Live Student", "consent": True}
        token = (await http.post("/api/student/register", json=body)).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with http.stream("GET", "/api/practice/live", headers=headers) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            assert (await _event(lines))["event"] == "following"
            saved = await save(Client(http, token))
            event = await _event(lines)
            assert (event["event"], json.loads(event["data"])["session_result_id"]) == (
                "saved",
                saved["session_result_id"],
            )
            started = time.monotonic()
            stopped = asyncio.create_task(asyncio.to_thread(server.stop))
            assert [line async for line in lines if line.startswith("event: saved")] == []
            assert await stopped == 0
            assert time.monotonic() - started < 8, "an open stream does not hold the stop up"


async def _event(lines):
    event = {}
    async for line in lines:
        if not line:
            return event
        name, _, value = line.partition(": ")
        event[name] = value
    raise AssertionError("the stream ended")
