"""``python -m benchmarks legacy-workshop``: how long an older workshop's students take to come over.

Each generation of columns on a database of its own, 2 % of the rows broken: a dry run, the run, and a
second run that finds nothing to do. It holds when counts reconcile and no run takes over a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from benchmarks.legacy_workshop.older_workshop import TABLES, build, rows
from holdfast.programs.workshop.legacy.migration import LegacyWorkshop
from holdfast.programs.workshop.legacy.report import Report
from holdfast.programs.workshop.library import Library
from holdfast.store.database import Database
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.schema.migrations import migrate
from holdfast.store.secrets import Vault

LONGEST_S = 60.0


def main(argv: Sequence[str]) -> int:
    """Measure; 0 when every generation holds."""
    parser = argparse.ArgumentParser(prog="benchmarks legacy-workshop", description=__doc__)
    parser.add_argument("--students", type=int, default=5000)
    given = parser.parse_args(argv)
    holds = True
    with tempfile.TemporaryDirectory() as folder, EmbeddedStores.acquire(Path(folder)) as stores:
        for generation in TABLES:
            holds &= asyncio.run(_measured(stores.database_url, generation, given.students))
    return 0 if holds else 1


async def _measured(url: str, generation: str, students: int) -> bool:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {generation}")
    await connection.close()
    url = url.replace("/holdfast?", f"/{generation}?", 1)
    await migrate(url)
    given = rows(generation, students)
    connection = await asyncpg.connect(url)
    await build(connection, generation, given)
    await connection.close()
    database = Database(url)
    took = [await _run(database, dry_run=dry_run) for dry_run in (True, False, False)]
    await database.close()
    (_, report), again = took[1], took[2][1]
    count = report.tables["workshop_students"]
    sound = sum(row.defect is None for row in given)
    seconds = ", ".join(f"{second:.2f}" for second, _ in took)
    print(
        f"{generation}: {count.rows} rows = {count.taken} taken + {len(report.not_taken)} reported, "
        f"{report.step_progress} steps; seconds for dry run, run, second run: {seconds}",
        flush=True,
    )
    reconciles = count.rows == students and count.taken == sound and count.reconciles
    return reconciles and again.nothing_to_do and max(second for second, _ in took) < LONGEST_S


async def _run(database: Database, *, dry_run: bool) -> tuple[float, Report]:
    legacy = LegacyWorkshop(database, Library().find(), Vault([os.urandom(32)]), None)
    began = time.perf_counter()
    async with database.transaction() as connection:
        report = await legacy.bring_over(connection, schema="public", dry_run=dry_run, actor="benchmark")
    return time.perf_counter() - began, report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
