"""The items with most information at an ability, found without looking at all of them, and exactly.

The scale is cut into the 60 cells between the nodes. For each cell the active items are sorted by the most
information that they can have anywhere in it. A search goes down that list and stops where the best item
found has more information than the next one can have. The information that decides is computed at the
ability itself, so the answer is that of a search over the whole bank.

Equal information is a tie, and the first item of the bank wins it. Values count as equal up to rounding
(2^-36 of the largest), so that the last bit of a logarithm does not choose an item.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from holdfast.programs.adaptive_test.psychometrics import curves, models
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import BOUND
from holdfast.programs.adaptive_test.psychometrics.ability.posterior import NODE_COUNT, NODES, SPACING
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, IntArray, ItemParameters

_CELLS = NODE_COUNT - 1
_FIRST_LOOK = 64
_WIDENING = 4
_SLACK = 1.0 + 2.0**-30
"""Above the rounding that makes a tie, so that every item of a tie is looked at."""

_STEPS = 2.0**36
_TIED = 1.0 - 2.0**-36
_TINY = 5e-324
_LAST = 2**63 - 1


class Best(NamedTuple):
    """The best items in order, and their values."""

    items: IntArray
    values: FloatArray


class BestOfAll(NamedTuple):
    """For N persons: items (N, among), -1 where there were fewer, and their values."""

    items: IntArray
    values: FloatArray


class InformationIndex:
    """The search over the information of one bank's active items."""

    def __init__(self, items: ItemParameters, active: BoolArray) -> None:
        numbers = np.flatnonzero(active)
        self._slope, self._intercept = items.a, items.intercept
        self._lower, self._upper = items.c, items.d
        self._plain = bool((items.c[numbers] == 0.0).all() and (items.d[numbers] == 1.0).all())
        bound = _most_in_cells(items[numbers]) * _SLACK
        order = np.argsort(-bound, axis=1, kind="stable")
        self._order = numbers[order]
        """Active items of each cell, the most promising first: (60, m)."""
        # What nothing can beat stands after the last item, so that every search ends.
        sorted_bound = np.take_along_axis(bound, order, axis=1)
        self._bound = np.concatenate([sorted_bound, np.full((_CELLS, 1), -1.0)], axis=1)
        self._size = len(numbers)

    def information(self, numbers: IntArray, theta: float | FloatArray) -> FloatArray:
        """Information of some items at an ability, or at one ability for each row of items."""
        a = self._slope[numbers]
        z = a * theta + self._intercept[numbers]
        rising, falling = expit(z), expit(-z)
        steep: FloatArray = a * a * rising * falling
        if self._plain:
            return steep
        c, d = self._lower[numbers], self._upper[numbers]
        span = d - c
        right, wrong = c + span * rising, (1.0 - d) + span * falling
        shares = span * rising / np.maximum(right, _TINY) * (span * falling / np.maximum(wrong, _TINY))
        found: FloatArray = steep * shares
        return found

    def best(self, theta: float, eligible: BoolArray, among: int) -> Best:
        """The `among` eligible items with most information; fewer when there are fewer."""
        cell = _cell(theta)
        order, bound = self._order[cell], self._bound[cell]
        width = _FIRST_LOOK
        while True:
            numbers = order[:width]
            numbers = numbers[eligible[numbers]]
            complete = width >= self._size
            if len(numbers) >= among or complete:
                values = self.information(numbers, theta)
                if complete or _nth(values, among) > bound[width]:
                    return ranked(numbers, values, among)
            width *= _WIDENING

    def best_of_all(self, theta: FloatArray, eligible: BoolArray, among: int) -> BestOfAll:
        """The same for N persons: `theta` (N,), `eligible` (N, n)."""
        cells = np.clip(((theta + BOUND) / SPACING).astype(np.int64), 0, _CELLS - 1)
        found = BestOfAll(np.full((len(theta), among), -1), np.zeros((len(theta), among)))
        rows, width = np.arange(len(theta)), _FIRST_LOOK
        while rows.size:
            width = min(width, self._size)
            cell = cells[rows]
            numbers = self._order[cell, :width]
            values = self.information(numbers, theta[rows, np.newaxis])
            values = np.where(eligible[rows[:, np.newaxis], numbers], values, -1.0)
            items, best = ranked_all(numbers, values, among)
            done = (best[:, -1] > self._bound[cell, width]) | (width >= self._size)
            found.items[rows[done]], found.values[rows[done]] = items[done], best[done]
            rows, width = rows[~done], width * _WIDENING
        return found


