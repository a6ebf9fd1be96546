"""Ordinary least squares and the variances of its estimates that do not believe in equal variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Values

_RANK_TOLERANCE = 1e-10
_FITTED_EXACTLY = 1 - 1e-10


@dataclass(frozen=True, slots=True)
class Fit:
    """A least-squares fit.

    Attributes:
        bread: (X'X)^-1. residuals, leverages: of each row. df: rows less columns.
    """

    design: Values
    coefficients: Values
    bread: Values
    residuals: Values
    leverages: Values
    df: float
    r_squared: float

    def standard_error(self, *terms: int) -> float:
        """Standard error of the sum of some coefficients, HC3 (MacKinnon and White 1985).

        As a sum of squares over the rows: from the covariance matrix, entries of both signs that cancel
        leave a variance below zero when an arm is fitted all but exactly.

        Raises:
            Meaningless: a row has leverage 1: it is fitted exactly and says nothing about its own error.
        """
        if float(self.leverages.max()) > _FITTED_EXACTLY:
            raise Meaningless("the model fits a student exactly, so that HC3 does not exist")
        influence = self.design @ self.bread[:, list(terms)].sum(axis=1)
        return float(np.linalg.norm(influence * self.residuals / (1 - self.leverages)))


def fit(outcome: Values, design: Values) -> Fit:
    """Fit by QR.

    Raises:
        Meaningless: as many columns as rows, columns that follow from one another, or no residual.
    """
    rows, columns = design.shape
    if rows <= columns:
        raise Meaningless(f"{rows} students are too few for a model with {columns} coefficients")
    q, r = np.linalg.qr(design)
    diagonal = np.abs(np.diag(r))
    if float(diagonal.min()) <= _RANK_TOLERANCE * float(diagonal.max()):
        raise Meaningless("the arm and the covariates cannot be told apart (one follows from the others)")
    inverse = np.linalg.inv(r)
    centre = float(outcome.mean())
    coefficients = inverse @ (q.T @ (outcome - centre))
    residuals = outcome - centre - design @ coefficients
    coefficients[0] += centre
    unexplained = float(residuals @ residuals)
    total = float(np.sum((outcome - centre) ** 2))
    noise = (10 * np.finfo(np.float64).eps * float(np.abs(outcome).max())) ** 2 * rows
    if unexplained <= max(noise, 1e-28 * total):
        raise Meaningless("the model leaves no variance")
    return Fit(
        design=design,
        coefficients=coefficients,
        bread=inverse @ inverse.T,
        residuals=residuals,
        leverages=np.sum(q * q, axis=1),
        df=float(rows - columns),
        r_squared=1 - unexplained / total,
    )
