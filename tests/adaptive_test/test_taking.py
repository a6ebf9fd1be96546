"""Taking a test over the public interface, from start to end, and every way it can go wrong."""

import asyncio
from itertools import cycle
from uuid import uuid4

import pytest

from fixtures.banks import bank


async def test_a_whole_test(world, upload, take):
    pool = await upload(bank(30))
    client, registered = await world.student()
    start = await client.post(
        "/api/test/start",
        {
            "question_pool_id": pool["question_pool_id"],
            "end_criteria": {"type": "fixed_length", "max_questions": 8},
        },
    )
    started = start.json()
    assert start.status_code == 200, start.text
    assert started["status"] == "started"
    assert started["student_id"] == registered["id"]
    assert started["concept_names"] == ["concept_1", "concept_2"]
    assert started["initial_proficiency"] == [0.0, 0.0]
    assert started["next_question"].keys() == {"id", "content", "options", "concepts"}
    last, given = await take(client, started)
    assert last["status"] == "completed"
    assert last["total_questions"] == len(given) == len(set(given)) == 8
    assert last["accuracy"] == 1.0
    assert last["end_reason"] == "fixed_length"
    assert last["ability"]["theta"] > 1.0
    assert last["ability"]["standard_error"] < 0.8
    assert all(value > 0 for value in last["final_proficiency"])
    status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert status["status"] == "completed" and not status["is_active"]
    assert status["final_proficiency"] == last["final_proficiency"]
    assert status["next_question"] is None


async def test_the_correct_answer_never_leaves_before_the_end(world, upload):
    question = {"id": "only", "content": "?", "options": ["a", "zebra"], "correct_answer": "zebra"}
    await upload([question | {"difficulty": 0.0}, question | {"id": "two", "difficulty": 1.0}])
    client, _ = await world.student()
    started = await client.post("/api/test/start", {})
    session = started.json()["session_id"]
    status = await client.get(f"/api/test/status/{session}")
    for response in (started, status, await client.get(f"/api/student/{client_id(started)}/history")):
        assert "correct_answer" not in response.text
        assert response.text.count("zebra") <= 1
    assert (await client.get(f"/api/test/report/{session}")).status_code == 409


def client_id(started):
    return started.json()["student_id"]


async def _started(world, upload, count=20, criteria=None, **more):
    await upload(bank(count, **more))
    client, _ = await world.student()
    response = await client.post("/api/test/start", {"end_criteria": criteria or {}})
    assert response.status_code == 200, response.text
    return client, response.json()


def _answer(started, question=None, response="right"):
    question = question or started["next_question"]["id"]
    return {"session_id": started["session_id"], "question_id": question, "response": response}


async def test_a_repeated_answer_returns_the_first_one_even_when_it_differs(world, upload):
    client, started = await _started(world, upload)
    first = await client.post("/api/test/submit", _answer(started))
    again = await client.post("/api/test/submit", _answer(started, response="wrong"))
    assert again.status_code == 200
    assert again.json() == first.json()
    second = first.json()
    await client.post("/api/test/submit", _answer(started, second["next_question"]["id"], "wrong"))
    late = await client.post("/api/test/submit", _answer(started))
    assert late.json() == first.json()
    status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert status["questions_answered"] == 2


async def test_the_last_answer_repeated_returns_the_end(world, upload):
    criteria = {"type": "fixed_length", "max_questions": 1}
    client, started = await _started(world, upload, criteria=criteria)
    first = (await client.post("/api/test/submit", _answer(started))).json()
    assert first["status"] == "completed"
    assert (await client.post("/api/test/submit", _answer(started))).json() == first


async def test_two_at_once_count_once(world, upload):
    client, started = await _started(world, upload)
    responses = await asyncio.gather(*(client.post("/api/test/submit", _answer(started)) for _ in range(8)))
    bodies = [r.json() for r in responses if r.status_code == 200]
    assert bodies
    assert all(body == bodies[0] for body in bodies)
    assert {r.status_code for r in responses} <= {200, 409}
    status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert status["questions_answered"] == 1


async def test_two_at_once_count_once_without_redis(make_world, upload_to):
    async with make_world(redis_url="redis://127.0.0.1:1/0") as world:
        await upload_to(world, bank(20))
        client, _ = await world.student()
        started = (await client.post("/api/test/start", {})).json()
        responses = await asyncio.gather(
            *(client.post("/api/test/submit", _answer(started)) for _ in range(8))
        )
        assert [r.status_code for r in responses] == [200] * 8
        assert len({r.text for r in responses}) == 1
        status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
        assert status["questions_answered"] == 1
        assert (await world.staff("admin").get("/api/debug/redis/stats")).status_code == 503


async def test_only_the_pending_question_can_be_answered(world, upload):
    client, started = await _started(world, upload)
    pending = started["next_question"]["id"]
    other = next(f"item-{n:03d}" for n in range(20) if f"item-{n:03d}" != pending)
    refused = await client.post("/api/test/submit", _answer(started, other))
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_step")
    assert refused.json()["expected"] == pending
    unknown = await client.post("/api/test/submit", _answer(started, "no-such"))
    assert unknown.status_code == 404


