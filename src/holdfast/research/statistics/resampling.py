"""Permutation within allocation blocks and the BCa bootstrap; chance is an argument."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from holdfast.research.statistics.samples import Interval, Values


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
    """Permute the arms within the allocation blocks; the statistic is Welch's t.

    Args:
        values: one for each student, NaN missing (left out). in_first: whether the student is in the first
        arm. blocks: the allocation block of each student (any labels); None: one block.
    """
    raise NotImplementedError


def permutation_from(values: ArrayLike, in_first: ArrayLike, drawn: ArrayLike) -> PermutationTest:
    """The same from given draws: a table of booleans, one row a permutation, one column a student."""
    raise NotImplementedError


def bca(
    first: ArrayLike,
    second: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 9_999,
    level: float = 0.95,
) -> Bootstrap:
    """Resample each arm; bias-corrected and accelerated interval of the difference of means (Efron 1987)."""
    raise NotImplementedError


def bca_from(first: ArrayLike, second: ArrayLike, replicates: ArrayLike, level: float = 0.95) -> Bootstrap:
    """The same interval from given replicates."""
    raise NotImplementedError
