"""What both trials stand on: embedded stores of their own, a real server, a bank, students and tokens."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks.durability.servers import SECRET, Server
from benchmarks.durability.victims import Victims
from benchmarks.durability.wire import Wire
from holdfast.core.access import Role, TokenAuthority
from holdfast.kit.clock import utc_now
from holdfast.store.database import Database, PoolOptions
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.schema.migrations import migrate

STAFF = UUID("00000000-0000-7000-8000-000000000009")
RIGHT = "right"
OPTIONS = (RIGHT, "wrong", "odd", "strange")


def questions(count: int, seed: int) -> list[dict[str, Any]]:
    """A bank of two concepts with normal difficulties and lognormal discriminations."""
    rng = random.Random(seed)
    return [
        {
            "id": f"item-{number:05d}",
            "content": f"Question {number}: which of these is right?",
            "options": list(OPTIONS),
            "correct_answer": RIGHT,
            "concepts": [1, 0] if number % 2 else [0, 1],
            "difficulty": rng.gauss(0, 1),
            "discrimination": rng.lognormvariate(0, 0.3),
        }
        for number in range(count)
    ]


def token(role: Role, subject: str) -> str:
    """A token that the trial's servers believe."""
    return TokenAuthority(SECRET).issue(role, subject, now=utc_now())


@dataclass(frozen=True, slots=True)
class Ground:
    """A running service.

    Attributes:
        pool_id: of the bank that was uploaded.
        staff: an administrator's token.
    """

    stores: EmbeddedStores
    victims: Victims
    server: Server
    database: Database
    pool_id: str
    staff: str


@asynccontextmanager
async def ground(count: int, *, seed: int, folder: Path | None = None) -> AsyncIterator[Ground]:
    """The service with a bank of so many questions, for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hf")))
        data = folder / "data"
        stores = await asyncio.to_thread(EmbeddedStores.acquire, data)
        stack.callback(stores.release)
        await migrate(stores.database_url)
        database = Database(stores.database_url, PoolOptions(size=4))
        stack.push_async_callback(database.close)
        server = Server(data, folder / "server.log")
        stack.callback(server.end)
        await server.start()
        staff = token(Role.ADMIN, str(STAFF))
        wire = Wire(server.port)
        stack.callback(wire.close)
        body = {"questions": questions(count, seed), "pool_name": "bank", "concept_names": ["one", "two"]}
        reply = await wire.ask("POST", "/api/questions/upload", body, token=staff)
        assert reply.status == 200, reply.body
        yield Ground(stores, Victims(data), server, database, reply.body["question_pool_id"], staff)


async def student(wire: Wire, number: int) -> str:
    """Register a student; the token."""
    body = {"name": f"Student {number}", "consent": True}
    reply = await wire.ask("POST", "/api/student/register", body)
    assert reply.status == 201, reply.body
    return str(reply.body["token"])
