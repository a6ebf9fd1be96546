"""Backing up and restoring skill assessments: rate and memory beside a plain ORM loop and beside PostgreSQL.

``python -m benchmarks skills-backup [--assessments 20000] [--orm 2000]``. Each candidate runs in a process of
its own, whose peak memory is told. The ORM loop does what the older system's scripts did: objects loaded
with their evidence, one `json.dump`; a look-up and a flush for each record, a commit for each hundred. It
is measured on fewer records, because it is slow; rates are compared. `pg_dump` and `psql` move the same
two tables (data only). Figures that must hold: 10 times the ORM loop, at most 4 times as long as PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import asyncpg

from holdfast.kit.clock import utc_now
from holdfast.programs.skills.backup.restoring import Duplicates, restore
from holdfast.programs.skills.backup.writing import Filters, write
from holdfast.store.database import Database
from holdfast.store.embedded import EmbeddedStores, pg_binaries
from holdfast.store.schema.migrations import migrate

EVIDENCE = 5
STUDENTS = 500
ORM_TIMES, POSTGRES_TIMES = 10, 4
TABLES = ("skill_assessments", "evidence")

FILL_STUDENTS = """
INSERT INTO holdfast.students (student_id, student_code, name)
SELECT md5('s' || n)::uuid, 'student_' || n, 'Student ' || n FROM generate_series(1, $1) n
ON CONFLICT DO NOTHING"""
FILL_ASSESSMENTS = """
INSERT INTO holdfast.skill_assessments
    (id, student_id, skill_type, score, confidence, reasoning, recommendations, feature_importance,
     created_at, updated_at)
SELECT md5('a' || n)::uuid, md5('s' || (1 + n % $1))::uuid, 'empathy', n % 101 / 100.0, 0.7,
       repeat('The student listens and answers with care. ', 6), 'Continue.', '{"word_count": 0.4}',
       timestamptz '2024-01-01Z' + n * interval '1.2345 minutes',
       timestamptz '2024-06-01Z' + n * interval '1 minute'
FROM generate_series(1, $2) n"""
FILL_EVIDENCE = """
INSERT INTO holdfast.evidence
    (id, assessment_id, student_id, evidence_type, source, content, relevance_score, created_at, updated_at)
SELECT md5('e' || n || ',' || k)::uuid, a.id, a.student_id, 'linguistic', 'transcript',
       'How do you feel about that? I should have listened, number ' || k, k / 10.0, a.created_at,
       a.updated_at
