"""A token covers its own session and nothing else; bearers see what their role may."""

import asyncio
from uuid import uuid4

import pytest

from fixtures.service import Client

ENDED = (
    "UPDATE holdfast.sessions SET expires_at = clock_timestamp() - interval '2 hours' WHERE session_id = $1"
)


def _requests(token):
    body = {"sessionToken": token}
    return [
        ("GET", "/api/student-progress", {"params": body}),
        ("POST", "/api/student-progress", {"json": body | {"stepNumber": 1}}),
        ("GET", "/api/workshop/configuration", {"params": body}),
        ("PATCH", "/api/workshop/configuration", {"json": body | {"ttsProvider": "x"}}),
        ("POST", "/api/workshop/bug-reports", {"json": body | {"description": "x"}}),
        ("POST", "/api/workshop/deployments", {"json": body | {"success": True}}),
    ]


@pytest.mark.parametrize("token", ["ws_1_0", "ws_" + "0" * 64, "x", "a\x00b", "ws_ä"])
async def test_an_unknown_token_opens_nothing(bench, token):
    for method, path, more in _requests(token):
        response = await bench.world.http.request(method, path, **more)
        assert (response.status_code, response.json()["field"]) == (404, "sessionToken"), path
    assert (await bench.progress())["step_progress"] == []


async def test_another_students_bearer_does_not_go_with_a_token(bench, another):
    other = await another(name="Jane Roe", email="other@example.com")
    for method, path, more in _requests(bench.token):
        seen = await other.student.request(method, path, **more)
        unknown = await other.student.request(method, path, **_replaced(more, "ws_nobody"))
        assert (seen.status_code, seen.text) == (404, unknown.text), path
    assert (await bench.progress())["step_progress"] == []


def _replaced(more, token):
    return {kind: {**values, "sessionToken": token} for kind, values in more.items()}


async def test_a_token_is_no_bearer_and_opens_no_other_route(bench):
    client = Client(bench.world.http, bench.token)
    for path in ("/api/me", "/api/sessions/mine", "/api/student-progress?studentId=" + bench.student_id):
        assert (await client.get(path)).status_code == 401
    response = await bench.world.http.get("/api/student-progress", params={"studentEmail": bench.email})
    assert response.status_code == 401
    named = {"sessionId": bench.session_id}
    assert (await bench.world.http.get("/api/workshop/configuration", params=named)).status_code == 401
    assert (await bench.world.http.get("/api/student-progress")).json()["field"] == "sessionToken"


async def test_a_student_neither_reads_nor_detects_another(bench, another):
    other = await another(name="Jane Roe", email="other@example.com")
    for query in ({"studentId": bench.student_id}, {"studentId": bench.code}, {"studentEmail": bench.email}):
        assert (await other.student.get("/api/student-progress", params=query)).json()["sessions"] == []
    unknown = await other.student.get("/api/student-progress", params={"studentEmail": "nobody@example.com"})
    assert (unknown.status_code, unknown.json()["sessions"]) == (200, [])
    seen = await other.student.get("/api/workshop/configuration", params={"sessionId": bench.session_id})
    nothing = await other.student.get("/api/workshop/configuration", params={"sessionId": "session_x"})
    assert (seen.status_code, seen.text) == (404, nothing.text)


async def test_a_researcher_sees_no_names(bench):
    researcher = bench.world.staff("researcher")
    for method, path, more in _requests(bench.token):
        assert (await researcher.request(method, path, **more)).status_code == 403, path
    query = {"studentEmail": bench.email}
    assert (await researcher.get("/api/student-progress", params=query)).status_code == 403
    assert (await researcher.get("/api/workshop/funnel")).status_code == 200


async def test_tokens_are_told_to_their_student_only(bench):
    mine = (await bench.student.get("/api/student-progress", params={"studentId": bench.code})).json()
    assert mine["sessions"][0]["session_token"] == bench.token
    staff = bench.world.staff("admin")
    for path in (
        f"/api/student-progress?studentId={bench.code}",
        f"/api/workshop/students/{bench.code}/sessions",
        f"/api/workshop/configuration?sessionId={bench.session_id}",
        "/api/track-student-progress?getAllStudents=true",
        "/api/workshop/stuck?hours=0",
    ):
        response = await staff.get(path)
        assert response.status_code == 200 and bench.session_id in response.text, path
        assert bench.token not in response.text, path
    # Readers of the journal are held back by older transactions, other tests' in the same server too.
    async with asyncio.timeout(60):
        response = await staff.get("/api/events")
        while bench.session_id not in response.text:
            await asyncio.sleep(0.05)
            response = await staff.get("/api/events")
    assert response.status_code == 200 and bench.token not in response.text


async def test_the_header_keeps_the_token_out_of_addresses(bench):
    response = await bench.world.http.get("/api/student-progress", headers={"X-Session-Token": bench.token})
    assert response.json()["progress"]["session_id"] == bench.session_id


