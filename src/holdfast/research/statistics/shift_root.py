"""The normal rank-sum statistic as a function of the shift, and where it crosses a value.

Kept apart from the tests because it follows R's ``wilcox.test`` step by step, its search included.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from holdfast.research.statistics.pairwise import PairwiseDifferences
from holdfast.research.statistics.samples import Values

_EPS = float(np.finfo(np.float64).eps)
_TOLERANCE = 1e-13


def tied_sigma(pooled: Values, m: int) -> float:
    """Standard deviation of U under the null, with ties."""
    total, n = float(pooled.size), float(pooled.size - m)
    _, counts = np.unique(pooled, return_counts=True)
    ties = float(np.sum(counts.astype(np.float64) ** 3 - counts))
    return float(np.sqrt((m * n / 12) * ((total + 1) - ties / (total * (total - 1)))))


class ShiftStatistic:
    """U of (x - d, y) less its mean, over its standard deviation: falls in steps as d grows."""

    def __init__(self, x: Values, y: Values) -> None:
        self._x, self._y = x, np.sort(y)
        self._middle = x.size * y.size / 2

    def at(self, d: float) -> float:
        """The statistic at a shift, without continuity correction."""
        shifted = self._x - d
        greater = np.searchsorted(self._y, shifted, side="left")
        equal = np.searchsorted(self._y, shifted, side="right") - greater
        distance = float(np.sum(greater)) + float(np.sum(equal)) / 2 - self._middle
        if distance == 0:
            return 0.0
        return distance / tied_sigma(np.concatenate([shifted, self._y]), self._x.size)

    def low_rank(self, quantile: float) -> int:
        """The rank (from 0) of the difference at which the corrected statistic falls below the quantile.

        Just above the difference of rank r, size - r - 1 differences are greater. Between differences no x
        meets a y, so that only ties within the arms count in the variance.
        """
        size = 2 * self._middle
        sigma = self._sigma_apart()
        needed = quantile * sigma + 0.5 + self._middle
        rank = int(np.floor(size - needed))
        return min(max(rank, 0), (int(size) - 1) // 2)

    def zero(self, differences: PairwiseDifferences) -> float:
        """Where the statistic is 0: a difference, or the point of a gap that Brent's search meets first."""
        lower = differences.at((differences.size - 1) // 2)
        upper = differences.at(differences.size // 2)
        if lower == upper:
            return lower
        found = brent_zero(self.at, differences.at(0), differences.at(differences.size - 1))
        return min(max(found, lower), upper)

    def _sigma_apart(self) -> float:
        m, n = float(self._x.size), float(self._y.size)
        counts = np.concatenate([np.unique(arm, return_counts=True)[1] for arm in (self._x, self._y)])
        ties = float(np.sum(counts.astype(np.float64) ** 3 - counts))
        return float(np.sqrt((m * n / 12) * ((m + n + 1) - ties / ((m + n) * (m + n - 1)))))


def brent_zero(f: Callable[[float], float], low: float, high: float) -> float:
    """A zero between two points of opposite sign (Brent 1973, chapter 4), in the order of steps R takes."""
    other, best = low, high
    f_other, f_best = f(other), f(best)
    bracket, f_bracket = other, f_other
    if f_other == 0:
        return other
    fine = _TOLERANCE * min(1.0, high - low)
    for _ in range(1000):
        previous = best - other
        if abs(f_bracket) < abs(f_best):
            other, best, bracket = best, bracket, best
            f_other, f_best, f_bracket = f_best, f_bracket, f_best
        tolerance = 2 * _EPS * abs(best) + fine / 2
        step = (bracket - best) / 2
        if abs(step) <= tolerance or f_best == 0:
            break
        if abs(previous) >= tolerance and abs(f_other) > abs(f_best):
            step = _interpolated((other, best, bracket), (f_other, f_best, f_bracket), previous, tolerance)
        if abs(step) < tolerance:
            step = float(np.copysign(tolerance, step))
        other, f_other = best, f_best
        best += step
        f_best = f(best)
        if (f_best > 0) == (f_bracket > 0) and f_best != 0 and f_bracket != 0:
            bracket, f_bracket = other, f_other
    return best


def _interpolated(
    points: tuple[float, float, float],
    values: tuple[float, float, float],
    previous: float,
    tolerance: float,
) -> float:
    """The secant or inverse quadratic step where it is short enough, else half the bracket."""
    other, best, bracket = points
    f_other, f_best, f_bracket = values
    gap = bracket - best
    if other == bracket:
        p, q = gap * (f_best / f_other), 1.0 - f_best / f_other
    else:
        r, s, t = f_other / f_bracket, f_best / f_bracket, f_best / f_other
        p = t * (gap * r * (r - s) - (best - other) * (s - 1.0))
        q = (r - 1.0) * (s - 1.0) * (t - 1.0)
    p, q = (p, -q) if p > 0 else (-p, q)
    short = p < 0.75 * gap * q - abs(tolerance * q) / 2 and p < abs(previous * q / 2)
    return p / q if short else gap / 2
