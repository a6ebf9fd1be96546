"""The JZS Bayes factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import student

DEFAULT_PRIOR_SCALE = 0.5**0.5
_LARGEST_LOG = float(np.log(1e300))


@dataclass(frozen=True, slots=True)
class BayesFactor:
    """Evidence for a difference against none.

    Attributes:
        bf10: at most 1e300 and at least 1e-300; log_bf10 (natural) is never cut.
        prior_scale: r of the Cauchy prior on the standardised difference.
        t, df: Student's, from which it is computed.
    """

    bf10: float
    log_bf10: float
    prior_scale: float
    t: float
    df: float


def jzs(first: ArrayLike, second: ArrayLike, prior_scale: float = DEFAULT_PRIOR_SCALE) -> BayesFactor:
    """Rouder et al. (2009) from Student's t: the formula assumes equal variances, so Welch's t has no place.

    Raises:
        Meaningless: fewer than two values in an arm, a constant arm, or a prior scale that is not positive.
    """
    test = student(first, second)
    m, n = test.n
    log_bf = log_jzs(test.t, test.df, m * n / (m + n), prior_scale)
    cut = min(max(log_bf, -_LARGEST_LOG), _LARGEST_LOG)
    return BayesFactor(float(np.exp(cut)), log_bf, prior_scale, test.t, test.df)


def log_jzs(t: float, df: float, effective_n: float, prior_scale: float) -> float:
    """Natural logarithm of BF10 for a t statistic.

    The effect is normal with variance g, and g inverse gamma (1/2, r^2 / 2): one integral, over log g by
    the trapezoid rule, whose error for so smooth an integrand is that of rounding.
    """
    if not (np.isfinite(prior_scale) and prior_scale > 0):
        raise Meaningless("the scale of the prior must be above 0")
    centre = np.log(prior_scale**2 + t * t / effective_n)
    step = 0.01
    log_g = np.arange(min(np.log(prior_scale**2), centre) - 9.0, centre + 45.0, step)
    g = np.exp(log_g)
    inflation = 1 + effective_n * g
    log_likelihood = (df + 1) / 2 * (np.log1p(t * t / df) - np.log1p(t * t / (df * inflation)))
    log_prior = np.log(prior_scale) - np.log(2 * np.pi) / 2 - log_g / 2 - prior_scale**2 / (2 * g)
    log_terms = log_likelihood - np.log(inflation) / 2 + log_prior
    top = float(np.max(log_terms))
    return top + float(np.log(np.sum(np.exp(log_terms - top)) * step))
