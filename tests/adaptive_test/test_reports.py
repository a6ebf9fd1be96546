"""What is told of tests afterwards: reports, history, proficiency, progress, and the export."""

import math
from itertools import pairwise

import pytest

from fixtures.banks import bank
from holdfast.programs.adaptive_test.export import OFFERS
from holdfast.programs.adaptive_test.summarising import totals

EIGHT = {"end_criteria": {"type": "fixed_length", "max_questions": 8}}


async def _taken(world, upload, take, count=40, **more):
    await upload(bank(count), **more)
    client, registered = await world.student()
    started = (await client.post("/api/test/start", EIGHT)).json()
    wrong = {3, 5}
    given = []

    def choose(question):
        given.append(question["id"])
        return "wrong" if len(given) in wrong else "right"

    last, given = await take(client, started, choose)
    return client, registered, started, last, given


async def test_the_report_of_a_test(world, upload, take):
    client, _, started, last, given = await _taken(world, upload, take)
    report = (await client.get(f"/api/test/report/{started['session_id']}")).json()
    items = report["items"]
    assert [item["question_id"] for item in items] == given
    assert [item["is_correct"] for item in items] == [True, True, False, True, False, True, True, True]
    assert [item["position"] for item in items] == list(range(1, 9))
    errors = [item["ability"]["standard_error"] for item in items]
    assert errors == sorted(errors, reverse=True)
    assert items[-1]["ability"] == report["ability"] == last["ability"]
    assert report["initial_ability"] == started["ability"]
    assert report["accuracy"] == last["accuracy"] == 0.75
    assert "convergence" in report["learning_gain_means"]
    efficiency = report["efficiency"]
    assert efficiency["ratio"] == pytest.approx(efficiency["information"] / efficiency["form_information"])
    assert 0.3 < efficiency["ratio"] < 3
    assert "mean of the prior" in efficiency["form"]
    assert "choice" not in items[0]
    staff = (await world.staff().get(f"/api/test/report/{started['session_id']}")).json()
    choice = staff["items"][2]["choice"]
    assert {"criterion", "information", "ability", "eligible"} <= choice.keys()
    assert choice["ability"] == items[1]["ability"]["theta"]
    assert staff["items"][2]["eligible_count"] == 38
    assert staff["items"][2]["prior"] == {"mean": 0.0, "sd": 1.0}


async def test_learning_gain_and_efficiency_are_the_seeds_formulas(world, upload, take):
    client, _, started, last, _ = await _taken(world, upload, take)
    report = (await client.get(f"/api/test/report/{started['session_id']}")).json()
    path = [report["initial_proficiency"], *(item["proficiency"] for item in report["items"])]
    moved = [abs(b - a) for a, b in zip(path[0], path[-1], strict=True)]
    assert report["learning_gain"] == pytest.approx(sum(moved) / len(moved))
    steps = [math.dist(a, b) for a, b in pairwise(path)]
    assert report["test_efficiency"] == pytest.approx(sum(steps) / 8)
    assert report["final_proficiency"] == path[-1] == last["final_proficiency"]


def test_nothing_scored_is_null_and_not_zero():
    assert totals({"a": 0.5}, [], scored=0, correct=0).columns() == {
        "accuracy": None,
        "learning_gain": None,
        "test_efficiency": None,
    }
    assert totals({"a": 0.5}, [{"a": 0.5}], scored=0, correct=0).accuracy is None


async def test_history_and_progress_over_several_tests(world, upload, take):
    client, registered, first, _, _ = await _taken(world, upload, take, scale="maths")
    second = (await client.post("/api/test/start", EIGHT)).json()
    running = (await client.get(f"/api/student/{registered['id']}/history")).json()["sessions"][0]
    assert (running["status"], running["session_id"]) == ("active", second["session_id"])
    last, _ = await take(client, second)
    history = (await client.get(f"/api/student/{registered['studentId']}/history?limit=1")).json()
    assert (history["total"], len(history["sessions"])) == (2, 1)
    assert history["sessions"][0]["session_id"] == second["session_id"]
    assert len(history["sessions"][0]["responses"]) == 8
    assert history["sessions"][0]["accuracy"] == 1.0
    progress = (await client.get(f"/api/student/{registered['id']}/progress")).json()
    assert progress["total_sessions"] == 2
    assert progress["avg_accuracy"] == pytest.approx((0.75 + 1.0) / 2)
    assert [p["session_id"] for p in progress["progress_timeline"]] == [
        first["session_id"],
        second["session_id"],
    ]
    concept = progress["concept_progress"]["concept_1"]
    levels = [point["level"] for point in concept["timeline"]]
    assert concept["improvement"] == pytest.approx(levels[1] - levels[0])
    assert concept["current_level"] == levels[1]
    gain = progress["ability_gain"][0]
    assert gain["scale"] == "maths"
    assert gain["z"] == pytest.approx(gain["gain"] / gain["se"])
    assert gain["gain"] == pytest.approx(
        last["ability"]["theta"] - progress["progress_timeline"][0]["ability"]["theta"]
    )


