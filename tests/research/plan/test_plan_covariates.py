"""Baseline covariates: all lines or none, the same again changes nothing, and an ability from a test."""

import pytest

from fixtures.banks import bank
from holdfast.core import cohorts
from holdfast.core.cohorts import NewCohort
from holdfast.kit.errors import InvalidInput
from holdfast.research.plan.covariates import read_csv


def _values(text):
    return [(one.line, one.student, one.name, one.value) for one in read_csv(text)]


def test_a_file_is_read_with_its_lines():
    text = "\ufeffstudent,pretest,age\nada,12.5,20\n\nbea,,31\n"
    assert _values(text) == [(2, "ada", "pretest", 12.5), (2, "ada", "age", 20.0), (4, "bea", "age", 31.0)]
    assert _values("age;email\n20;a@example.org\n") == [(2, "a@example.org", "age", 20.0)]


def test_a_class_is_a_text_however_its_column_is_headed():
    for head in ("class", "Cluster", "CLASSROOM", "site"):
        assert _values(f"student,{head},pretest\nada,7 b (Zürich),1\nbea,,2\n") == [
            (2, "ada", "cluster", "7 b (Zürich)"),
            (2, "ada", "pretest", 1.0),
            (3, "bea", "pretest", 2.0),
        ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("student\nada\n", "must be there"),
        ("pretest\n1\n", "name the student"),
        ("student,email,x\na,b,1\n", "exactly one"),
        ("student,pre test\na,1\n", "no name"),
        ("student,x,x\na,1,2\n", "twice"),
        ("student,class,site\na,b,c\n", "twice"),
        (f"student,class\na,{'x' * 101}\nb,7\x07\n", "line 2: cluster is not a printable.*line 3"),
        ("student,x\na,twelve\nb,1\nc,nan\nd,inf\ne,1_0\n", "line 2: x is not a number; line 4"),
        ("student,x\na\n", "line 2: 1 cells instead of 2"),
        ("student,x\n,1\n", "line 2: no student"),
        ('student,x\n"a,1\n', "line"),
    ],
)
def test_what_is_wrong_is_told_by_line(text, words):
    with pytest.raises(InvalidInput, match=words):
        read_csv(text)


@pytest.fixture
async def study(world):
    async with world.services.database.transaction() as connection:
        cohort = await cohorts.create(connection, NewCohort("Study"), actor="test")
    students = [
        await world.student(name, joinCode=cohort.join_code, email=f"{name.split()[0].lower()}@example.org")
        for name in ("Ada Test", "Bea Test")
    ]
    return world, students


async def _stored(world):
    async with world.services.database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM holdfast.research_covariates ORDER BY value")
    return [(row["name"], row["value"], row["source"], row["imported_at"]) for row in rows]


async def test_by_code_id_and_e_mail_all_or_none(study):
    world, ((_, ada), (_, bea)) = study
    staff = world.staff()
    body = {
        "cohort": "Study",
        "source": "pretest.csv",
        "csv": f"student,pretest\n{ada['studentId']},1\nBEA@example.org,2\nnobody,3\n",
    }
    refused = await staff.post("/api/research/covariates", body)
    assert refused.status_code == 400 and "line 4: 'nobody' is not in the cohort" in refused.json()["detail"]
    assert await _stored(world) == []
    body["csv"] = f"student,pretest\n{ada['id']},1\nBEA@example.org,2\n{bea['id']},2\n"
    assert "line 4" in (await staff.post("/api/research/covariates", body)).json()["detail"]
    body["csv"] = f"student,pretest\n{ada['id']},1\nBEA@example.org,2\n"
    done = (await staff.post("/api/research/covariates", body)).json()
    assert (done["written"], done["unchanged"], done["students"], done["names"]) == (2, 0, 2, ["pretest"])
    first = await _stored(world)
    assert [row[:3] for row in first] == [("pretest", 1.0, "pretest.csv"), ("pretest", 2.0, "pretest.csv")]
    again = (await staff.post("/api/research/covariates", {**body, "source": "other.csv"})).json()
    assert (again["written"], again["unchanged"]) == (0, 2)
    assert await _stored(world) == first


