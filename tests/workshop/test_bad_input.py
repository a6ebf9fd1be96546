"""Bad input gets a clear 4xx that names the field, and nothing is stored."""

import json

SURROGATE, NUL = "\ud800", "a\x00b"

PROGRESS = [
    ("timeSpent", -1),
    ("timeSpent", 10**12),
    ("timeSpent", 1.5),
    ("timeSpent", "300"),
    ("timeSpent", True),
    ("timeSpent", float("nan")),
    ("timeSpent", float("inf")),
    ("stepNumber", 0),
    ("stepNumber", 10),
    ("stepNumber", -3),
    ("stepNumber", 10**30),
    ("stepNumber", "1"),
    ("stepNumber", None),
    ("stepBase", 2),
    ("completed", "yes"),
    ("completed", 1),
    ("stepName", "x" * 201),
    ("stepName", NUL),
    ("stepName", SURROGATE),
    ("stepName", ["x"]),
    ("studentEmail", "x" * 201),
    ("studentEmail", NUL),
    ("studentName", SURROGATE),
    ("codeSubmitted", "x" * 100_001),
    ("codeSubmitted", NUL),
    ("codeSubmitted", SURROGATE),
    ("codeSubmitted", {"a": 1}),
    ("deploymentUrl", "javascript:alert(1)"),
    ("deploymentUrl", "https://a b"),
    ("deploymentUrl", "https://" + "x" * 2000),
    ("deploymentUrl", "https://a\x00"),
    ("sessionToken", ""),
    ("sessionToken", "x" * 201),
    ("sessionToken", 5),
]

NESTED = {}
for _ in range(30):
    NESTED = {"a": NESTED}

CONFIGURATION = [
    ("callDirection", "sideways"),
    ("useCaseDescription", "x" * 20_001),
    ("useCaseDescription", NUL),
    ("systemPrompt", SURROGATE),
    ("selectedPhoneNumber", "call me"),
    ("ttsProvider", "x" * 201),
    ("tools", {"not": "a list"}),
    ("tools", ["no object"]),
    ("tools", [{"n": n} for n in range(10_000)]),
    ("tools", [{"text": "x" * 1_000_000}]),
    ("tools", [{"text": NUL}]),
    ("tools", [{NUL: "text"}]),
    ("tools", [{"text": SURROGATE}]),
    ("tools", [{"number": float("nan")}]),
    ("tools", [{"number": 10**30}]),
    ("voiceSettings", [1]),
    ("voiceSettings", {"metadata": "x" * 1_000_000}),
    ("voiceSettings", NESTED),
    ("voiceSettings", {"speed": float("inf")}),
    ("websocketUrl", "https:/missing"),
    ("codespaceUrl", "ftp://example.com"),
    ("githubRepoUrl", "javascript:alert(1)"),
    ("railwayUrl", 7),
    ("openaiApiKey", "short"),
    ("openaiApiKey", "x" * 401),
    ("openaiApiKey", "a key with blanks"),
    ("openaiApiKey", 'quoted"quoted'),
    ("openaiApiKey", NUL + "xxxxxxx"),
    ("twilioAccountSid", "not an account"),
    ("githubUsername", "-x-"),
]


HAPPENINGS = [
    ("bug-reports", "description", ""),
    ("bug-reports", "description", "  "),
    ("bug-reports", "description", "x" * 4001),
    ("bug-reports", "description", NUL),
    ("bug-reports", "details", {"a": "x" * 1_000_000}),
    ("bug-reports", "details", ["x"] * 10_000),
    ("bug-reports", "stepNumber", 10),
    ("deployments", "success", "maybe"),
    ("deployments", "stepNumber", 10),
    ("deployments", "stepNumber", -1),
    ("deployments", "error", SURROGATE),
    ("deployments", "deploymentUrl", "nowhere"),
]

QUESTIONS = [
    ("/api/student-progress", "sessionToken"),
    ("/api/student-progress?studentEmail=nobody", "studentEmail"),
    ("/api/student-progress?studentId=x&stepBase=3", "stepBase"),
    ("/api/track-student-progress", "getAllStudents"),
    ("/api/track-student-progress?getAllStudents=false", "getAllStudents"),
    ("/api/workshop/stuck?hours=-1", "hours"),
    ("/api/workshop/stuck?hours=nan", "hours"),
    ("/api/workshop/stuck?hours=1e9", "hours"),
    ("/api/workshop/funnel?workshop=knitting", "workshop"),
    ("/api/workshop/funnel?cohort=nobody", "cohort"),
    ("/api/workshop/configuration", "sessionToken"),
]


async def _send(bench, method, path, body):
    # Python's own JSON writes NaN, Infinity and lone surrogates, as careless clients do.
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return await bench.world.http.request(method, path, content=content, headers=headers)


def _names(response, field, value):
    assert response.status_code in {400, 404}, (field, value, response.text)
    problem = response.json()
    assert problem["success"] is False and problem["error"]
    assert problem["field"].split(".")[0] == field, (value, problem)


async def test_bad_reports(bench):
    before = await bench.progress()
    for field, value in PROGRESS:
        body = {"sessionToken": bench.token, "stepNumber": 1, "timeSpent": 5, field: value}
        _names(await _send(bench, "POST", "/api/student-progress", body), field, value)
        assert await bench.progress() == before, (field, value)


async def test_bad_configurations(bench):
    before = await bench.progress()
    for field, value in CONFIGURATION:
        body = {"sessionToken": bench.token, "ivrGreeting": "Hello", field: value}
        response = await _send(bench, "PATCH", "/api/workshop/configuration", body)
        _names(response, field, value)
        if field == "openaiApiKey":
            assert str(value)[:8] not in response.text
        assert await bench.progress() == before, (field, value)


async def test_bad_bug_reports_and_deployments(bench):
    before = await bench.progress()
    for path, field, value in HAPPENINGS:
        body = {"sessionToken": bench.token, "description": "x", "success": True, field: value}
        _names(await _send(bench, "POST", f"/api/workshop/{path}", body), field, value)
    assert await bench.progress() == before
    assert await bench.rows("SELECT 1 FROM holdfast.events WHERE type LIKE 'bug%' OR type LIKE 'dep%'") == []


async def test_bad_questions(bench):
    staff = bench.world.staff()
    for path, field in QUESTIONS:
        _names(await staff.get(path), field, path)


async def test_a_hundred_bug_reports_are_enough(bench):
    body = {"sessionToken": bench.token, "description": "again"}
    for _ in range(100):
        assert (await bench.world.http.post("/api/workshop/bug-reports", json=body)).status_code == 201
    refused = await bench.world.http.post("/api/workshop/bug-reports", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_step")
    assert len((await bench.progress())["bug_reports"]) == 100