async def test_a_gain_between_differing_priors_is_refused(world, upload, take):
    client, registered, _, _, _ = await _taken(world, upload, take)
    rules = {"prior": {"mean": 1.0, "sd": 1.0}, "stopping": {"minimum": 5, "maximum": 5}}
    body = {"student_id": registered["id"], "rules": rules}
    started = (await world.staff().post("/api/test/start", body)).json()
    await take(client, started)
    progress = (await client.get(f"/api/student/{registered['id']}/progress")).json()
    assert progress["ability_gain"][0]["gain"] is None
    assert "prior" in progress["ability_gain"][0]["reason"]


async def test_the_seeds_gradient_update_by_its_name(world, upload, seed_question):
    """The check value of the seed's model: from 0.5, a = 1.2, b = 0.3, correct: 0.5125."""
    await upload([seed_question], rules={"tracking": "gradient", "stopping": {"minimum": 1, "maximum": 1}})
    client, registered = await world.student()
    started = (await client.post("/api/test/start", {})).json()
    assert started["initial_proficiency"] == [0.5] * 5
    body = {"session_id": started["session_id"], "question_id": "q1", "response": "4"}
    last = (await client.post("/api/test/submit", body)).json()
    assert [round(value, 4) for value in last["final_proficiency"]] == [0.5125, 0.5, 0.5, 0.5, 0.5]


async def test_pretest_questions_are_shown_and_not_scored(world, upload, take):
    pretest = [
        q | {"id": f"new-{n}", "status": "pretest", "difficulty": None, "discrimination": None}
        for n, q in enumerate(bank(3))
    ]
    rules = {"pretest_positions": [2], "stopping": {"minimum": 4, "maximum": 4}}
    await upload(bank(10) + pretest, rules=rules)
    client, registered = await world.student()
    started = (await client.post("/api/test/start", {})).json()
    last, given = await take(client, started, lambda q: "wrong" if q["id"].startswith("new") else "right")
    assert given[1].startswith("new-")
    assert (last["total_questions"], last["scored_questions"], last["accuracy"]) == (5, 4, 1.0)
    report = (await client.get(f"/api/test/report/{started['session_id']}")).json()
    assert [item["scored"] for item in report["items"]] == [True, False, True, True, True]
    assert report["items"][1]["ability"] == report["items"][0]["ability"]
    known = (await client.get(f"/api/student/{registered['id']}/proficiency")).json()["proficiencies"]
    assert sum(entry["responses"] for entry in known) == 4


async def test_quotas_and_enemies_hold_through_the_service(world, upload, take):
    questions = [q | {"content_area": "algebra" if n % 4 else "logic"} for n, q in enumerate(bank(40))]
    questions[1]["enemies"] = [questions[2]["id"], questions[3]["id"]]
    quotas = [{"area": "logic", "minimum": 3}]
    await upload(questions, rules={"quotas": quotas, "stopping": {"minimum": 8, "maximum": 8}})
    client, _ = await world.student()
    _, given = await take(client, (await client.post("/api/test/start", {})).json())
    logic = {q["id"] for q in questions if q["content_area"] == "logic"}
    assert len(logic & set(given)) >= 3
    assert len({q["id"] for q in questions[1:4]} & set(given)) <= 1
    impossible = {"quotas": [{"area": "poetry", "minimum": 1}]}
    staff = world.staff()
    body = {"student_id": (await client.get("/api/me")).json()["subject"], "rules": impossible}
    refused = await staff.post("/api/test/start", body)
    assert refused.status_code == 400
    assert "poetry" in refused.json()["error"]


async def test_the_export_offers_what_its_columns_say(world, upload, take):
    await _taken(world, upload, take)
    async with world.services.database.connection() as connection:
        enrolments = [
            row[0] for row in await connection.fetch("SELECT enrolment_id FROM holdfast.enrolments")
        ]
        for table, statement in OFFERS:
            rows = await statement.rows(connection, enrolments=enrolments)
            assert [v.name for v in table.variables] == list(rows[0].keys())
            assert "correct_answer" not in dict(rows[0])
