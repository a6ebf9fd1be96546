"""Criteria that need the whole posterior: Kullback-Leibler, expected posterior variance, and chance.

Each gives one value for each item, the larger the better; maximum Fisher information is in `search`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from holdfast.programs.adaptive_test.psychometrics.ability import posterior
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, log_probabilities
from holdfast.programs.adaptive_test.psychometrics.selection.draws import PER_ITEM, uniforms


class Criterion(StrEnum):
    """What the next item is best at."""

    INFORMATION = "information"
    KL = "kl"
    MEPV = "mepv"
    RANDOM = "random"


class Curves:
    """Log-probabilities of all items at the nodes, as the criteria and the posterior read them.

    Attributes:
        log_right: log P, (n, 61); NaN for items without calibration.
        log_wrong: log (1 - P), (n, 61).
    """

    def __init__(self, items: ItemParameters) -> None:
        log_right, log_wrong = log_probabilities(items, posterior.NODES)
        self.log_right = np.ascontiguousarray(log_right.T)
        self.log_wrong = np.ascontiguousarray(log_wrong.T)
        self._items = items

    @cached_property
    def _chances(self) -> tuple[FloatArray, FloatArray]:
        """P and 1 - P at the nodes; made when a criterion first needs them."""
        return np.exp(self.log_right), np.exp(self.log_wrong)

    def kullback_leibler(self, theta: FloatArray, weights: FloatArray) -> FloatArray:
        """Divergence of each item's answers at the estimate from those at theta, over the posterior.

        The posterior-weighted global information of Chang and Ying (Applied Psychological Measurement 20,
        1996): sum over nodes of weight * [P log(P / P_q) + Q log(Q / Q_q)], P and Q at the estimate.

        Args:
            theta: estimates (N,).
            weights: posterior probabilities of the nodes (N, 61).

        Returns:
            Shape (N, n).
        """
        log_right, log_wrong = log_probabilities(self._items, theta)
        found: FloatArray = np.exp(log_right) * (log_right - weights @ self.log_right.T)
        found += np.exp(log_wrong) * (log_wrong - weights @ self.log_wrong.T)
        # At one node the divergence is 0, which rounding must not make a value that means "not eligible".
        return np.maximum(found, 0.0)

    def variance_reduction(self, weights: FloatArray) -> FloatArray:
        """How much the answer to each item is expected to lower the posterior variance (MEPV): (N, n).

        The expected posterior variance is the variance now less A^2 / (p (1 - p)), where p is the predictive
        probability and A the posterior covariance of theta with P (van der Linden, Psychometrika 63, 1998,
        minimises the former).
        """
        mean = weights @ posterior.NODES
        centred = weights * (posterior.NODES - mean[:, np.newaxis])
        right, wrong = self._chances
        covariance = centred @ right.T
        chance = (weights @ right.T) * (weights @ wrong.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: FloatArray = np.where(chance > 0.0, covariance**2 / chance, 0.0)
        return found


def chance(draws: NDArray[np.int64], n: int) -> FloatArray:
    """A number for each item from each draw, so that the best is any: (N, n)."""
    return uniforms(draws[:, np.newaxis], PER_ITEM + np.arange(n))
