"""What instructors ask, of one cohort or all, page by page; and each question goes by an index."""

import json
import re

import pytest

from holdfast.programs.workshop import instructing
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.stored import statements, store_definition
from holdfast.store.schema.declarations import metadata

MANY = """
INSERT INTO holdfast.students (student_id, student_code, name)
SELECT gen_random_uuid(), 'many_' || n, 'Many' FROM generate_series(1, {count}) n;
INSERT INTO holdfast.cohorts (cohort_id, name, join_code, arms, block_size, allocation_seed)
SELECT gen_random_uuid(), 'Other ' || n, 'other' || n, '{{A}}', 1, 1 FROM generate_series(0, 39) n;
INSERT INTO holdfast.enrolments (enrolment_id, student_id, cohort_id, arm, allocation_number)
SELECT gen_random_uuid(), student_id, (SELECT cohort_id FROM holdfast.cohorts WHERE name = 'Small'), 'A',
       row_number() OVER () + 1000
FROM (SELECT student_id FROM holdfast.students WHERE student_code LIKE 'many_%' LIMIT 20) s;
INSERT INTO holdfast.enrolments (enrolment_id, student_id, cohort_id, arm, allocation_number)
SELECT gen_random_uuid(), student_id, cohort_id, 'A', row_number() OVER () + 1000
FROM holdfast.students JOIN holdfast.cohorts c ON c.name = 'Other ' || substr(student_code, 6)::integer % 40
WHERE student_code LIKE 'many_%';
INSERT INTO holdfast.sessions (session_id, student_id, program, status, expires_at)
SELECT 'session_' || s.student_code || '_' || n, s.student_id, 'workshop', 'IN_PROGRESS',
       clock_timestamp() + interval '1 day'
FROM holdfast.students s CROSS JOIN generate_series(1, 2) n WHERE s.student_code LIKE 'many_%';
INSERT INTO holdfast.workshop_sessions
    (session_id, student_id, definition_hash, session_token, is_active, last_activity, current_step)
SELECT session_id, student_id, (SELECT content_hash FROM holdfast.workshop_definitions), 'ws_' || session_id,
       random() < 0.1, clock_timestamp() - random() * interval '30 hours', 3
FROM holdfast.sessions WHERE session_id LIKE 'session_many_%';
INSERT INTO holdfast.step_progress
    (session_id, student_id, step_number, step_name, time_spent, validation_passed)
SELECT session_id, student_id, n, 'Step', 10 * n, n < 3
FROM holdfast.workshop_sessions CROSS JOIN generate_series(1, 3) n WHERE session_id LIKE 'session_many_%';
VACUUM ANALYZE holdfast.students, holdfast.enrolments, holdfast.sessions, holdfast.workshop_sessions,
        holdfast.step_progress, holdfast.workshop_definitions"""

LARGE = "students|enrolments|sessions|workshop_sessions|step_progress"
NOBODY = "'00000000-0000-7000-8000-000000000000'"
PAGE = {"limit": "20", "offset": "0"}
QUESTIONS = {
    "session_of_token": {"session_token": "'ws_x'"},
    "session": {"session_id": "'session_x'"},
    "lock_session": {"session_id": "'session_x'"},
    "steps_of_session": {"session_id": "'session_x'"},
    "sessions_of_students": {"student_ids": f"ARRAY[{NOBODY}]::uuid[]", **PAGE},
    "stuck_students": {"hours": "24", "cohort_id": "NULL", **PAGE},
    "completion_summary": PAGE,
    "completion_of_cohort": {"cohort_id": NOBODY, **PAGE},
    "funnel_of_cohort": {"workshop_id": "'voice_ai'", "cohort_id": NOBODY},
    "next_students": {"after_id": NOBODY, "limit": "200"},
    "student_of_email": {"email": "'x@example.com'"},
}


async def _fill(bench, count):
    admin = bench.world.staff("admin")
    assert (await admin.post("/api/cohorts", {"name": "Small", "joinCode": "small"})).status_code == 201
    for command in MANY.format(count=count).split(";"):
        await bench.run(command)


async def test_each_question_goes_by_an_index(bench):
    await _fill(bench, 3000)
    seen = {}
    async with bench.world.services.database.connection() as connection:
        for name, values in QUESTIONS.items():
            statement = getattr(statements, name)
            given = ", ".join(values[parameter] for parameter in statement.parameters)
            await connection.execute(f"PREPARE question AS {statement.sql}")
            plan = await connection.fetch(f"EXPLAIN EXECUTE question({given})")
            await connection.execute("DEALLOCATE question")
            text = "\n".join(row[0] for row in plan)
            if re.search(rf"Seq Scan on ({LARGE})\b", text):
                seen[name] = text
    assert seen == {}, "\n\n".join(seen.values())


