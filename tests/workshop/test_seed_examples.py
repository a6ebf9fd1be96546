"""Every request and response example of the second seed, with its field names."""

import re
from uuid import UUID

import pytest

SETUP = {"stepNumber": 1, "stepName": "Setup", "completed": True, "timeSpent": 300, "attempts": 1}


async def _three_steps(bench):
    for number, name, seconds in ((1, "Setup", 300), (2, "Choose Use Case", 120), (3, "Services", 450)):
        response = await bench.post(number, stepName=name, completed=True, timeSpent=seconds)
        assert response.status_code == 200, response.text


async def test_progress_by_session_token(bench):
    await _three_steps(bench)
    response = await bench.world.http.get(f"/api/student-progress?sessionToken={bench.token}")
    body = response.json()
    assert body.keys() == {"success", "progress"}
    progress = body["progress"]
    assert {
        "session_token": bench.token,
        "student_id": bench.student_id,
        "student_email": "student@example.com",
        "student_name": "John Doe",
        "current_step": 3,
        "completion_rate": 33,
    }.items() <= progress.items()
    assert SETUP.items() <= progress["step_progress"][0].items()
    assert [step["stepNumber"] for step in progress["step_progress"]] == [1, 2, 3]
    assert all(step["startedAt"] and step["completedAt"] for step in progress["step_progress"])


@pytest.mark.parametrize("by", ["studentEmail", "studentId"])
async def test_sessions_by_email_and_by_id(bench, by):
    await _three_steps(bench)
    second = (await bench.student.post("/api/generate-session")).json()["sessionId"]
    value = {"studentEmail": "student@example.com", "studentId": bench.student_id}[by]
    for client in (bench.student, bench.world.staff()):
        body = (await client.get("/api/student-progress", params={by: value})).json()
        assert body["success"] is True
        assert [one["session_id"] for one in body["sessions"]] == [second, bench.session_id]
        assert SETUP.items() <= body["sessions"][1]["step_progress"][0].items()
        assert body["sessions"][0]["step_progress"] == []


async def test_posting_progress(bench):
    body = {
        "sessionToken": bench.token,
        "studentEmail": "student@example.com",
        "studentName": "John Doe",
        "stepNumber": 3,
        "stepName": "Services",
        "completed": True,
        "timeSpent": 450,
        "codeSubmitted": "...",
        "deploymentUrl": "https://...",
    }
    response = await bench.world.http.post("/api/student-progress", json=body)
    assert response.status_code == 200, response.text
    answered = response.json()
    assert answered.keys() == {"success", "message", "progress"}
    assert (answered["success"], answered["message"]) == (True, "Progress updated successfully")
    assert answered["progress"] == await bench.progress()
    (step,) = answered["progress"]["step_progress"]
    assert {
        "stepNumber": 3,
        "stepName": "Services",
        "completed": True,
        "timeSpent": 450,
        "attempts": 1,
        "codeSubmitted": "...",
        "deploymentUrl": "https://...",
    }.items() <= step.items()
    stored = await bench.rows("SELECT * FROM holdfast.step_progress")
    assert dict(stored[0]).items() >= {"step_number": 3, "step_name": "Services", "time_spent": 450}.items()


async def test_the_function_of_the_seed_recalculates(bench):
    await _three_steps(bench)
    await bench.run("UPDATE holdfast.workshop_sessions SET completion_rate = 0, total_time_spent = 0")
    await bench.run("SELECT holdfast.update_session_progress($1)", bench.token)
    progress = await bench.progress()
    assert (progress["completion_rate"], progress["total_time_spent"]) == (33, 870)
    await bench.run("SELECT holdfast.update_session_progress('ws_1234567890_abc123')")
    assert await bench.progress() == progress


async def test_the_export_that_the_migration_guide_begins_with(bench):
    await _three_steps(bench)
    body = (await bench.world.staff().get("/api/track-student-progress?getAllStudents=true")).json()
    assert (body["success"], body["total"]) == (True, 1)
    (student,) = body["students"]
    assert (student["student_email"], student["student_name"]) == ("student@example.com", "John Doe")
    assert student["sessions"][0]["completion_rate"] == 33


