"""``python -m benchmarks adaptive-store``: what a start and a submit cost on embedded stores.

Medians through HTTP on a real server with durable stores, one request at a time, beside the seed's 80 ms and
25 ms; and the memory of 1,000 tests in flight, as the hot store itself counts it, beside 1,000 bytes each.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from redis.asyncio import Redis

from benchmarks.adaptive_test.ground import OPTIONS, Ground, ground, student
from benchmarks.durability.trial import quantile
from benchmarks.durability.wire import Wire

SEED_START_S, SEED_SUBMIT_S = 0.080, 0.025
"""The seed's own figures after its migration."""
MOST_BYTES = 1000
WIRES = 4
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        starts, submits: timed, one at a time.
        in_flight: tests that are in Redis at once.
        answers: that each of them has when its memory is measured.
        questions: of the bank.
    """

    starts: int = 200
    submits: int = 1000
    in_flight: int = 1000
    answers: int = 10
    questions: int = 1000


@dataclass(slots=True)
class Figures:
    """What was measured."""

    starts: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    question_keys: int = 0
    used_by_all: int = 0

    @property
    def holds(self) -> bool:
        """Whether medians and memory are within what the seed says."""
        fast = median(self.starts) <= SEED_START_S and median(self.submits) <= SEED_SUBMIT_S
        return fast and max(self.sessions) < MOST_BYTES

    def lines(self) -> list[str]:
        """For people."""
        used, questions = self.used_by_all / 1e6, self.question_keys
        figures = {
            "start": f"{_times(self.starts)} (the seed's: {SEED_START_S * 1000:.0f} ms)",
            "submit": f"{_times(self.submits)} (the seed's: {SEED_SUBMIT_S * 1000:.0f} ms)",
            "Redis, each test": f"mean {mean(self.sessions):.0f} bytes, most {max(self.sessions)} bytes"
            f" of {len(self.sessions)} in flight (under {MOST_BYTES})",
            "Redis, all": f"{used:.2f} MB more than empty, {questions} cached questions among it",
        }
        return [f"  {name}: {value}" for name, value in figures.items()]


def _times(seconds: Sequence[float]) -> str:
    p99 = quantile(seconds, 0.99)
    return f"median {median(seconds) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms of {len(seconds)}"


async def run(plan: Plan, *, seed: int = 1) -> Figures:
    """Measure; the figures."""
    figures = Figures()
    async with ground(plan.questions, seed=seed) as made:
        redis = Redis.from_url(made.stores.redis_url)
        await redis.flushall()
        empty = (await redis.info("memory"))["used_memory"]
        wire = Wire(made.server.port)
        tests = await _timed_starts(made, wire, plan, figures)
        await _timed_submits(wire, tests, plan, figures)
        wire.close()
        await _fill(made, tests, plan)
        keys = [key async for key in redis.scan_iter(match="session:*:state", count=1000)]
        figures.sessions = [await redis.memory_usage(key, samples=0) for key in keys]
        figures.question_keys = len([key async for key in redis.scan_iter(match="question:*", count=1000)])
        figures.used_by_all = (await redis.info("memory"))["used_memory"] - empty
        await redis.aclose()
    return figures


@dataclass(slots=True)
class _Test:
    token: str
    session: str
    question: str
    answered: int = 0


async def _start(made: Ground, wire: Wire, token: str) -> _Test:
    criteria = {"type": "fixed_length", "max_questions": 100}
    body = {"question_pool_id": made.pool_id, "end_criteria": criteria}
    reply = await wire.ask("POST", "/api/test/start", body, token=token)
    assert reply.status == 200, reply.body
    return _Test(token, reply.body["session_id"], reply.body["next_question"]["id"])


async def _submit(wire: Wire, test: _Test) -> None:
    chosen = OPTIONS[test.answered % 2]
    body: dict[str, Any] = {"session_id": test.session, "question_id": test.question, "response": chosen}
    reply = await wire.ask("POST", "/api/test/submit", body, token=test.token)
    assert reply.status == 200, reply.body
    test.question = reply.body["next_question"]["id"]
    test.answered += 1


async def _timed_starts(made: Ground, wire: Wire, plan: Plan, figures: Figures) -> list[_Test]:
    tests = []
    for number in range(plan.starts + WARM_UP):
        token = await student(wire, number)
        began = time.perf_counter()
        tests.append(await _start(made, wire, token))
        if number >= WARM_UP:
            figures.starts.append(time.perf_counter() - began)
    return tests


async def _timed_submits(wire: Wire, tests: Sequence[_Test], plan: Plan, figures: Figures) -> None:
    for number in range(plan.submits):
        began = time.perf_counter()
        await _submit(wire, tests[number % len(tests)])
        figures.submits.append(time.perf_counter() - began)


async def _fill(made: Ground, tests: list[_Test], plan: Plan) -> None:
    """Bring as many tests into flight as are wanted, each with its answers."""

    async def work(part: int) -> None:
        wire, mine = Wire(made.server.port), tests[part::WIRES]
        for number in range(len(tests) + part, plan.in_flight, WIRES):
            mine.append(await _start(made, wire, await student(wire, 10_000 + number)))
        for test in mine:
            while test.answered < plan.answers:
                await _submit(wire, test)
        wire.close()

    await asyncio.gather(*(work(part) for part in range(WIRES)))


def main(argv: Sequence[str]) -> int:
    """Measure; 0 when the figures hold."""
    parser = argparse.ArgumentParser(prog="benchmarks adaptive-store", description=__doc__)
    plan = Plan()
    for name in ("starts", "submits", "in_flight", "answers", "questions"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(plan, name))
    figures = asyncio.run(run(Plan(**vars(parser.parse_args(argv)))))
    print("\n".join(["adaptive tests on embedded stores:", *figures.lines()]))
    return 0 if figures.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
