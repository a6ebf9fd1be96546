"""A session over the public interface, from the coach to the end of the review."""

import asyncio

import pytest

from holdfast.programs.simulation.scenario import library

QUEUE = ["asthma_patient_v2.0_final", "stemi"]


async def _through(client, session):
    """Play what is expected until the session is complete; the answers on the way."""
    answers = []
    for _ in range(60):
        state = (await client.get(f"/api/sessions/{session}/state")).json()
        phase = state["phase"]
        if phase == "complete":
            return answers
        step = {
            "ready": "begin-scenario",
            "scenario": "complete",
            "between": "next-scenario",
            "review_due": "aar/start",
        }
        if phase in step:
            response = await client.post(f"/api/sessions/{session}/{step[phase]}")
        else:
            response = await client.say(session, "I think it went well because I was calm.")
        assert response.status_code == 200, response.text
        answers.append(response.json())
    raise AssertionError("the session does not end")


async def test_a_whole_session(world):
    client, registered = await world.student("Alice Test", email="alice@test.example")
    started = (await client.post("/api/sessions/start", {"scenarioQueue": QUEUE})).json()
    session = started["sessionId"]
    assert started["message"] == started["initialMessage"]
    assert started["questionsRemaining"] == started["questionCount"] == 3
    assert started["challengePointsEnabled"] is (registered["group"] == "A")
    await _through(client, session)
    check = (await client.get(f"/api/sessions/{session}/check")).json()
    assert check["exists"] and check["complete"] and check["sessionComplete"]
    assert check["completedScenarios"] == QUEUE
    performance = (await client.get(f"/api/sessions/{session}/performance")).json()
    assert performance["complete"] and performance["scenariosCompleted"] == 2
    messages = (await client.get(f"/api/sessions/{session}/messages")).json()
    assert [m["seq"] for m in messages["messages"]] == list(range(1, messages["total"] + 1))
    assert messages["pending"] == []
    assert performance["totals"]["totalMessages"] == messages["total"]
    late = await client.say(session, "one more thing")
    assert (late.status_code, late.json()["code"]) == (409, "wrong_step")


