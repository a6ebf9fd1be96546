"""Drift: has an item changed between two versions of its parameters on one scale?

The versions are independent calibrations; the newer one has been linked to the older one's scale, by anchors
or by `linking`. The error of the link itself is common to all items and not in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.calibration.quadrature import equally_spaced
from holdfast.programs.adaptive_test.psychometrics.fit.multiplicity import adjusted
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, probability

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ItemDrift:
    """One entry per item, newer less older.

    Attributes:
        discrimination_change: of a.
        discrimination_z: in standard errors of the difference.
        difficulty_change: of b.
        difficulty_z: in standard errors of the difference.
        statistic: Wald's chi-squared of all parameters that both versions estimated (Lord 1980).
        degrees: how many those are.
        p: of each item alone.
        p_adjusted: over all items (Benjamini-Hochberg).
        curve_distance: root mean square difference of the curves over a standard normal population; the size
            of the change in units of probability.
    """

    discrimination_change: FloatArray
    discrimination_z: FloatArray
    difficulty_change: FloatArray
    difficulty_z: FloatArray
    statistic: FloatArray
    degrees: NDArray[np.int64]
    p: FloatArray
    p_adjusted: FloatArray
    curve_distance: FloatArray


def drift(
    old: ItemParameters,
    old_covariances: ArrayLike,
    new: ItemParameters,
    new_covariances: ArrayLike,
) -> ItemDrift:
    """Compare two versions of the same items.

    Args:
        old: parameters of the older version.
        old_covariances: of (a, b, c), items x 3 x 3; zeros where a parameter was fixed.
        new: parameters of the newer version, on the same scale.
        new_covariances: likewise.

    Raises:
        InvalidInput: versions or covariances that do not belong together.
    """
    n = len(old)
    covariances = [np.asarray(given, dtype=np.float64) for given in (old_covariances, new_covariances)]
    if len(new) != n or any(given.shape != (n, 3, 3) for given in covariances):
        raise InvalidInput("both versions need the same items, with 3 x 3 covariances", field="items")
    if not all(np.isfinite(given).all() for given in covariances):
        raise InvalidInput("covariances must be finite", field="covariances")
    old, new, covariance = old.in_difficulties(), new.in_difficulties(), covariances[0] + covariances[1]
    change = np.stack([new.a - old.a, new.b - old.b, new.c - old.c], axis=1)
    statistic, degrees = _wald(change, covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = change / np.sqrt(np.einsum("nii->ni", covariance))
    p = np.where(degrees > 0, chi2.sf(statistic, np.maximum(degrees, 1)), np.nan)
    return ItemDrift(
        change[:, 0], z[:, 0], change[:, 1], z[:, 1], statistic, degrees, p, adjusted(p), _distance(old, new)
    )


def _wald(change: FloatArray, covariance: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    statistic, degrees = np.full(len(change), np.nan), np.zeros(len(change), dtype=np.int64)
    for item, (moved, matrix) in enumerate(zip(change, covariance, strict=True)):
        estimated = np.flatnonzero(np.diag(matrix) > 0)
        if len(estimated):
            part = matrix[np.ix_(estimated, estimated)]
            # A common slope has the same error everywhere; the pseudo-inverse stays finite for it.
            statistic[item] = moved[estimated] @ np.linalg.pinv(part, hermitian=True) @ moved[estimated]
            degrees[item] = len(estimated)
    return statistic, degrees


def _distance(old: ItemParameters, new: ItemParameters) -> FloatArray:
    rule = equally_spaced(61, 6.0)
    difference = probability(new, rule.nodes) - probability(old, rule.nodes)
    return np.asarray(np.sqrt(np.exp(rule.log_weights) @ difference**2), dtype=np.float64)
