"""Standardised mean differences with intervals from the noncentral t distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from holdfast.research.statistics.means import MeanDifference, pooled_sd, student, welch
from holdfast.research.statistics.noncentral import noncentrality_interval
from holdfast.research.statistics.samples import Interval, varying_arms


@dataclass(frozen=True, slots=True)
class StandardisedDifference:
    """d and its small-sample corrected form g = correction * d, each with its interval.

    Attributes:
        standardiser: the standard deviation the difference is divided by.
        df: degrees of freedom of the noncentral t and of the correction.
    """

    method: Literal["pooled", "average_variance"]
    standardiser: float
    df: float
    correction: float
    d: float
    d_interval: Interval
    g: float
    g_interval: Interval


def hedges_g(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> StandardisedDifference:
    """Hedges' g over the pooled standard deviation, exact noncentral-t interval (equal variances).

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    x, y = varying_arms(first, second)
    scale = float(np.sqrt(1 / x.size + 1 / y.size))
    return _standardised("pooled", student(x, y), pooled_sd(x, y), scale, level)


def average_variance_g(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> StandardisedDifference:
    """The form for unequal variances: over sqrt((s1^2 + s2^2) / 2) (Delacre et al. 2021).

    Interval and correction use Welch's t and degrees of freedom, as R's ``effectsize`` does with
    ``pooled_sd = FALSE``.

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    test = welch(first, second)
    average = float(np.sqrt((test.sds[0] ** 2 + test.sds[1] ** 2) / 2))
    return _standardised("average_variance", test, average, test.standard_error / average, level)


def small_sample_correction(df: float) -> float:
    """Hedges' exact J(df) = Gamma(df / 2) / (sqrt(df / 2) Gamma((df - 1) / 2)); 0 at one degree or fewer."""
    if df <= 1:
        return 0.0
    return float(np.exp(special.gammaln(df / 2) - np.log(df / 2) / 2 - special.gammaln((df - 1) / 2)))


def _standardised(
    method: Literal["pooled", "average_variance"],
    test: MeanDifference,
    standardiser: float,
    scale: float,
    level: float,
) -> StandardisedDifference:
    correction = small_sample_correction(test.df)
    d = test.difference / standardiser
    limits = noncentrality_interval(test.t, test.df, level)
    d_interval = _times(limits, scale)
    return StandardisedDifference(
        method=method,
        standardiser=standardiser,
        df=test.df,
        correction=correction,
        d=d,
        d_interval=d_interval,
        g=correction * d,
        g_interval=_times(d_interval, correction),
    )


def _times(interval: Interval, factor: float) -> Interval:
    low, high = interval.low, interval.high
    return Interval(
        None if low is None else low * factor, None if high is None else high * factor, interval.level
    )