@pytest.mark.parametrize("response", ["", "Right", "no option", "right\x00", "\ud800"])
async def test_an_option_that_the_question_does_not_have_is_refused(world, upload, response):
    client, started = await _started(world, upload)
    refused = await client.post(
        "/api/test/submit",
        content=_json(_answer(started, response=response)),
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code == 400
    assert refused.json()["field"].startswith("response") or refused.json()["field"] == "body"
    status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert status["questions_answered"] == 0


def _json(body):
    import json

    return json.dumps(body)


async def test_a_graded_answer_counts_from_staff_only(world, upload):
    client, started = await _started(world, upload)
    refused = await client.post("/api/test/submit", _answer(started, response=1))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await client.post("/api/test/submit", _answer(started, response=True))).status_code == 400
    staff = world.staff()
    assert (await staff.post("/api/test/submit", _answer(started, response=2))).status_code == 400
    graded = await staff.post("/api/test/submit", _answer(started, response=0))
    assert graded.status_code == 200
    report = (await staff.get(f"/api/test/report/{started['session_id']}")).json()
    assert [(i["response"], i["chosen"], i["graded_by"]) for i in report["items"]] == [(0, None, "caller")]


async def test_an_exhausted_pool_ends_the_test(world, upload, take):
    client, started = await _started(world, upload, count=3)
    last, given = await take(client, started)
    assert len(given) == 3
    assert (last["status"], last["end_reason"]) == ("completed", "pool_exhausted")
    none_left = await client.post("/api/test/start", {})
    assert none_left.status_code == 409
    assert "no question" in none_left.json()["error"]


async def test_questions_seen_before_are_kept_out(world, upload, take):
    client, started = await _started(
        world, upload, count=12, criteria={"type": "fixed_length", "max_questions": 5}
    )
    _, first = await take(client, started)
    again = (
        await client.post("/api/test/start", {"end_criteria": {"type": "fixed_length", "max_questions": 5}})
    ).json()
    _, second = await take(client, again)
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        ({"type": "fixed_length", "max_questions": 0}, "end_criteria.max_questions"),
        ({"min_questions": 9, "max_questions": 5}, "end_criteria.min_questions"),
        ({"type": "magic"}, "end_criteria.type"),
        ({"type": "precision", "threshold": "low"}, "end_criteria.threshold"),
        ({"type": "precision", "threshold": -1}, "end_criteria.threshold"),
        ({"type": "classification", "threshold": 2}, "stopping.classification.probability"),
    ],
)
async def test_wrong_end_criteria_are_refused(world, upload, criteria, field):
    await upload(bank(10))
    client, _ = await world.student()
    response = await client.post("/api/test/start", {"end_criteria": criteria})
    assert response.status_code == 400
    assert response.json()["field"] == field
    history = await client.get(f"/api/student/{(await client.get('/api/me')).json()['subject']}/history")
    assert history.json()["total"] == 0


async def test_precision_and_classification_stop_early(world, upload, take):
    await upload(bank(150, discrimination=1.7))
    for criteria, reason in (
        ({"type": "precision", "threshold": 0.45, "max_questions": 50}, "standard_error"),
        ({"type": "classification", "threshold": 0.9, "max_questions": 50}, "classification"),
    ):
        client, _ = await world.student()
        started = (await client.post("/api/test/start", {"end_criteria": criteria})).json()
        last, given = await take(client, started, _now_and_then_wrong())
        assert last["end_reason"] == reason
        assert 5 <= len(given) < 50


def _now_and_then_wrong():
    answers = cycle(["right", "wrong", "right", "right", "right", "wrong", "right"])
    return lambda _: next(answers)


async def test_staff_sets_rules_and_students_do_not(world, upload):
    await upload(bank(20))
    client, registered = await world.student()
    rules = {"criterion": "random", "stopping": {"minimum": 3, "maximum": 3}}
    assert (await client.post("/api/test/start", {"rules": rules})).status_code == 403
    staff = world.staff()
    assert (await staff.post("/api/test/start", {"rules": rules})).json()["field"] == "student_id"
    body = {"student_id": registered["studentId"], "rules": rules | {"nonsense": 1}}
    assert (await staff.post("/api/test/start", body)).json()["field"] == "rules.nonsense"
    started = await staff.post("/api/test/start", {"student_id": registered["studentId"], "rules": rules})
    assert started.status_code == 200
    status = await client.get(f"/api/test/status/{started.json()['session_id']}")
    assert status.json()["rules"]["criterion"] == "random"


async def test_one_key_starts_one_test(world, upload):
    await upload(bank(20))
    client, _ = await world.student()
    key = str(uuid4())
    first, second = await asyncio.gather(*(client.post("/api/test/start", {}, key=key) for _ in range(2)))
    assert first.json() == second.json()


