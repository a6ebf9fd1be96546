"""``python -m benchmarks practice``: history, statistics and warm-up among 1,000,000 practice sessions.

The rows are made by SQL, set by set. Each look is timed in the store, for students drawn at random, on
a pool as the service uses it; its median must stay under 20 ms, and its plan must read by an index. A
control without the index must be several times slower, or the measurement proves nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from benchmarks.durable_turn.ground import Ground
from holdfast.programs.practice.saving import statements
from holdfast.store.database import Database
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.schema.migrations import migrate

LIMIT_MS = 20.0
SLOWER_WITHOUT = 5.0
INDEX = "session_results_student_id_created_at_idx"
STUDENTS, SESSIONS_EACH, LOOKS = 10_000, 100, 400
AS_SERVED = "SET plan_cache_mode = force_generic_plan; SET jit = off"

WORK: dict[str, dict[str, Any]] = {
    "history": {"session_type": None, "limit": 20, "offset": 0},
    "stats": {"hours": 30 * 24},
    "focus_areas": {},
    "words_to_review": {},
    "last_session": {},
}
"""The statements with what they take beside the student."""

LOOKED_AT = {
    "history": ["history"],
    "stats": ["stats"],
    "warm-up": ["focus_areas", "words_to_review", "last_session"],
}
"""The requests and the statements that each of them carries out."""

_FILL = """
INSERT INTO holdfast.students (student_id, student_code, name)
SELECT gen_random_uuid(), 'bench_' || n, 'Student' FROM generate_series(1, {students}) AS n;

CREATE TEMP TABLE made AS
SELECT s.student_id, gen_random_uuid() AS id, n, 60 + (random() * 1800)::integer AS seconds,
       clock_timestamp() - random() * interval '60 days' AS at, random() AS r,
       'topic ' || (random() * 40)::integer AS topic, 'area ' || (random() * 25)::integer AS area,
       (random() * 60)::integer AS word
FROM holdfast.students s, generate_series(1, {sessions_each}) AS n;

INSERT INTO holdfast.sessions
    (session_id, student_id, program, status, started_at, last_activity, completed_at)
SELECT 'session_' || id, student_id, 'practice', 'COMPLETED', at - make_interval(secs => seconds), at, at
FROM made;

INSERT INTO holdfast.session_results
    (session_result_id, student_id, session_id, session_type, duration_seconds, words_spoken,
     pronunciation_score, fluency_score, grammar_score, topics, topics_spelled, vocabulary_learned,
     vocabulary_learned_spelled, areas_to_improve, areas_to_improve_spelled, metadata, created_at, updated_at)
SELECT id, student_id, 'session_' || id, (ARRAY['conversation', 'pronunciation', 'roleplay'])[1 + n % 3],
       seconds, seconds / 2, 100 * r, CASE WHEN n % 4 > 0 THEN 100 - 50 * r END,
       CASE WHEN n % 3 > 0 THEN 40 + 50 * r END,
       ARRAY[topic, 'topic x'], ARRAY[initcap(topic), 'Topic X'],
       ARRAY['word ' || word, 'word ' || word + 1, 'word ' || word + 2],
       ARRAY['Word ' || word, 'Word ' || word + 1, 'Word ' || word + 2],
       ARRAY[area], ARRAY[area], '{{"difficulty": "B1", "user_level": "A2"}}', at, at
FROM made;

INSERT INTO holdfast.vocabulary_cards
    (student_id, word, spelled, stability, difficulty, due_at, reviewed_at, reviews)
SELECT student_id, 'word ' || w, 'Word ' || w, 1 + 20 * random(), 1 + 9 * random(),
       clock_timestamp() + (random() - 0.3) * interval '60 days', clock_timestamp() - interval '5 days', 3
FROM holdfast.students, generate_series(0, 62) AS w;