def _cell(theta: float) -> int:
    return min(max(int((theta + BOUND) / SPACING), 0), _CELLS - 1)


def _nth(values: FloatArray, among: int) -> float:
    if among == 1:
        return float(values.max())
    return float(np.partition(values, len(values) - among)[len(values) - among])


def keys(values: FloatArray, largest: FloatArray | float) -> FloatArray:
    """Values as whole steps of 2^-36 of the largest, so that what differs by rounding only is equal."""
    found: FloatArray = np.rint(values * (_STEPS / np.maximum(largest, 1e-290)))
    return found


def ranked(numbers: IntArray, values: FloatArray, among: int) -> Best:
    """The `among` highest values in order; ties go to the lowest item number."""
    if len(numbers) == 0:
        return Best(numbers, values)
    top = values.max()
    if among == 1:
        return Best(numbers[values >= top * _TIED].min(keepdims=True), np.atleast_1d(top))
    place = np.lexsort((numbers, -keys(values, top)))[:among]
    return Best(numbers[place], values[place])


def ranked_all(numbers: IntArray, values: FloatArray, among: int) -> BestOfAll:
    """The same for rows (N, m); a negative value is an item that is not eligible, and comes out as -1."""
    if values.shape[1] < among:
        missing = ((0, 0), (0, among - values.shape[1]))
        numbers = np.pad(numbers, missing, constant_values=_LAST)
        values = np.pad(values, missing, constant_values=-1.0)
    top = values.max(axis=1, keepdims=True)
    if among == 1:
        tied = np.where(values >= top * _TIED, numbers, _LAST)
        return BestOfAll(np.where(top < 0.0, -1, tied.min(axis=1, keepdims=True)), top)
    key = np.where(values < 0.0, -1.0, keys(values, top))
    place = np.lexsort((numbers, -key), axis=1)[:, :among]
    rows = np.arange(len(values))[:, np.newaxis]
    value = values[rows, place]
    return BestOfAll(np.where(value < 0.0, -1, numbers[rows, place]), value)


def _most_in_cells(items: ItemParameters) -> FloatArray:
    """The most information that each item has in each cell: (60, m).

    The logarithm of the information is strictly concave in P (its second derivative there is at most 0 since
    P - c <= P and d - P <= 1 - P), so it has one peak: the most is at an end of the cell, or at the peak.
    """
    at_nodes = models.information(items, NODES)
    most = np.maximum(at_nodes[:-1], at_nodes[1:])
    peak = _peaks(items)
    at_peak = curves.information(items.a, items.c, items.d, items.a * peak + items.intercept)
    cell = np.floor((peak + BOUND) / SPACING)
    # A peak at a node belongs to both of its cells, and rounding may put it in the neighbour.
    near = np.abs(np.arange(_CELLS)[:, np.newaxis] - cell) <= 1.0
    return np.where(near, np.maximum(most, at_peak), most)


def _peaks(items: ItemParameters) -> FloatArray:
    """The ability at which each item has most information: (m,), by bisection on its logarithm's slope."""
    asymptotes, which = np.unique(np.stack([items.c, items.d], axis=1), axis=0, return_inverse=True)
    c, d = asymptotes[:, 0], asymptotes[:, 1]
    low, high, one = np.full(len(c), -40.0), np.full(len(c), 40.0), np.ones(len(c))
    for _ in range(60):
        z = (low + high) / 2
        found = curves.terms(one, c, d, z)
        rising = 2.0 * found.bend - found.rise + found.fall > 0.0
        low, high = np.where(rising, z, low), np.where(rising, high, z)
    peak: FloatArray = (low[which.reshape(-1)] - items.intercept) / items.a
    return peak
