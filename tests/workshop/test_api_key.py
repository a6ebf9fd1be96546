"""A student's API key is sealed at rest and never told: no response, log, export, event or error has it."""

import logging

import asyncpg
import pytest

from holdfast.programs.workshop.cleaning import reseal
from holdfast.programs.workshop.export import OFFERS
from holdfast.programs.workshop.stored import key_place
from holdfast.store.schema.declarations import metadata
from holdfast.store.secrets import CannotOpen, Vault

KEY = "sk-" + "Zq7" * 12
OTHER_KEY = "sk-" + "Yw8" * 12
STAFF_PAGES = (
    "/api/student-progress?studentId={code}",
    "/api/workshop/students/{code}/sessions",
    "/api/workshop/configuration?sessionId={session}",
    "/api/workshop/completion",
    "/api/workshop/funnel",
    "/api/workshop/stuck?hours=0",
    "/api/track-student-progress?getAllStudents=true",
    "/api/events?limit=1000",
    "/openapi.json",
)


async def _everything_said(bench):
    """Every answer about the session, after the key was set and pasted into whatever takes text."""
    token = bench.token
    code = f'client = OpenAI(api_key="{KEY}")'
    bodies = [
        ("PATCH", "/api/workshop/configuration", {"openaiApiKey": KEY, "systemPrompt": f"use {KEY}"}),
        ("PATCH", "/api/workshop/configuration", {"tools": [{"key": KEY, KEY: 1}], "ivrGreeting": KEY}),
        ("POST", "/api/student-progress", {"stepNumber": 1, "codeSubmitted": code, "stepName": KEY}),
        ("POST", "/api/student-progress", {"stepNumber": 2, "deploymentUrl": f"https://x.example/?k={KEY}"}),
        ("POST", "/api/workshop/bug-reports", {"description": f"refused: {KEY}", "details": {"k": [KEY]}}),
        ("POST", "/api/workshop/deployments", {"success": False, "error": f"bad key {KEY}"}),
        ("POST", "/api/student-progress", {"stepNumber": KEY}),
        ("POST", "/api/student-progress", {"stepNumber": 1, "deploymentUrl": KEY}),
        ("PATCH", "/api/workshop/configuration", {"openaiApiKey": {"key": KEY}}),
        ("PATCH", "/api/workshop/configuration", {"openaiApiKey": KEY + "\x00"}),
        ("PATCH", "/api/workshop/configuration", {"openaiApiKey": KEY, "callDirection": KEY}),
    ]
    said = []
    for number, (method, path, body) in enumerate(bodies):
        headers = {"Idempotency-Key": f"a-key-for-the-request-{number}"}
        answer = await bench.world.http.request(
            method, path, json={"sessionToken": token, **body}, headers=headers
        )
        assert answer.status_code == (400 if number >= 6 else answer.status_code), answer.text
        assert answer.status_code in {200, 201, 400}
        said.append(answer.text)
    staff, student = bench.world.staff("admin"), bench.student
    for page in STAFF_PAGES:
        path = page.format(code=bench.code, session=bench.session_id)
        said.append((await staff.get(path)).text)
    said.append((await student.get(f"/api/student-progress?studentId={bench.code}")).text)
    for path in ("/api/student-progress", "/api/workshop/configuration"):
        answer = await bench.world.http.get(path, params={"sessionToken": token})
        said.append(answer.text)
    assert sum(bench.session_id in text for text in said) > 8
    return said


async def test_the_key_is_in_no_answer_log_row_or_dataset(bench, caplog):
    caplog.set_level(logging.DEBUG)
    said = await _everything_said(bench)
    assert [text for text in said if KEY in text] == []
    assert KEY not in caplog.text and KEY not in repr(bench.world.services)
    async with bench.world.services.database.connection() as connection:
        for table in metadata.sorted_tables:
            rows = await connection.fetch(f"SELECT t::text AS row FROM {table.fullname} t")
            assert [row["row"] for row in rows if KEY in row["row"]] == [], table.name
        enrolments = [
            row[0] for row in await connection.fetch("SELECT enrolment_id FROM holdfast.enrolments")
        ]
        ((table, statement),) = OFFERS
        dataset = await statement.rows(connection, enrolments=enrolments)
        stored = await connection.fetchval("SELECT openai_api_key FROM holdfast.workshop_sessions")
    assert list(dataset[0].keys()) == [variable.name for variable in table.variables]
    assert KEY not in str(dataset) and bench.token not in str(dataset) and len(dataset) == 2
    assert bench.world.services.workshop.vault.open(stored, place=key_place(bench.session_id)) == KEY


async def test_it_is_told_only_that_there_is_one(bench):
    assert (await bench.progress())["openai_api_key_set"] is False
    answer = (await bench.configure(openaiApiKey=KEY, callDirection="outbound")).json()["configuration"]
    assert (answer["openai_api_key_set"], answer["call_direction"]) == (True, "outbound")
    answer = (await bench.configure(ttsProvider="x")).json()["configuration"]
    assert (answer["openai_api_key_set"], answer["call_direction"]) == (True, "outbound")
    answer = (await bench.configure(openaiApiKey=None)).json()["configuration"]
    assert (answer["openai_api_key_set"], "openai_api_key" in answer) == (False, False)


async def test_the_table_itself_refuses_a_key_in_plain_text(bench):
    with pytest.raises(asyncpg.CheckViolationError):
        await bench.run("UPDATE holdfast.workshop_sessions SET openai_api_key = $1", KEY)


async def test_a_key_from_another_row_does_not_open(bench):
    await bench.configure(openaiApiKey=KEY)
    second = (await bench.student.post("/api/generate-session")).json()["sessionId"]
    await bench.run(
        "UPDATE holdfast.workshop_sessions"
        " SET openai_api_key = (SELECT max(openai_api_key) FROM holdfast.workshop_sessions)"
    )
    rows = await bench.rows(
        "SELECT openai_api_key FROM holdfast.workshop_sessions WHERE session_id = $1", second
    )
    with pytest.raises(CannotOpen):
        bench.world.services.workshop.vault.open(rows[0]["openai_api_key"], place=key_place(second))


async def test_progress_goes_on_when_the_encryption_key_was_lost(bench, make_world):
    await bench.configure(openaiApiKey=KEY)
    async with make_world(encryption_key="77" * 32) as world:
        body = {"sessionToken": bench.token, "stepNumber": 1, "timeSpent": 5}
        assert (await world.http.post("/api/student-progress", json=body)).status_code == 200
        body = {"sessionToken": bench.token, "openaiApiKey": OTHER_KEY}
        assert (await world.http.patch("/api/workshop/configuration", json=body)).status_code == 200
        rows = await bench.rows("SELECT openai_api_key FROM holdfast.workshop_sessions")
        place = key_place(bench.session_id)
        assert world.services.workshop.vault.open(rows[0]["openai_api_key"], place=place) == OTHER_KEY


async def test_the_encryption_key_can_be_changed(bench):
    await bench.configure(openaiApiKey=KEY)
    database, old = bench.world.services.database, bench.world.services.settings.encryption_key
    new = bytes(range(32))
    both = Vault([new, bytes.fromhex(old.get_secret_value())])
    assert (await reseal(database, both), await reseal(database, both)) == (1, 0)
    rows = await bench.rows("SELECT openai_api_key FROM holdfast.workshop_sessions")
    assert Vault([new]).open(rows[0]["openai_api_key"], place=key_place(bench.session_id)) == KEY
    with pytest.raises(CannotOpen):
        await reseal(database, Vault([bytes(32)]))