DROP TABLE made;
ANALYZE holdfast.students, holdfast.sessions, holdfast.session_results, holdfast.vocabulary_cards;
"""


async def fill(connection: asyncpg.Connection[asyncpg.Record], *, students: int, sessions_each: int) -> None:
    """Students with practice sessions of the last sixty days and a card for each word."""
    await connection.execute(_FILL.format(students=students, sessions_each=sessions_each))


async def plan_of(
    connection: asyncpg.Connection[asyncpg.Record],
    name: str,
    values: Mapping[str, Any],
    student_id: UUID | None,
) -> dict[str, Any]:
    """How the server carries out a statement that is prepared for any values, as the service's are."""
    statement = getattr(statements, name)
    known = dict(values) | ({"student_id": student_id} if student_id else {})
    given = ", ".join(_literal(known[parameter]) for parameter in statement.parameters)
    await connection.execute(AS_SERVED)
    await connection.execute(f"PREPARE looked AS {statement.sql}")
    text = await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE looked({given})")
    await connection.execute("DEALLOCATE looked")
    plan: dict[str, Any] = orjson.loads(text)[0]["Plan"]
    return plan


def _literal(value: Any) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def scans(plan: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The scans of tables and indexes in a plan, as kind and index; those of what the query made aside."""
    kind, found = str(plan["Node Type"]), []
    if "Relation Name" in plan or kind == "Bitmap Index Scan":
        found.append((kind, plan.get("Index Name")))
    for inner in plan.get("Plans", []):
        found += scans(inner)
    return found


async def timed(database: Database, names: Sequence[str], students: Sequence[UUID]) -> list[float]:
    """Milliseconds of some statements together, for each of some students."""
    taken = []
    for student_id in students:
        async with database.connection() as connection:
            started = time.perf_counter()
            for name in names:
                await getattr(statements, name).rows(connection, student_id=student_id, **WORK[name])
            taken.append((time.perf_counter() - started) * 1000)
    return taken


async def run(options: argparse.Namespace, url: str) -> bool:
    """Fill, measure and print; whether the figures hold."""
    await migrate(url)
    connection = await asyncpg.connect(url, command_timeout=900)
    started = time.perf_counter()
    await fill(connection, students=options.students, sessions_each=options.sessions_each)
    await connection.execute("VACUUM ANALYZE holdfast.session_results, holdfast.vocabulary_cards")
    count = await connection.fetchval("SELECT count(*) FROM holdfast.session_results")
    print(
        f"{count:,} sessions of {options.students:,} students, made in {time.perf_counter() - started:.0f} s"
    )
    known = [row[0] for row in await connection.fetch("SELECT student_id FROM holdfast.students")]
    chosen = random.Random(options.seed).choices(known, k=options.looks)
    by_index = all([await _told_plan(connection, name, chosen[0]) for name in WORK])
    database = Database(url)
    fast = all([await _told_times(database, what, names, chosen) for what, names in LOOKED_AT.items()])
    control = await _control(connection, database, chosen[:5])
    await database.close()
    await connection.close()
    return by_index and fast and control


async def _told_plan(connection: asyncpg.Connection[asyncpg.Record], name: str, student_id: UUID) -> bool:
    found = scans(await plan_of(connection, name, WORK[name], student_id))
    by_index = bool(found) and all("Index" in kind or kind == "Bitmap Heap Scan" for kind, _ in found)
    print(f"plan of {name}: {', '.join(sorted({index for _, index in found if index}))}")
    return by_index


async def _told_times(database: Database, what: str, names: Sequence[str], students: Sequence[UUID]) -> bool:
    await timed(database, names, students[:5])
    taken = await timed(database, names, students)
    middle, late = median(taken), quantiles(taken, n=100)[98]
    print(f"{what}: median {middle:.2f} ms, p99 {late:.2f} ms (limit {LIMIT_MS:.0f} ms at the median)")
    return middle < LIMIT_MS


async def _control(
    connection: asyncpg.Connection[asyncpg.Record], database: Database, students: Sequence[UUID]
) -> bool:
    """Without the index the same look must take much longer."""
    fast = median(await timed(database, ["history"], students))
    definition = await connection.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = $1", INDEX)
    await connection.execute(f"DROP INDEX holdfast.{INDEX}")
    taken = median(await timed(database, ["history"], students))
    await connection.execute(definition)
    times = taken / fast
    print(f"control without {INDEX}: history median {taken:.1f} ms, {times:.0f} times as long")
    return times >= SLOWER_WITHOUT


async def _on_ground(options: argparse.Namespace, folder: Path) -> bool:
    with EmbeddedStores.acquire(folder) as stores:
        async with Ground(stores).database() as url:
            return await run(options, url)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks practice", description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--sessions-each", type=int, default=SESSIONS_EACH)
    parser.add_argument("--looks", type=int, default=LOOKS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        return 0 if asyncio.run(_on_ground(options, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
