"""Standardised mean differences with intervals from the noncentral t distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


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
    """Hedges' g over the pooled standard deviation, exact noncentral-t interval (equal variances)."""
    raise NotImplementedError


def average_variance_g(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> StandardisedDifference:
    """The form for unequal variances: over sqrt((s1^2 + s2^2) / 2) (Delacre et al. 2021)."""
    raise NotImplementedError
