"""``python -m benchmarks adaptive-kill``: the server is killed and Redis flushed under concurrent tests.

Afterwards every acknowledged answer must be there once, as it was given, and every path must verify when it
is replayed from the database. The control removes and alters rows by hand, which must be found.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from benchmarks.adaptive_test.ground import Ground, ground, student
from benchmarks.adaptive_test.takers import Books, Taker
from benchmarks.durability.wire import Wire
from holdfast.programs.adaptive_test.giving import Giving
from holdfast.programs.adaptive_test.verifying import Discrepancy, tests_to_verify, verify_test
from holdfast.store.statements import Connection

_ROWS = "SELECT session_id, question_id, chosen, position FROM holdfast.test_responses"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trial is done.

    Attributes:
        tests: concurrent tests, one a student.
        rounds: how often each student takes one.
        length: questions of a test.
        kills, flushes, store_kills: of the server, by FLUSHALL, of the process of the hot store.
    """

    tests: int = 100
    rounds: int = 2
    length: int = 20
    questions: int = 300
    kills: int = 8
    flushes: int = 20
    store_kills: int = 4
    seed: int = 1
    longest_pause_s: float = 1.5


@dataclass(slots=True)
class Findings:
    """What the database says about what clients were told."""

    lost: int = 0
    altered: int = 0
    duplicated: int = 0
    made_up: int = 0
    discrepancies: list[Discrepancy] = field(default_factory=list)
    answers: int = 0
    tests: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.altered or self.duplicated or self.made_up or self.discrepancies)


