"""The difference of two means: Welch's test, which confirms, and what the older script printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import (
    Difference,
    Interval,
    Values,
    checked_level,
    complete,
    is_constant,
    mean,
    probability,
    varying_arms,
)


@dataclass(frozen=True, slots=True)
class MeanDifference(Difference):
    """A t test of two means.

    Attributes:
        means, sds: of the first and the second arm.
    """

    method: Literal["welch", "student"]
    means: tuple[float, float]
    sds: tuple[float, float]


@dataclass(frozen=True, slots=True)
class OneMean:
    """The mean of one arm with its t interval."""

    n: int
    mean: float
    standard_error: float
    df: float
    interval: Interval


def welch(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> MeanDifference:
    """Welch's unequal-variance t test (Welch 1947; df by Satterthwaite 1946): the confirmatory test.

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    x, y = varying_arms(first, second)
    share_x, share_y = _variance(x) / x.size, _variance(y) / y.size
    return _t_test("welch", x, y, float(np.sqrt(share_x + share_y)), satterthwaite(x, y), level)


def student(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> MeanDifference:
    """Student's equal-variance t test: named and secondary, only to stand beside older reports.

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    x, y = varying_arms(first, second)
    error = pooled_sd(x, y) * float(np.sqrt(1 / x.size + 1 / y.size))
    return _t_test("student", x, y, error, float(x.size + y.size - 2), level)


def seed_d(first: ArrayLike, second: ArrayLike) -> float:
    """The older script's d: the difference over sqrt((s1^2 + s2^2) / 2), without correction.

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    x, y = varying_arms(first, second)
    return float((mean(x) - mean(y)) / np.sqrt((_variance(x) + _variance(y)) / 2))


def mean_of(values: ArrayLike, level: float = 0.95) -> OneMean:
    """One mean and its t interval.

    Raises:
        Meaningless: fewer than two values, or all the same.
    """
    there = complete(values)
    if there.size < 2:
        raise Meaningless("fewer than 2 values")
    if is_constant(there):
        raise Meaningless("all values are the same")
    error = float(np.std(there, ddof=1) / np.sqrt(there.size))
    estimate, df = mean(there), float(there.size - 1)
    return OneMean(there.size, estimate, error, df, t_interval(estimate, error, df, level))


def t_interval(estimate: float, error: float, df: float, level: float) -> Interval:
    """The estimate plus and minus a t quantile of standard errors."""
    half = float(special.stdtrit(df, (1 + checked_level(level)) / 2)) * error
    return Interval(estimate - half, estimate + half, level)


def t_probability(t: float, df: float) -> float:
    """Two-sided p of a t statistic."""
    return probability(2 * float(special.stdtr(df, -abs(t))))


def satterthwaite(x: Values, y: Values) -> float:
    """Welch-Satterthwaite degrees of freedom, from the ratio of variances so that nothing overflows."""
    share_x, share_y = _variance(x) / x.size, _variance(y) / y.size
    weight = share_x / (share_x + share_y)
    return float(1 / (weight**2 / (x.size - 1) + (1 - weight) ** 2 / (y.size - 1)))


def pooled_sd(x: Values, y: Values) -> float:
    """Square root of the pooled variance."""
    total = (x.size - 1) * _variance(x) + (y.size - 1) * _variance(y)
    return float(np.sqrt(total / (x.size + y.size - 2)))


def _variance(values: Values) -> float:
    return float(np.var(values, ddof=1))


def _t_test(
    method: Literal["welch", "student"], x: Values, y: Values, error: float, df: float, level: float
) -> MeanDifference:
    means = mean(x), mean(y)
    difference = means[0] - means[1]
    t = difference / error
    return MeanDifference(
        method=method,
        n=(x.size, y.size),
        means=means,
        sds=(float(np.std(x, ddof=1)), float(np.std(y, ddof=1))),
        difference=difference,
        standard_error=error,
        t=t,
        df=df,
        p=t_probability(t, df),
        interval=t_interval(difference, error, df, level),
    )
