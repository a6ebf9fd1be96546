"""The command: which cells, how often, in which order; then the tables and the verdict."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.durable_turn import judging, reporting
from benchmarks.durable_turn.candidate import Candidate
from benchmarks.durable_turn.floor import Floor
from benchmarks.durable_turn.ground import Ground
from benchmarks.durable_turn.holdfast_turn import (
    StorePath,
    StorePath8,
    StorePathElsewhere,
    WholeTurn,
)
from benchmarks.durable_turn.langgraph_saver import LangGraph
from benchmarks.durable_turn.measuring import Cell, Figures, measure, medians
from benchmarks.durable_turn.over_http import measure_http, profile_http
from benchmarks.durable_turn.seed_design import SeedDesign
from holdfast.store.embedded import EmbeddedStores

CANDIDATES: tuple[type[Candidate], ...] = (
    Floor,
    StorePath,
    StorePath8,
    StorePathElsewhere,
    WholeTurn,
    SeedDesign,
    LangGraph,
)
_SLOW = {SeedDesign, LangGraph}
"""Their turns grow with the session, so that the longest cell takes minutes: it is played once."""

JUDGED = Cell(100, 20, 20)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is played."""

    cells: tuple[Cell, ...]
    long: tuple[Cell, ...]
    repetitions: int
    http_turns: int
    http_repetitions: int


_LONG = (Cell(400, 1, 1), Cell(400, 20, 20))
DEFAULT = Plan(
    (Cell(10, 1, 20), Cell(100, 1, 3), _LONG[0], Cell(10, 20, 60), JUDGED, _LONG[1]), _LONG, 3, 200, 3
)
QUICK = Plan((Cell(100, 1, 1), JUDGED), (JUDGED,), 1, 60, 1)


def main(argv: Sequence[str]) -> int:
    """Measure, print and keep; 0 when all that is promised holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks durable-turn", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer cells, once")
    parser.add_argument("--data", type=Path, help="directory of the embedded stores; a temporary one if none")
    options = parser.parse_args(argv)
    plan = QUICK if options.quick else DEFAULT
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        EmbeddedStores.acquire(options.data or Path(folder), grace_s=0, progress=print) as stores,
    ):
        return uvloop.run(_run(Ground(stores), plan))


async def _run(ground: Ground, plan: Plan) -> int:
    durability = await ground.durability()
    print("PostgreSQL", ", ".join(f"{name} {value}" for name, value in durability.items()), flush=True)
    for kind in CANDIDATES:
        print(f"  {kind.name:<24}{kind.what}")
    taken = await _measure_all(ground, plan)
    http = [await _http(ground, plan) for _ in range(plan.http_repetitions)]
    http.sort(key=lambda one: one["of_the_floor"])
    middle = http[len(http) // 2]
    profiled = await profile_http(ground, students=20, turns=plan.http_turns)
    return _report(plan, durability, taken, middle, profiled)


async def _measure_all(ground: Ground, plan: Plan) -> dict[tuple[str, str], list[Figures]]:
    """Every candidate in every cell, the candidates in turn: a slow minute of the machine hits all."""
    taken: dict[tuple[str, str], list[Figures]] = defaultdict(list)
    for repetition in range(plan.repetitions):
        for cell in plan.cells:
            for kind in _who_plays(cell, repetition):
                figures = await measure(ground, kind(), cell)
                taken[kind.name, cell.name].append(figures)
                print(
                    f"[{repetition + 1}/{plan.repetitions}] {cell.name:<22} {kind.name:<22}"
                    f"{figures.p50_ms:>9.2f} ms {figures.per_second:>7.0f}/s",
                    flush=True,
                )
    return taken


def _who_plays(cell: Cell, repetition: int) -> Iterable[type[Candidate]]:
    longest = cell.turns * cell.sessions >= 4000
    return [kind for kind in CANDIDATES if not (longest and repetition and kind in _SLOW)]


async def _http(ground: Ground, plan: Plan) -> dict[str, Any]:
    """Turns over HTTP, and the floor just before and after them: a slow minute must not decide."""
    before = await measure(ground, Floor(), JUDGED)
    figures = await measure_http(ground, students=JUDGED.at_once, turns=plan.http_turns)
    after = await measure(ground, Floor(), JUDGED)
    floor = (before.per_second + after.per_second) / 2
    print(f"over HTTP {figures['per_second']:.0f}/s, the floor meanwhile {floor:.0f}/s", flush=True)
    return figures | {"floor_per_second": floor, "of_the_floor": figures["per_second"] / floor}


def _report(
    plan: Plan,
    durability: dict[str, str],
    taken: dict[tuple[str, str], list[Figures]],
    http: dict[str, Any],
    profiled: dict[str, Any],
) -> int:
    results: dict[str, dict[str, Figures]] = defaultdict(dict)
    for (name, cell), figures in taken.items():
        results[name][cell] = medians(figures)
    found = judging.checks(results, JUDGED, list(plan.long), http)
    print(reporting.table(results, plan.cells, {key: len(value) for key, value in taken.items()}))
    print(reporting.http_table(http))
    print(reporting.profile_table(profiled))
    print()
    for check in found:
        print(check.line())
    document = {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        },
        "versions": {name: version(name) for name in _PACKAGES},
        "postgresql": durability,
        "results": {n: {c: f.to_json() for c, f in cells.items()} for n, cells in results.items()},
        "repetitions": [
            {"candidate": n, "cell": c, **one.to_json()} for (n, c), many in taken.items() for one in many
        ],
        "http": http,
        "profile": profiled,
    }
    print(f"\nkept in {reporting.keep(document, found).name} under benchmarks/results")
    return 0 if all(check.holds for check in found) else 1


_PACKAGES = ("asyncpg", "langgraph", "langgraph-checkpoint-postgres", "psycopg", "fastapi", "uvicorn")