FROM generate_series(1, $1) n JOIN holdfast.skill_assessments a ON a.id = md5('a' || n)::uuid
CROSS JOIN generate_series(1, $2) k"""


def holdfast_export(url: str, path: Path) -> None:
    async def work() -> None:
        database = Database(url)
        await write(database, path, Filters(), now=utc_now(), actor="bench")
        await database.close()

    asyncio.run(work())


def holdfast_import(url: str, path: Path) -> None:
    async def work() -> None:
        database = Database(url)
        await restore(
            database, path, duplicates=Duplicates.REFUSE, partial=False, actor="bench", say=lambda _: None
        )
        await database.close()

    asyncio.run(work())


def orm(name: str, url: str, path: Path) -> None:
    loop = sys.modules["benchmarks.skills_orm_loop"]
    asyncio.run(getattr(loop, name)(url, path))


def pg_export(url: str, path: Path) -> None:
    tables = [f"--table=holdfast.{name}" for name in TABLES]
    _run([pg_binaries() / "pg_dump", "--data-only", *tables, f"--file={path}", url])


def pg_import(url: str, path: Path) -> None:
    # A dump of data alone names tables that point at each other in an order that holds.
    _run(
        [pg_binaries() / "psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "-f", path, url]
    )


def _run(command: Sequence[object]) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


CANDIDATES: dict[str, Callable[[str, Path], None]] = {
    "holdfast-export": holdfast_export,
    "holdfast-import": holdfast_import,
    "orm-export": partial(orm, "export"),
    "orm-import": partial(orm, "restore"),
    "pg-export": pg_export,
    "pg-import": pg_import,
}


def _measured(name: str, url: str, path: Path) -> tuple[float, float]:
    """Seconds of the work itself, and the peak memory in MB of the process that did it."""
    command = [sys.executable, "-m", "benchmarks.skills_backup", "--candidate", name, url, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def _candidate(name: str, url: str, path: str) -> int:
    if name.startswith("orm"):
        # Not at the top, so that it weighs on nobody else's memory; not timed.
        import_module("benchmarks.skills_orm_loop")
    started = time.perf_counter()
    CANDIDATES[name](url, Path(path))
    seconds = time.perf_counter() - started
    who = resource.RUSAGE_CHILDREN if name.startswith("pg") else resource.RUSAGE_SELF
    print(seconds, resource.getrusage(who).ru_maxrss / 1024)
    return 0


async def _prepare(url: str, count: int) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("TRUNCATE holdfast.skill_assessments, holdfast.evidence")
    await connection.execute(FILL_STUDENTS, STUDENTS)
    await connection.execute(FILL_ASSESSMENTS, STUDENTS, count)
    await connection.execute(FILL_EVIDENCE, count, EVIDENCE)
    await connection.execute("ANALYZE holdfast.skill_assessments, holdfast.evidence")
    await connection.close()


async def _clear(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("TRUNCATE holdfast.skill_assessments, holdfast.evidence")
    await connection.close()


def _round(kind: str, url: str, folder: Path, count: int) -> tuple[float, float, float, float]:
    asyncio.run(_prepare(url, count))
    path = folder / f"{kind}.backup"
    out = _measured(f"{kind}-export", url, path)
    asyncio.run(_clear(url))
    return *out, *_measured(f"{kind}-import", url, path)


def main(arguments: Sequence[str]) -> int:
    """Measure and tell; 1 when a figure does not hold."""
    if arguments and arguments[0] == "--candidate":
        return _candidate(*arguments[1:])
    parser = argparse.ArgumentParser(prog="skills-backup")
    parser.add_argument("--assessments", type=int, default=20_000)
    parser.add_argument("--orm", type=int, default=2_000, help="records that the ORM loop gets")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, EmbeddedStores.acquire(Path(folder) / "stores") as stores:
        url = stores.database_url
        asyncio.run(migrate(url))
        sizes = {"holdfast": chosen.assessments, "pg": chosen.assessments, "orm": chosen.orm}
        figures = {kind: _round(kind, url, Path(folder), count) for kind, count in sizes.items()}
        same = _same_again(url, Path(folder), chosen.assessments)
    return _tell(figures, sizes, same=same)


def _same_again(url: str, folder: Path, count: int) -> bool:
    """Whether out and in and out again gives the same bytes, but for the time stamp."""
    asyncio.run(_prepare(url, count))
    first, second = folder / "first.json", folder / "second.json"
    holdfast_export(url, first)
    asyncio.run(_clear(url))
    holdfast_import(url, first)
    holdfast_export(url, second)
    return first.read_bytes().split(b",", 1)[1] == second.read_bytes().split(b",", 1)[1]


def _tell(figures: dict[str, tuple[float, float, float, float]], sizes: dict[str, int], *, same: bool) -> int:
    print(f"{'':10}{'records':>9}{'out s':>8}{'rate/s':>9}{'MB':>6}{'in s':>8}{'rate/s':>9}{'MB':>6}")
    rates = {}
    for kind, (out_s, out_mb, in_s, in_mb) in figures.items():
        count = sizes[kind]
        rates[kind] = count / out_s, count / in_s
        print(
            f"{kind:10}{count:>9}{out_s:>8.2f}{count / out_s:>9.0f}{out_mb:>6.0f}"
            f"{in_s:>8.2f}{count / in_s:>9.0f}{in_mb:>6.0f}"
        )
    holds = same
    print(f"out, in and out again is the same: {same}")
    for place, name in enumerate(("export", "import")):
        orm = rates["holdfast"][place] / rates["orm"][place]
        postgres = rates["pg"][place] / rates["holdfast"][place]
        holds = holds and orm >= ORM_TIMES and postgres <= POSTGRES_TIMES
        print(f"{name}: {orm:.1f} times the ORM loop's rate, {postgres:.2f} times PostgreSQL's own time")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
