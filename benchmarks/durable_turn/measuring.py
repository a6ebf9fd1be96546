"""Playing sessions with one candidate, and what that took."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.durable_turn.candidate import Candidate
from benchmarks.durable_turn.ground import Ground

_WARM_UP_TURNS = 6


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement: `sessions` sessions of `turns` turns, `at_once` of them at a time."""

    turns: int
    at_once: int
    sessions: int

    @property
    def name(self) -> str:
        """As the tables head it."""
        return f"{self.turns} turns, {self.at_once} at once"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a cell took. Milliseconds per turn, turns per second over all sessions.

    Attributes:
        slope: p50 of the last tenth of a session's turns over p50 of the first tenth.
        bytes_per_session: what a session occupies after VACUUM and CHECKPOINT; dead space included.
    """

    p50_ms: float
    p99_ms: float
    per_second: float
    slope: float
    bytes_per_session: float

    def to_json(self) -> dict[str, Any]:
        """As the results file holds it."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


async def measure(ground: Ground, candidate: Candidate, cell: Cell) -> Figures:
    """Play a cell on a fresh database."""
    async with ground.database() as url:
        await candidate.open(url, cell.at_once)
        try:
            await _play(candidate, Cell(_WARM_UP_TURNS, cell.at_once, cell.at_once))
            before = await ground.size(url)
            taken, seconds = await _play(candidate, cell)
            grown = await ground.size(url) - before
        finally:
            await candidate.close()
    times = sorted(took for _, took in taken)
    return Figures(
        p50_ms=_quantile(times, 0.5) * 1000,
        p99_ms=_quantile(times, 0.99) * 1000,
        per_second=len(times) / seconds,
        slope=_slope(taken, cell.turns),
        bytes_per_session=grown / cell.sessions,
    )


async def _play(candidate: Candidate, cell: Cell) -> tuple[list[tuple[int, float]], float]:
    """(number of the turn, seconds) of every turn, and the seconds of it all."""
    waiting = [await candidate.session() for _ in range(cell.sessions)]
    taken: list[tuple[int, float]] = []

    async def player() -> None:
        while waiting:
            session = waiting.pop()
            for number in range(cell.turns):
                began = time.perf_counter()
                await candidate.turn(session, number)
                taken.append((number, time.perf_counter() - began))

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(cell.at_once):
            group.create_task(player())
    return taken, time.perf_counter() - began


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _slope(taken: Sequence[tuple[int, float]], turns: int) -> float:
    tenth = max(1, turns // 10)
    first = median(took for number, took in taken if number < tenth)
    last = median(took for number, took in taken if number >= turns - tenth)
    return last / first


def medians(figures: Sequence[Figures]) -> Figures:
    """The median of each figure over the repetitions."""
    names = Figures.__dataclass_fields__
    return Figures(**{name: median(getattr(one, name) for one in figures) for name in names})
