"""One student playing one session through the public HTTP interface, phase by phase.

Everything it knows of the server is what answers tell. The clinical clock is the server's: it tells
clinical seconds with every answer at the bedside, and the player waits in between as long as they
last at the server's time scale.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx

from holdfast.kit.errors import HoldfastError
from holdfast.operations.simulated_students.bedside import Bedside, Turn
from holdfast.operations.simulated_students.connection import PATIENCE_S, Connection, Refused, new_key
from holdfast.operations.simulated_students.conversation import answer_coach
from holdfast.operations.simulated_students.reflection import Memory, Reviewed
from holdfast.operations.simulated_students.skill import EFFECT, SimulatedStudent
from holdfast.operations.simulated_students.stranger import AmongStrangers
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation.scenario import library
from holdfast.programs.simulation.scenario.model import Scenario

Acknowledged = Callable[[str, str, str, Mapping[str, Any]], None]
"""Told (session id, idempotency key, text, answer) of every message whose answer has arrived."""

READING_S = 12.0
"""Seconds between two turns of a conversation, at time scale 1; no clinical clock runs then."""

LONGEST_TALK = 60
"""Turns after which a conversation counts as going round in circles."""


class Phase(StrEnum):
    """The phases of a session, as the server names them."""

    COACH = "coach"
    READY = "ready"
    SCENARIO = "scenario"
    BETWEEN = "between"
    REVIEW_DUE = "review_due"
    REVIEW = "review"
    COMPLETE = "complete"


class Knowledge:
    """The scenarios that students were taught, by the names that a queue may use."""

    def __init__(self, more: Mapping[str, Scenario] | None = None) -> None:
        self._more = dict(more or {})
        self._books: dict[str, PhraseBook] = {}

    def of(self, name: str) -> tuple[Scenario, PhraseBook] | None:
        """The scenario with its phrases, or none when nobody heard of it."""
        scenario = self._more.get(name) or library.find(name)
        if scenario is None:
            return None
        return scenario, self._books.setdefault(scenario.id, PhraseBook(scenario))


@dataclass(slots=True)
class Progress:
    """How far a session is, for whoever watches.

    Attributes:
        done: milestones passed: the coach, each scenario, the review.
        of: how many there are; an estimate until the queue is known.
        turns: acknowledged messages and actions.
    """

    done: int = 0
    of: int = 5
    turns: int = 0

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.done / self.of


@dataclass(slots=True)
class Clock:
    """An estimate of the server's clinical clock, set right by every answer."""

    time_scale: float
    clinical_s: float = 0.0
    as_of: float = field(default_factory=time.monotonic)

    def set(self, clinical_s: float) -> None:
        """The server's clock now."""
        self.clinical_s, self.as_of = clinical_s, time.monotonic()

    def seconds_until(self, clinical_s: float) -> float:
        """Real seconds until a clinical time, never negative."""
        ahead_s = (clinical_s - self.clinical_s) / self.time_scale
        return max(0.0, ahead_s - (time.monotonic() - self.as_of))


