"""Item characteristic curves of the four-parameter logistic family, on plain arrays that broadcast.

The curve is P = c + (d - c) * logistic(z) with z = slope * theta + intercept (metric D = 1). One, two and
three parameter models are the same curve with a = 1, c = 0 or d = 1. Everything stays finite for every
finite z, however extreme: logarithms are computed from z, not from a rounded P.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

FloatArray = NDArray[np.float64]


class Terms(NamedTuple):
    """What likelihood and information need of a curve, each of the broadcast shape.

    Attributes:
        log_right: log P.
        log_wrong: log (1 - P).
        rise: d log P / d theta, at least 0.
        fall: -d log (1 - P) / d theta, at least 0.
        bend: (1 - 2 * logistic(z)) * slope; P'' = P' * bend.
    """

    log_right: FloatArray
    log_wrong: FloatArray
    rise: FloatArray
    fall: FloatArray
    bend: FloatArray

    @property
    def information(self) -> FloatArray:
        """Fisher information P'^2 / (P (1 - P))."""
        return self.rise * self.fall


def probability(lower: FloatArray, upper: FloatArray, z: FloatArray) -> FloatArray:
    """P of a right answer: from `lower` (c) to `upper` (d) as z grows."""
    chance: FloatArray = lower + (upper - lower) * expit(z)
    return chance


def log_probability(lower: FloatArray, upper: FloatArray, z: FloatArray) -> FloatArray:
    """The logarithm of P, with full relative accuracy where P is near 0 and where it is near 1.

    log (1 - P) is the same function of (1 - upper, 1 - lower, -z).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        small = np.logaddexp(np.log(lower), np.log(upper - lower) + log_expit(z))
    missing = (1.0 - upper) + (upper - lower) * expit(-z)
    near_one = np.log1p(-np.minimum(missing, 0.5 + 0.5 * (1.0 - upper)))
    found: FloatArray = np.where(z > 0.0, near_one, small)
    return found


def terms(slope: FloatArray, lower: FloatArray, upper: FloatArray, z: FloatArray) -> Terms:
    """Everything at once; `slope` is a, `z` = slope * theta + intercept, all broadcast together."""
    rising, falling = expit(z), expit(-z)
    log_right = log_probability(lower, upper, z)
    log_wrong = log_probability(1.0 - upper, 1.0 - lower, -z)
    span = np.log(upper - lower)
    # The share of P (of 1 - P) that moves with theta; at most 1 but for rounding.
    moving = np.exp(np.minimum(span + log_expit(z) - log_right, 0.0))
    moving_away = np.exp(np.minimum(span + log_expit(-z) - log_wrong, 0.0))
    return Terms(
        log_right=log_right,
        log_wrong=log_wrong,
        rise=slope * falling * moving,
        fall=slope * rising * moving_away,
        bend=slope * (falling - rising),
    )


def information(slope: FloatArray, lower: FloatArray, upper: FloatArray, z: FloatArray) -> FloatArray:
    """Fisher information of one answer about theta: P'^2 / (P (1 - P))."""
    return terms(slope, lower, upper, z).information
