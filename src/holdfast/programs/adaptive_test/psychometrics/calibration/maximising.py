"""Maximising: steps of EM first, then Newton's with the exact observed information.

EM is taken as the EM gradient algorithm (Lange 1995): one Newton step of the M-step per E-step, which
climbs like EM and needs no inner loop. Every step is halved until it does not go down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from holdfast.programs.adaptive_test.psychometrics.calibration.layout import Objective, Slope

FloatArray = NDArray[np.float64]

NEAR = 0.3
"""EM hands over to Newton's method when its step is shorter than this many complete-data standard
errors per square root of parameters."""
MOST_EM_STEPS = 40
LONGEST_STEP = 2.0
"""No parameter (slope, intercept, logit, mean, log SD) moves further in one step."""
WITHOUT_LIMIT = 30.0
"""A discrimination beyond this (per SD of the population) is on its way to infinity: the search ends."""
HALVINGS = 30
NOISE = 1e-12
"""Relative rounding error of a log-likelihood; a loss below it is none."""


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the search ended.

    Attributes:
        free: the free parameters.
        slope: the objective there, with the observed information.
        converged: whether the distance is within the tolerance and no discrimination grows without limit.
        distance: to the maximum of the quadratic that fits here, in standard errors (the largest over all
            directions: the square root of twice the Newton decrement); inf where there is none.
        em_steps: of EM.
        newton_steps: of Newton's method.
    """

    free: FloatArray
    slope: Slope
    converged: bool
    distance: float
    em_steps: int
    newton_steps: int


def maximise(objective: Objective, start: FloatArray, *, tolerance: float, most_steps: int) -> Maximum:
    """Search the maximum from a start."""
    free, em_steps = _climb(objective, start, min(MOST_EM_STEPS, most_steps))
    steps = 0
    while True:
        slope = objective.curvature(free)
        step, distance = newton_step(slope)
        diverges = bool(np.abs(objective.layout.slopes(free)).max() > WITHOUT_LIMIT)
        if diverges or distance <= tolerance or em_steps + steps >= most_steps:
            break
        moved = _forward(objective, free, slope, step)
        if moved is None:
            break
        free, steps = moved, steps + 1
    return Maximum(free, slope, distance <= tolerance and not diverges, distance, em_steps, steps)


def newton_step(slope: Slope) -> tuple[FloatArray, float]:
    """Newton's step and its length in standard errors.

    Where the information is not positive definite, its negative directions are turned uphill and the
    length is infinite: there is no maximum near.
    """
    if len(slope.gradient) == 0:
        return slope.gradient, 0.0
    try:
        step = cho_solve(cho_factor(slope.information), slope.gradient)
    except LinAlgError:
        values, vectors = np.linalg.eigh(slope.information)
        values = np.maximum(np.abs(values), 1e-6 * max(float(np.abs(values).max()), 1.0))
        return vectors @ ((vectors.T @ slope.gradient) / values), np.inf
    return step, float(np.sqrt(max(slope.gradient @ step, 0.0)))


def _climb(objective: Objective, start: FloatArray, most_steps: int) -> tuple[FloatArray, int]:
    """EM until its steps are short, or no step goes up."""
    free = start
    for taken in range(most_steps):
        slope = objective.expectation(free)
        step, distance = newton_step(slope)
        if distance <= NEAR * np.sqrt(len(free)):
            return free, taken
        moved = _forward(objective, free, slope, step)
        if moved is None:
            return free, taken
        free = moved
    return free, most_steps


def _forward(objective: Objective, free: FloatArray, slope: Slope, step: FloatArray) -> FloatArray | None:
    """The first of step, half the step, a quarter … that does not go down; none if all do."""
    step = step * min(1.0, LONGEST_STEP / max(float(np.abs(step).max(initial=0.0)), 1e-300))
    slack = NOISE * abs(slope.value)
    for _ in range(HALVINGS):
        candidate = free + step
        value = objective.value(candidate)
        if np.isfinite(value) and value >= slope.value - slack:
            return candidate
        step = step / 2
    return None
