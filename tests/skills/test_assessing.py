"""Assessing over HTTP without a model: inputs, the rubric, the baseline, answers, and what is read."""

import pytest

from holdfast.core.access import Role
from holdfast.programs.skills.batch import Batch
from holdfast.programs.skills.features.table import VERSION
from holdfast.programs.skills.skill import Skill

TURNS = [
    "I think we should try the other way first because the red road costs too much.",
    "How do you feel about that? I am sorry, I did not listen to you before.",
    "Okay let us go together, you take Zermatt and I connect Bern, and then we check the result.",
    "It did not work, but we can try again. Maybe we change the plan and start from Basel instead.",
    "Wait, let me think carefully. If we connect Gallen to Basel then we do not need the other one.",
    "I understand why you are sad, but we will not give up, we keep going until it is solved.",
]


def transcript(**more):
    turns = []
    for number, text in enumerate(TURNS * 2):
        turns.append({"speaker": "A", "text": text, "begins_s": 10.0 * number, "ends_s": 10.0 * number + 6})
        turns.append(
            {"speaker": "B", "text": "The secret words of another child.", "start": 10.0 * number + 7}
        )
    return {"speaker": "A", "source": "classroom", "turns": turns, **more}


def game(**more):
    events = []
    for number in range(6):
        at_s = 40.0 * number
        events += [
            {"type": "task_started", "at_s": at_s, "data": {"task": f"t{number // 2}"}},
            {"type": "action", "at_s": at_s + 5, "data": {"detail": "connected Bern and Basel"}},
            {
                "type": "task_completed" if number % 2 else "task_failed",
                "at_s": at_s + 20,
                "data": {"task": f"t{number // 2}", "quality": 0.5 + number / 20},
            },
        ]
        if not number % 2:
            events.append({"type": "task_retried", "at_s": at_s + 25, "data": {"task": f"t{number // 2}"}})
    return {"game": "bridges", "events": events[::-1], **more}


@pytest.fixture
async def known(world):
    """Staff, and a student of whom something came in."""
    student, registered = await world.student("Ada Test")
    staff = world.staff()
    assert (await staff.post(f"/api/v1/transcripts/{registered['id']}", transcript())).status_code == 201
    assert (await staff.post(f"/api/v1/game-sessions/{registered['id']}", game())).status_code == 201
    return staff, student, registered["id"]


async def test_an_input_is_kept_once_with_its_features(world, known):
    staff, _, student_id = known
    first = (await staff.post(f"/api/v1/transcripts/{student_id}", transcript())).json()
    assert first["created"] is False
    assert first["features"]["word_count"] > 100
    listed = (await staff.get(f"/api/v1/transcripts/{student_id}")).json()
    assert (listed["total"], listed["inputs"][0]["transcript_id"]) == (1, first["transcript_id"])
    assert listed["inputs"][0]["turns"] == 24
    games = (await staff.get(f"/api/v1/game-sessions/{student_id}")).json()
    assert games["total"] == 1 and games["inputs"][0]["features"]["retry_count"] == 3


WRONG = [
    ({"turns": []}, "turns"),
    ({"speaker": "C"}, "C"),
    ({"speaker": ""}, "speaker"),
    ({"turns": [{"speaker": "A", "text": "a\x00b"}]}, "text"),
    ({"turns": [{"speaker": "A", "text": "a", "begins_s": -1}]}, "begins_s"),
    ({"turns": [{"speaker": "A", "text": "a", "begins_s": 5, "ends_s": 4}]}, "before it begins"),
    ({"turns": [{"speaker": "A", "text": 7}]}, "text"),
    ({"turns": [{"speaker": "A", "text": "x" * 30_000}]}, "text"),
    ({"turns": [{"speaker": "A", "text": "a", "begins_s": 1e12}]}, "begins_s"),
    ({"recorded_at": "yesterday"}, "recorded_at"),
    ({"language": "no language!"}, "language"),
    ({"surprise": 1}, "surprise"),
]


async def test_a_wrong_transcript_names_its_field_and_is_not_kept(world):
    _, registered = await world.student()
    staff = world.staff()
    for change, field in WRONG:
        response = await staff.post(f"/api/v1/transcripts/{registered['id']}", transcript(**change))
        assert response.status_code == 400 and field in response.text, (change, response.text)
        kept = (await staff.get(f"/api/v1/transcripts/{registered['id']}")).json()["total"]
        assert kept == 0, change


