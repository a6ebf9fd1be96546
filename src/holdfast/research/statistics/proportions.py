"""The difference of two proportions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Interval, Values, checked_level, probability


@dataclass(frozen=True, slots=True)
class RiskDifference:
    """First proportion minus second with Miettinen and Nurminen's interval and score test.

    Attributes:
        interval: None bounds never occur; within -1 to 1.
        z, p: score test of no difference; z is 0 and p 1 when nobody or everybody had the event.
    """

    events: tuple[int, int]
    n: tuple[int, int]
    proportions: tuple[float, float]
    difference: float
    z: float
    p: float
    interval: Interval


def risk_difference(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> RiskDifference:
    """Miettinen and Nurminen (1985): all differences that their score test does not reject.

    Raises:
        Meaningless: an arm without students, or more events than students.
    """
    checked_level(level)
    if min(n) < 1:
        raise Meaningless("an arm has no students")
    if any(not 0 <= e <= size for e, size in zip(events, n, strict=True)):
        raise Meaningless("there are more events than students, or fewer than none")
    shares = events[0] / n[0], events[1] / n[1]
    z = float(score_z(np.zeros(1), events, n)[0])
    low, high = score_limits(events, n, float(special.ndtri((1 + level) / 2)))
    return RiskDifference(
        events=events,
        n=n,
        proportions=shares,
        difference=shares[0] - shares[1],
        z=z,
        p=probability(2 * float(special.ndtr(-abs(z)))),
        interval=Interval(float(low), float(high), level),
    )


def score_z(delta: Values, events: tuple[ArrayLike, ArrayLike], n: tuple[ArrayLike, ArrayLike]) -> Values:
    """The score statistic for a true difference ``delta``; arrays are broadcast.

    The variance is that of the proportions most likely under ``delta``, times N / (N - 1). Where it is 0
    the statistic is 0 if the observed difference is ``delta``, else as large as makes no difference.
    """
    x1, x0 = (np.asarray(e, dtype=np.float64) for e in events)
    n1, n0 = (np.asarray(size, dtype=np.float64) for size in n)
    restricted = most_likely_second(delta, (x1, x0), (n1, n0))
    p1 = np.clip(restricted + delta, 0, 1)
    total = n1 + n0
    variance = (p1 * (1 - p1) / n1 + restricted * (1 - restricted) / n0) * total / (total - 1)
    gap = x1 / n1 - x0 / n0 - delta
    gap = np.where(np.abs(gap) < 1e-15, 0.0, gap)
    return np.asarray(gap / np.sqrt(np.maximum(variance, 1e-300)))


def most_likely_second(delta: Values, events: tuple[Values, Values], n: tuple[Values, Values]) -> Values:
    """The second proportion's maximum-likelihood value given the difference: the root of a cubic."""
    (x1, x0), (n1, n0) = events, n
    total, seen = n1 + n0, x1 + x0
    a2 = ((n1 + 2 * n0) * delta - total - seen) / total
    a1 = ((n0 * delta - total - 2 * x0) * delta + seen) / total
    a0 = x0 * delta * (1 - delta) / total
    q = a2**3 / 27 - a1 * a2 / 6 + a0 / 2
    p = np.where(q >= 0, 1.0, -1.0) * np.sqrt(np.maximum(a2**2 / 9 - a1 / 3, 0))
    cube = np.where(p == 0, 1.0, p**3)
    angle = (np.pi + np.arccos(np.clip(q / cube, -1, 1))) / 3
    root = 2 * p * np.cos(angle) - a2 / 3
    return np.asarray(np.clip(root, np.maximum(0, -delta), np.minimum(1, 1 - delta)))


def score_limits(
    events: tuple[ArrayLike, ArrayLike], n: tuple[ArrayLike, ArrayLike], quantile: float
) -> tuple[Values, Values]:
    """Where the score statistic is plus and minus ``quantile``, by bisection; arrays are broadcast."""
    x1, x0, n1, n0 = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (events[0], events[1], n[0], n[1]))
    )
    observed = x1 / n1 - x0 / n0

    def limit(sign: float) -> Values:
        inside, outside = observed.copy(), np.full(observed.shape, -sign)
        for _ in range(60):
            middle = (inside + outside) / 2
            accepted = sign * score_z(middle, (x1, x0), (n1, n0)) <= quantile
            inside, outside = np.where(accepted, middle, inside), np.where(accepted, outside, middle)
        return np.asarray((inside + outside) / 2)

    return limit(1.0), limit(-1.0)
