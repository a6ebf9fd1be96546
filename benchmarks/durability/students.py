"""Simulated load: students who play scenarios as fast as they are answered and repeat what failed."""

from __future__ import annotations

import asyncio
import random
import string
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from benchmarks.durability.books import Acknowledged, Books, Sent, digest
from benchmarks.durability.wire import Reply, Wire

SAYINGS = (
    "Hello, my name is Kim, I am a paramedic. Can you tell me what happened?",
    "Check the SpO2 and the blood pressure, please.",
    "Listen to the chest.",
    "Give oxygen 15 l/min by non-rebreather mask.",
    "Give salbutamol 5 mg nebulised.",
    "I think it is severe because she cannot finish a sentence.",
    "Measure the respiratory rate and the heart rate.",
    "Do not give morphine.",
    "How do you feel now?",
    "Skip.",
)
QUEUE = ("asthma", "stemi", "asthma")
TURNS_PER_SCENARIO = 25
STUCK_S = 90.0
BETWEEN_TRIES_S = 0.1


class Stuck(Exception):
    """A turn was repeated for a long time and never answered."""


@dataclass(slots=True)
class Tally:
    """What the students met with.

    Attributes:
        retries: attempts after the first, by reason.
        unexpected: answers that no student should ever see.
        in_flight: requests that wait for their answer.
        disturbed_at: when something was last killed or disturbed (monotonic seconds).
        cut: requests that were under way at such a moment and failed: their outcome is unknown.
        begun_at: when the last attempt that was acknowledged began (monotonic seconds).
        seconds: how long each turn took from its first attempt to its answer.
    """

    retries: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    stuck: int = 0
    in_flight: int = 0
    disturbed_at: float = 0.0
    cut: int = 0
    begun_at: float = 0.0
    seconds: list[float] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def answered(self, began: float) -> None:
        """Note an acknowledged attempt."""
        self.begun_at = max(self.begun_at, began)
        self._news.set()

    def failed(self, began: float, reason: str) -> None:
        """Note an attempt that is to be repeated."""
        self.retries[reason] += 1
        self.cut += began < self.disturbed_at

    def disturb(self) -> None:
        """Note that something is being killed at this moment."""
        self.disturbed_at = time.monotonic()

    async def next_answer(self) -> float:
        """Wait for the answer to an attempt that began after the disturbance; the seconds since then."""
        while self.begun_at <= self.disturbed_at:
            self._news.clear()
            await self._news.wait()
        return time.monotonic() - self.disturbed_at


@dataclass(slots=True)
class Habits:
    """How students behave.

    Attributes:
        ports: the servers, tried in turn after a failure.
        keyed: whether a repetition carries the key of the first attempt; without, it carries another.
    """

    ports: Sequence[int]
    keyed: bool = True


