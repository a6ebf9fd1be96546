"""``python -m benchmarks chaos``: disturbances smaller than a killed server, in their long form."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.durability import crowding, disturbances
from benchmarks.durability.disturbances import Outcome
from benchmarks.durability.trial import Setting, Trial

Run = Callable[[Setting, float], Awaitable[Outcome]]


async def _clocks(setting: Setting, seconds: float) -> Outcome:
    if disturbances.FAKETIME is None:
        return Outcome("clocks that jump an hour", {"skipped": "faketime is not installed"}, holds=True)
    with tempfile.TemporaryDirectory() as folder:
        return await disturbances.skewed_clocks(setting, seconds, Path(folder))


async def _duplicates(setting: Setting, seconds: float) -> Outcome:
    async with Trial(replace(setting, servers=2, students=0)) as trial:
        return await crowding.duplicated_deliveries(trial, setting.students, int(seconds))


def _crowd(servers: int) -> Run:
    async def run(setting: Setting, _: float) -> Outcome:
        async with Trial(replace(setting, servers=servers, students=0)) as trial:
            return await crowding.crowded(trial, servers)

    return run


RUNS: dict[str, Run] = {
    "backends": disturbances.terminated_backends,
    "cuts": disturbances.torn_connections,
    "pause": lambda setting, _: disturbances.frozen_postgres(setting, (1, 2, 4, 8, 30)),
    "deploy": lambda setting, seconds: disturbances.deployed(setting, max(2, int(seconds // 3))),
    "redis": disturbances.redis_lost,
    "clocks": _clocks,
    "duplicates": _duplicates,
    "crowd": _crowd(1),
    "crowd-on-two": _crowd(2),
}
"""Names and what they do for about so many seconds."""


def main(argv: Sequence[str]) -> int:
    """Run them all, or those that are named; 0 when all hold."""
    parser = argparse.ArgumentParser(prog="benchmarks chaos", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RUNS)}")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    unknown = set(given.names) - set(RUNS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    setting = Setting(students=given.students, seed=given.seed)
    holds = True
    for name in given.names or RUNS:
        outcome = asyncio.run(_run(RUNS[name], setting, given.seconds))
        print("\n".join(outcome.lines()), flush=True)
        holds = holds and outcome.holds
    return 0 if holds else 1


async def _run(run: Run, setting: Setting, seconds: float) -> Outcome:
    return await run(setting, seconds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
