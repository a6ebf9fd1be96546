"""The noncentral t distribution, for any size of t: its probability and its inversion in the noncentrality.

P(T <= t) = E[Phi(t S - delta)] with S = sqrt(chi^2_df / df): the expectation is a Gauss-Legendre sum over
the range of S, cut where Phi turns from 0 to 1, so that the error stays near 1e-13 also where R's ``pt``
gives up (noncentrality above 37.62). The sum runs over the fourth root of S, because with few degrees of
freedom the density of S itself has an edge at 0 that no polynomial follows.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from holdfast.research.statistics.samples import Interval, Values, checked_level

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
_TAIL = 1e-17
_STEEP = 9.0
"""Phi is 0 or 1 to double precision beyond this many units."""


def noncentral_t_probability(statistic: ArrayLike, freedom: ArrayLike, noncentrality: ArrayLike) -> Values:
    """P(T <= t) of the noncentral t; arrays are broadcast."""
    t, df, delta = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (statistic, freedom, noncentrality))
    )
    mirrored = t < 0
    t, delta = np.abs(t), np.where(mirrored, -delta, delta)
    low = np.sqrt(2 * special.gammaincinv(df / 2, _TAIL) / df)
    high = np.sqrt(2 * special.gammainccinv(df / 2, _TAIL) / df)
    steep = np.maximum(t, 1e-12)
    turn, width = delta / steep, _STEEP / steep
    cuts = [low, *(np.clip(cut, low, high) for cut in (turn - width, turn, turn + width)), high]
    total = np.zeros(t.shape)
    for left, right in pairwise([cut**0.25 for cut in cuts]):
        half = (right - left)[..., None] / 2
        root = left[..., None] + half * (1 + _NODES)
        s = root**4
        inside = special.ndtr(t[..., None] * s - delta[..., None])
        total += np.sum(inside * _density(s, df[..., None]) * 4 * root**3 * half * _WEIGHTS, axis=-1)
    total = np.clip(total, 0.0, 1.0)
    return np.where(mirrored, 1 - total, total)


def noncentrality_interval(t: float, df: float, level: float) -> Interval:
    """The noncentralities under which t is neither too high nor too low (Steiger and Fouladi 1997)."""
    tail = (1 - checked_level(level)) / 2
    spread = float(np.sqrt(special.chdtri(df, 1e-12) / df))
    reach = 12.0 + abs(t) * (spread + 1)

    def limit(probability: float) -> float:
        return float(
            optimize.brentq(
                lambda delta: float(noncentral_t_probability(t, df, delta)) - probability,
                -reach,
                reach,
                xtol=1e-13 * max(1.0, abs(t)),
                rtol=4e-15,
                maxiter=500,
            )
        )

    return Interval(limit(1 - tail), limit(tail), level)


def _density(s: Values, df: Values) -> Values:
    """Of sqrt(chi^2_df / df)."""
    k = df / 2
    series = (np.log(k) - np.log(2 * np.pi)) / 2 - (1 - (1 / 30 - 1 / (105 * k**2)) / k**2) / (12 * k)
    at_one = np.where(k > 40, series, k * np.log(k) - special.gammaln(k) - k)
    return np.asarray(2 * np.exp(at_one + (df - 1) * np.log(s) - df * (s - 1) * (s + 1) / 2))
