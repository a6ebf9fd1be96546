"""Estimates adjusted for covariates: ANCOVA and Lin's interacted model, with HC3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from holdfast.research.statistics.least_squares import Fit, fit
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import t_interval, t_probability
from holdfast.research.statistics.samples import Difference, Interval, Values, checked_level, is_constant


@dataclass(frozen=True, slots=True)
class AdjustedMean:
    """The mean of one arm at the means of the covariates."""

    mean: float
    standard_error: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class AdjustedDifference(Difference):
    """The arms' difference adjusted for covariates; ``n`` counts students with outcome and all of them.

    Attributes:
        left_out: students without outcome or covariate.
        adjusted_means: of the first and second arm.
        r_squared: of the model.
    """

    method: Literal["ancova", "lin"]
    left_out: int
    adjusted_means: tuple[AdjustedMean, AdjustedMean]
    r_squared: float


def ancova(
    values: ArrayLike, in_first: ArrayLike, covariates: ArrayLike, level: float = 0.95
) -> AdjustedDifference:
    """Outcome on arm and covariates (n x k), least squares, HC3, t with n - k - 2 degrees of freedom.

    Raises:
        Meaningless: too few students for the covariates, a covariate that is constant or follows from the
            others or from the arm, a student fitted exactly (HC3 does not exist), or no variance left.
    """
    y, arm, z, left_out = _rows(values, in_first, covariates)
    design = np.column_stack([np.ones(y.size), arm, z])
    return _adjusted("ancova", fit(y, design), arm, left_out, level)


def lin(
    values: ArrayLike, in_first: ArrayLike, covariates: ArrayLike, level: float = 0.95
) -> AdjustedDifference:
    """Lin (2013): covariates centred and interacted with the arm, HC3, t with n - 2 k - 2.

    With whole arms randomised it does not lose precision by adjusting, whatever the covariates.

    Raises:
        Meaningless: as ``ancova``; here each arm needs more students than covariates.
    """
    y, arm, z, left_out = _rows(values, in_first, covariates)
    design = np.column_stack([np.ones(y.size), arm, z, arm[:, None] * z])
    return _adjusted("lin", fit(y, design), arm, left_out, level)


def _rows(
    values: ArrayLike, in_first: ArrayLike, covariates: ArrayLike
) -> tuple[Values, Values, Values, int]:
    """Complete rows: outcome, arm as 1 and 0, covariates centred on the mean of all and scaled."""
    y = np.asarray(values, dtype=np.float64).reshape(-1)
    arm = np.asarray(in_first, dtype=bool).reshape(-1).astype(np.float64)
    z = np.asarray(covariates, dtype=np.float64)
    z = z.reshape(y.size, -1) if z.size else np.empty((y.size, 0))
    there = ~np.isnan(y) & ~np.isnan(z).any(axis=1)
    left_out = int(np.sum(~there))
    y, arm, z = y[there], arm[there], z[there]
    if np.isinf(y).any() or np.isinf(z).any():
        raise Meaningless("a value is infinite")
    if min(int(arm.sum()), int(arm.size - arm.sum())) < 2:
        raise Meaningless("an arm has fewer than 2 students with outcome and covariates")
    for k in range(z.shape[1]):
        if is_constant(z[:, k]):
            raise Meaningless(f"covariate {k + 1} is the same for all students")
    z = z - z.mean(axis=0)
    return y, arm, z / np.abs(z).max(axis=0), left_out


def _adjusted(
    method: Literal["ancova", "lin"], model: Fit, arm: Values, left_out: int, level: float
) -> AdjustedDifference:
    checked_level(level)
    difference, error = float(model.coefficients[1]), model.standard_error(1)
    if error <= 0:
        raise Meaningless("the model leaves the difference no variance")
    t = difference / error

    def mean(*terms: int) -> AdjustedMean:
        estimate = float(model.coefficients[list(terms)].sum())
        spread = model.standard_error(*terms)
        return AdjustedMean(estimate, spread, t_interval(estimate, spread, model.df, level))

    first = int(arm.sum())
    return AdjustedDifference(
        method=method,
        n=(first, arm.size - first),
        left_out=left_out,
        difference=difference,
        standard_error=error,
        t=t,
        df=model.df,
        p=t_probability(t, model.df),
        interval=t_interval(difference, error, model.df, level),
        adjusted_means=(mean(0, 1), mean(0)),
        r_squared=model.r_squared,
    )