async def test_treating_the_patient(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    begun = await world.to_scenario(client, session)
    assert begun["dispatchInfo"]["call_type"]
    assert begun["vitals"] == {}
    said = (await client.say(session, "Check the SpO2 and the blood pressure, please.")).json()
    assert "SpO2" in said["vitals"] and "BP" in said["vitals"]
    assert "GCS" not in said["vitals"]
    given = (await client.say(session, "Give oxygen 15 litres by non-rebreather mask")).json()
    assert given["message"]
    state = (await world.staff().get(f"/api/sessions/{session}/state")).json()
    assert state["treatments"] == {"oxygen": 1}
    refused = (await client.say(session, "Do not give oxygen")).json()
    state = (await world.staff().get(f"/api/sessions/{session}/state")).json()
    assert refused["message"] and state["treatments"] == {"oxygen": 1}


async def test_structured_actions(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    body = {"type": "treatment", "target": "salbutamol", "dose": 5, "unit": "mg", "route": "nebulised"}
    done = await client.post(f"/api/sessions/{session}/action", body, key="act-1")
    again = await client.post(f"/api/sessions/{session}/action", body, key="act-1")
    assert done.status_code == 200, done.text
    assert again.json() == done.json() and "Idempotency-Replayed" in again.headers
    wrong = await client.post(f"/api/sessions/{session}/action", {"type": "assessment", "target": "aura"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "target")
    state = (await world.staff().get(f"/api/sessions/{session}/state")).json()
    assert state["treatments"] == {"salbutamol": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("begin-scenario", "message"),
        ("next-scenario", "message"),
        ("complete", "message"),
        ("aar/start", "message"),
        ("action", "message"),
    ],
)
async def test_a_step_at_the_wrong_time_names_the_right_one(world, path, expected):
    client, _ = await world.student()
    session = await world.session(client)
    body = {"target": "oxygen"} if path == "action" else None
    response = await client.post(f"/api/sessions/{session}/{path}", body)
    assert response.status_code == 409
    assert response.json()["expected"] == expected


async def test_next_scenario_too_early_and_review_too_early(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=QUEUE)
    await world.to_scenario(client, session)
    early = await client.post(f"/api/sessions/{session}/next-scenario")
    assert (early.status_code, early.json()["expected"]) == (409, "message, action or complete")
    await client.post(f"/api/sessions/{session}/complete")
    review = await client.post(f"/api/sessions/{session}/aar/start")
    assert review.status_code == 409
    assert (review.json()["scenariosCompleted"], review.json()["scenariosRequired"]) == (1, 2)
    talking = await client.say(session, "hello?")
    assert (talking.status_code, talking.json()["expected"]) == (409, "next-scenario")


async def test_counters_begin_anew_with_each_scenario(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma", "asthma"])
    await world.to_scenario(client, session)
    await client.say(session, "give morphine 10 mg IV")
    first = (await client.post(f"/api/sessions/{session}/complete")).json()["performance"]
    assert first["medicationErrorCount"] >= 1
    await client.post(f"/api/sessions/{session}/next-scenario")
    second = (await client.post(f"/api/sessions/{session}/complete")).json()["performance"]
    assert second["medicationErrorCount"] == 0


async def test_the_plan_of_the_cohort_wins_over_the_client(world):
    staff = world.staff()
    plan = {"simulation": {"scenario_queue": ["tbi", "stemi"], "challenge_points": {"A": False, "B": False}}}
    made = await staff.post("/api/cohorts", {"name": "Fixed", "joinCode": "fixed", "plan": plan})
    assert made.status_code == 201, made.text
    client, _ = await world.student(joinCode="fixed")
    started = (await client.post("/api/sessions/start", {"scenarioQueue": ["asthma"]})).json()
    assert started["scenarioQueue"] == ["tbi", "stemi"]
    assert started["challengePointsEnabled"] is False
    bad = await staff.post(
        "/api/cohorts", {"name": "Bad", "plan": {"simulation": {"scenario_queue": ["nothing"]}}}
    )
    assert (bad.status_code, bad.json()["field"]) == (400, "plan.simulation.scenario_queue[0]")


async def test_an_instructor_pauses_and_the_clock_stands_still(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    staff = world.staff()
    control = f"/api/sessions/{session}/control"
    assert (await staff.post(control, {"action": "pause"})).json()["status"] == "PAUSED"
    before = (await client.get(f"/api/sessions/{session}/vitals")).json()["clinicalTimeS"]
    await asyncio.sleep(0.3)
    said = await client.say(session, "hello?")
    assert (said.status_code, said.json()["expected"]) == (409, "wait for the instructor")
    assert (await client.get(f"/api/sessions/{session}/vitals")).json()["clinicalTimeS"] == before
    assert (await staff.post(control, {"action": "resume"})).status_code == 200
    after = (await client.get(f"/api/sessions/{session}/vitals")).json()["clinicalTimeS"]
    assert after - before < 0.25
    assert (await client.say(session, "hello?")).status_code == 200
    again = await staff.post(control, {"action": "resume"})
    assert (again.status_code, again.json()["expected"]) == (409, ["PAUSED"])


async def test_void_and_reopen(world):
    client, _ = await world.student()
    session = await world.session(client)
    staff = world.staff()
    control = f"/api/sessions/{session}/control"
    assert (await staff.post(control, {"action": "void"})).json()["status"] == "VOID"
    assert (await client.say(session, "hello")).status_code == 409
    assert (await staff.post(control, {"action": "reopen", "seconds": 600})).json()["status"] == "IN_PROGRESS"
    assert (await client.say(session, "hello")).status_code == 200


async def test_a_complete_session_that_was_voided_is_complete_again(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await _through(client, session)
    control = f"/api/sessions/{session}/control"
    assert (await world.staff().post(control, {"action": "void"})).json()["status"] == "VOID"
    assert (await world.staff().post(control, {"action": "reopen"})).json()["status"] == "COMPLETED"


async def test_a_decision_that_rules_rate_is_not_judged_by_hand(world):
    client, _ = await world.student()
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    decision = library.find("asthma").decision_points[0].id
    body = {"scenarioIndex": 0, "decision": decision, "rating": "optimal"}
    refused = await world.staff().post(f"/api/sessions/{session}/judgement", body)
    assert (refused.status_code, refused.json()["field"]) == (400, "decision")


async def test_a_student_gives_up_and_staff_deletes(world):
    client, _ = await world.student()
    session = await world.session(client)
    left = (await client.delete(f"/api/sessions/{session}")).json()
    assert (left["deleted"], left["status"]) == (False, "ABANDONED")
    assert (await client.get(f"/api/sessions/{session}/check")).json()["exists"]
    assert (await world.staff().delete(f"/api/sessions/{session}")).json()["deleted"]
    assert (await client.get(f"/api/sessions/{session}/check")).json() == {"exists": False}


async def test_server_sent_events_end_with_saved(world):
    client, _ = await world.student()
    session = await world.session(client)
    response = await client.say(session, "hello", headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n")[0].removeprefix("event: ") for block in response.text.strip().split("\n\n")]
    assert events[-1] == "saved" and set(events[:-1]) == {"delta"}
    saved = (await client.get(f"/api/sessions/{session}/messages")).json()
    assert saved["total"] == 3


async def test_the_record_leaves_nothing_blank_that_is_known(world):
    client, registered = await world.student("Alice Test", email="alice@test.example")
    session = await world.session(client, scenarioQueue=["asthma"])
    await world.to_scenario(client, session)
    await client.say(session, "Measure all vital signs. Give oxygen 15 l and morphine 10 mg IV.")
    await _through(client, session)
    record = (await client.get(f"/api/students/{registered['studentId']}/record")).json()
    for key in ("studentId", "studentName", "studentEmail", "group", "sessionId"):
        assert record[key], key
    assert all(record["timestamps"].values())
    scenario = record["scenarios"][0]
    for key in ("scenarioId", "scenarioTitle", "duration", "finalState", "finalVitals"):
        assert scenario[key], key
    for both in (("HR", "heartRate"), ("RR", "respiratoryRate"), ("SpO2", "spO2")):
        assert scenario["finalVitals"][both[0]] == scenario["finalVitals"][both[1]]
    assert {"treatment_given", "dangerous_medication_given"} <= {
        a["action"] for a in record["criticalActions"]
    }
    assert all(a["name"] and a["timestamp"] for a in record["criticalActions"])
    assert record["aarTranscript"] and record["metadata"]["sessionComplete"]
    assert record["metadata"]["medicationErrors"]
    other, _ = await world.student("Other")
    assert (await other.get(f"/api/students/{registered['studentId']}/record")).status_code == 404