@dataclass(slots=True)
class Figures:
    """What a trial measured."""

    findings: Findings
    books: Books
    kills: int
    flushes: int
    store_kills: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether everything is as it must be, and something was proved."""
        return self.findings.clean and not self.books.wrong and self.kills > 0 and self.flushes > 0

    def lines(self) -> list[str]:
        """For people."""
        found, books = self.findings, self.books
        figures = {
            "disturbances": f"server killed {self.kills}, Redis flushed {self.flushes}, Redis killed"
            f" {self.store_kills}, in {self.seconds:.0f} s",
            "answers acknowledged": f"{len(books.answers)} in {found.tests} tests; stored {found.answers}",
            "lost, altered, duplicated, made up": f"{found.lost}, {found.altered}, {found.duplicated},"
            f" {found.made_up}",
            "paths replayed from the database": f"{found.tests}, contradictions {len(found.discrepancies)}",
            "requests cut by a kill": f"{books.cut}, retries {books.retries.total()} {dict(books.retries)}",
            "wrong answers seen by clients": f"{len(books.wrong)} {books.wrong[:3]}",
        }
        lines = [f"  {name}: {value}" for name, value in figures.items()]
        return [*lines, *(f"  {one}" for one in found.discrepancies[:5])]


async def run(plan: Plan, folder: Path | None = None) -> tuple[Figures, Findings]:
    """Carry out a trial and its control; the figures, and what the control found."""
    async with ground(plan.questions, seed=plan.seed, folder=folder) as made:
        books, began = Books(), time.monotonic()
        takers = await _takers(made, plan, books)
        working = asyncio.ensure_future(_all_take(takers, plan))
        kills, flushes, store_kills = await _disturb(made, plan, books, working)
        await working
        seconds = time.monotonic() - began
        async with made.database.snapshot() as connection:
            findings = await check(connection, books)
        control = await _control(made, books)
    return Figures(findings, books, kills, flushes, store_kills, seconds), control


async def _takers(made: Ground, plan: Plan, books: Books) -> list[Taker]:
    wire = Wire(made.server.port)
    tokens = [await student(wire, number) for number in range(plan.tests)]
    wire.close()
    port = made.server.port
    return [Taker(n, port, token, made.pool_id, books, plan.seed) for n, token in enumerate(tokens)]


async def _all_take(takers: Sequence[Taker], plan: Plan) -> None:
    async def one(taker: Taker) -> None:
        try:
            for _ in range(plan.rounds):
                await taker.take(plan.length)
        finally:
            taker.leave()

    await asyncio.gather(*(one(taker) for taker in takers))


async def _disturb(
    made: Ground, plan: Plan, books: Books, working: asyncio.Future[None]
) -> tuple[int, int, int]:
    """Disturb in random order at random moments, until the plan is done or the students are."""
    chance = random.Random(plan.seed)
    kills = ["kill"] * plan.kills
    acts = kills[1:] + ["flush"] * plan.flushes + ["store"] * plan.store_kills
    chance.shuffle(acts)
    acts[:0] = kills[:1]  # while all students are at work, whatever they have finished by the end
    done = dict.fromkeys(("kill", "flush", "store"), 0)
    for act in acts:
        await asyncio.wait({working}, timeout=chance.uniform(0.05, plan.longest_pause_s))
        if working.done():
            break
        if act == "kill":
            books.disturbed_at = time.monotonic()
            made.server.kill()
            await made.server.start()
        elif act == "flush":
            await _flush(made)
        else:
            await _kill_store(made)
        done[act] += 1
    return done["kill"], done["flush"], done["store"]


async def _flush(made: Ground) -> None:
    redis = Redis.from_url(made.stores.redis_url)
    try:
        await redis.flushall()
    except (RedisError, OSError):
        pass  # it was killed a moment ago and is empty anyway
    finally:
        await redis.aclose()


async def _kill_store(made: Ground) -> None:
    before = made.victims.state.valkey
    made.victims.kill_redis()
    await made.victims.replaced("valkey", before)


async def check(connection: Connection, books: Books) -> Findings:
    """Compare the database with what clients were told, and replay every path."""
    rows = await connection.fetch(_ROWS)
    stored: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for row in rows:
        stored.setdefault((row["session_id"], row["question_id"]), []).append(
            (row["chosen"], row["position"])
        )
    found = Findings(answers=len(rows))
    for told in books.answers:
        there = stored.get((told.session_id, told.question_id), [])
        found.lost += not there
        found.duplicated += len(there) > 1
        found.altered += bool(there) and there[0] != (told.chosen, told.position)
    found.made_up = sum(key not in books.sent for key in stored)
    giving = Giving()
    for name in await tests_to_verify(connection):
        found.discrepancies += await verify_test(connection, giving, name)
        found.tests += 1
    return found


async def _control(made: Ground, books: Books) -> Findings:
    """The same comparison after rows were removed and altered by hand, which is taken back."""
    async with made.database.connection() as connection:
        transaction = connection.transaction()
        await transaction.start()
        gone, other = books.answers[0], books.answers[-1]
        await connection.execute(
            "DELETE FROM holdfast.test_responses WHERE session_id = $1 AND question_id = $2", *gone[:2]
        )
        await connection.execute(
            "UPDATE holdfast.test_responses SET chosen = 'none' WHERE session_id = $1 AND question_id = $2",
            *other[:2],
        )
        found = await check(connection, books)
        await transaction.rollback()
    return found


def control_sees(found: Findings) -> bool:
    """Whether the control found what was done by hand."""
    return found.lost == 1 and found.altered >= 1 and len(found.discrepancies) >= 2


def main(argv: Sequence[str]) -> int:
    """Run the long form; 0 when the figures hold."""
    parser = argparse.ArgumentParser(prog="benchmarks adaptive-kill", description=__doc__)
    plan = Plan()
    for name in ("tests", "rounds", "length", "questions", "kills", "flushes", "store_kills", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(plan, name))
    figures, control = asyncio.run(run(Plan(**vars(parser.parse_args(argv)))))
    print("\n".join(["adaptive tests under kills and flushes:", *figures.lines()]))
    print(f"  control (rows altered by hand): lost {control.lost}, altered {control.altered},")
    print(f"    contradictions {len(control.discrepancies)}")
    return 0 if figures.holds and control_sees(control) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
