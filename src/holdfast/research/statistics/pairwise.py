"""The pairwise differences of two arms, counted and selected without ever being written down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from holdfast.research.statistics.samples import Values

_Places = NDArray[np.int64]


class PairwiseDifferences:
    """All x_i - y_j, in O(n + m) memory; a k-th smallest takes O((n + m) log(n m) log m) time.

    For a fixed x the differences fall along the sorted y, rounding included, so each x has a run of y
    whose differences are still candidates. A weighted median of the runs' middles is the pivot (after
    Johnson and Mizoguchi 1978): each round rules out at least a quarter of the candidates.
    """

    def __init__(self, x: Values, y: Values) -> None:
        self._x = np.sort(x)
        self._y = np.sort(y)[::-1].copy()
        self.size = x.size * y.size

    def at(self, rank: int) -> float:
        """The difference of this rank, 0 the smallest."""
        low = np.zeros(self._x.size, dtype=np.int64)
        high = np.full(self._x.size, self._y.size, dtype=np.int64)
        while (left := int(np.sum(high - low))) > 4 * (self._x.size + self._y.size):
            pivot = self._pivot(low, high)
            below, upto = self._places(pivot)
            if rank < int(below.sum()):
                high = np.minimum(high, below)
            elif rank >= int(upto.sum()):
                low = np.maximum(low, upto)
            else:
                return pivot
        return self._among(low, high, rank - int(low.sum()), left)

    def median(self) -> float:
        """The middle difference, or the mean of the two in the middle."""
        lower, upper = self.at((self.size - 1) // 2), self.at(self.size // 2)
        return lower + (upper - lower) / 2

    def _pivot(self, low: _Places, high: _Places) -> float:
        runs = high - low
        rows = np.flatnonzero(runs)
        middles = self._x[rows] - self._y[(low[rows] + high[rows]) // 2]
        order = np.argsort(middles, kind="stable")
        weight = np.cumsum(runs[rows][order])
        return float(middles[order[np.searchsorted(weight, weight[-1] / 2)]])

    def _places(self, pivot: float) -> tuple[_Places, _Places]:
        """For each x how many differences are below the pivot, and how many at most the pivot."""
        return self._search(lambda d: d < pivot), self._search(lambda d: d <= pivot)

    def _search(self, counts: Callable[[Values], NDArray[np.bool_]]) -> _Places:
        low = np.zeros(self._x.size, dtype=np.int64)
        high = np.full(self._x.size, self._y.size, dtype=np.int64)
        while np.any(low < high):
            middle = (low + high) // 2
            open_ = low < high
            inside = counts(self._x - self._y[np.minimum(middle, self._y.size - 1)])
            low = np.where(open_ & inside, middle + 1, low)
            high = np.where(open_ & ~inside, middle, high)
        return low

    def _among(self, low: _Places, high: _Places, rank: int, left: int) -> float:
        runs = high - low
        rows = np.repeat(np.arange(self._x.size), runs)
        starts = np.repeat(low - (np.cumsum(runs) - runs), runs)
        differences = self._x[rows] - self._y[starts + np.arange(left)]
        return float(np.partition(differences, rank)[rank])
