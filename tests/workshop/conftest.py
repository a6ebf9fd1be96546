"""A student with a workshop session, and what clients send in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from fixtures.service import Client, World


@dataclass
class Bench:
    """A student at work: the token alone, as the workshop's client sends it, and the student's bearer."""

    world: World
    student: Client
    student_id: str
    code: str
    email: str
    session_id: str
    token: str

    async def post(self, step: int, key: str | None = None, **more: Any) -> httpx.Response:
        body = {"sessionToken": self.token, "stepNumber": step, **more}
        headers = {"Idempotency-Key": key} if key else {}
        return await self.world.http.post("/api/student-progress", json=body, headers=headers)

    async def progress(self, **more: Any) -> dict[str, Any]:
        query = {"sessionToken": self.token, **more}
        response = await self.world.http.get("/api/student-progress", params=query)
        assert response.status_code == 200, response.text
        return dict(response.json()["progress"])

    async def configure(self, **changes: Any) -> httpx.Response:
        body = {"sessionToken": self.token, **changes}
        return await self.world.http.patch("/api/workshop/configuration", json=body)

    def student_of(self, world: World) -> Client:
        """The same student before another application on the same database."""
        return Client(world.http, self.student.token)

    def with_token(self, token: str) -> Bench:
        """The same bench with the token of another session."""
        return replace(self, token=token)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        async with self.world.services.database.connection() as connection:
            return list(await connection.fetch(query, *values))

    async def run(self, query: str, *values: Any) -> None:
        async with self.world.services.database.connection() as connection:
            await connection.execute(query, *values)


async def sit_down(
    world: World, name: str = "John Doe", email: str = "student@example.com", **more: Any
) -> Bench:
    student, registered = await world.student(name, email=email)
    response = await student.post("/api/generate-session", more)
    assert response.status_code == 201, response.text
    begun = response.json()
    return Bench(
        world,
        student,
        registered["id"],
        registered["studentId"],
        email,
        begun["sessionId"],
        begun["sessionToken"],
    )


@pytest.fixture
async def bench(world: World) -> Bench:
    """One student with one session."""
    return await sit_down(world)


@pytest.fixture
def another(world: World):
    """Further students with a session each."""

    async def make(**more: Any) -> Bench:
        return await sit_down(world, **more)

    return make
