"""One difference out of several studies: the summary, how far the studies disagree, and a trend. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import t_interval, t_probability
from holdfast.research.statistics.samples import Interval, probability

FEWEST_FOR_RANDOM = 3


@dataclass(frozen=True, slots=True)
class Pooled:
    """The summary over studies.

    Attributes:
        method: ``random`` (DerSimonian and Laird 1986 with Hartung and Knapp's (2001) variance, not below
            the common-effect one; t with k - 1 degrees of freedom) or ``common`` (inverse variance,
            normal) with two studies, whose spread cannot be estimated.
        q, q_p, tau_squared, i_squared: of the disagreement; i_squared from 0 to 1.
    """

    method: str
    estimate: float
    standard_error: float
    df: float | None
    statistic: float
    p: float
    interval: Interval
    q: float
    q_df: int
    q_p: float
    tau_squared: float
    i_squared: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The change of the difference from one study to the next, by weighted least squares."""

    slope: float
    standard_error: float
    df: float
    t: float
    p: float
    interval: Interval


def pooled(estimates: Sequence[float], errors: Sequence[float], level: float = 0.95) -> Pooled:
    """The summary of independent differences with their standard errors.

    Raises:
        Meaningless: fewer than two studies, or a standard error that is not above 0.
    """
    y, v = _checked(estimates, errors)
    w = 1 / v
    common = float(np.sum(w * y) / np.sum(w))
    q, k = float(np.sum(w * (y - common) ** 2)), y.size
    c = float(np.sum(w) - np.sum(w**2) / np.sum(w))
    tau = max(0.0, (q - (k - 1)) / c)
    disagreement = (
        q,
        k - 1,
        probability(float(special.chdtrc(k - 1, q))),
        tau,
        max(0.0, 1 - (k - 1) / q) if q else 0.0,
    )
    if k < FEWEST_FOR_RANDOM:
        error = math.sqrt(1 / float(np.sum(w)))
        z = common / error
        half = float(special.ndtri((1 + level) / 2)) * error
        p = probability(2 * float(special.ndtr(-abs(z))))
        return Pooled(
            "common", common, error, None, z, p, Interval(common - half, common + half, level), *disagreement
        )
    w = 1 / (v + tau)
    mean = float(np.sum(w * y) / np.sum(w))
    scale = max(1.0, float(np.sum(w * (y - mean) ** 2)) / (k - 1))
    error, df = math.sqrt(scale / float(np.sum(w))), float(k - 1)
    t = mean / error
    interval = t_interval(mean, error, df, level)
    return Pooled("random", mean, error, df, t, t_probability(t, df), interval, *disagreement)


def trend(
    estimates: Sequence[float], errors: Sequence[float], tau_squared: float, level: float = 0.95
) -> Trend:
    """Differences regressed on their order (1, 2, ...), weights 1 / (variance + tau squared).

    Raises:
        Meaningless: fewer than three studies.
    """
    y, v = _checked(estimates, errors)
    if y.size < FEWEST_FOR_RANDOM:
        raise Meaningless("a trend needs at least three cohorts")
    w = 1 / (v + tau_squared)
    x = np.arange(1, y.size + 1, dtype=np.float64)
    x_mean, y_mean = float(np.sum(w * x) / np.sum(w)), float(np.sum(w * y) / np.sum(w))
    spread = float(np.sum(w * (x - x_mean) ** 2))
    slope = float(np.sum(w * (x - x_mean) * (y - y_mean))) / spread
    rest = y - y_mean - slope * (x - x_mean)
    df = float(y.size - 2)
    error = math.sqrt(max(1.0, float(np.sum(w * rest**2)) / df) / spread)
    t = slope / error
    return Trend(slope, error, df, t, t_probability(t, df), t_interval(slope, error, df, level))


def _checked(
    estimates: Sequence[float], errors: Sequence[float]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    if len(estimates) < 2:
        raise Meaningless("a summary needs at least two cohorts with a difference")
    if not all(error > 0 for error in errors):
        raise Meaningless("a standard error is not above 0")
    return np.array(estimates, dtype=np.float64), np.array(errors, dtype=np.float64) ** 2