async def test_an_ended_session_opens_by_bearer_only_and_takes_nothing_more(bench):
    await bench.post(1, completed=True)
    await bench.run(ENDED, bench.session_id)
    for method, path, more in _requests(bench.token):
        assert (await bench.world.http.request(method, path, **more)).status_code == 401, path
        expected = 200 if method == "GET" else 409
        assert (await bench.student.request(method, path, **more)).status_code == expected, path
    query = {"studentId": bench.code}
    (session,) = (await bench.student.get("/api/student-progress", params=query)).json()["sessions"]
    assert (session["is_active"], len(session["step_progress"])) == (False, 1)


@pytest.mark.parametrize(("act", "back"), [("pause", "resume"), ("void", "reopen"), ("abandon", "reopen")])
async def test_an_instructor_stops_a_session_and_lets_it_go_on(bench, act, back):
    staff, path = bench.world.staff(), f"/api/sessions/{bench.session_id}/control"
    assert (await staff.post(path, {"action": act})).status_code == 200
    refused = await bench.student.post(
        "/api/student-progress", {"sessionToken": bench.token, "stepNumber": 1}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_step")
    assert (await staff.post(path, {"action": back})).status_code == 200
    assert (await bench.post(1)).status_code == 200


@pytest.mark.parametrize("email", ["other@example.com", "nobody@example.com"])
async def test_another_students_e_mail_on_a_session_is_refused(bench, another, email):
    await another(name="Jane Roe", email="other@example.com")
    refused = await bench.post(1, studentEmail=email)
    assert (refused.status_code, refused.json()["field"]) == (400, "studentEmail")
    assert (await bench.progress())["step_progress"] == []
    assert (await bench.post(1, studentEmail="STUDENT@example.com ")).status_code == 200


async def test_sessions_are_begun_for_oneself_or_by_staff(bench, another):
    other = await another(name="Jane Roe", email="other@example.com")
    refused = await bench.student.post("/api/generate-session", {"studentId": other.code})
    assert (refused.status_code, refused.json()["field"]) == (400, "studentId")
    for name in (bench.code, bench.student_id):
        assert (await bench.student.post("/api/generate-session", {"studentId": name})).status_code == 201
    staff = bench.world.staff()
    begun = (await staff.post("/api/generate-session", {"studentId": other.code})).json()
    assert begun["progress"]["student_id"] == other.student_id
    assert (await staff.post("/api/generate-session")).json()["field"] == "studentId"
    assert (await staff.post("/api/generate-session", {"studentId": str(uuid4())})).status_code == 404
    unknown = await bench.student.post("/api/generate-session", {"workshop": "knitting"})
    assert (unknown.status_code, unknown.json()["field"]) == (404, "workshop")


async def test_a_repeated_beginning_is_one_session_with_one_token(bench):
    answers = await asyncio.gather(
        *(bench.student.post("/api/generate-session", key="begin-1") for _ in range(4))
    )
    assert len({response.json()["sessionToken"] for response in answers}) == 1
    token = answers[0].json()["sessionToken"]
    (kept,) = await bench.rows("SELECT answer::text FROM holdfast.idempotency_keys")
    assert token not in kept["answer"]
    assert len(await bench.rows("SELECT 1 FROM holdfast.workshop_sessions")) == 2


async def test_a_repeated_report_counts_once(bench):
    first = await bench.post(1, timeSpent=60, key="a-key-of-this-report-1")
    again = await bench.post(1, timeSpent=60, key="a-key-of-this-report-1")
    assert (first.json(), again.headers["Idempotency-Replayed"]) == (again.json(), "true")
    assert (await bench.progress())["step_progress"][0]["timeSpent"] == 60
    rows = await bench.rows("SELECT student_id::text AS student, answer::text FROM holdfast.idempotency_keys")
    assert [row["student"] for row in rows] == [bench.student_id], "it goes when the student goes"
    assert bench.token not in rows[0]["answer"]


async def test_a_plan_decides_workshop_window_and_lifetime(world):
    admin = world.staff("admin")
    wrong = {"name": "Wrong", "plan": {"workshop": {"workshop": "knitting"}}}
    assert (await admin.post("/api/cohorts", wrong)).json()["field"] == "plan.workshop.workshop"
    for name, plan in (
        ("Long", {"session_hours": 72, "workshop": {"workshop": "voice_ai"}}),
        ("Other", {"programs": ["simulation"]}),
    ):
        body = {"name": name, "joinCode": f"code-{name}", "plan": plan}
        assert (await admin.post("/api/cohorts", body)).status_code == 201
    student, _ = await world.student("Long Stay", joinCode="code-Long")
    begun = await student.post("/api/generate-session")
    hours = "SELECT extract(epoch FROM expires_at - started_at) / 3600 FROM holdfast.sessions"
    async with world.services.database.connection() as connection:
        assert round(await connection.fetchval(hours)) == 72
    assert begun.json()["progress"]["workshop"] == "voice_ai"
    student, _ = await world.student("Not Allowed", joinCode="code-Other")
    assert (await student.post("/api/generate-session")).status_code == 409


async def test_the_usual_lifetime_is_a_setting(make_world):
    async with make_world(workshop_hours=2) as world:
        student, _ = await world.student()
        assert (await student.post("/api/generate-session")).status_code == 201
        async with world.services.database.connection() as connection:
            query = "SELECT extract(epoch FROM expires_at - started_at) FROM holdfast.sessions"
            assert round(await connection.fetchval(query)) == 7200