async def test_without_questions_there_is_no_test(world, upload):
    client, _ = await world.student()
    assert (await client.post("/api/test/start", {})).status_code == 404
    drafts = await upload([q | {"difficulty": None, "discrimination": None} for q in bank(3)])
    assert drafts["statuses"] == {"draft": 3}
    assert (await client.post("/api/test/start", {})).status_code == 404
    missing = await client.post("/api/test/start", {"question_pool_id": str(uuid4())})
    assert missing.status_code == 404


async def test_another_student_cannot_see_or_touch_a_test(world, upload):
    client, started = await _started(world, upload)
    other, _ = await world.student("Other Person")
    session = started["session_id"]
    for method, path, body in (
        ("GET", f"/api/test/status/{session}", None),
        ("POST", f"/api/test/end/{session}", None),
        ("POST", f"/api/test/resume/{session}", None),
        ("GET", f"/api/test/report/{session}", None),
        ("POST", "/api/test/submit", _answer(started)),
        ("GET", f"/api/student/{started['student_id']}/history", None),
        ("GET", f"/api/student/{started['student_id']}/proficiency", None),
        ("GET", f"/api/student/{started['student_id']}/progress", None),
    ):
        response = await other.request(method, path, json=body)
        assert response.status_code == 404, path
    named = await other.post("/api/test/start", {"student_id": started["student_id"]})
    assert named.status_code == 400
    status = (await client.get(f"/api/test/status/{session}")).json()
    assert status["is_active"] and status["questions_answered"] == 0


async def test_concepts_are_aligned_by_name(world, upload, take):
    names = ["algebra", "geometry"]
    await upload(bank(30), concept_names=names)
    client, registered = await world.student()
    criteria = {"type": "fixed_length", "max_questions": 10}
    swapped = {"concept_names": names[::-1], "end_criteria": criteria}
    started = (await client.post("/api/test/start", swapped)).json()
    assert started["concept_names"] == names[::-1]
    algebra = lambda question: "right" if question["concepts"] == [1, 0] else "wrong"  # noqa: E731
    last, _ = await take(client, started, algebra)
    geometry, algebra_value = last["final_proficiency"]
    assert algebra_value > 0.3 > -0.3 > geometry
    known = (await client.get(f"/api/student/{registered['id']}/proficiency")).json()["proficiencies"]
    by_name = {entry["concept_name"]: entry for entry in known}
    assert by_name["algebra"]["proficiency_value"] == algebra_value
    assert by_name["geometry"]["proficiency_value"] == geometry
    assert all(0 < entry["confidence"] < 1 for entry in known)
    strange = await client.post("/api/test/start", {"concept_names": ["algebra", "poetry"]})
    assert strange.json()["field"] == "concept_names"
    few = await client.post("/api/test/start", {"concept_names": ["algebra"]})
    assert few.json()["field"] == "concept_names"


async def test_the_plan_of_the_cohort_decides(world, upload, take):
    await upload(bank(20), pool_name="other")
    await upload([q | {"id": f"study-{q['id']}"} for q in bank(20)], pool_name="study")
    staff = world.staff()
    rules = {"stopping": {"minimum": 2, "maximum": 2}}
    plan = {"adaptive_test": {"question_pool": "study", "rules": rules}}
    made = await staff.post("/api/cohorts", {"name": "Trial", "joinCode": "trial", "plan": plan})
    assert made.status_code == 201, made.text
    client, _ = await world.student(joinCode="trial")
    criteria = {"type": "fixed_length", "max_questions": 9}
    started = (await client.post("/api/test/start", {"end_criteria": criteria})).json()
    last, given = await take(client, started)
    assert len(given) == 2
    assert all(name.startswith("study-") for name in given)
    for wrong, field in (
        ({"rules": {"magic": 1}}, "plan.adaptive_test.rules.magic"),
        ({"pool": "study"}, "plan.adaptive_test.pool"),
        ({"question_pool": "nowhere"}, "pool"),
    ):
        body = {"name": "Wrong", "joinCode": "wrong", "plan": {"adaptive_test": wrong}}
        refused = await staff.post("/api/cohorts", body)
        assert refused.status_code in {400, 404}
        assert refused.json()["field"] == field


async def test_several_pools_must_be_told_apart_and_rules_of_a_pool_change(world, upload):
    first = await upload(bank(8), pool_name="first")
    await upload([q | {"id": f"b-{q['id']}"} for q in bank(8)], pool_name="second")
    client, _ = await world.student()
    assert (await client.post("/api/test/start", {})).json()["field"] == "question_pool_id"
    rules = {"criterion": "kl", "stopping": {"minimum": 1, "maximum": 4}}
    again = await upload(bank(8), pool_name="first", rules=rules)
    assert (again["unchanged"], again["revision"]) == (8, 1)
    body = {"question_pool_id": first["question_pool_id"]}
    started = (await client.post("/api/test/start", body)).json()
    status = (await client.get(f"/api/test/status/{started['session_id']}")).json()
    assert (status["rules"]["criterion"], status["rules"]["stopping"]["maximum"]) == ("kl", 4)
