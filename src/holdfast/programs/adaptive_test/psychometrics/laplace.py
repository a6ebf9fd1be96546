"""The Laplace step: a Gaussian over abilities after one more answer, for any number of students at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

FloatArray = NDArray[np.float64]


def answer_step(
    mean: FloatArray,
    covariance: FloatArray,
    slopes: FloatArray,
    *,
    intercept: ArrayLike,
    guessing: ArrayLike,
    correct: ArrayLike,
) -> tuple[FloatArray, FloatArray]:
    """The Laplace step for any number of students at once; leading axes broadcast.

    The likelihood depends on theta only through z, so the mode lies on one line: z = z0 + t u with
    u = d log-likelihood / dz at the mode and t the prior variance of z. The information there is
    Fisher's, which for c = 0 is the observed one and with guessing is never negative.

    Args:
        mean: (..., K).
        covariance: (..., K, K).
        slopes: (..., K).
        intercept: (...).
        guessing: (...), 0 <= c < 1.
        correct: (...), true or 1 where right.

    Returns:
        Mean and covariance after the answer.
    """
    direction = np.einsum("...ij,...j->...i", covariance, slopes)
    variance = np.sum(slopes * direction, axis=-1)
    start = np.sum(slopes * mean, axis=-1) + np.asarray(intercept, dtype=np.float64)
    c, right = np.asarray(guessing, dtype=np.float64), np.asarray(correct, dtype=bool)
    push, weight = _mode(start, variance, c, right)
    shrink = weight / (1 + weight * variance)
    outer = direction[..., :, None] * direction[..., None, :]
    return mean + direction * push[..., None], covariance - outer * shrink[..., None, None]


def _mode(
    start: FloatArray, variance: FloatArray, c: FloatArray, right: NDArray[np.bool_], steps: int = 60
) -> tuple[FloatArray, FloatArray]:
    """The slope of the log-likelihood at the mode of z, and Fisher's information there.

    |slope| <= 1 brackets the mode within one prior variance of the start; Newton steps that leave the bracket
    become bisections, so the search ends in a maximum also where guessing makes two.
    """
    low, high = np.where(right, start, start - variance), np.where(right, start + variance, start)
    z = start
    for _ in range(steps):
        slope, bend = _slope(z, c, right)
        excess = z - start - variance * slope
        low, high = np.where(excess <= 0, z, low), np.where(excess > 0, z, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            after = z - excess / (1 - variance * bend)
        middle = 0.5 * (low + high)
        after = np.where((after > low) & (after < high), after, middle)
        if np.all(np.abs(after - z) <= 1e-13 * (1 + np.abs(z))):
            break
        z = after
    slope, _ = _slope(z, c, right)
    return slope, (1 - c) * expit(-z) * expit(z) * _share(z, c)


def _share(z: FloatArray, c: FloatArray) -> FloatArray:
    """The logistic part of P, as a share of it: s / P."""
    with np.errstate(divide="ignore"):
        return np.asarray(expit(z - np.log(c)), dtype=np.float64)


def _slope(z: FloatArray, c: FloatArray, right: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of the log-likelihood in z."""
    s = expit(z)
    up = (1 - c) * expit(-z) * _share(z, c)
    slope = np.where(right, up, -s)
    bend = np.where(right, up * (1 - 2 * s - up), -s * (1 - s))
    return slope, bend