async def test_who_is_stuck_page_by_page_and_by_cohort(bench):
    await _fill(bench, 60)
    await bench.run(
        "UPDATE holdfast.workshop_sessions SET is_active = true WHERE session_id LIKE 'session_many%'"
    )
    await bench.run(
        "UPDATE holdfast.workshop_sessions SET completion_rate = 100 WHERE session_id LIKE 'session_many_%_2'"
    )
    staff = bench.world.staff()
    all_of_them = (await staff.get("/api/workshop/stuck?hours=3&limit=100")).json()
    found = [one["session_id"] for one in all_of_them["students"]]
    assert all_of_them["total"] == len(found) and found
    assert all(name.endswith("_1") for name in found)
    assert bench.session_id not in found, "whoever worked a moment ago is not stuck"
    idle = [one["time_inactive"] for one in all_of_them["students"]]
    assert idle == sorted(idle, reverse=True) and min(idle) >= 3 * 3600
    assert {one["step_name"] for one in all_of_them["students"]} == {"Provision Services"}
    paged = []
    for offset in range(0, len(found), 7):
        page = (await staff.get(f"/api/workshop/stuck?hours=3&limit=7&offset={offset}")).json()
        paged += [one["session_id"] for one in page["students"]]
    assert paged == found
    small = (await staff.get("/api/workshop/stuck?hours=3&limit=100&cohort=Small")).json()
    assert 0 < small["total"] < len(found)


async def test_completion_and_funnel_by_cohort(bench):
    await _fill(bench, 60)
    staff = bench.world.staff()
    everyone = (await staff.get("/api/workshop/completion?limit=100")).json()
    small = (await staff.get("/api/workshop/completion?limit=100&cohort=Small")).json()
    assert (everyone["total"], small["total"]) == (61, 20)
    ids = [one["student_id"] for one in everyone["students"]]
    assert ids == sorted(ids)
    assert {one["total_sessions"] for one in small["students"]} == {2}
    funnel = (await staff.get("/api/workshop/funnel?cohort=Small")).json()["steps"]
    assert [(one["attempts"], one["completed"], one["avg_time_seconds"]) for one in funnel[:4]] == [
        (40, 40, 10),
        (40, 40, 20),
        (40, 0, 30),
        (0, 0, None),
    ]
    from_zero = (await staff.get("/api/workshop/funnel?cohort=Small&stepBase=0")).json()["steps"]
    assert [one["step_number"] for one in from_zero] == list(range(9))


async def test_a_student_without_a_session_has_no_average(bench):
    await bench.world.student("No Session")
    rows = (await bench.world.staff().get("/api/workshop/completion")).json()["students"]
    assert [(one["total_sessions"], one["avg_completion"]) for one in rows] == [(1, 0.0), (0, None)]


async def test_the_bulk_export_is_streamed_and_whole(bench, monkeypatch):
    monkeypatch.setattr(instructing, "EXPORT_PAGE", 7)
    await _fill(bench, 60)
    pieces = []
    path = "/api/track-student-progress?getAllStudents=true"
    headers = {"Authorization": f"Bearer {bench.world.staff().token}"}
    async with bench.world.http.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        pieces = [piece async for piece in response.aiter_raw()]
    body = json.loads(b"".join(pieces))
    assert (body["total"], len(body["students"])) == (61, 61)
    assert len({one["student_id"] for one in body["students"]}) == 61
    assert sum(len(one["sessions"]) for one in body["students"]) == 121
    steps = [
        step for one in body["students"] for session in one["sessions"] for step in session["step_progress"]
    ]
    assert len(steps) == 360


async def test_the_export_of_nobody_is_whole_too(world):
    response = await world.staff().get("/api/track-student-progress?getAllStudents=true")
    assert response.json() == {"success": True, "students": [], "total": 0}


async def test_workshops_are_public_and_counted_as_the_client_counts(world):
    (one,) = (await world.http.get("/api/workshop/definitions")).json()["workshops"]
    assert (one["id"], one["total_steps"]) == ("voice_ai", 9)
    assert [step["stepNumber"] for step in one["steps"]] == list(range(1, 10))
    assert [step["stepName"] for step in one["steps"]] == [
        "Connect Accounts",
        "Choose Use Case",
        "Provision Services",
        "Basic TwiML",
        "WebSocket Handler",
        "ConversationRelay",
        "Custom AI Prompt",
        "Tools & Functions",
        "Final Deployment",
    ]
    (one,) = (await world.http.get("/api/workshop/definitions?stepBase=0")).json()["workshops"]
    assert [step["stepNumber"] for step in one["steps"]] == list(range(9))


