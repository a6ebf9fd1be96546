"""Many requests at once: the same one several times, and different ones to one session."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from benchmarks.durability.books import Books, digest
from benchmarks.durability.disturbances import Outcome
from benchmarks.durability.students import Habits, Student, Tally
from benchmarks.durability.trial import Trial
from benchmarks.durability.wire import Reply, Wire

_MESSAGES = """SELECT seq, role, content, reply_to FROM holdfast.messages
WHERE session_id = $1 ORDER BY seq"""
_ACTIONS = """SELECT count(*) FROM holdfast.simulation_actions
WHERE session_id = $1 AND message_seq IS NULL"""
WARM_UP_TURNS = 2
"""What a student says to the coach before the first patient."""


async def duplicated_deliveries(trial: Trial, students: int, turns: int) -> Outcome:
    """Each request is sent two to five times, at once and late, to all servers in turn."""
    newcomers = await _newcomers(trial, students)
    chances = (random.Random(f"{trial.setting.seed}/{n}") for n in range(students))
    work = (_deliver_often(trial, s, turns, chance) for s, chance in zip(newcomers, chances, strict=True))
    requests, divergent, accepted = (sum(column) for column in zip(*await asyncio.gather(*work), strict=True))
    stored, unique = await _stored_turns(trial, newcomers), 2 * turns * students
    figures = {
        "requests": requests,
        "unique turns": unique,
        "stored": stored,
        "divergent replies": divergent,
        "same key and another body, not refused with 422": accepted,
    }
    return Outcome("duplicate delivery", figures, stored == unique and not divergent and not accepted)


async def _stored_turns(trial: Trial, students: Sequence[Student]) -> int:
    stored = -WARM_UP_TURNS * len(students)
    async with trial.database.connection() as connection:
        for student in students:
            rows = await connection.fetch(_MESSAGES, student.session)
            stored += sum(row["role"] == "user" for row in rows)
            stored += await connection.fetchval(_ACTIONS, student.session)
    return stored


async def _newcomers(trial: Trial, count: int) -> list[Student]:
    books, tally = Books(trial.folder / "newcomers.log"), Tally()
    habits = Habits([server.port for server in trial.servers])
    students = [Student(1000 + n, habits, books, tally, trial.setting.seed) for n in range(count)]
    async with books:
        await asyncio.gather(*(student.register() for student in students))
        await asyncio.gather(*(student.enter() for student in students))
        for student in students:
            student.leave()
    return students


async def _deliver_often(
    trial: Trial, student: Student, turns: int, chance: random.Random
) -> tuple[int, int, int]:
    """Requests sent, divergent replies, and changed bodies that were not refused."""
    requests = divergent = not_refused = 0
    wires = [Wire(trial.servers[n % len(trial.servers)].port) for n in range(5)]
    for number in range(turns):
        dose = 10 + number / 1000
        for path, body, changed in (
            ("message", {"message": f"How are you now? ({number})"}, {"message": "another"}),
            ("action", {"target": "salbutamol", "dose": dose, "unit": "mg"}, {"target": "oxygen"}),
        ):
            key, copies = str(uuid4()), chance.randint(2, 5)
            url = f"/api/sessions/{student.session}/{path}"
            at_once = [settle(wire, url, body, student, key) for wire in wires[:copies]]
            replies = await asyncio.gather(*at_once)
            replies.append(await settle(wires[0], url, body, student, key))
            divergent += len({digest(reply.body) for reply in replies}) - 1
            refused = await settle(wires[-1], url, changed, student, key)
            not_refused += refused.status != 422
            requests += copies + 2
    for wire in wires:
        wire.close()
    return requests, divergent, not_refused


async def settle(wire: Wire, path: str, body: Any, student: Student, key: str) -> Reply:
    """Repeat a request until it is answered with something else than "come again"."""
    while True:
        reply = await wire.ask("POST", path, body, token=student.token, key=key)
        if reply.status != 409 or reply.body["code"] != "conflict":
            return reply
        await asyncio.sleep(0.02)


async def crowded(trial: Trial, servers: int, requests: int = 50) -> Outcome:
    """Fifty different messages at once to one session, over so many of the servers."""
    (student,) = await _newcomers(trial, 1)
    wires = [Wire(trial.servers[n % servers].port) for n in range(requests)]
    path = f"/api/sessions/{student.session}/message"
    asked = [f"Question number {n}: how are you?" for n in range(requests)]
    replies = await asyncio.gather(
        *(
            wire.ask("POST", path, {"message": text}, token=student.token, key=str(uuid4()))
            for wire, text in zip(wires, asked, strict=True)
        )
    )
    async with trial.database.connection() as connection:
        rows = await connection.fetch(_MESSAGES, student.session)
    for wire in wires:
        wire.close()
    figures = _crowd_figures(asked, replies, rows)
    holds = figures["answered with 200"] == requests and not any(
        figures[name] for name in ("lost", "stored twice", "answered out of turn", "gaps")
    )
    return Outcome(f"{requests} at once to one session, {servers} server(s)", figures, holds)


def _crowd_figures(asked: Sequence[str], replies: Sequence[Reply], rows: Sequence[Any]) -> dict[str, int]:
    stored = {row["seq"]: row for row in rows}
    texts = [row["content"] for row in rows if row["role"] == "user"]
    lost = 0
    for text, reply in zip(asked, replies, strict=True):
        if reply.status == 200:
            mine, theirs = stored.get(reply.body["messageSeq"]), stored.get(reply.body["replySeq"])
            found = [row["content"] for row in (mine, theirs) if row is not None]
            lost += found != [text, reply.body["message"]]
    out_of_turn = sum(
        row["role"] == "user" and stored.get(row["seq"] + 1, {"reply_to": None})["reply_to"] != row["seq"]
        for row in rows
    )
    return {
        "answered with 200": sum(reply.status == 200 for reply in replies),
        "answered with 5xx": sum(reply.status >= 500 for reply in replies),
        "lost": lost,
        "stored twice": len(texts) - len(set(texts)),
        "answered out of turn": out_of_turn,
        "gaps": int([row["seq"] for row in rows] != list(range(1, len(rows) + 1))),
    }
