"""Permutation within allocation blocks and the BCa bootstrap; chance is an argument."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Interval, Values, checked_level, is_constant, varying_arms

_AT_ONCE = 4_000_000
"""Numbers held at a time, so that memory does not grow with the number of draws."""

_SAME = 1e-9
"""Relative difference below which two statistics are equal: sums of the same numbers in another order."""


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """The studentised permutation test.

    Attributes:
        observed: Welch's t of the data as they are; statistics: of every permutation, in order of drawing.
        as_extreme: how many were at least as far from 0 (within 1e-9 relative).
        p: (as_extreme + 1) / (permutations + 1).
        blocks: how many blocks hold students of both arms; only those carry information.
    """

    observed: float
    statistics: Values
    permutations: int
    as_extreme: int
    p: float
    blocks: int


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A BCa interval of the difference of means.

    Attributes:
        replicates: the resampled differences, in order of drawing (also for drawing them).
        bias_correction: z0; acceleration: a.
        standard_error: the standard deviation of the replicates.
    """

    estimate: float
    interval: Interval
    standard_error: float
    bias_correction: float
    acceleration: float
    resamples: int
    replicates: Values


def permutation_test(
    values: ArrayLike,
    in_first: ArrayLike,
    rng: np.random.Generator,
    blocks: ArrayLike | None = None,
    permutations: int = 9_999,
) -> PermutationTest:
    """Permute the arms within the allocation blocks; the statistic is Welch's t (Janssen 1997).

    Args:
        values: one for each student, NaN missing (left out, with the student's arm).
        in_first: whether the student is in the first arm.
        rng: where the permutations come from; the same state gives the same ones.
        blocks: the allocation block of each student, any labels; None: all are one block.
        permutations: how many are drawn.

    Raises:
        Meaningless: fewer than two values in an arm, both arms constant, or no block with both arms.
    """
    y, arm, there = _observed(values, in_first)
    labels = np.zeros(y.size, dtype=np.intp)
    if blocks is not None:
        labels = np.unique(np.asarray(blocks).reshape(-1)[there], return_inverse=True)[1]
    firsts, sizes = np.bincount(labels, arm), np.bincount(labels)
    informative = int(np.sum((firsts > 0) & (firsts < sizes)))
    if informative == 0:
        raise Meaningless("no allocation block has students of both arms")
    if permutations < 1:
        raise Meaningless("a permutation test needs permutations")
    drawn = _studentised(y, _assignments(arm, labels, rng, permutations))
    return _permutation(y, arm, np.concatenate(list(drawn)), informative)


def permutation_from(values: ArrayLike, in_first: ArrayLike, drawn: ArrayLike) -> PermutationTest:
    """The same from given draws: a table of booleans, one row a permutation, one column a student.

    Raises:
        Meaningless: as ``permutation_test``; or a draw that does not keep the sizes of the arms.
    """
    y, arm, there = _observed(values, in_first)
    table = np.asarray(drawn, dtype=bool)[:, there]
    if np.any(table.sum(axis=1) != arm.sum()):
        raise Meaningless("a permutation changes the sizes of the arms")
    return _permutation(y, arm, np.concatenate(list(_studentised(y, iter([table])))), 1)


def bca(
    first: ArrayLike,
    second: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 9_999,
    level: float = 0.95,
) -> Bootstrap:
    """Resample each arm; bias-corrected and accelerated interval of the difference of means (Efron 1987).

    Raises:
        Meaningless: fewer than two values in an arm, or a constant arm.
    """
    x, y = varying_arms(first, second)
    if resamples < 100:
        raise Meaningless("a bootstrap interval needs at least 100 resamples")
    drawn = [
        x[rng.integers(0, x.size, (rows, x.size))].mean(axis=1)
        - y[rng.integers(0, y.size, (rows, y.size))].mean(axis=1)
        for rows in _portions(resamples, x.size + y.size)
    ]
    return bca_from(x, y, np.concatenate(drawn), level)