class Student:
    """One student with one session at a time."""

    def __init__(self, number: int, habits: Habits, books: Books, tally: Tally, seed: int) -> None:
        self._habits = habits
        self._books = books
        self._tally = tally
        self._random = random.Random(f"{seed}/{number}")
        self._wires = [Wire(port) for port in habits.ports]
        self._at = number % len(self._wires)
        self._number = number
        self.token: str | None = None
        self._turns = 0
        self._doses = 0
        self._expected = "start"
        self._answered_key = ""
        self.session = ""
        self.student_id = ""

    async def register(self) -> None:
        """Become a student of the study."""
        body = {"name": f"Student {self._number}", "consent": True}
        reply = await self._insist("/api/student/register", body, str(uuid4()))
        self.token, self.student_id = reply.body["token"], reply.body["id"]

    async def enter(self) -> None:
        """Start a session and go through the coach into the first scenario."""
        reply = await self._insist("/api/sessions/start", {"scenarioQueue": list(QUEUE)}, str(uuid4()))
        self.session, self._turns, self._doses = reply.body["sessionId"], 0, 0
        for text in ("skip", "ready"):
            await self._say(text)
        await self._step("begin-scenario")

    async def turn(self) -> None:
        """Do what is due: say or do something, or go on to the next scenario or session."""
        if self._expected in {"start", "aar/start"}:
            await self.enter()
        elif self._expected == "next-scenario":
            await self._step("next-scenario")
        elif self._expected == "complete" or self._turns >= TURNS_PER_SCENARIO:
            await self._step("complete")
        elif self._random.random() < 0.25:
            await self._act()
        else:
            await self._say(f"{self._random.choice(SAYINGS)} Ref {self._mark()}.")
        self._turns += 1

    def _mark(self) -> str:
        return "".join(self._random.choices(string.ascii_lowercase, k=12))

    async def _say(self, text: str) -> None:
        sent = self._sent("message", digest(text))
        reply = await self._insist(f"/api/sessions/{self.session}/message", {"message": text}, sent.key)
        if not self._understood(reply, sent):
            return
        body = reply.body
        turn = (body["messageSeq"], body["replySeq"], digest(body["message"]))
        await self._books.acknowledge(self._acknowledged(sent, *turn))

    async def _act(self) -> None:
        self._doses += 1
        dose = round(5 + self._doses / 10_000, 4)
        body = {"target": "salbutamol", "dose": dose, "unit": "mg", "route": "nebulised"}
        sent = self._sent("action", str(dose))
        reply = await self._insist(f"/api/sessions/{self.session}/action", body, sent.key)
        if self._understood(reply, sent):
            await self._books.acknowledge(self._acknowledged(sent, 0, 0, digest(reply.body)))

    async def _step(self, step: str) -> None:
        sent = self._sent("step", f"{step} {self._turns}")
        reply = await self._insist(f"/api/sessions/{self.session}/{step}", {}, sent.key)
        if not self._understood(reply, sent):
            return
        self._expected = reply.body.get("nextStep", "message")
        self._turns = 0
        await self._books.acknowledge(self._acknowledged(sent, 0, 0, digest(reply.body)))

    def _sent(self, kind: str, said: str) -> Sent:
        sent = Sent(kind, said, str(uuid4()))
        self._books.sent[self.session].append(sent)
        return sent

    def _acknowledged(self, sent: Sent, seq: int, reply_seq: int, reply: str) -> Acknowledged:
        key = self._answered_key
        return Acknowledged(sent.kind, self.session, self.student_id, key, sent.said, seq, reply_seq, reply)

    def _understood(self, reply: Reply, sent: Sent) -> bool:
        if reply.status == 200:
            self._expected = "message"
            return True
        sent.refused = True
        self._expected = str(reply.body.get("expected", "start"))
        return False

    async def _insist(self, path: str, body: Mapping[str, Any], key: str) -> Reply:
        """Send a request until it is answered, always with the same key."""
        first = time.monotonic()
        while True:
            began = time.monotonic()
            reply = await self._attempt(path, body, key)
            if reply is not None:
                self._tally.answered(began)
                self._answered_key = key
                self._tally.seconds.append(time.monotonic() - first)
                return reply
            if time.monotonic() - first > STUCK_S:
                self._tally.stuck += 1
                raise Stuck(f"{path} {key}")
            if not self._habits.keyed:
                key = str(uuid4())
            await asyncio.sleep(BETWEEN_TRIES_S)

    async def _attempt(self, path: str, body: Mapping[str, Any], key: str) -> Reply | None:
        began = time.monotonic()
        self._tally.in_flight += 1
        try:
            reply = await self._wires[self._at].ask("POST", path, body, token=self.token, key=key)
        except (ConnectionError, TimeoutError) as error:
            self._tally.failed(began, "timeout" if isinstance(error, TimeoutError) else "connection")
            self._at = (self._at + 1) % len(self._wires)
            return None
        finally:
            self._tally.in_flight -= 1
        return self._judged(path, reply, began)

    def _judged(self, path: str, reply: Reply, began: float) -> Reply | None:
        """The reply if it settles the matter; none if the request is to be repeated."""
        code = "" if reply.status < 300 else str(reply.body.get("code"))
        if reply.status < 300 or (reply.status == 409 and code == "wrong_step"):
            return reply
        if reply.status == 404:
            self._tally.unexpected.append(f"404 {path}: it was acknowledged and is gone")
            return reply
        repeatable = (reply.status == 503 and "retry-after" in reply.headers) or code == "conflict"
        if not repeatable:
            self._tally.unexpected.append(f"{reply.status} {path} {reply.body}")
        self._tally.failed(began, f"{reply.status} {code}")
        return None

    def leave(self) -> None:
        """Close the connections."""
        for wire in self._wires:
            wire.close()
