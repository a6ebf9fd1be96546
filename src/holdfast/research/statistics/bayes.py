"""The JZS Bayes factor."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


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


def jzs(first: ArrayLike, second: ArrayLike, prior_scale: float = 0.5**0.5) -> BayesFactor:
    """Rouder et al. (2009) from Student's t (the formula assumes equal variances)."""
    raise NotImplementedError