def bca_from(first: ArrayLike, second: ArrayLike, replicates: ArrayLike, level: float = 0.95) -> Bootstrap:
    """The same interval from given replicates.

    z0 is the normal quantile of the share of replicates below the estimate (those equal to it count
    half); the acceleration is the jackknife's for two samples; the limits are quantiles of type 7.

    Raises:
        Meaningless: as ``bca``; or the estimate lies outside all replicates.
    """
    checked_level(level)
    x, y = varying_arms(first, second)
    drawn = np.asarray(replicates, dtype=np.float64).reshape(-1)
    estimate = float(np.mean(x) - np.mean(y))
    near = np.isclose(drawn, estimate, rtol=0, atol=1e-12 * float(np.ptp(drawn)))
    share = (np.sum((drawn < estimate) & ~near) + np.sum(near) / 2) / drawn.size
    if not 0 < share < 1:
        raise Meaningless("the estimate lies outside all bootstrap replicates")
    z0, acceleration = float(special.ndtri(share)), _acceleration(x, y)
    tails = special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2])) + z0
    places = special.ndtr(z0 + tails / (1 - acceleration * tails))
    low, high = (float(q) for q in np.quantile(drawn, places))
    return Bootstrap(
        estimate=estimate,
        interval=Interval(low, high, level),
        standard_error=float(np.std(drawn, ddof=1)),
        bias_correction=z0,
        acceleration=acceleration,
        resamples=drawn.size,
        replicates=drawn,
    )


def _acceleration(x: Values, y: Values) -> float:
    """A sixth of the skewness of the influence values of both arms together (Efron and Tibshirani 1993)."""
    scale = max(float(np.ptp(x)), float(np.ptp(y)))
    u, v = (x - np.mean(x)) / scale, (np.mean(y) - y) / scale
    cubes = np.sum(u**3) / x.size**3 + np.sum(v**3) / y.size**3
    squares = np.sum(u**2) / x.size**2 + np.sum(v**2) / y.size**2
    return float(cubes / squares**1.5 / 6)


def _observed(values: ArrayLike, in_first: ArrayLike) -> tuple[Values, NDArray[np.bool_], NDArray[np.bool_]]:
    y = np.asarray(values, dtype=np.float64).reshape(-1)
    arm = np.asarray(in_first, dtype=bool).reshape(-1)
    there = ~np.isnan(y)
    y, arm = y[there], arm[there]
    if np.isinf(y).any():
        raise Meaningless("a value is infinite")
    if min(int(arm.sum()), int((~arm).sum())) < 2:
        raise Meaningless("an arm has fewer than 2 values")
    if is_constant(y[arm]) and is_constant(y[~arm]):
        raise Meaningless("the values within each arm are all the same")
    return y, arm, there


def _assignments(
    arm: NDArray[np.bool_], labels: NDArray[np.intp], rng: np.random.Generator, count: int
) -> Iterator[NDArray[np.bool_]]:
    """Tables of permuted arms; blocks of one size are shuffled together."""
    sizes = np.bincount(labels)
    order = np.lexsort((labels, sizes[labels]))
    groups = [
        order[sizes[labels][order] == size].reshape(-1, size) for size in np.unique(sizes[labels]) if size > 1
    ]
    for rows in _portions(count, arm.size):
        table = np.tile(arm, (rows, 1))
        for places in groups:
            block = np.tile(arm[places], (rows, 1, 1))
            table[:, places.reshape(-1)] = rng.permuted(block, axis=2).reshape(rows, -1)
        yield table


def _studentised(y: Values, tables: Iterator[NDArray[np.bool_]]) -> Iterator[Values]:
    """Welch's t of every assignment."""
    z = y - np.mean(y)
    z = z / np.max(np.abs(z))
    powers = np.column_stack([z, z * z])
    totals = powers.sum(axis=0)
    for table in tables:
        m = float(table[0].sum())
        n = z.size - m
        first = table.astype(np.float64) @ powers
        second = totals - first
        share_x = _share(first, m)
        share_y = _share(second, n)
        difference, error = first[:, 0] / m - second[:, 0] / n, np.sqrt(share_x + share_y)
        apart = np.where(np.abs(difference) < 1e-14, 0.0, np.sign(difference) * np.finfo(np.float64).max)
        yield np.where(error > 1e-12, difference / np.maximum(error, 1e-12), apart)


def _share(sums: Values, n: float) -> Values:
    """Variance over n from the sum and the sum of squares of centred numbers."""
    return np.maximum(sums[:, 1] - sums[:, 0] ** 2 / n, 0.0) / (n - 1) / n


def _permutation(y: Values, arm: NDArray[np.bool_], drawn: Values, blocks: int) -> PermutationTest:
    observed = float(next(_studentised(y, iter([arm[None, :]])))[0])
    extreme = int(np.sum(np.abs(drawn) >= abs(observed) * (1 - _SAME)))
    return PermutationTest(observed, drawn, drawn.size, extreme, (extreme + 1) / (drawn.size + 1), blocks)


def _portions(count: int, width: int) -> Iterator[int]:
    rows = max(1, _AT_ONCE // width)
    for start in range(0, count, rows):
        yield min(rows, count - start)