async def test_numbers_that_are_none_are_refused(world):
    _, registered = await world.student()
    for text in ('{"at_s": NaN}', '{"at_s": 1e400}', '{"at_s": 1, "data": {"a": NaN}}'):
        event = text.replace("{", '{"type": "action", ', 1)
        response = await world.staff().request(
            "POST",
            f"/api/v1/game-sessions/{registered['id']}",
            content='{"game": "g", "events": [' + event + "]}",
            headers={"Content-Type": "application/json"},
        )
        assert response.status_code == 400, (text, response.text)


async def test_all_skills_are_assessed_with_evidence_or_told_to_lack_it(known):
    staff, _, student_id = known
    response = await staff.post(f"/api/v1/assessments/{student_id}/all")
    body = response.json()
    assert response.status_code == 201
    named = [one["skill_type"] for one in [*body["assessments"], *body["not_enough_evidence"]]]
    assert sorted(named) == sorted(Skill)
    assert len(body["assessments"]) >= 4
    scores = [one["score"] for one in body["assessments"]]
    assert body["overall_score"] == pytest.approx(sum(scores) / len(scores))
    said = " ".join(TURNS)
    for one in body["assessments"]:
        assert 0 <= one["score"] <= 1 and 0 <= one["confidence"] <= 1 and one["producer"] == "rubric"
        assert one["evidence"]
        for piece in one["evidence"]:
            assert piece["evidence_type"] != "linguistic" or piece["content"] in said
            assert "secret" not in piece["content"]


async def test_a_recent_assessment_is_returned_as_cached_unless_asked_anew(known):
    staff, _, student_id = known
    path = f"/api/v1/assessments/{student_id}"
    first = await staff.post(path, {"skill_type": "PROBLEM_SOLVING"})
    again = await staff.post(path, {"skill_type": "problem_solving"})
    anew = await staff.post(f"{path}?use_cached=false", {"skill_type": "problem_solving"})
    assert (first.status_code, again.status_code, anew.status_code) == (201, 200, 201)
    assert (first.json()["cached"], again.json()["cached"], anew.json()["cached"]) == (False, True, False)
    assert first.json()["id"] == again.json()["id"] != anew.json()["id"]


async def test_the_cache_ends_with_its_days(make_world):
    async with make_world(skill_cache_days=0) as world:
        _, registered = await world.student()
        staff = world.staff()
        await staff.post(f"/api/v1/transcripts/{registered['id']}", transcript())
        path = f"/api/v1/assessments/{registered['id']}?skill_type=resilience"
        assert [(await staff.post(path)).json()["cached"] for _ in range(2)] == [False, False]


