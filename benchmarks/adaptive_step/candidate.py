"""What every candidate does: test one examinee step by step, and simulate all of them its fastest way."""

from __future__ import annotations

import time
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.adaptive_step.workload import Workload


class Tested(NamedTuple):
    """One examinee's test: the estimate, its standard error, the items, and the seconds of a step."""

    theta: float
    se: float
    items: list[int]
    step_s: float


class Simulated(NamedTuple):
    """All examinees at once: estimates and seconds; how it was done."""

    theta: NDArray[np.float64]
    seconds: float
    how: str


class Candidate(Protocol):
    """A way to give an adaptive test of `LENGTH` items."""

    name: str
    what: str

    def prepare(self, load: Workload) -> None:
        """Whatever is done once for a bank; not timed."""

    def test(self, load: Workload, who: int, answers: list[bool]) -> Tested:
        """One examinee, step by step."""

    def simulate(self, load: Workload) -> Simulated | None:
        """All examinees, the fastest way the package offers; None where that is one by one."""


now = time.perf_counter
