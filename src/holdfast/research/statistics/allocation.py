"""Whether the arms are as designed: sizes against the designed ratio, and who received what."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import probability

MISMATCH_BELOW = 0.001
"""A p value below this says that the arms are not of the designed ratio (usual in online experiments)."""

_MOST_COMPOSITIONS = 200_000


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Observed sizes against the designed ratio.

    Attributes:
        expected: students expected in each arm, in the same order as ``observed``.
        mismatch: p is below ``threshold``.
    """

    method: Literal["exact_binomial", "exact_multinomial", "chi_squared"]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    p: float
    threshold: float
    mismatch: bool


@dataclass(frozen=True, slots=True)
class Contamination:
    """Who received what the arm was meant to have.

    Attributes:
        first_without: students of the first arm who did not receive it; second_with: of the second who did.
        unknown: students of whom it is not known.
        clean: nobody crossed.
    """

    first_n: int
    second_n: int
    first_without: int
    second_with: int
    unknown: int
    clean: bool


def sample_ratio(
    observed: tuple[int, ...], designed: tuple[float, ...], threshold: float = MISMATCH_BELOW
) -> SampleRatio:
    """Test the sizes of the arms against the ratio of the design.

    Two arms: exact binomial, R's ``binom.test``. More: exact multinomial (the probability of all outcomes
    that are no more likely) while there are at most 200,000 outcomes, else Pearson's chi squared.

    Args:
        observed: students in each arm.
        designed: the planned ratio, in any unit (1:1, 2:1, 0.95:0.05).
        threshold: below it the sizes are called a mismatch.

    Raises:
        Meaningless: fewer than two arms, nobody allocated, or a designed share that is not above 0.
    """
    sizes, ratio = np.asarray(observed, dtype=np.int64), np.asarray(designed, dtype=np.float64)
    if sizes.size < 2 or sizes.size != ratio.size:
        raise Meaningless("a sample ratio needs two arms or more, each with its designed share")
    if sizes.min() < 0 or sizes.sum() == 0:
        raise Meaningless("nobody was allocated")
    if not np.all(np.isfinite(ratio)) or ratio.min() <= 0:
        raise Meaningless("a designed share is not above 0")
    shares = ratio / ratio.sum()
    total = int(sizes.sum())
    method, p = _ratio_p(sizes, shares, total)
    p = probability(p)
    expected = tuple(float(e) for e in total * shares)
    return SampleRatio(method, tuple(int(s) for s in sizes), expected, p, threshold, p < threshold)


def _ratio_p(
    sizes: NDArray[np.int64], shares: NDArray[np.float64], total: int
) -> tuple[Literal["exact_binomial", "exact_multinomial", "chi_squared"], float]:
    if sizes.size == 2:
        return "exact_binomial", float(stats.binomtest(int(sizes[0]), total, float(shares[0])).pvalue)
    if comb(total + sizes.size - 1, sizes.size - 1) <= _MOST_COMPOSITIONS:
        return "exact_multinomial", _exact_multinomial(sizes, shares, total)
    expected = total * shares
    statistic = float(np.sum((sizes - expected) ** 2 / expected))
    return "chi_squared", float(special.chdtrc(sizes.size - 1, statistic))


def _exact_multinomial(sizes: NDArray[np.int64], shares: NDArray[np.float64], total: int) -> float:
    outcomes = _compositions(total, sizes.size)

    def log_probability(counts: NDArray[np.int64]) -> NDArray[np.float64]:
        terms = special.xlogy(counts, shares) - special.gammaln(counts + 1)
        return np.asarray(special.gammaln(total + 1) + np.sum(terms, axis=-1))

    logs = log_probability(outcomes)
    return float(np.sum(np.exp(logs[logs <= float(log_probability(sizes)) + 1e-7])))


def _compositions(total: int, parts: int) -> NDArray[np.int64]:
    """Every way to divide ``total`` among ``parts``, one a row."""
    if parts == 1:
        return np.array([[total]], dtype=np.int64)
    rows = []
    for first in range(total + 1):
        rest = _compositions(total - first, parts - 1)
        rows.append(np.column_stack([np.full(len(rest), first), rest]))
    return np.concatenate(rows)


def contamination(in_first: ArrayLike, received: ArrayLike) -> Contamination:
    """Count who crossed.

    Args:
        in_first: whether the student is in the arm that was meant to receive it.
        received: 1 or True received, 0 or False not, NaN unknown.

    Raises:
        Meaningless: the two are not of one length.
    """
    arm = np.asarray(in_first, dtype=bool).reshape(-1)
    got = np.asarray(received, dtype=np.float64).reshape(-1)
    if arm.size != got.size:
        raise Meaningless("arm and receipt must be known of the same students")
    without = int(np.sum(arm & (got == 0)))
    with_ = int(np.sum(~arm & (got == 1)))
    unknown = int(np.sum(np.isnan(got)))
    first_n = int(arm.sum())
    return Contamination(first_n, arm.size - first_n, without, with_, unknown, without + with_ == 0)
