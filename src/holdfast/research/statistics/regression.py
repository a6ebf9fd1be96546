"""Estimates adjusted for covariates: ANCOVA and Lin's interacted model, with HC3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


@dataclass(frozen=True, slots=True)
class AdjustedMean:
    """The mean of one arm at the means of the covariates."""

    mean: float
    standard_error: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class AdjustedDifference:
    """The arms' difference adjusted for covariates (first minus second).

    Attributes:
        n: students with outcome and all covariates, in each arm.
        left_out: students without outcome or covariate.
        adjusted_means: of the first and second arm.
        r_squared: of the model.
    """

    method: Literal["ancova", "lin"]
    n: tuple[int, int]
    left_out: int
    difference: float
    standard_error: float
    t: float
    df: float
    p: float
    interval: Interval
    adjusted_means: tuple[AdjustedMean, AdjustedMean]
    r_squared: float


def ancova(
    values: ArrayLike, in_first: ArrayLike, covariates: ArrayLike, level: float = 0.95
) -> AdjustedDifference:
    """Outcome on arm and covariates (n x k), least squares, HC3, t with n - k - 2 degrees of freedom."""
    raise NotImplementedError


def lin(
    values: ArrayLike, in_first: ArrayLike, covariates: ArrayLike, level: float = 0.95
) -> AdjustedDifference:
    """Lin (2013): covariates centred and interacted with the arm, HC3, t with n - 2 k - 2."""
    raise NotImplementedError
