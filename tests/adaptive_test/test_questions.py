"""Uploading questions: what is refused, what makes a version, who may see what."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.banks import SEED_QUESTION, bank
from holdfast.programs.adaptive_test.question import Question, canonical, content_hash, read


async def test_the_upload_of_the_seed(world, seed_question):
    response = await world.staff().post("/api/questions/upload", {"questions": [seed_question]})
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["count"] == 1
    assert body["question_pool_id"]
    assert body["parameterisation"] == "a*theta-b"
    listed = (await world.staff().get("/api/questions")).json()["questions"][0]
    assert {name: listed[name] for name in SEED_QUESTION} == seed_question
    client, _ = await world.student()
    names = ["algebra", "geometry", "calculus", "statistics", "logic"]
    started = (await client.post("/api/test/start", {"concept_names": names})).json()
    assert started["concept_names"] == names
    assert started["next_question"] == {
        "id": "q1",
        "content": "What is 2+2?",
        "options": ["3", "4", "5", "6"],
        "concepts": [1, 0, 0, 0, 0],
    }


async def test_unchanged_is_harmless_and_changed_is_a_version(world, upload):
    questions = bank(5)
    first = await upload(questions)
    again = await upload(questions)
    assert (again["question_pool_id"], again["revision"]) == (first["question_pool_id"], 1)
    assert (again["unchanged"], again["added"], again["changed"]) == (5, 0, 0)
    questions[2] = questions[2] | {"difficulty": 0.123}
    third = await upload(questions + bank(1, id="new"))
    assert (third["unchanged"], third["added"], third["changed"]) == (4, 1, 1)
    assert (third["revision"], third["question_pool_id"]) == (2, first["question_pool_id"])
    versions = (await world.staff().get("/api/questions/item-002/versions")).json()["versions"]
    assert [(v["version"], v["revision"]) for v in versions] == [(1, 1), (2, 2)]
    assert versions[1]["difficulty"] == 0.123
    assert versions[0]["content_hash"] != versions[1]["content_hash"]


async def test_a_running_test_keeps_the_questions_it_began_with(world, upload, take):
    questions = bank(6, discrimination=1.0)
    await upload(questions)
    client, _ = await world.student()
    started = (await client.post("/api/test/start", {})).json()
    await upload([q | {"difficulty": 9.0, "status": "retired"} for q in questions])
    last, given_ = await take(client, started)
    assert len(given_) == 6
    report = (await client.get(f"/api/test/report/{started['session_id']}")).json()
    assert {item["question_version"] for item in report["items"]} == {1}
    assert (await client.post("/api/test/start", {})).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"correct_answer": "7"}, "questions.0.correct_answer"),
        ({"options": ["4"]}, "questions.0.options"),
        ({"options": ["4", "4"]}, "questions.0.options"),
        ({"options": "4567"}, "questions.0.options"),
        ({"discrimination": 0}, "questions.0.discrimination"),
        ({"discrimination": -1.2}, "questions.0.discrimination"),
        ({"difficulty": "0.3"}, "questions.0.difficulty"),
        ({"difficulty": 1e9}, "questions.0.difficulty"),
        ({"difficulty": None}, "questions.0.difficulty"),
        ({"difficulty": True}, "questions.0.difficulty"),
        ({"difficulty": None, "discrimination": None, "status": "active"}, "questions.0.status"),
        ({"guessing": 1.0}, "questions.0.guessing"),
        ({"guessing": 0.5, "slipping": 0.4}, "questions.0.guessing"),
        ({"concepts": "algebra"}, "questions.0.concepts"),
        ({"concepts": [0, 0, 0, 0, 0]}, "questions.0.concepts"),
        ({"concepts": [-1, 0, 0, 0, 0]}, "questions.0.concepts.0"),
        ({"content": ""}, "questions.0.content"),
        ({"content": "a\x00b"}, "questions.0.content"),
        ({"id": ""}, "questions.0.id"),
        ({"id": "x" * 201}, "questions.0.id"),
        ({"id": " q1"}, "questions.0.id"),
        ({"status": "secret"}, "questions.0.status"),
        ({"enemies": ["nobody"]}, "questions.0.enemies"),
        ({"enemies": ["q1"]}, "questions.0.enemies"),
    ],
)
async def test_a_wrong_question_is_refused_by_its_field(world, seed_question, change, field):
    staff = world.staff()
    body = {"questions": [seed_question | change, seed_question | {"id": "fine"}]}
    response = await staff.post("/api/questions/upload", body)
    assert response.status_code == 400, response.text
    assert response.json()["field"] == field
    assert response.json()["problems"][0]["message"]
    assert (await staff.get("/api/questions")).json()["total"] == 0


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e999", '"\\ud800"'])
async def test_numbers_that_are_none_and_text_that_is_none_are_refused(world, literal):
    raw = (
        '{"questions": [{"id": "q", "content": "c", "options": ["a", "b"], "correct_answer": "a",'
        f' "difficulty": {literal}}}]}}'
    )
    response = await world.staff().request(
        "POST", "/api/questions/upload", content=raw, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


async def test_vectors_of_unequal_length_and_ids_twice_are_refused(world, seed_question):
    staff = world.staff()
    short = seed_question | {"id": "q2", "concepts": [1, 0]}
    response = await staff.post("/api/questions/upload", {"questions": [seed_question, short]})
    assert response.json()["field"] == "questions.1.concepts"
    response = await staff.post("/api/questions/upload", {"questions": [seed_question, seed_question]})
    assert response.json()["field"] == "questions.1.id"
    assert (await staff.post("/api/questions/upload", {"questions": []})).status_code == 400


async def test_what_cannot_change_is_not_changed(world, upload):
    await upload(bank(2), pool_name="one", concept_names=["a", "b"])
    staff = world.staff()
    for more, field in (
        ({"parameterisation": "a(theta-b)"}, "parameterisation"),
        ({"concept_names": ["b", "a"]}, "concept_names"),
        ({"scale": "another"}, "scale"),
        ({"pool_name": "two"}, "questions"),
        ({"question_pool_id": str(uuid4())}, "question_pool_id"),
    ):
        response = await staff.post("/api/questions/upload", {"questions": bank(2), **more})
        assert response.status_code in {404, 409}, more
        assert response.json()["field"] == field


async def test_uploads_at_once_agree(world):
    staff, questions = world.staff(), bank(30)
    body = {"questions": questions, "pool_name": "shared"}
    responses = await asyncio.gather(*(staff.post("/api/questions/upload", body) for _ in range(4)))
    assert {r.status_code for r in responses} <= {200, 409}
    total = (await staff.post("/api/questions/upload", body)).json()
    assert (total["unchanged"], total["revision"]) == (30, 1)


async def test_students_see_no_questions(world, upload):
    await upload(bank(2))
    client, _ = await world.student()
    assert (await client.get("/api/questions")).status_code == 403
    assert (await client.post("/api/questions/upload", {"questions": bank(1)})).status_code == 403
    assert (await client.get("/api/questions/item-000/versions")).status_code == 403


async def test_the_listing_is_paged_in_a_stable_order(world, upload):
    pool = await upload(bank(7))
    staff = world.staff()
    pages = [
        (
            await staff.get(f"/api/questions?question_pool_id={pool['question_pool_id']}&limit=3&offset={n}")
        ).json()
        for n in (0, 3, 6)
    ]
    assert [p["total"] for p in pages] == [7, 7, 7]
    assert [q["id"] for p in pages for q in p["questions"]] == [f"item-{n:03d}" for n in range(7)]
    assert (await staff.get(f"/api/questions?question_pool_id={uuid4()}")).status_code == 404


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first text takes seconds on a busy machine
@given(st.dictionaries(st.sampled_from(list(Question.model_fields)), ANYTHING))
def test_any_record_is_a_question_or_has_problems(record):
    found = read(SEED_QUESTION | record, "here")
    if isinstance(found, Question):
        assert found.correct_answer in found.options
        assert found.slope is None or found.slope > 0
    else:
        assert found
        assert all(problem.where == "here" for problem in found)


@given(
    difficulty=st.floats(-30, 30),
    slope=st.floats(0.01, 20),
    guessing=st.floats(0, 0.49),
    area=st.none() | st.sampled_from(["a", "b"]),
)
def test_the_hash_is_of_the_content(difficulty, slope, guessing, area):
    question = Question(
        id="x",
        content="c",
        options=("a", "b"),
        correct_answer="a",
        difficulty=difficulty,
        discrimination=slope,
        guessing=guessing,
        content_area=area,
    )
    record = canonical(question, ("one",))
    assert content_hash(record) == content_hash(dict(reversed(record.items())))
    assert content_hash(record) != content_hash(record | {"guessing": guessing + 0.01})
    back = read({"id": "x", **record}, "")
    assert isinstance(back, Question)
    assert canonical(back, ("one",)) == record
