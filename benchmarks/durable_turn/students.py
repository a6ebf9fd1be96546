"""Students who play over HTTP, in a process of their own: `python -m benchmarks.durable_turn.students`.

Reads what to do as JSON from standard input (`host`, `port`, `students`, `turns`), brings each student
into a scenario, says `ready`, waits for a line, then plays all at once and prints what it took.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from typing import Any

import orjson
import uvloop

from benchmarks.durable_turn.conversation import SCENARIO, said
from benchmarks.durable_turn.lean_client import LeanClient


@dataclass
class Student:
    """A student with a connection, in a session that stands in a scenario."""

    client: LeanClient
    path: str

    @classmethod
    async def arrive(cls, host: str, port: int, number: int) -> Student:
        """Register, start a session, skip the coach and begin the scenario."""
        client = await LeanClient.connect(host, port)
        asked = {"name": f"Bench {number}", "consent": True}
        registered = await client.post("/api/student/register", asked, expected=201)
        client.token = registered["token"].encode()
        started = await client.post("/api/sessions/start", {"scenarioQueue": [SCENARIO]})
        path = f"/api/sessions/{started['sessionId']}"
        for text in ("skip", "ready"):
            await client.post(f"{path}/message", {"message": text})
        await client.post(f"{path}/begin-scenario", {})
        return cls(client, path)

    async def play(self, turns: int, first: int) -> list[float]:
        """The seconds of each turn."""
        taken = []
        for turn in range(first, first + turns):
            began = time.perf_counter()
            key = f"bench-{turn}-{began}"
            await self.client.post(f"{self.path}/message", {"message": said(turn)}, key=key)
            taken.append(time.perf_counter() - began)
        return taken


async def _main() -> None:
    asked: dict[str, Any] = orjson.loads(sys.stdin.readline())
    crowd = [await Student.arrive(asked["host"], asked["port"], n) for n in range(asked["students"])]
    await asyncio.gather(*(student.play(4, n) for n, student in enumerate(crowd)))
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began, busy = time.perf_counter(), time.process_time()
    taken = await asyncio.gather(*(s.play(asked["turns"], n) for n, s in enumerate(crowd)))
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - busy,
        "taken": [seconds for one in taken for seconds in one],
    }
    print(orjson.dumps(figures).decode(), flush=True)
    for student in crowd:
        student.client.close()


if __name__ == "__main__":
    uvloop.run(_main())
