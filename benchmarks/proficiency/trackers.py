"""Those who follow the learners: Elo twice, and the Gaussian with what it can be given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.proficiency.learners import ANSWERS, CONCEPTS, CORRELATION, LEARNERS, Course
from holdfast.programs.adaptive_test.psychometrics.laplace import answer_step

FloatArray = NDArray[np.float64]
EARLY = 20


@dataclass(frozen=True)
class Figures:
    """What is compared; cover is none where there is no interval."""

    log_loss: float
    early_rmse: float
    late_rmse: float
    cover: float | None


def elo(played: Course, rate: Callable[[FloatArray], FloatArray]) -> Figures:
    """Elo on known items: theta + rate(answers so far on the concept) x (answer - prediction) x weight."""
    ability, seen = np.zeros((LEARNERS, CONCEPTS)), np.zeros((LEARNERS, CONCEPTS))
    losses, early = [], np.nan
    for turn in range(ANSWERS):
        slopes, right = played.slopes[turn], played.right[turn]
        chance = expit(np.sum(slopes * ability, axis=1) + played.intercepts[turn])
        losses.append(_loss(chance, right))
        length = np.linalg.norm(slopes, axis=1, keepdims=True)
        ability = ability + rate(seen) * (right - chance)[:, None] * slopes / length
        seen += slopes > 0
        if turn + 1 == EARLY:
            early = _rmse(ability, played.abilities[turn + 1])
    return Figures(float(np.mean(losses[EARLY:])), early, _rmse(ability, played.final), None)


def gaussian(played: Course, *, correlation: float, diagonal: bool, noise: float) -> Figures:
    """The Laplace step; a diagonal one forgets covariances after each answer."""
    identity = np.eye(CONCEPTS)
    mean = np.zeros((LEARNERS, CONCEPTS))
    covariance = np.tile(correlation + (1 - correlation) * identity, (LEARNERS, 1, 1))
    losses, early = [], np.nan
    for turn in range(ANSWERS):
        slopes, right = played.slopes[turn], played.right[turn]
        covariance = covariance + noise * (slopes > 0)[:, :, None] * identity
        losses.append(_loss(_predicted(mean, covariance, slopes, played.intercepts[turn]), right))
        mean, covariance = answer_step(
            mean, covariance, slopes, intercept=played.intercepts[turn], guessing=0.0, correct=right
        )
        covariance = covariance * identity if diagonal else covariance
        if turn + 1 == EARLY:
            early = _rmse(mean, played.abilities[turn + 1])
    spread = np.sqrt(np.einsum("nkk->nk", covariance))
    cover = float(np.mean(np.abs(mean - played.final) <= 1.96 * spread))
    return Figures(float(np.mean(losses[EARLY:])), early, _rmse(mean, played.final), cover)


def oracle(played: Course) -> Figures:
    """Who knows the true chance."""
    losses = [_loss(played.chances[turn], played.right[turn]) for turn in range(EARLY, ANSWERS)]
    return Figures(float(np.mean(losses)), 0.0, 0.0, None)


def everyone(played: Course) -> dict[str, Figures]:
    """All trackers on one course."""
    return {
        "Elo K=.4": elo(played, lambda seen: np.full_like(seen, 0.4)),
        "Elo U(n)=1/(1+.05n)": elo(played, lambda seen: 1 / (1 + 0.05 * seen)),
        "Gaussian, diagonal": gaussian(played, correlation=0, diagonal=True, noise=0),
        "Gaussian, full, correlated prior": gaussian(
            played, correlation=CORRELATION, diagonal=False, noise=0
        ),
        "same + noise .01": gaussian(played, correlation=CORRELATION, diagonal=False, noise=0.01),
        "diagonal + noise .01": gaussian(played, correlation=0, diagonal=True, noise=0.01),
        "oracle": oracle(played),
    }


def _predicted(
    mean: FloatArray, covariance: FloatArray, slopes: FloatArray, intercept: FloatArray
) -> FloatArray:
    """The chance of a right answer with the uncertainty integrated out (MacKay's approximation)."""
    variance = np.einsum("ni,nij,nj->n", slopes, covariance, slopes)
    z = np.sum(slopes * mean, axis=1) + intercept
    return np.asarray(expit(z / np.sqrt(1 + np.pi * variance / 8)), dtype=np.float64)


def _loss(chance: FloatArray, right: NDArray[np.bool_]) -> float:
    return float(-np.mean(np.log(np.where(right, chance, 1 - chance))))


def _rmse(estimate: FloatArray, truth: FloatArray) -> float:
    return float(np.sqrt(np.mean((estimate - truth) ** 2)))
