"""Students who take adaptive tests, insist on every answer, and write down what was acknowledged."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

from benchmarks.adaptive_test.ground import OPTIONS
from benchmarks.durability.wire import Reply, Wire

STUCK_S = 90.0
BETWEEN_TRIES_S = 0.1
REPEATED = 0.1
"""So often an answer is sent twice although it was acknowledged: the outcome must be the same."""


class Acknowledged(NamedTuple):
    """An answer that a client was told is counted."""

    session_id: str
    question_id: str
    chosen: str
    position: int


@dataclass(slots=True)
class Books:
    """What is known from outside.

    Attributes:
        answers: acknowledged ones.
        sent: answers that were sent at least once.
        completed: what clients were told of tests that are over: session -> number of questions.
        retries: attempts after the first, by reason.
        cut: attempts under way at a disturbance, their outcome unknown.
        wrong: what no client should ever see.
    """

    answers: list[Acknowledged] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)
    completed: dict[str, int] = field(default_factory=dict)
    retries: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    wrong: list[str] = field(default_factory=list)
    disturbed_at: float = 0.0


class Taker:
    """One student with one test at a time."""

    def __init__(self, number: int, port: int, token: str, pool_id: str, books: Books, seed: int) -> None:
        self._wire, self._token, self._pool, self._books = Wire(port), token, pool_id, books
        self._random = random.Random(f"{seed}/{number}")

    async def take(self, length: int) -> None:
        """One whole test."""
        criteria = {"type": "fixed_length", "max_questions": length}
        body = {"question_pool_id": self._pool, "end_criteria": criteria}
        started = await self._insist("/api/test/start", body, str(uuid4()))
        session, answer, answered = started["session_id"], started, 0
        while answer.get("next_question"):
            answered += 1
            answer = await self._answer(session, answer["next_question"], answered)
        self._books.completed[session] = answered
        if answer["total_questions"] != answered:
            self._books.wrong.append(f"{session}: told {answer['total_questions']} questions for {answered}")

    async def _answer(self, session: str, question: Mapping[str, Any], number: int) -> dict[str, Any]:
        chosen = self._random.choice(OPTIONS)
        body = {"session_id": session, "question_id": question["id"], "response": chosen}
        self._books.sent.add((session, question["id"]))
        answer = await self._insist("/api/test/submit", body, None)
        self._books.answers.append(
            Acknowledged(session, question["id"], chosen, answer["questions_answered"])
        )
        if answer["questions_answered"] != number:
            self._books.wrong.append(
                f"{session}: answer {number} was counted as {answer['questions_answered']}"
            )
        if self._random.random() < REPEATED:
            body["response"] = self._random.choice(OPTIONS)
            again = await self._insist("/api/test/submit", body, None)
            if again != answer:
                self._books.wrong.append(f"{session}: a repeated answer got another outcome")
        return answer

    async def _insist(self, path: str, body: Mapping[str, Any], key: str | None) -> dict[str, Any]:
        """Send a request until it is answered."""
        first = time.monotonic()
        while time.monotonic() - first < STUCK_S:
            began = time.monotonic()
            reason = "connection"
            try:
                reply = await self._wire.ask("POST", path, body, token=self._token, key=key)
                if reply.status == 200:
                    return dict(reply.body)
                reason = self._judged(path, reply)
            except (ConnectionError, TimeoutError):
                pass
            self._books.retries[reason] += 1
            self._books.cut += began < self._books.disturbed_at
            await asyncio.sleep(BETWEEN_TRIES_S)
        raise AssertionError(f"{path} was never answered: {body}")

    def _judged(self, path: str, reply: Reply) -> str:
        """Why a request is to be repeated; anything else is written down as wrong."""
        code = str(reply.body.get("code"))
        if not (code == "conflict" or (reply.status == 503 and "retry-after" in reply.headers)):
            self._books.wrong.append(f"{reply.status} {path} {reply.body}")
        return f"{reply.status} {code}"

    def leave(self) -> None:
        """Close the connection."""
        self._wire.close()
