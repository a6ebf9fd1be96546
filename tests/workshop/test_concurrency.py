"""Reports that come at once lose nothing and count once."""

import asyncio
import random
from collections import defaultdict

import httpx
import pytest

from holdfast.kit.clock import utc_now


@pytest.mark.crash
async def test_two_hundred_posts_over_twenty_sessions(bench, start_server, database_url, stores, figures):
    """Over real HTTP, against a server process of its own on the same database."""
    server = await asyncio.to_thread(start_server, database_url=database_url, redis_url=stores.redis_url)
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=60) as http:
        headers = {"Authorization": f"Bearer {bench.student.token}"}
        begun = [await http.post("/api/generate-session", json={}, headers=headers) for _ in range(20)]
        tokens = [response.json()["sessionToken"] for response in begun]
        draw = random.Random(3)
        posts = [
            {
                "sessionToken": tokens[number % 20],
                "stepNumber": draw.randint(1, 4),
                "timeSpent": draw.randint(1, 900),
                "completed": draw.random() < 0.5,
            }
            for number in range(200)
        ]
        draw.shuffle(posts)
        began = utc_now()
        answers = await asyncio.gather(*(http.post("/api/student-progress", json=body) for body in posts))
        took = (utc_now() - began).total_seconds()
        acknowledged = [body for body, a in zip(posts, answers, strict=True) if a.status_code == 200]
        assert len(acknowledged) == 200
        for token in tokens:
            shown = (await http.get("/api/student-progress", params={"sessionToken": token})).json()[
                "progress"
            ]
            _agrees(shown, [body for body in acknowledged if body["sessionToken"] == token])
    kept = sum(row["time_spent"] for row in await bench.rows("SELECT time_spent FROM holdfast.step_progress"))
    told = sum(body["timeSpent"] for body in acknowledged)
    assert kept == told
    figures(
        "workshop, 200 concurrent posts over 20 sessions",
        [f"acknowledged {told} s, kept {kept} s, {took:.2f} s"],
    )


def _agrees(shown, posts):
    seconds, attempts, passed = defaultdict(int), defaultdict(int), set()
    for body in posts:
        seconds[body["stepNumber"]] += body["timeSpent"]
        attempts[body["stepNumber"]] += 1
        passed |= {body["stepNumber"]} if body["completed"] else set()
    steps = {step["stepNumber"]: step for step in shown["step_progress"]}
    assert {number: step["timeSpent"] for number, step in steps.items()} == seconds
    assert {number: step["attempts"] for number, step in steps.items()} == attempts
    assert {number for number, step in steps.items() if step["completed"]} == passed
    assert shown["total_time_spent"] == sum(seconds[number] for number in passed)
    assert shown["completion_rate"] == (200 * len(passed) + 9) // 18
    assert shown["current_step"] == max(seconds)


async def test_posts_to_one_step_at_once(bench):
    answers = await asyncio.gather(*(bench.post(2, timeSpent=7, completed=n == 5) for n in range(30)))
    assert {response.status_code for response in answers} == {200}
    (step,) = (await bench.progress())["step_progress"]
    assert (step["timeSpent"], step["attempts"], step["completed"]) == (210, 30, True)
    completed = await bench.rows("SELECT 1 FROM holdfast.events WHERE type = 'step_completed'")
    started = await bench.rows("SELECT 1 FROM holdfast.events WHERE type = 'step_started'")
    assert (len(completed), len(started)) == (1, 1)
    seen = sorted(response.json()["progress"]["step_progress"][0]["attempts"] for response in answers)
    assert seen == list(range(1, 31)), "each answer tells the session as its own report left it"


async def test_reports_configuration_and_bugs_at_once(bench):
    bug = {"sessionToken": bench.token, "description": "x"}
    work = [bench.post(1 + n % 3, timeSpent=1) for n in range(12)]
    work += [bench.configure(ttsProvider=f"provider {n}") for n in range(6)]
    work += [bench.world.http.post("/api/workshop/bug-reports", json=bug) for _ in range(8)]
    work += [bench.rows("SELECT holdfast.update_session_progress($1)", bench.token) for _ in range(6)]
    answers = await asyncio.gather(*work)
    assert {a.status_code for a in answers if isinstance(a, httpx.Response)} == {200, 201}
    progress = await bench.progress()
    assert sum(step["timeSpent"] for step in progress["step_progress"]) == 12
    assert len(progress["bug_reports"]) == 8
