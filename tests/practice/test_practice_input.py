"""Bad input: a clear refusal that names the field, and nothing stored."""

import json

import orjson
import pytest

GOOD = {"session_type": "conversation", "duration_seconds": 60}
DEEP = {"a": [[[[[[[[1]]]]]]]]}

BAD = [
    ({"session_type": "karaoke"}, "session_type"),
    ({"session_type": None}, "session_type"),
    ({"session_type": 1}, "session_type"),
    ({"duration_seconds": -1}, "duration_seconds"),
    ({"duration_seconds": 86_401}, "duration_seconds"),
    ({"duration_seconds": 10**30}, "duration_seconds"),
    ({"duration_seconds": "60"}, "duration_seconds"),
    ({"duration_seconds": True}, "duration_seconds"),
    ({"duration_seconds": 1.5}, "duration_seconds"),
    ({"duration_seconds": None}, "duration_seconds"),
    ({"words_spoken": -1}, "words_spoken"),
    ({"words_spoken": 1_000_001}, "words_spoken"),
    ({"pronunciation_score": 100.01}, "pronunciation_score"),
    ({"fluency_score": -0.1}, "fluency_score"),
    ({"grammar_score": 101}, "grammar_score"),
    ({"grammar_score": "80"}, "grammar_score"),
    ({"grammar_score": float("nan")}, "grammar_score"),
    ({"fluency_score": float("inf")}, "fluency_score"),
    ({"topics": "travel"}, "topics"),
    ({"topics": None}, "topics"),
    ({"topics": ["ok", "   "]}, "topics.1"),
    ({"topics": ["x" * 101]}, "topics.0"),
    ({"topics": [f"t{n}" for n in range(51)]}, "topics"),
    ({"topics": ["nul\x00"]}, "topics.0"),
    ({"topics": ["bell\x07"]}, "topics.0"),
    ({"topics": ["half \ud83d"]}, "topics.0"),
    ({"topics": [1]}, "topics.0"),
    ({"areas_to_improve": ["\udc00"]}, "areas_to_improve.0"),
    ({"areas_to_improve": ["word"] * 10_000}, "areas_to_improve"),
    ({"vocabulary_learned": [f"word{n}" for n in range(10_000)]}, "vocabulary_learned"),
    ({"vocabulary_learned": ["\x00"]}, "vocabulary_learned.0.word"),
    ({"vocabulary_learned": [{"word": "\ud800", "rating": 1}]}, "vocabulary_learned.0.rated.word"),
    ({"vocabulary_learned": [{"word": "w", "rating": 5}]}, "vocabulary_learned.0.rated.rating"),
    ({"vocabulary_learned": [{"word": "w"}]}, "vocabulary_learned.0.rated.rating"),
    ({"metadata": {"note": "x" * 1_000_000}}, "metadata"),
    ({"metadata": {str(n): n for n in range(5000)}}, "metadata"),
    ({"metadata": {"note": "a\x00b"}}, "metadata"),
    ({"metadata": {"a\x00": 1}}, "metadata"),
    ({"metadata": {"\ud800": 1}}, "metadata"),
    ({"metadata": {"a": ["\udfff"]}}, "metadata"),
    ({"metadata": {"a": float("nan")}}, "metadata"),
    ({"metadata": {"a": 10**40}}, "metadata"),
    ({"metadata": DEEP}, "metadata"),
    ({"metadata": ["a"]}, "metadata"),
    ({"metadata": "text"}, "metadata"),
]


async def _stored(world):
    async with world.services.database.connection() as connection:
        return [
            await connection.fetchval(f"SELECT count(*) FROM holdfast.{table}")
            for table in ("sessions", "session_results", "vocabulary_cards", "practice_standings")
        ] + [await connection.fetchval("SELECT count(*) FROM holdfast.events WHERE type LIKE 'practice%'")]


async def _post(client, content, **more):
    return await client.request(
        "POST",
        "/api/sessions/save",
        content=content,
        headers={"Content-Type": "application/json"},
        **more,
    )


async def test_each_wrong_field_is_named_and_nothing_is_stored(world):
    client, _ = await world.student()
    for changes, field in BAD:
        shown = str(changes)[:80]
        response = await _post(client, json.dumps(GOOD | changes).encode())
        assert 400 <= response.status_code < 500, (shown, response.text)
        problem = response.json()
        assert problem["field"] == field, (shown, problem["field"], problem["detail"])
        assert problem["detail"].startswith(field), problem["detail"]
        assert len(response.content) < 20_000, "a refusal does not send the input back"
    assert await _stored(world) == [0] * 5


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff", b'{"a":' * 5000, b"9" * 5000, orjson.dumps([GOOD])],
)
async def test_what_is_no_object_is_refused(world, content):
    client, _ = await world.student()
    response = await _post(client, content)
    assert response.status_code == 400
    assert await _stored(world) == [0] * 5


async def test_an_idempotency_key_of_a_refused_request_may_be_used_again(world):
    client, _ = await world.student()
    bad = await client.post("/api/sessions/save", GOOD | {"fluency_score": 200}, key="again")
    good = await client.post("/api/sessions/save", GOOD, key="again")
    assert (bad.status_code, good.status_code) == (400, 200)


async def test_the_largest_that_is_allowed_is_stored_and_comes_back(world):
    client, _ = await world.student()
    body = {
        "session_type": "roleplay",
        "duration_seconds": 86_400,
        "words_spoken": 1_000_000,
        "pronunciation_score": 100,
        "fluency_score": 0,
        "grammar_score": 1e-300,
        "topics": [f"{n:02}" + "ß" * 98 for n in range(50)],
        "vocabulary_learned": [f"{n:03}" + "𝒲" * 97 for n in range(200)],
        "areas_to_improve": [f"{n:02}" + "ΐ" * 98 for n in range(50)],
        "metadata": {"a": "x" * 16_000, "b": [[[[[[1]]]]]], "big": 2**63, "text": "\u2028 \u200b 🙂"},
    }
    saved = (await client.post("/api/sessions/save", body)).json()
    assert {name: saved[name] for name in body} == body
    assert (await client.get("/api/sessions/history")).json()["sessions"][0]["metadata"] == body["metadata"]


async def test_unknown_fields_are_ignored_and_another_user_id_changes_nothing(world):
    client, registered = await world.student()
    _, other = await world.student("Somebody Else")
    saved = (await client.post("/api/sessions/save", GOOD | {"user_id": other["id"], "xp": 5})).json()
    assert saved["user_id"] == registered["id"]
    assert "xp" not in saved