async def test_a_client_that_counts_from_zero_sees_its_own_numbers(bench):
    answer = (await bench.post(0, stepBase=0, stepName="Connect Accounts", completed=True)).json()["progress"]
    assert (answer["current_step"], answer["step_progress"][0]["stepNumber"]) == (0, 0)
    await bench.post(8, stepBase=0, completed=True)
    assert (await bench.progress(stepBase=0))["current_step"] == 8
    assert (await bench.progress())["current_step"] == 9
    assert (await bench.progress())["completion_rate"] == 22
    refused = await bench.post(3, stepName="Basic TwiML")
    assert (refused.status_code, refused.json()["field"]) == (400, "stepName")


async def test_configuration_keeps_what_is_not_named_and_clears_what_is_null(bench):
    first = {
        "useCaseDescription": "Booking a table",
        "call_direction": "inbound",
        "selectedPhoneNumber": "+1 555 0100",
        "tools": [{"name": "book", "parameters": {"guests": 2}}],
        "voiceSettings": {"speed": 1.25},
        "websocketUrl": "wss://example.com/x",
        "githubRepoUrl": "https://example.com/r",
        "twilioAccountSid": "AC0123456789abcdef",
        "githubUsername": "john-doe",
    }
    answer = (await bench.configure(**first)).json()["configuration"]
    assert answer["use_case_description"] == "Booking a table"
    assert answer["tools"] == first["tools"] and answer["voice_settings"] == {"speed": 1.25}
    assert answer["twilio_account_sid"] == "AC0123456789abcdef"
    answer = (await bench.configure(tools=None, callDirection=None, githubUsername=None)).json()[
        "configuration"
    ]
    assert (answer["tools"], answer["call_direction"], answer["github_username"]) == ([], None, None)
    assert answer["voice_settings"] == {"speed": 1.25} and answer["selected_phone_number"] == "+1 555 0100"
    assert answer["twilio_account_sid"] == "AC0123456789abcdef"
    read = await bench.student.get("/api/workshop/configuration", params={"sessionId": bench.session_id})
    assert read.json()["configuration"] == answer
    (event,) = await bench.rows(
        "SELECT data FROM holdfast.events WHERE type = 'configuration_updated' ORDER BY created_at LIMIT 1"
    )
    assert "call_direction" in event["data"]["fields"] and "Booking" not in str(event["data"])


async def test_an_erased_student_leaves_no_row(bench):
    await bench.configure(openaiApiKey="sk-0123456789", githubUsername="john-doe")
    await bench.post(1, key="a-key-of-this-report-1")
    bug = {"sessionToken": bench.token, "description": "x"}
    await bench.world.http.post("/api/workshop/bug-reports", json=bug)
    assert (await bench.world.staff("admin").delete(f"/api/students/{bench.code}")).status_code == 200
    for table in metadata.sorted_tables:
        rows = await bench.rows(f"SELECT t::text AS row FROM {table.fullname} t")
        kept = [row["row"] for row in rows if bench.student_id in row["row"] or bench.token in row["row"]]
        assert kept == [], table.name


async def test_updated_at_moves_by_itself(bench):
    await bench.post(1)
    await bench.configure(githubUsername="john-doe")
    for table in ("workshop_sessions", "step_progress", "workshop_profiles"):
        await bench.run(f"UPDATE holdfast.{table} SET updated_at = '2020-01-01Z'")
        (row,) = await bench.rows(f"SELECT updated_at FROM holdfast.{table}")
        assert row["updated_at"].year == 2020, table
    await bench.post(1)
    await bench.configure(githubUsername="jd")
    for table in ("workshop_sessions", "step_progress", "workshop_profiles"):
        (row,) = await bench.rows(f"SELECT updated_at FROM holdfast.{table}")
        assert row["updated_at"].year > 2020, table


async def test_a_definition_is_stored_once(database):
    async with database.transaction() as connection:
        first, second = [await store_definition(connection, Library().find()) for _ in range(2)]
        assert first == second
        assert await connection.fetchval("SELECT count(*) FROM holdfast.workshop_definitions") == 1


@pytest.mark.parametrize("text", ["", "steps: []", "- 1", "id: [", "\x00", "a: &x [*x]"])
async def test_a_directory_with_a_wrong_workshop_stops_the_start(tmp_path, text):
    from holdfast.kit.errors import Misconfigured

    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(Misconfigured, match="HOLDFAST_WORKSHOPS: wrong.yaml"):
        Library(tmp_path)
