"""The command: which banks, how many examinees; then the table and the verdict."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from threadpoolctl import threadpool_limits

from benchmarks.adaptive_step import judging
from benchmarks.adaptive_step.measuring import Figures, measure
from benchmarks.adaptive_step.ours import Holdfast, HoldfastBound
from benchmarks.adaptive_step.peers import Catsim, Mirt
from benchmarks.adaptive_step.workload import workload
from holdfast.programs.adaptive_test.psychometrics.simulation import Outcome

_FOLDER = Path(__file__).resolve().parents[1] / "results"
_HEAD = ("candidate", "step ms", "RMSE", "one by one s", "batch s")
_WIDTHS = (24, 10, 9, 14, 10)
_PACKAGES = ("numpy", "scipy", "mirt", "catsim")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is tested."""

    sizes: tuple[int, ...]
    examinees: int
    batches: int


DEFAULT = Plan((100, 1_000, 10_000), 1_000, 5)
QUICK = Plan((100, 1_000), 100, 3)


def main(argv: Sequence[str]) -> int:
    """Measure, print and keep; 0 when all that is promised holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks adaptive-step", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a minute: smaller banks, fewer examinees")
    options = parser.parse_args(argv)
    plan = QUICK if options.quick else DEFAULT
    results: dict[int, dict[str, Figures]] = {}
    outcomes: dict[int, Outcome] = {}
    with threadpool_limits(1):
        for size in plan.sizes:
            bound = HoldfastBound()
            load = workload(size, plan.examinees)
            results[size] = measure(load, (Holdfast(), bound, Mirt(), Catsim()), plan.batches)
            assert bound.outcome is not None
            outcomes[size] = bound.outcome
            print(_table(size, plan, results[size], bound.outcome), flush=True)
    found = judging.checks(results, outcomes)
    print()
    for check in found:
        print(check.line())
    print(f"\nkept in {_keep(plan, results, found).name} under benchmarks/results")
    return 0 if all(check.holds for check in found) else 1


def _table(size: int, plan: Plan, results: dict[str, Figures], outcome: Outcome) -> str:
    lines = ["", f"{size} items, {plan.examinees} examinees x 20 items, one thread", _line(_HEAD)]
    for name, one in results.items():
        batch = "-" if one.batch_s is None else f"{one.batch_s:.3f}"
        lines.append(_line((name, f"{one.step_ms:.4f}", f"{one.rmse:.4f}", f"{one.one_by_one_s:.1f}", batch)))
    bound = float(np.sqrt(np.square(outcome.estimates.theta - outcome.theta).mean()))
    rate = outcome.counts.administered.max() / len(outcome.theta)
    lines.append(f"simulated with quotas and cap: RMSE {bound:.4f}, highest exposure rate {rate:.3f}")
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{text:>{width}}" for text, width in rest)


def _keep(plan: Plan, results: dict[int, dict[str, Figures]], found: Sequence[judging.Check]) -> Path:
    _FOLDER.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    document: dict[str, Any] = {
        "at": now.isoformat(),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        },
        "versions": {name: version(name) for name in _PACKAGES},
        "examinees": plan.examinees,
        "results": {str(n): {name: f.to_json() for name, f in one.items()} for n, one in results.items()},
        "checks": [check.to_json() for check in found],
    }
    path = _FOLDER / f"adaptive-step-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    return path
