"""Rounds: the candidates in turn, examinee by examinee, so that a slow minute of the machine hits all."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.adaptive_step.candidate import Candidate, Simulated
from benchmarks.adaptive_step.workload import LENGTH, Workload

_TURN = 20
"""Examinees that a candidate tests before the next one has its turn."""


@dataclass(slots=True)
class Figures:
    """One candidate on one bank."""

    steps_s: list[float] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    batches: list[Simulated] = field(default_factory=list)

    @property
    def step_ms(self) -> float:
        """Median over examinees of the mean step of a test."""
        return statistics.median(self.steps_s) * 1000

    @property
    def rmse(self) -> float:
        """Of the tests given step by step."""
        return math.sqrt(statistics.fmean(e * e for e in self.error))

    @property
    def one_by_one_s(self) -> float:
        """Seconds for all examinees, tested one after the other."""
        return sum(self.steps_s) * LENGTH

    @property
    def batch_s(self) -> float | None:
        """Median seconds of the batch simulation, where there is one."""
        return statistics.median(batch.seconds for batch in self.batches) if self.batches else None

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "step_ms": self.step_ms,
            "step_ms_quartiles": [1000 * q for q in statistics.quantiles(self.steps_s, n=4)],
            "rmse": self.rmse,
            "one_by_one_s": self.one_by_one_s,
            "batch_s": self.batch_s,
            "batches_s": [batch.seconds for batch in self.batches],
        }


def measure(load: Workload, candidates: Sequence[Candidate], batches: int) -> dict[str, Figures]:
    """All examinees by all candidates; then the batch simulations in turn."""
    found = {candidate.name: Figures() for candidate in candidates}
    for candidate in candidates:
        candidate.prepare(load)
        candidate.test(load, 0, load.answers_of(0))
    n = len(load.examinees.theta)
    for start in range(0, n, _TURN):
        group = range(start, min(start + _TURN, n))
        answers = [load.answers_of(who) for who in group]
        for candidate in candidates:
            figures = found[candidate.name]
            for who, own in zip(group, answers, strict=True):
                tested = candidate.test(load, who, own)
                figures.steps_s.append(tested.step_s)
                figures.error.append(tested.theta - float(load.examinees.theta[who]))
    for _ in range(batches):
        for candidate in candidates:
            simulated = candidate.simulate(load)
            if simulated is not None:
                found[candidate.name].batches.append(simulated)
    return found


def worse_by(ours: Figures, peer: Figures) -> float:
    """Our mean squared error less the peer's, in standard errors of the paired difference.

    The pairs are examinees who give the same answer to the same item in both; 0 where nobody differs.
    """
    difference: NDArray[np.float64] = np.square(ours.error) - np.square(peer.error)
    se = float(difference.std(ddof=1)) / math.sqrt(len(difference))
    return float(difference.mean()) / se if se > 0 else 0.0