async def test_the_queries_of_the_seed(bench):
    await _three_steps(bench)
    await bench.post(4, timeSpent=30)
    staff = bench.world.staff()
    sessions = (await staff.get(f"/api/workshop/students/{bench.code}/sessions")).json()["sessions"]
    assert sessions[0].keys() >= {"student_email", "student_name", "last_activity", "total_time_spent"}
    (summary,) = (await staff.get("/api/workshop/completion")).json()["students"]
    assert {
        "student_email": "student@example.com",
        "student_name": "John Doe",
        "total_sessions": 1,
        "avg_completion": 33.0,
    }.items() <= summary.items()
    assert summary["last_active"] == sessions[0]["last_activity"]
    steps = (await staff.get("/api/workshop/funnel")).json()["steps"]
    assert (
        steps[0].items()
        >= {
            "step_number": 1,
            "step_name": "Connect Accounts",
            "attempts": 1,
            "completed": 1,
            "avg_time_seconds": 300,
        }.items()
    )
    assert (steps[3]["attempts"], steps[3]["completed"]) == (1, 0)
    assert (len(steps), steps[8]["attempts"], steps[8]["avg_time_seconds"]) == (9, 0, None)
    await bench.run(
        "UPDATE holdfast.workshop_sessions SET last_activity = clock_timestamp() - interval '25 hours'"
    )
    (stuck,) = (await staff.get("/api/workshop/stuck")).json()["students"]
    assert stuck.items() >= {"student_email": "student@example.com", "current_step": 4}.items()
    assert stuck["time_inactive"] in range(25 * 3600, 25 * 3600 + 60)
    assert (await staff.get("/api/workshop/stuck?hours=26")).json()["students"] == []


async def test_the_shape_of_a_token(bench):
    assert re.fullmatch(r"ws_\d{13}_[0-9a-f]{64}", bench.token)


async def test_the_tables_of_the_seed_have_its_columns(bench):
    columns = {
        "students": "student_id created_at updated_at",
        "workshop_profiles": "student_id twilio_account_sid github_username",
        "sessions": "student_id started_at last_activity expires_at",
        "workshop_sessions": """session_token student_id is_active demo_mode current_step total_time_spent
            completion_rate use_case_description call_direction selected_phone_number tts_provider
            selected_voice openai_api_key system_prompt ivr_greeting tools voice_settings websocket_url
            codespace_url github_repo_url railway_url bug_reports created_at updated_at""",
        "step_progress": """id student_id step_number step_name started_at completed_at time_spent attempts
            validation_passed code_submitted deployment_url created_at updated_at""",
        "events": "student_id session_id created_at",
    }
    for table, wanted in columns.items():
        rows = await bench.rows(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'holdfast' AND table_name = $1",
            table,
        )
        assert set(wanted.split()) <= {row["column_name"] for row in rows}, table


async def test_cascades_go_from_student_to_session_to_steps(bench, another):
    await _three_steps(bench)
    other = await another(name="Jane Roe", email="other@example.com")
    await other.post(1)
    await bench.run("DELETE FROM holdfast.sessions WHERE session_id = $1", bench.session_id)
    left = await bench.rows("SELECT session_id FROM holdfast.step_progress")
    assert [row["session_id"] for row in left] == [other.session_id]
    await bench.run("DELETE FROM holdfast.students WHERE student_id = $1", UUID(other.student_id))
    for table in ("workshop_sessions", "step_progress", "sessions"):
        assert await bench.rows(f"SELECT 1 FROM holdfast.{table}") == []


async def test_the_events_of_the_seed(bench):
    await bench.post(1, timeSpent=10)
    await bench.post(1, completed=True, timeSpent=20)
    await bench.post(1, completed=True, timeSpent=5)
    for success in (True, False):
        body = {"sessionToken": bench.token, "success": success, "stepNumber": 4, "error": "no port"}
        assert (await bench.world.http.post("/api/workshop/deployments", json=body)).status_code == 201
    bug = {"sessionToken": bench.token, "description": "The button does nothing."}
    assert (await bench.world.http.post("/api/workshop/bug-reports", json=bug)).status_code == 201
    rows = await bench.rows(
        "SELECT type, data FROM holdfast.events WHERE session_id = $1 ORDER BY created_at",
        bench.session_id,
    )
    assert [row["type"] for row in rows] == [
        "session_created",
        "step_started",
        "step_progress",
        "step_completed",
        "step_progress",
        "deployment_success",
        "deployment_failure",
        "bug_reported",
    ]
    assert rows[3]["data"] == {
        "stepNumber": 1,
        "stepName": "Connect Accounts",
        "timeSpent": 20,
        "attempts": 2,
    }
    assert rows[6]["data"]["error"] == "no port"
    assert (await bench.progress())["bug_reports"][0]["description"] == "The button does nothing."
