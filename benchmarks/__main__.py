"""``python -m benchmarks [NAME …]``: one benchmark by its name, or all in their order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

BENCHMARKS = {
    "durable-turn": "benchmarks.durable_turn",
    "adaptive-step": "benchmarks.adaptive_step",
    "kill": "benchmarks.durability.kill",
    "chaos": "benchmarks.durability.chaos",
    "practice": "benchmarks.practice",
    "legacy-workshop": "benchmarks.legacy_workshop.run",
    "adaptive-store": "benchmarks.adaptive_test.store",
    "adaptive-kill": "benchmarks.adaptive_test.kill",
    "proficiency": "benchmarks.proficiency",
    "calibration": "benchmarks.calibration",
    "skills-backup": "benchmarks.skills_backup",
    "research-export": "benchmarks.research_export",
    "coverage": "benchmarks.coverage.run",
}
"""Names and modules; each module has ``main(argv) -> int``, which is 0 when the figures hold."""


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 1 when any figure does not hold."""
    if arguments and arguments[0] not in BENCHMARKS:
        print(f"usage: python -m benchmarks [{' | '.join(BENCHMARKS)}] [options]", file=sys.stderr)
        return 2
    wanted = [arguments[0]] if arguments else list(BENCHMARKS)
    failed = [name for name in wanted if import_module(BENCHMARKS[name]).main(list(arguments[1:])) != 0]
    for name in failed:
        print(f"{name}: the figures do not hold", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
