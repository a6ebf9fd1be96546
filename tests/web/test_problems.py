"""One shape for every error, with the keys that older clients read; nothing internal leaks."""

import asyncio

import pytest

SHAPE = {"type", "title", "status", "detail", "code", "success", "error"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("PATCH", "/api/health", None, 405, "method_not_allowed"),
        ("POST", "/api/student/register", {}, 400, "invalid_input"),
        ("POST", "/api/student/register", {"name": "A", "consent": True}, 400, "invalid_input"),
        ("POST", "/api/student/link", {"link": "x" * 20}, 404, "not_found"),
        ("GET", "/api/me", None, 401, "not_authenticated"),
    ],
)
async def test_every_error_has_one_shape(world, method, path, body, status, code):
    response = await world.http.request(method, path, json=body)
    problem = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert problem.keys() >= SHAPE
    assert (problem["status"], problem["code"], problem["success"]) == (status, code, False)
    assert problem["error"] == problem["detail"]


async def test_a_validation_error_names_the_field(world):
    response = await world.http.post("/api/student/register", json={"name": "Ada", "consent": "perhaps"})
    assert response.json()["field"] == "consent"
    response = await world.http.post(
        "/api/student/register", json={"name": "Ada", "consent": True, "joinCode": "nobody-has-this"}
    )
    assert (response.status_code, response.json()["field"]) == (400, "joinCode")


async def test_broken_json_is_told_so(world):
    response = await world.http.post(
        "/api/student/register", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


async def test_what_goes_wrong_inside_is_not_told(world, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("a secret detail")

    client = world.staff()
    monkeypatch.setattr(world.services.simulation, "active", broken)
    response = await client.get("/api/sessions/active")
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "secret detail" not in response.text


async def test_a_repeated_request_changes_nothing_and_answers_the_same(world):
    body = {"name": "Ada Repeat", "consent": True}
    key = {"Idempotency-Key": "a-public-key-of-this-registration"}
    first, *again = await asyncio.gather(
        *(world.http.post("/api/student/register", json=body, headers=key) for _ in range(5))
    )
    assert {r.status_code for r in (first, *again)} == {201}
    assert len({r.json()["id"] for r in (first, *again)}) == 1
    assert sum("Idempotency-Replayed" in r.headers for r in (first, *again)) == 4
    async with world.services.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM holdfast.students") == 1
        stored = await connection.fetchval("SELECT answer::text FROM holdfast.idempotency_keys")
    assert first.json()["token"] not in stored


async def test_a_key_used_for_another_request_is_refused(world):
    key = {"Idempotency-Key": "a-public-key-of-this-registration"}
    await world.http.post("/api/student/register", json={"name": "Ada", "consent": True}, headers=key)
    other = await world.http.post("/api/student/register", json={"name": "Bob", "consent": True}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


async def test_a_failed_request_may_be_corrected_under_the_same_key(world):
    key = {"Idempotency-Key": "a-public-key-of-this-registration"}
    bad = await world.http.post("/api/student/register", json={"name": "A", "consent": True}, headers=key)
    good = await world.http.post("/api/student/register", json={"name": "Ada", "consent": True}, headers=key)
    assert (bad.status_code, good.status_code) == (400, 201)