async def test_another_value_needs_to_be_asked_for(study):
    world, ((_, ada), _) = study
    staff = world.staff()
    body = {"cohort": "Study", "csv": f"student,pretest\n{ada['id']},1\n"}
    assert (await staff.post("/api/research/covariates", body)).status_code == 200
    body["csv"] = body["csv"].replace(",1\n", ",5\n")
    assert (await staff.post("/api/research/covariates", body)).status_code == 409
    assert [row[1] for row in await _stored(world)] == [1.0]
    assert (await staff.post("/api/research/covariates", {**body, "replace": True})).json()["written"] == 1
    assert [row[1] for row in await _stored(world)] == [5.0]


async def test_classes_come_with_the_values_and_are_kept_alike(study):
    world, ((_, ada), (_, bea)) = study
    staff = world.staff()
    body = {"cohort": "Study", "csv": f"student,class,pretest\n{ada['id']},7b,1\n{bea['id']},7c,2\n"}
    done = (await staff.post("/api/research/covariates", body)).json()
    assert (done["written"], done["students"], done["names"]) == (4, 2, ["cluster", "pretest"])
    assert await _classes(world) == ["7b", "7c"]
    assert (await staff.post("/api/research/covariates", body)).json()["written"] == 0
    body["csv"] = f"student,class,pretest\n{ada['id']},7a,1\n{bea['id']},7c,2\n"
    refused = await staff.post("/api/research/covariates", body)
    assert refused.status_code == 409 and "1 values are there already" in refused.json()["detail"]
    assert await _classes(world) == ["7b", "7c"]
    assert (await staff.post("/api/research/covariates", {**body, "replace": True})).json()["written"] == 1
    assert await _classes(world) == ["7a", "7c"]


async def _classes(world):
    async with world.services.database.connection() as connection:
        rows = await connection.fetch("SELECT cluster FROM holdfast.enrolments ORDER BY cluster")
    return [row["cluster"] for row in rows]


async def test_researchers_do_not_ask_by_e_mail_and_erasure_takes_the_values(study):
    world, ((_, ada), _) = study
    body = {"cohort": "Study", "csv": f"student,pretest\n{ada['id']},1\n"}
    assert (await world.staff("researcher").post("/api/research/covariates", body)).status_code == 403
    assert (await world.staff().post("/api/research/covariates", body)).status_code == 200
    assert (await world.staff("admin").delete(f"/api/students/{ada['studentId']}")).status_code == 200
    assert await _stored(world) == []


async def test_neither_or_both_sources_are_refused(study):
    world, _ = study
    for body in ({"cohort": "Study"}, {"cohort": "Study", "csv": "student,x\n", "fromAdaptiveTest": "p"}):
        assert (await world.staff().post("/api/research/covariates", body)).status_code == 400
    body = {"cohort": "Study", "fromAdaptiveTest": "no such pool"}
    assert (await world.staff().post("/api/research/covariates", body)).status_code == 404


async def test_the_ability_before_the_first_simulation_session(study):
    world, ((ada, told), (bea, _)) = study
    staff = world.staff("admin")
    uploaded = await staff.post("/api/questions/upload", {"pool_name": "Baseline", "questions": bank(12)})
    assert uploaded.status_code in {200, 201}, uploaded.text
    pool = uploaded.json()["question_pool_id"]
    abilities = {}
    for client, wait in ((ada, False), (bea, True)):
        if wait:  # who has seen the scenarios has no ability from before
            await world.session(client)
        abilities[client.token] = await _take_test(client, pool)
    body = {"cohort": "Study", "fromAdaptiveTest": "Baseline", "name": "theta"}
    done = (await staff.post("/api/research/covariates", body)).json()
    assert (done["written"], done["names"]) == (1, ["theta"])
    (row,) = await _stored(world)
    assert row[1] == pytest.approx(abilities[ada.token]) and row[2] == "adaptive test on Baseline"
    assert told["cohort"] == "Study"


async def _take_test(client, pool):
    body = {"question_pool_id": pool, "end_criteria": {"type": "fixed_length", "max_questions": 5}}
    started = await client.post("/api/test/start", body)
    assert started.status_code in {200, 201}, started.text
    state = started.json()
    while state.get("status") != "completed":
        question = state.get("next_question") or {}
        answer = {
            "session_id": started.json()["session_id"],
            "question_id": question.get("id"),
            "response": "right",
        }
        response = await client.post("/api/test/submit", answer)
        assert response.status_code == 200, response.text
        state = response.json()
    status = (await client.get(f"/api/test/status/{started.json()['session_id']}")).json()
    return status["ability"]["theta"]
