"""Many students at once: so many sessions under way at a time, and a row for each when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from holdfast.kit.errors import HoldfastError, InvalidInput
from holdfast.operations.simulated_students.connection import PATIENCE_S
from holdfast.operations.simulated_students.player import Acknowledged, Knowledge, Player
from holdfast.operations.simulated_students.skill import EFFECT, SimulatedStudent, student_of

USUAL_STUDENTS = 24
USUAL_CONCURRENCY = 12
_ATTEMPT_TIMEOUT = httpx.Timeout(60.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be simulated.

    Attributes:
        students: how many.
        seed: decides who they are and what they do.
        concurrency: how many sessions are under way at once.
        effect: the standardised difference between arm A and arm B in overall score.
        join_code: of the cohort; none enrols in the server's default cohort.
    """

    students: int = USUAL_STUDENTS
    seed: int = 1
    concurrency: int = USUAL_CONCURRENCY
    effect: float = EFFECT
    join_code: str | None = None
    pace: float = 1.0
    patience_s: float = PATIENCE_S

    def __post_init__(self) -> None:
        if self.students < 1 or self.concurrency < 1:
            raise InvalidInput("must be at least 1", field="students" if self.students < 1 else "concurrency")


@dataclass(frozen=True, slots=True)
class Played:
    """One student's session as it went.

    Attributes:
        performance: what `GET …/performance` answered, or none when the session was not finished.
        duration_s: real seconds from enrolment to the end of the review.
        problem: why the session was not finished, or none.
    """

    student: SimulatedStudent
    student_code: str | None
    session_id: str | None
    queue: tuple[str, ...]
    performance: dict[str, Any] | None
    duration_s: float
    turns: int
    challenges: int
    requests: int
    retries: int
    replayed: int
    latencies_s: Sequence[float]
    problem: str | None = None

    @property
    def finished(self) -> bool:
        """Whether the session was played to the end of the review and has its scores."""
        return self.problem is None and bool(self.performance and self.performance.get("complete"))


@dataclass(slots=True)
class Crowd:
    """The students while they play, for whoever watches.

    Args:
        base_url: the server.
        wishes: what is to be simulated.
        time_scale: the server's.
        knowledge: the scenarios that students were taught.
        on_finished: told of each session when it is over.
        on_acknowledged: told of every acknowledged message of every student.
    """

    base_url: str
    wishes: Wishes
    time_scale: float
    knowledge: Knowledge = field(default_factory=Knowledge)
    on_finished: Callable[[Played], None] = lambda _: None
    on_acknowledged: Acknowledged | None = None
    players: list[Player] = field(default_factory=list)

    async def play(self) -> list[Played]:
        """Play all sessions; one row for each student, in the order of their numbers."""
        gate = asyncio.Semaphore(self.wishes.concurrency)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self.wishes.concurrency)
        async with (
            httpx.AsyncClient(timeout=_ATTEMPT_TIMEOUT, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            numbers = range(1, self.wishes.students + 1)
            tasks = [group.create_task(self._one(client, gate, number)) for number in numbers]
        return [task.result() for task in tasks]

    @property
    def share(self) -> float:
        """How much of all sessions is played, 0 to 1."""
        return sum(player.progress.share for player in self.players) / self.wishes.students

    @property
    def turns(self) -> int:
        """Acknowledged messages and actions of all students."""
        return sum(player.progress.turns for player in self.players)

    @property
    def retries(self) -> int:
        """Requests that had to be sent again."""
        return sum(player.connection.tally.retries for player in self.players)

    async def _one(self, client: httpx.AsyncClient, gate: asyncio.Semaphore, number: int) -> Played:
        async with gate:
            player = self._player(client, student_of(self.wishes.seed, number))
            self.players.append(player)
            started, performance, problem = time.monotonic(), None, None
            try:
                performance = await player.play(self.wishes.join_code)
            except (HoldfastError, httpx.HTTPError, KeyError) as error:
                problem = f"{player.phase}: {error}"
            played = _row(player, performance, time.monotonic() - started, problem)
            self.on_finished(played)
            return played

    def _player(self, client: httpx.AsyncClient, student: SimulatedStudent) -> Player:
        return Player(
            self.base_url,
            client,
            student,
            time_scale=self.time_scale,
            knowledge=self.knowledge,
            effect=self.wishes.effect,
            pace=self.wishes.pace,
            patience_s=self.wishes.patience_s,
            on_acknowledged=self.on_acknowledged,
        )


def _row(
    player: Player, performance: dict[str, Any] | None, duration_s: float, problem: str | None
) -> Played:
    tally = player.connection.tally
    return Played(
        student=player.student,
        student_code=player.student_code,
        session_id=player.session_id,
        queue=player.queue,
        performance=performance,
        duration_s=duration_s,
        turns=player.progress.turns,
        challenges=player.challenges,
        requests=tally.requests,
        retries=tally.retries,
        replayed=tally.replayed,
        latencies_s=tuple(tally.latencies_s),
        problem=problem,
    )
