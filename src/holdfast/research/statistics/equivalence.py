"""Two one-sided tests of equivalence (TOST), only with a margin set beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import welch
from holdfast.research.statistics.samples import Interval, probability


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Both one-sided Welch tests.

    Attributes:
        margin: in the units of the outcome; equivalent means within -margin to margin.
        t_lower, p_lower: against difference <= -margin; t_upper, p_upper: against difference >= margin.
        p: the larger of both. interval: level 1 - 2 alpha. equivalent: p < alpha.
    """

    margin: float
    alpha: float
    df: float
    t_lower: float
    p_lower: float
    t_upper: float
    p_upper: float
    p: float
    interval: Interval
    equivalent: bool


def tost(first: ArrayLike, second: ArrayLike, margin: float, alpha: float = 0.05) -> Equivalence:
    """Schuirmann (1987) with Welch's standard error and degrees of freedom.

    Raises:
        Meaningless: fewer than two values in an arm, a constant arm, a margin that is not above 0, or an
            alpha outside 0 to 0.5.
    """
    if not (np.isfinite(margin) and margin > 0):
        raise Meaningless("the margin of equivalence must be above 0")
    if not 0 < alpha < 0.5:
        raise Meaningless("alpha must be between 0 and 0.5")
    test = welch(first, second, 1 - 2 * alpha)
    t_lower = (test.difference + margin) / test.standard_error
    t_upper = (test.difference - margin) / test.standard_error
    p_lower = probability(float(special.stdtr(test.df, -t_lower)))
    p_upper = probability(float(special.stdtr(test.df, t_upper)))
    p = max(p_lower, p_upper)
    return Equivalence(
        margin=margin,
        alpha=alpha,
        df=test.df,
        t_lower=t_lower,
        p_lower=p_lower,
        t_upper=t_upper,
        p_upper=p_upper,
        p=p,
        interval=test.interval,
        equivalent=p < alpha,
    )
