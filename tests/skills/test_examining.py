"""A model that misbehaves: each way is handled, and nothing is half-written."""

import json

import pytest
from pydantic import SecretStr
from stub_provider import Fail, Garbage, Say, StubProvider

# In one worker: the providers' libraries take seconds to load.
pytestmark = pytest.mark.xdist_group("skill_providers")

KEY = "sk-a-key-that-must-never-be-seen"
OWN = "I understand why you are sad, but we will not give up."
TURNS = [
    {"speaker": "A", "text": OWN},
    {"speaker": "B", "text": "These are the words of somebody else."},
    {"speaker": "A", "text": "Let us try again with another way because this one costs too much money."},
    {"speaker": "A", "text": "How do you feel about that? I am sorry, I should have listened to you."},
    {"speaker": "A", "text": "Maybe we can change the plan, and then check together whether it works now."},
]
GOOD = {
    "enough_evidence": True,
    "score": 0.77,
    "confidence": 0.85,
    "reasoning": "The student excels at empathy.",
    "recommendations": ["Continue fostering.", "Ask others."],
    "quotes": ["i understand why you are sad"],
}


def says(**changes):
    return Say(json.dumps(GOOD | changes))


@pytest.fixture
def stub():
    with StubProvider() as provider:
        yield provider


@pytest.fixture
async def examined(request, make_world, stub, monkeypatch):
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "OPENAI_BASE_URL", "OPENAI_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    agent = getattr(request, "param", "openai")
    more = {
        "agent": agent,
        f"{agent}_api_key": SecretStr(KEY),
        "agent_base_url": stub.url if agent == "anthropic" else f"{stub.url}/v1",
        "agent_timeout_s": 2.0,
        "messages_per_minute": 1000,
    }
    async with make_world(**more) as world:
        _, registered = await world.student()
        staff = world.staff()
        body = {"speaker": "A", "turns": TURNS}
        await staff.post(f"/api/v1/transcripts/{registered['id']}", body)
        world.staff_client, world.student_id = staff, registered["id"]
        yield world


async def _assess(world, skill="empathy", **more):
    asked = {"skill_type": skill, "use_cached": False}
    return await world.staff_client.post(f"/api/v1/assessments/{world.student_id}", asked, **more)


async def _rows(world, query):
    async with world.services.database.connection() as connection:
        return await connection.fetch(query)


async def _counts(world):
    [row] = await _rows(
        world,
        "SELECT (SELECT count(*) FROM holdfast.skill_assessments) AS assessments,"
        " (SELECT count(*) FROM holdfast.evidence) AS evidence",
    )
    return tuple(row)


BOTH = pytest.mark.parametrize("examined", ["openai", "anthropic"], indirect=True)


@BOTH
async def test_a_verdict_is_stored_with_the_students_own_words_and_booked(examined, stub):
    stub.then(says())
    body = (await _assess(examined)).json()
    assert (body["score"], body["confidence"], body["producer"]) == (0.77, 0.85, "model")
    assert body["recommendations"] == "Continue fostering.\nAsk others."
    [piece] = body["evidence"]
    assert piece["content"] == "I understand why you are sad"
    assert (piece["source"], piece["relevance_score"]) == ("transcript_analysis", 0.8)
    [usage] = await _rows(examined, "SELECT * FROM holdfast.model_usage")
    assert usage["outcome"] == "model" and usage["session_id"] is None and usage["input_tokens"] > 0
    sent = json.dumps(stub.received[-1].body)
    assert OWN in sent and "json" in sent.lower()


async def test_a_fenced_answer_is_read_too(examined, stub):
    stub.then(Say(f"```json\n{json.dumps(GOOD)}\n```"))
    assert (await _assess(examined)).json()["producer"] == "model"


DOES_NOT_FIT = {
    "no JSON": Say("I am afraid that I would rather talk about something else."),
    "cut off": Say('{"score": 0.5, "confidence": '),
    "score 7.5": says(score=7.5),
    "confidence -0.1": says(confidence=-0.1),
    "score as word": says(score="high"),
    "blank": says(reasoning="  "),
    "NUL": says(reasoning="a\x00b"),
    "null": Say("null"),
}


