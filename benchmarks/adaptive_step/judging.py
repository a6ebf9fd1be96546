"""What must hold, as bounds and as ratios between candidates of one run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from benchmarks.adaptive_step.measuring import Figures, worse_by
from benchmarks.adaptive_step.ours import HIGH, LOW, RATE, Holdfast, HoldfastBound
from benchmarks.adaptive_step.peers import Catsim, Mirt
from benchmarks.adaptive_step.workload import AREAS
from holdfast.programs.adaptive_test.psychometrics.simulation import Outcome

STEP_MS = 0.2
TIMES_FASTER = 20.0
BATCH_S = 0.5
STANDARD_ERRORS = 2.0
JUDGED, JUDGED_BATCH = 10_000, 1_000
"""Sizes of the banks on which the time of a step and of the simulation are judged."""

Results = Mapping[int, Mapping[str, Figures]]
"""Size of the bank -> candidate -> its figures."""


@dataclass(frozen=True, slots=True)
class Check:
    """One promise: a figure and the bound that it must keep."""

    what: str
    figure: float
    bound: float
    at_most: bool

    @property
    def holds(self) -> bool:
        """Whether the bound is kept."""
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound

    def line(self) -> str:
        """As it is printed."""
        verdict = "PASS" if self.holds else "FAIL"
        sign = "at most" if self.at_most else "at least"
        return f"{verdict}  {self.what}: {self.figure:.3f} ({sign} {self.bound:g})"

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"what": self.what, "figure": self.figure, "bound": self.bound, "holds": self.holds}


def checks(results: Results, outcomes: Mapping[int, Outcome]) -> list[Check]:
    """All that is promised; `outcomes` are our simulations with quotas and cap, by size of the bank."""
    found = []
    if JUDGED in results:
        step = results[JUDGED][HoldfastBound.name].step_ms
        what = f"step with quotas, cap, EAP and SE at {JUDGED} items, ms"
        found.append(Check(what, step, STEP_MS, at_most=True))
    for size, figures in results.items():
        for peer in (Mirt, Catsim):
            ratio = figures[peer.name].step_ms / figures[HoldfastBound.name].step_ms
            what = f"{peer.name}'s plain step over ours with quotas and cap at {size} items"
            found.append(Check(what, ratio, TIMES_FASTER, at_most=False))
    batch = results[JUDGED_BATCH][HoldfastBound.name].batch_s
    assert batch is not None
    what = f"simulation with quotas and cap at {JUDGED_BATCH} items, s"
    found.append(Check(what, batch, BATCH_S, at_most=True))
    for size, figures in results.items():
        for peer in (Mirt, Catsim):
            what = f"squared error, ours plain less {peer.name}'s at {size} items, standard errors"
            worse = worse_by(figures[Holdfast.name], figures[peer.name])
            found.append(Check(what, worse, STANDARD_ERRORS, at_most=True))
    for size, outcome in outcomes.items():
        found += _kept(size, outcome)
    return found


def _kept(size: int, outcome: Outcome) -> list[Check]:
    """Cap and quotas in the simulation.

    The highest of many observed rates lies above the true ones by chance. Judged is whether all of them
    together are what a true rate of at most the cap gives: a bound that, item by item by Bonferroni, is
    passed by chance as seldom as two standard errors are by one item.
    """
    n = len(outcome.theta)
    rate = float(outcome.counts.administered.max()) / n
    allowed = RATE + float(norm.isf(norm.sf(2.0) / size)) * math.sqrt(RATE * (1 - RATE) / n)
    areas = np.stack([(outcome.shown % len(AREAS) == k).sum(axis=1) for k in range(len(AREAS))])
    outside = float(((areas < LOW) | (areas > HIGH)).any(axis=0).mean())
    return [
        Check(f"highest observed exposure rate at {size} items", rate, round(allowed, 4), at_most=True),
        Check(f"share of tests outside their quotas at {size} items", outside, 0.0, at_most=True),
    ]