class Player:
    """A simulated student with a session.

    Args:
        base_url: the server.
        client: shared by all players.
        student: who plays; the arm is set at registration.
        time_scale: clinical seconds per second, as the server's health tells.
        knowledge: the scenarios that students were taught; the shipped ones when not given.
        effect: the standardised difference between arm A and arm B.
        pace: 1 plays in the server's time; 0 sends every turn at once (for load).
        patience_s: how long one request is tried again.
        on_acknowledged: told of every acknowledged message.
    """

    def __init__(
        self,
        base_url: str,
        client: httpx.AsyncClient,
        student: SimulatedStudent,
        *,
        time_scale: float,
        knowledge: Knowledge | None = None,
        effect: float = EFFECT,
        pace: float = 1.0,
        patience_s: float = PATIENCE_S,
        on_acknowledged: Acknowledged | None = None,
    ) -> None:
        self.connection = Connection(base_url, client, patience_s=patience_s)
        self.student = student
        self.student_code: str | None = None
        self.session_id: str | None = None
        self.queue: tuple[str, ...] = ()
        self.challenges = 0
        self.phase = Phase.COACH
        self.progress = Progress()
        self._knowledge = knowledge or Knowledge()
        self._clock = Clock(time_scale)
        self._effect, self._pace = effect, pace
        self._acknowledged = on_acknowledged
        self._index = -1
        self._memories: list[Memory] = []

    async def play(self, join_code: str | None = None) -> dict[str, Any]:
        """Enrol, play a whole session to the end of the review, and look at the scores.

        Raises:
            Refused, StoreUnavailable: the session could not be finished.
        """
        await self.enrol(join_code)
        greeting = await self.start()
        await self.talk_with_coach(greeting)
        for index in range(len(self.queue)):
            await (self.begin_first() if index == 0 else self.begin_next())
            await self.treat()
            await self.complete()
        await self.review()
        return await self.performance()

    async def enrol(self, join_code: str | None = None, *, email: str | None = None) -> None:
        """Register with consent; the answer tells the study group, and with it the student's ability."""
        body = {"name": self.student.name, "consent": True, "joinCode": join_code, "email": email}
        given = {name: value for name, value in body.items() if value is not None}
        answer = await self.connection.post("/api/student/register", given)
        self.connection.token = answer["token"]
        self.student_code = answer["studentId"]
        self.student = self.student.allocated(answer["group"], self._effect)

    async def start(self, scenarios: tuple[str, ...] = ()) -> str:
        """Start the session; the coach's greeting.

        Args:
            scenarios: the queue to ask for, where the cohort's plan leaves the choice.
        """
        body = {"scenarioQueue": list(scenarios)} if scenarios else {}
        answer = await self.connection.post("/api/sessions/start", body)
        self.session_id = answer["sessionId"]
        self.queue = tuple(answer["scenarioQueue"])
        self.progress.of = len(self.queue) + 2
        self.phase = Phase.COACH
        return str(answer["message"])

    async def talk_with_coach(self, message: str) -> None:
        """Answer the coach until the first scenario may begin."""
        for turn in range(LONGEST_TALK):
            await self._read()
            rng = self.student.draws(f"coach {turn}")
            text = answer_coach(message, self.student.ability, rng, opening=turn == 0)
            answer = await self.say(text)
            if answer.get("readyToTransition"):
                self._passed(Phase.READY)
                return
            message = str(answer.get("message", ""))
        raise HoldfastError("the coach does not come to an end")

    async def begin_first(self) -> dict[str, Any]:
        """Begin the first scenario; what is seen on arrival."""
        return self._arrived(await self._step("begin-scenario"))

    async def begin_next(self) -> dict[str, Any]:
        """Begin the next scenario; what is seen on arrival."""
        return self._arrived(await self._step("next-scenario"))

    async def treat(self) -> None:
        """Treat the patient: orders and actions at the times at which this student would give them."""
        known = self._knowledge.of(self.queue[self._index])
        bedside = (
            Bedside(self.student, known[0], self._index, known[1])
            if known
            else AmongStrangers(self.student, self._index)
        )
        while (turn := bedside.next()) is not None:
            await self._wait(self._clock.seconds_until(turn.at_s))
            try:
                answer = await self._take(turn)
            except Refused as refusal:
                if refusal.expected is None:
                    raise
                return  # the run has ended while the student was thinking
            if answer.get("activeChallenge"):
                self.challenges += 1
            bedside.saw(answer)

    async def complete(self) -> dict[str, Any]:
        """Hand the patient over and end the scenario; its outcome and scores."""
        answer = await self._step("complete")
        self._memories.append(Memory.of(answer.get("performance") or {}))
        self._passed(Phase.REVIEW_DUE if answer.get("allScenariosComplete") else Phase.BETWEEN)
        return answer

    async def review(self) -> None:
        """Go through the after-action review to its end."""
        answer = await self._step("aar/start")
        self.phase = Phase.REVIEW
        reviewed = Reviewed(self.student, tuple(self._memories))
        for _ in range(LONGEST_TALK):
            await self._read()
            answer = await self.say(reviewed.answer(answer.get("aarPhase")), path="aar/message")
            if answer.get("aarComplete") or answer.get("sessionComplete"):
                self._passed(Phase.COMPLETE)
                return
        raise HoldfastError("the review does not come to an end")

    async def performance(self) -> dict[str, Any]:
        """The scores of the session."""
        return await self.connection.get(f"/api/sessions/{self.session_id}/performance")

    async def say(self, text: str, *, path: str = "message") -> dict[str, Any]:
        """Send a message; its answer, once it is saved."""
        key = new_key()
        answer = await self.connection.post(self._at(path), {"message": text}, key=key)
        self.progress.turns += 1
        if self._acknowledged is not None and self.session_id is not None:
            self._acknowledged(self.session_id, key, text, answer)
        self._heard(answer)
        return answer

    async def do(self, action: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a structured action; its answer, once it is saved."""
        answer = await self.connection.post(self._at("action"), action)
        self.progress.turns += 1
        self._heard(answer)
        return answer

    async def _take(self, turn: Turn) -> dict[str, Any]:
        return await (self.say(turn.text) if turn.text is not None else self.do(turn.action or {}))

    async def _step(self, path: str) -> dict[str, Any]:
        return await self.connection.post(self._at(path))

    def _arrived(self, answer: dict[str, Any]) -> dict[str, Any]:
        self._index = int(answer["currentScenarioIndex"])
        self.phase = Phase.SCENARIO
        self._clock.set(0.0)
        return answer

    def _heard(self, answer: Mapping[str, Any]) -> None:
        clinical_s = answer.get("clinicalTimeS")
        if clinical_s is not None:
            self._clock.set(float(clinical_s))

    def _passed(self, phase: Phase) -> None:
        self.progress.done += 1
        self.phase = phase

    async def _read(self) -> None:
        await self._wait(READING_S / self._clock.time_scale)

    async def _wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)

    def _at(self, path: str) -> str:
        return f"/api/sessions/{self.session_id}/{path}"
