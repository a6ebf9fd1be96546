"""The simulated learners and what they answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

FloatArray = NDArray[np.float64]
LEARNERS, CONCEPTS, ANSWERS = 600, 6, 120
CORRELATION = 0.4


@dataclass(frozen=True)
class Course:
    """What happened: arrays over answers, then learners.

    Attributes:
        slopes: answers x learners x concepts.
        intercepts: answers x learners.
        right: answers x learners.
        chances: the true ones, for the oracle.
        abilities: answers x learners x concepts, before each answer.
        final: learners x concepts, after the last.
    """

    slopes: FloatArray
    intercepts: FloatArray
    right: NDArray[np.bool_]
    chances: FloatArray
    abilities: FloatArray
    final: FloatArray


def course(seed: int, growth: float) -> Course:
    """One course; `growth` is added to each practised concept after each answer."""
    rng = np.random.default_rng(seed)
    covariance = np.full((CONCEPTS, CONCEPTS), CORRELATION) + (1 - CORRELATION) * np.eye(CONCEPTS)
    ability = rng.multivariate_normal(np.zeros(CONCEPTS), covariance, LEARNERS)
    rows: list[tuple[FloatArray, ...]] = []
    for _ in range(ANSWERS):
        weights = _weights(rng)
        slope = rng.lognormal(0, 0.3, LEARNERS)
        intercept = -slope * rng.standard_normal(LEARNERS)
        loading = slope[:, None] * weights
        chance = expit(np.sum(loading * ability, axis=1) + intercept)
        rows.append((loading, intercept, rng.random(LEARNERS) < chance, chance, ability))
        ability = ability + growth * (weights > 0)
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Course(*columns, final=ability)


def _weights(rng: np.random.Generator) -> FloatArray:
    """One concept with weight 1, or two with weights of the same length together."""
    order = np.argsort(rng.random((LEARNERS, CONCEPTS)), axis=1)
    both = rng.random(LEARNERS) < 0.5
    weights = np.zeros((LEARNERS, CONCEPTS))
    learner = np.arange(LEARNERS)
    weights[learner, order[:, 0]] = np.where(both, np.sqrt(0.5), 1.0)
    weights[learner[both], order[both, 1]] = np.sqrt(0.5)
    return weights