async def test_a_repeat_under_its_key_changes_nothing(known):
    staff, _, student_id = known
    path = f"/api/v1/infer/{student_id}"
    first = await staff.post(path, key="infer-1")
    again = await staff.post(path, key="infer-1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    listed = (await staff.get(f"/api/v1/assessments/{student_id}")).json()
    assert listed["total"] == len(first.json()["assessments"])


async def test_nothing_came_in_is_not_enough_evidence_and_stores_nothing(world):
    _, registered = await world.student()
    staff = world.staff()
    response = await staff.post(f"/api/v1/assessments/{registered['id']}", {"skill_type": "empathy"})
    assert (response.status_code, response.json()["status"]) == (200, "not_enough_evidence")
    inferred = await staff.post(f"/api/v1/infer/{registered['id']}")
    assert len(inferred.json()["not_enough_evidence"]) == 7 and not inferred.json()["assessments"]
    assert (await staff.get(f"/api/v1/assessments/{registered['id']}")).json()["total"] == 0


async def test_without_a_trained_model_the_baseline_answers_and_says_so(known):
    staff, _, student_id = known
    body = (await staff.post(f"/api/v1/infer/{student_id}", {"skill_type": "problem_solving"})).json()
    assert [one["producer"] for one in body["assessments"]] == ["baseline"]
    reasoning = body["assessments"][0]["reasoning"]
    assert "documented baseline" in reasoning
    assert "Weighed together (behavioural" in reasoning


async def test_the_weights_of_the_settings_weigh(make_world):
    async with make_world(skill_weights='{"problem_solving": {"linguistic": 0}}') as world:
        _, registered = await world.student()
        staff, path = world.staff(), f"/api/v1/infer/{registered['id']}?skill_type=problem_solving"
        await staff.post(f"/api/v1/transcripts/{registered['id']}", transcript())
        await staff.post(f"/api/v1/game-sessions/{registered['id']}", game())
        [one] = (await staff.post(path)).json()["assessments"]
        assert "Weighed together (behavioural 100%, linguistic 0%)" in one["reasoning"]


async def test_a_batch_tells_what_failed(known):
    staff, _, student_id = known
    body = {"student_ids": [student_id, "nobody"], "skill_types": ["resilience", "COLLABORATION"]}
    response = await staff.post("/api/v1/assessments/batch", body)
    done = response.json()
    assert response.status_code == 202
    assert (done["total"], done["successful"], done["failed"], done["remaining"]) == (4, 2, 2, [])
    assert {one["student_id"] for one in done["errors"]} == {"nobody"}
    assert (await staff.post("/api/v1/assessments/batch", {"student_ids": []})).status_code == 400


async def test_a_batch_ends_in_time_and_the_next_one_goes_on(known, world):
    staff, _, student_id = known
    batch = Batch(world.services.skills, [Skill.RESILIENCE], use_cached=False, actor="test", lasts_s=0)
    first = await batch.assess(["one", student_id, "two", "three", "four", "five"])
    assert (first["total"], first["successful"], first["failed"]) == (6, 1, 3)
    assert first["remaining"] == ["four", "five"]
    second = await batch.assess(first["remaining"])
    assert (second["total"], second["failed"], second["remaining"]) == (2, 2, [])
    assert (await staff.get(f"/api/v1/assessments/{student_id}")).json()["total"] == 1


async def test_what_there_is_not_is_told(known, world):
    staff, student, student_id = known
    other, registered = await world.student("Other")
    assert (await staff.post("/api/v1/assessments/nobody", {"skill_type": "empathy"})).status_code == 404
    bad = await staff.post(f"/api/v1/assessments/{student_id}", {"skill_type": "juggling"})
    assert bad.status_code == 400 and bad.json()["field"] == "skill_type"
    assert (await staff.get(f"/api/v1/assessments/{student_id}/empathy/latest")).status_code == 404
    made = (await staff.post(f"/api/v1/assessments/{student_id}", {"skill_type": "resilience"})).json()
    for path in (f"{student_id}", f"{student_id}/resilience/latest", f"{student_id}/course"):
        assert (await student.get(f"/api/v1/assessments/{path}")).status_code == 200
        assert (await other.get(f"/api/v1/assessments/{path}")).status_code == 404
    path = f"/api/v1/assessments/{made['id']}/enriched-evidence"
    assert (await student.get(path)).status_code == 200
    hidden = await other.get(path)
    nothing = await other.get(path.replace(made["id"], "00000000-0000-4000-8000-000000000000"))
    assert (hidden.status_code, hidden.text) == (404, nothing.text)
    assert (await student.post(f"/api/v1/assessments/{student_id}")).status_code == 403


async def test_evidence_is_told_with_its_place_in_the_transcript(known):
    staff, _, student_id = known
    made = (await staff.post(f"/api/v1/assessments/{student_id}", {"skill_type": "resilience"})).json()
    shown = (await staff.get(f"/api/v1/assessments/{made['id']}/enriched-evidence")).json()
    quotes = [piece for piece in shown["evidence"] if piece["evidence_type"] == "linguistic"]
    assert quotes and shown["evidence_count"] == len(made["evidence"])
    for piece in quotes:
        place = piece["found_in"]
        assert piece["content"].lower() in place["text"].lower() and place["speaker"] == "A"
        assert place["turn"] % 2 == 1 and place["after"] == "The secret words of another child."


async def test_evidence_comes_in_the_statement_of_its_assessments(known, world):
    staff, _, student_id = known
    for _ in range(3):
        await staff.post(f"/api/v1/assessments/{student_id}/all?use_cached=false")
    asked = []

    def listen(record):
        asked.append(record.query)

    original = world.services.database.take

    async def take():
        connection = await original()
        if id(connection) not in heard:
            heard.add(id(connection))
            connection.add_query_logger(listen)
        return connection

    heard = set()
    world.services.database.take = take
    counts = []
    for limit in (1, 20):
        asked.clear()
        body = (await staff.get(f"/api/v1/assessments/{student_id}?limit={limit}")).json()
        assert all(one["evidence"] for one in body["assessments"])
        counts.append(len([query for query in asked if "skill_assessments" in query]))
    assert len(body["assessments"]) > 10
    assert counts == [1, 1]


async def test_lists_are_filtered_and_paged_in_a_stable_order(known):
    staff, student, student_id = known
    for _ in range(3):
        await staff.post(f"/api/v1/assessments/{student_id}/all?use_cached=false")
    path = f"/api/v1/assessments/{student_id}"
    whole = (await student.get(path)).json()
    pages = [(await student.get(f"{path}?limit=4&offset={offset}")).json() for offset in (0, 4, 8)]
    ids = [one["id"] for page in pages for one in page["assessments"]]
    assert ids == [one["id"] for one in whole["assessments"]][:12]
    assert {page["total"] for page in pages} == {whole["total"]}
    assert (await student.get(f"{path}?limit=4&offset=1000")).json()["total"] == whole["total"]
    some = (await student.get(f"{path}?skill_type=RESILIENCE")).json()
    assert {one["skill_type"] for one in some["assessments"]} == {"resilience"} and some["total"] == 3
    assert (await student.get(f"{path}?end_date=2020-01-01")).json()["total"] == 0
    course = (await student.get(f"{path}/course?skill_type=resilience")).json()["skills"]["resilience"]
    assert len(course) == 3 and course == sorted(course, key=lambda point: point["created_at"])


async def test_a_cohorts_distribution_counts_each_student_once_and_no_name(known, world):
    staff, _, student_id = known
    for _ in range(2):
        await staff.post(f"/api/v1/assessments/{student_id}/all?use_cached=false")
    researcher = world.staff(Role.RESEARCHER)
    body = (await researcher.get("/api/v1/assessments/distribution?cohort=default")).json()
    assert {row["students"] for row in body["distribution"]} == {1}
    for row in body["distribution"]:
        assert sum(row["tenths"]) == 1 and sum(row["levels"].values()) == 1
        assert row["min"] == row["median"] == row["max"] and row["sd"] is None
    assert "Ada" not in str(body)
    assert (await researcher.get("/api/v1/assessments/distribution?cohort=none")).status_code == 404
    assert (await researcher.get(f"/api/v1/assessments/{student_id}")).status_code == 403


async def test_a_profile_is_kept_and_replaced(world):
    _, registered = await world.student()
    staff = world.staff()
    path = f"/api/v1/students/{registered['studentId']}/profile"
    empty = (await staff.get(path)).json()["profile"]
    assert (empty["grade_level"], empty["is_active"], empty["demographics"]) == (None, True, {})
    body = {"first_name": "Ada", "grade_level": 5, "school_id": "s1", "birth_date": "2015-03-01"}
    stored = (await staff.request("PUT", path, json=body)).json()["profile"]
    assert stored["birth_date"] == "2015-03-01" and stored["grade_level"] == 5
    assert (await staff.get(path)).json()["profile"] == stored
    assert (await staff.request("PUT", path, json={"grade_level": 40})).status_code == 400


async def test_erasing_a_student_leaves_nothing(known, world):
    staff, _, student_id = known
    await staff.post(f"/api/v1/assessments/{student_id}/all")
    assert (await world.staff(Role.ADMIN).delete(f"/api/students/{student_id}")).status_code == 200
    tables = ["transcripts", "transcript_turns", "game_sessions", "game_telemetry", "linguistic_features"]
    tables += ["behavioral_features", "skill_assessments", "evidence", "student_profiles"]
    async with world.services.database.connection() as connection:
        counts = {name: await connection.fetchval(f"SELECT count(*) FROM holdfast.{name}") for name in tables}
    assert counts == dict.fromkeys(tables, 0)


async def test_a_backup_by_request_is_a_file_of_the_server(make_world, tmp_path):
    async with make_world(exports=tmp_path / "exports") as world:
        staff = world.staff()
        body = (await staff.post("/api/v1/assessments/backup")).json()
        assert set(body) == {"success", "backup_file", "total_assessments", "timestamp"}
        assert body["success"] is True and body["total_assessments"] == 0
        [file] = (tmp_path / "exports").iterdir()
        assert str(file) == body["backup_file"]
        import re

        assert re.fullmatch(r"assessments_backup_\d{8}_\d{6}\.json", file.name)
        client, _ = await world.student()
        assert (await client.post("/api/v1/assessments/backup")).status_code == 403


async def _score(staff, student_id):
    path = f"/api/v1/infer/{student_id}"
    [one] = (await staff.post(path, {"skill_type": "resilience"})).json()["assessments"]
    return one["score"]


async def test_features_are_those_that_were_stored_and_of_another_version_extracted_anew(known, world):
    staff, _, student_id = known
    before = await _score(staff, student_id)
    changes = (
        'SET features = features || \'{"perseverance_indicators": 0, "against_perseverance": 5}\'',
        "SET version = 0",
    )
    scores = []
    async with world.services.database.connection() as connection:
        for change in changes:
            await connection.execute(f"UPDATE holdfast.linguistic_features {change}")
            scores.append(await _score(staff, student_id))
        versions = await connection.fetch("SELECT version FROM holdfast.linguistic_features ORDER BY version")
    assert scores[0] < before - 0.1  # what is stored counts, though the transcript says otherwise
    assert scores[1] == before
    assert [row["version"] for row in versions] == [0, VERSION]
