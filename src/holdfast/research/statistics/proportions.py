"""The difference of two proportions."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Interval, checked_level, probability

_HALVINGS = 60


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
    z = score_z(0.0, events, n)
    low, high = score_limits(events, n, float(special.ndtri((1 + level) / 2)))
    return RiskDifference(
        events=events,
        n=n,
        proportions=shares,
        difference=shares[0] - shares[1],
        z=z,
        p=probability(2 * float(special.ndtr(-abs(z)))),
        interval=Interval(low, high, level),
    )


def score_z(delta: float, events: tuple[int, int], n: tuple[int, int]) -> float:
    """The score statistic for a true difference ``delta``.

    The variance is that of the proportions most likely under ``delta``, times N / (N - 1). Where it is 0
    the statistic is 0 if the observed difference is ``delta``, else as large as makes no difference.
    """
    gap = events[0] / n[0] - events[1] / n[1] - delta
    if abs(gap) < 1e-15:
        return 0.0
    second = most_likely_second(delta, events, n)
    first = min(max(second + delta, 0.0), 1.0)
    total = n[0] + n[1]
    variance = (first * (1 - first) / n[0] + second * (1 - second) / n[1]) * total / (total - 1)
    return gap / sqrt(max(variance, 1e-300))


def most_likely_second(delta: float, events: tuple[int, int], n: tuple[int, int]) -> float:
    """The second proportion's maximum-likelihood value given the difference.

    The derivative of the likelihood falls throughout, so halving finds its zero; the closed form, a root of
    a cubic, loses its digits with many students and hardly any event.
    """
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _rises(middle, delta, events, n):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def score_limits(events: tuple[int, int], n: tuple[int, int], quantile: float) -> tuple[float, float]:
    """Where the score statistic is plus and minus ``quantile``, by halving."""
    observed = events[0] / n[0] - events[1] / n[1]

    def limit(sign: float) -> float:
        inside, outside = observed, -sign
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            if sign * score_z(middle, events, n) <= quantile:
                inside = middle
            else:
                outside = middle
        return (inside + outside) / 2

    return limit(1.0), limit(-1.0)


def _rises(second: float, delta: float, events: tuple[int, int], n: tuple[int, int]) -> bool:
    """Whether the likelihood still grows with the second proportion."""
    slope = 0.0
    for p, x, size in ((second + delta, events[0], n[0]), (second, events[1], n[1])):
        if x:
            if p <= 0:
                return True
            slope += x / p
        if size - x:
            if p >= 1:
                return False
            slope -= (size - x) / (1 - p)
    return slope > 0
