"""Several outcomes of one family: adjusted p values, and intervals that go with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Values


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One outcome of a family, in the order given.

    Attributes:
        p, adjusted_p: raw and adjusted. rejected: adjusted_p <= alpha.
        interval_level: the level at which this outcome's interval is to be computed anew:
            Holm: 1 - alpha / k for all (Bonferroni, simultaneous); Benjamini-Hochberg: 1 - R alpha / k with
            R rejections (Benjamini and Yekutieli 2005, false coverage rate).
    """

    method: Literal["holm", "benjamini_hochberg"]
    p: float
    adjusted_p: float
    rejected: bool
    interval_level: float


def holm(p_values: ArrayLike, alpha: float = 0.05) -> tuple[Adjusted, ...]:
    """Holm (1979): family-wise error at most alpha under any dependence.

    Holm's own intervals are not useful ones; the ones that go with it are Bonferroni's, simultaneous at
    1 - alpha. They can include 0 where Holm rejects, never the reverse.

    Raises:
        Meaningless: no p value, or one outside 0 to 1.
    """
    p = _checked(p_values, alpha)
    order = np.argsort(p, kind="stable")
    steps = p[order] * (p.size - np.arange(p.size))
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return _rows("holm", p, adjusted, alpha, p.size)


def benjamini_hochberg(p_values: ArrayLike, alpha: float = 0.05) -> tuple[Adjusted, ...]:
    """Benjamini and Hochberg (1995): false discovery rate at most alpha for independent outcomes.

    Raises:
        Meaningless: no p value, or one outside 0 to 1.
    """
    p = _checked(p_values, alpha)
    order = np.argsort(p, kind="stable")[::-1]
    steps = p[order] * p.size / np.arange(p.size, 0, -1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps))
    rejections = max(int(np.sum(adjusted <= alpha)), 1)
    return _rows("benjamini_hochberg", p, adjusted, alpha, p.size / rejections)


def _rows(
    method: Literal["holm", "benjamini_hochberg"], p: Values, adjusted: Values, alpha: float, divisor: float
) -> tuple[Adjusted, ...]:
    level = 1 - alpha / divisor
    return tuple(
        Adjusted(method, float(raw), float(after), bool(after <= alpha), level)
        for raw, after in zip(p, adjusted, strict=True)
    )


def _checked(p_values: ArrayLike, alpha: float) -> Values:
    p = np.asarray(p_values, dtype=np.float64).reshape(-1)
    if p.size == 0:
        raise Meaningless("a family without p values")
    if not np.all((p >= 0) & (p <= 1)):
        raise Meaningless("a p value is not between 0 and 1")
    if not 0 < alpha < 1:
        raise Meaningless("alpha must be between 0 and 1")
    return p
