"""Whole classes assigned to arms, and several scenarios of one student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.research.statistics.samples import Interval, Values


@dataclass(frozen=True, slots=True)
class ClusteredDifference:
    """The difference between arms with clustered students.

    Attributes:
        clusters: in the first and the second arm; n: students.
        df: Satterthwaite's (Bell and McCaffrey 2002) for CR2, Welch's for cluster means.
    """

    method: Literal["cr2", "cluster_means"]
    clusters: tuple[int, int]
    n: tuple[int, int]
    difference: float
    standard_error: float
    t: float
    df: float
    p: float
    interval: Interval


def cr2(
    values: ArrayLike,
    in_first: ArrayLike,
    clusters: ArrayLike,
    covariates: ArrayLike | None = None,
    level: float = 0.95,
) -> ClusteredDifference:
    """Least squares with the bias-reduced cluster-robust variance CR2 and Satterthwaite degrees of freedom."""
    raise NotImplementedError


def cluster_means(
    values: ArrayLike, in_first: ArrayLike, clusters: ArrayLike, level: float = 0.95
) -> ClusteredDifference:
    """Welch's test of the means of the clusters; every cluster counts the same."""
    raise NotImplementedError


def student_means(values: ArrayLike, students: ArrayLike) -> tuple[NDArray[np.object_], Values]:
    """The mean of each student over repeated scenarios: students (sorted) and their means, NaN if none."""
    raise NotImplementedError
