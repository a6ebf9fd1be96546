"""Two one-sided tests of equivalence (TOST), only with a margin set beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval


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
    """Schuirmann (1987) with Welch's standard error and degrees of freedom."""
    raise NotImplementedError