async def test_an_answer_that_does_not_fit_is_asked_for_once_more_and_then_the_rubric_judges(examined, stub):
    for number, (what, bad) in enumerate(DOES_NOT_FIT.items(), 1):
        stub.then(bad, says(score=0.6))
        corrected = (await _assess(examined)).json()
        assert (corrected["score"], corrected["producer"], corrected["fallback"]) == (0.6, "model", None), (
            what
        )
        assert "does not fit" in json.dumps(stub.received[-1].body)
        stub.then(bad, bad)
        judged = (await _assess(examined, "resilience")).json()
        assert (judged["producer"], judged["fallback"]) == ("rubric", "invalid"), what
        assert 0 <= judged["score"] <= 1
        assert (await _counts(examined))[0] == 2 * number, what


async def test_invented_quotes_are_dropped_and_counted(examined, stub):
    quotes = ["I never said this at all", "the words of somebody else", "we will not give up"]
    stub.then(says(quotes=quotes))
    body = (await _assess(examined)).json()
    assert [piece["content"] for piece in body["evidence"]] == ["we will not give up"]
    assert body["dropped_quotes"] == 2
    [event] = await _rows(examined, "SELECT data FROM holdfast.events WHERE type = 'skill.assessed'")
    assert event["data"]["droppedQuotes"] == 2


async def test_a_verdict_of_which_no_quote_holds_is_not_used(examined, stub):
    stub.then(says(quotes=["I never said this at all", ""]))
    body = (await _assess(examined)).json()
    assert (body["producer"], body["fallback"], body["dropped_quotes"]) == ("rubric", "unfounded", 2)
    [usage] = await _rows(examined, "SELECT outcome FROM holdfast.model_usage")
    assert usage["outcome"] == "unfounded"


async def test_a_model_may_say_that_the_evidence_is_not_enough(examined, stub):
    stub.then(says(enough_evidence=False, reasoning="Two sentences tell nothing."))
    response = await _assess(examined)
    assert (response.status_code, response.json()["status"]) == (200, "not_enough_evidence")
    assert response.json()["reason"] == "Two sentences tell nothing."
    assert await _counts(examined) == (0, 0)


@BOTH
async def test_a_refusal_leaves_it_to_the_rubric(examined, stub):
    stub.then(Say("I cannot help with that.", stop="refusal"))
    body = (await _assess(examined)).json()
    assert (body["producer"], body["fallback"]) == ("rubric", "refused")
    assert len(stub.received) == 1


async def test_a_failure_that_passes_is_tried_again(examined, stub):
    for failure in (Fail(429, "rate_limit_error"), Fail(500), Garbage()):
        stub.then(failure, says())
        assert (await _assess(examined)).json()["producer"] == "model", failure


async def test_a_silent_model_is_told_as_such_and_nothing_is_stored(examined, stub):
    stub.default = Fail(429, "rate_limit_error", headers={"Retry-After": "7"})
    response = await _assess(examined, key="once-more")
    assert response.status_code == 503
    assert "nothing was stored" in response.json()["detail"]
    assert int(response.headers["Retry-After"]) >= 1
    assert KEY not in response.text
    assert await _counts(examined) == (0, 0)
    rows = await _rows(examined, "SELECT outcome FROM holdfast.model_usage")
    assert [row["outcome"] for row in rows] == ["silence"]
    stub.default = says()
    again = await _assess(examined, key="once-more")
    assert (again.status_code, again.json()["producer"]) == (201, "model")


async def test_of_all_skills_those_that_were_answered_are_kept(examined, stub):
    stub.default = Fail(401, "authentication_error")
    stub.then(says())
    response = await examined.staff_client.post(f"/api/v1/assessments/{examined.student_id}/all")
    body = response.json()
    assert response.status_code == 201
    assert len(body["assessments"]) == 1 and len(body["errors"]) == 6
    assert await _counts(examined) == (1, 1)


async def test_no_connection_is_held_while_a_model_is_asked(examined, stub):
    import asyncio

    from stub_provider import Hang

    database = examined.services.database
    held = []
    original = database.take

    async def take():
        held.append(1)
        return await original()

    async def give_back(connection, *, sound):
        held.pop()
        await give(connection, sound=sound)

    give = database.give_back
    database.take, database.give_back = take, give_back
    stub.default = Hang()
    asking = asyncio.create_task(_assess(examined))
    assert await asyncio.to_thread(stub.hung_up.wait, 20)  # the first attempt has been given up
    assert not held
    stub.default = says()
    assert (await asking).json()["producer"] == "model"
